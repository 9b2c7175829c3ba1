"""The rooms of `speechlab`: imports point one way, and what is measured is registered."""

import ast
import importlib.util
import pkgutil
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import speechlab
from speechlab import systems
from speechlab.figures.registry import MEASURED

ROOT = Path(speechlab.__file__).parent
# A room may import those before it. At the top are modules: `wav` reads and writes sounds, a system
# trains with `autodiff`, and `voice` is what the page about one's own voice runs. `site` and `data`
# make what the site needs, and nothing imports them.
FLOORS = (
    {"autodiff", "wav"},
    {"show", "corpora"},
    {"speech"},
    {"systems"},
    {"figures", "voice"},
    {"site", "data", "web"},
)


def module_of(path):
    parts = ("speechlab", *path.relative_to(ROOT).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_of(path): path for path in sorted(ROOT.rglob("*.py"))}


def imported(source, module, package):
    """The modules of `speechlab` that a module's source imports, wherever in it, or names.

    `from package import name` is an import of the module of that name, if there is one, else of
    the package. A string that is a module's name counts, too: it is there to be imported.
    """
    found = set()
    here = module if package else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            dots = "." * node.level + (node.module or "")
            base = importlib.util.resolve_name(dots, here) if node.level else dots
            names = {f"{base}.{alias.name}" for alias in node.names}
            found |= {name if name in MODULES else base for name in names}
        elif isinstance(node, ast.Constant) and node.value in MODULES:
            found.add(node.value)
    return found & set(MODULES) - {"speechlab", module}


def imports_of(module):
    path = MODULES[module]
    return imported(path.read_text(), module, path.name == "__init__.py")


def floor(module):
    room = module.split(".")[1]
    return next(n for n, rooms in enumerate(FLOORS) if room in rooms)


# A command of another name for `python -m speechlab.figures`, which nothing imports.
COMMAND = "speechlab.systems.__main__"
INSIDE = sorted(set(MODULES) - {"speechlab", COMMAND})


@pytest.mark.parametrize("module", INSIDE)
def test_a_module_imports_from_its_room_and_those_below(module):
    for name in imports_of(module):
        same = name.split(".")[1] == module.split(".")[1]
        assert same or floor(name) <= floor(module), f"{module} imports {name}"


def test_show_and_corpora_know_nothing_of_each_other():
    for module in INSIDE:
        room = module.split(".")[1]
        if room in ("show", "corpora"):
            rooms = {name.split(".")[1] for name in imports_of(module)}
            assert rooms <= {room, "wav"}, module


def test_no_system_imports_what_measures_it():
    inside = [module for module in INSIDE if module.startswith("speechlab.systems")]
    assert len(inside) > 10
    for module in inside:
        assert not any(name.startswith("speechlab.figures") for name in imports_of(module)), module


def test_imports_have_no_circle():
    graph = {module: imports_of(module) for module in INSIDE}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as circle:
        pytest.fail(f"a circle of imports: {' -> '.join(circle.args[1])}")


def test_a_circle_and_an_arrow_upwards_would_be_seen():
    for source in (
        "from speechlab.figures import celp",
        "def f():\n    import speechlab.figures.celp",
        "from ..figures import celp",
        "importlib.import_module('speechlab.figures.celp')",
    ):
        found = imported(source, "speechlab.systems.celp", package=False)
        assert "speechlab.figures.celp" in found, source
    assert floor("speechlab.figures.celp") > floor("speechlab.systems.celp")


def test_everything_that_is_measured_is_a_system_and_is_registered():
    public = {m.name for m in pkgutil.iter_modules(systems.__path__) if m.name[0] != "_"}
    assert set(MEASURED) <= public
    for name, path in MODULES.items():
        if name.startswith("speechlab.figures.") and "\ndef figures(" in path.read_text():
            measured = MEASURED[name.rpartition(".")[2]]
            assert measured.__module__ == name
    assert {function.__module__ for function in MEASURED.values()} <= set(MODULES)
