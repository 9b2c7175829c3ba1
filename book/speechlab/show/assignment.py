"""What assignments carry with them: is a call allowed, and which functions are written already?

Released notebooks hold these functions as they stand here, so that a notebook runs where nothing of
this package is installed: they import the standard library only, and inside of themselves.
"""


def refuse_calls(function: object, names: str, because: str) -> None:
    """Stop where a function calls what its exercise does not allow.

    Looked through, without running them, are the function and those of this notebook that it uses.
    `names` are the library's functions in full, one after another: "numpy.dot numpy.linalg.inv".
    """
    import dis
    import re
    import sys
    import types

    banned, waiting = names.split(), []
    lasts = {name.rpartition(".")[2] for name in banned}
    skip = "CACHE|COPY|EXTENDED_ARG|NOP|POP_TOP|PRECALL|PUSH_NULL|STORE_GLOBAL|STORE_NAME|SWAP"
    home = getattr(getattr(function, "__wrapped__", function), "__globals__", None)

    def name_of(value: object) -> str:
        """The full name of a module, or of a function that is not allowed; "" of all else."""
        if isinstance(value, types.ModuleType):
            return value.__name__
        for name in banned:
            module, _, last = name.rpartition(".")
            if getattr(value, "__name__", "") == last:
                if getattr(sys.modules.get(module), last, None) is value:
                    return name
        waiting.append(value)
        return ""

    def look(code: object, local: dict[str, str]) -> None:
        """Follow names and their attributes through one function's instructions."""
        here = module = constant = ""
        for step in dis.get_instructions(code):
            kind, name = step.opname, step.argval
            moves = re.findall("LOAD_FAST|STORE_FAST|LOAD_DEREF|STORE_DEREF", kind)
            if kind in ("LOAD_GLOBAL", "LOAD_NAME"):
                here = name_of(home.get(name))
            elif kind in ("LOAD_ATTR", "LOAD_METHOD"):
                here = here and f"{here}.{name}"
            elif kind == "IMPORT_NAME":
                here = module = name if constant else name.partition(".")[0]
            elif kind == "IMPORT_FROM":
                here = f"{module}.{name}"
                module = module if constant else here
            elif moves:
                for move, one in zip(moves, name if isinstance(name, tuple) else (name,)):
                    if "STORE" in move:
                        local[one] = here
                    else:
                        here = local.get(one, "")
            elif not re.fullmatch(skip, kind):
                here, constant = "", name if kind == "LOAD_CONST" else constant
            for name in banned:
                assert not f"{here}.".startswith(f"{name}."), (
                    f"your function calls `{name}`, which this exercise does not allow: {because}"
                )
        for inner in (part for part in code.co_consts if isinstance(part, types.CodeType)):
            look(inner, {name: local[name] for name in inner.co_freevars if name in local})

    def reached(search: object) -> bool:
        """Does the search find something in a function of this notebook that is used?"""
        seen, found = set(), False
        waiting[:] = [function]
        while waiting:
            value = waiting.pop()
            value = getattr(value, "__wrapped__", value)
            if isinstance(value, type):
                waiting.extend(vars(value).values())
            elif getattr(value, "__globals__", None) is home is not None and value not in seen:
                seen.add(value)
                cells = zip(value.__code__.co_freevars, value.__closure__ or ())
                full = [(name, cell) for name, cell in cells if cell != types.CellType()]
                held = {name: cell.cell_contents for name, cell in full}
                found = search(value.__code__, held) or found
        return found

    def spelt(code: object, held: dict[str, object]) -> bool:
        """Does it spell a name that could be one of those? Quick, and nearly always no."""
        codes = [code]
        for one in codes:
            codes += [part for part in one.co_consts if isinstance(part, types.CodeType)]
        names = {name for one in codes for name in one.co_names}
        used = [*map(home.get, names), *held.values()]
        waiting.extend(used)
        words = {word for name in names for word in name.split(".")}
        words |= {str(getattr(value, "__name__", "")) for value in used}
        wholes = tuple(f"{name}." for name in banned)
        return any(word in lasts or word.startswith(wholes) for word in words)

    def called(code: object, held: dict[str, object]) -> None:
        look(code, {name: name_of(value) for name, value in held.items()})

    if reached(spelt):
        reached(called)


def ready(*functions: object) -> bool:
    """Are the functions written, and is the course's own package `speechlab` here?

    If not, the answer is False, and what is missing is printed.
    """
    import importlib.util
    import sys
    from pathlib import Path

    codes = {f.__name__: getattr(f, "__code__", None) for f in functions}
    stubs = [n for n, c in codes.items() if c and "NotImplementedError" in c.co_names]
    if stubs:
        print(f"These functions are not written yet: {', '.join(stubs)}.")
        return False
    if importlib.util.find_spec("speechlab") is None:
        books = [folder / "book" for folder in Path.cwd().parents]
        sys.path += [str(book) for book in books if (book / "speechlab").is_dir()][:1]
    if importlib.util.find_spec("speechlab") is None:
        print("To see and hear this, open the notebook inside a copy of the whole course.")
        return False
    return True
