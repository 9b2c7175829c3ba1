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

    banned, seen, waiting = names.split(), set(), [function]
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

    while waiting:
        value = waiting.pop()
        value = getattr(value, "__wrapped__", value)
        if isinstance(value, type):
            waiting += vars(value).values()
        elif getattr(value, "__globals__", None) is home is not None and value not in seen:
            seen.add(value)
            cells = zip(value.__code__.co_freevars, value.__closure__ or ())
            full = [(name, cell) for name, cell in cells if cell != types.CellType()]
            look(value.__code__, {name: name_of(cell.cell_contents) for name, cell in full})


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
