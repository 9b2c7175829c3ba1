"""The rooms of the grader and of the tests: which there are, and that imports point down."""

import ast
import graphlib
import shutil
import sys

import pytest

from autograder.course.catalogue import ROOT

GRADER = ROOT / "autograder"
FLOORS = (  # from the top; a module may import from its own room and from floors further down
    ("commands", "integration"),
    ("pages",),
    ("batch", "release"),
    ("gradebook", "submission"),
    ("judging", "course", "checks"),
    ("exercise",),
    ("sandbox", "source", "reference"),
)
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
# Folders of tests that are no room of the grader's: the other packages, ways of testing, helpers.
BESIDE = {"speechlab", "site", "training", "bench", "contract", "attacks", "fuzz", "exchange"}
BESIDE |= {"support"}


def module_of(path, root):
    parts = path.relative_to(root.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def is_typing(node):
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def statements(node):
    """Every node below, those of functions included, without `if TYPE_CHECKING:`."""
    for child in ast.iter_child_nodes(node):
        if not is_typing(child):
            yield child
            yield from statements(child)


def imports(root=GRADER):
    """{module: modules of ours that it imports, at its top or inside a function}."""
    files = {module_of(path, root): path for path in sorted(root.rglob("*.py"))}
    found = {}
    for name, path in files.items():
        wanted = set()
        for node in statements(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                wanted |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                assert not node.level, f"{path}, line {node.lineno}: a relative import"
                inner = {f"{node.module}.{alias.name}" for alias in node.names}
                modules = inner & files.keys()
                wanted |= modules or {node.module}
                if len(modules) < len(inner):
                    wanted.add(node.module)
        found[name] = (wanted & files.keys()) - {name}
    return found


def room(module):
    return module.split(".")[1] if "." in module else ""


def upwards(found):
    """Imports that do not point to the same room or a lower floor."""
    return sorted(
        f"{name} imports {other}"
        for name, others in found.items()
        for other in others
        if room(name) and room(other) and room(name) != room(other)
        if FLOOR.get(room(other), -1) <= FLOOR.get(room(name), len(FLOORS))
    )


def circle(found):
    """The modules of a circle of imports, or []."""
    try:
        tuple(graphlib.TopologicalSorter(found).static_order())
    except graphlib.CycleError as error:
        return error.args[1]
    return []


def between_rooms(found):
    graph = {}
    for name, others in found.items():
        graph.setdefault(room(name), set()).update({room(o) for o in others} - {room(name), ""})
    return graph


def test_the_folder_holds_the_rooms_and_nothing_else():
    there = {path.name for path in GRADER.iterdir()} - {"__init__.py", "__pycache__"}
    assert there == FLOOR.keys()


def test_tests_lie_in_the_room_that_they_test():
    tests = [path for path in (ROOT / "tests").rglob("test_*.py")]
    assert {path.parent.name for path in tests} <= FLOOR.keys() | BESIDE
    assert {path.parent.parent for path in tests} == {ROOT / "tests"}


def test_no_two_files_of_tests_have_one_name():
    """Which pytest cannot tell apart where the folders are no packages."""
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py")]
    assert sorted(set(names)) == sorted(names)


def test_imports_point_down():
    assert upwards(imports()) == []


def test_no_modules_import_each_other_in_a_circle():
    assert circle(imports()) == []


def test_no_rooms_import_each_other_in_a_circle():
    assert circle(between_rooms(imports())) == []


def test_the_book_does_not_know_the_grader():
    for path in (ROOT / "book" / "speechlab").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [getattr(node, "module", None) or ""] if hasattr(node, "module") else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            assert "autograder" not in {name.partition(".")[0] for name in names}, path


def test_references_know_numpy_and_scipy_and_nothing_of_ours():
    allowed = {"numpy", "scipy", *sys.stdlib_module_names}
    for path in (GRADER / "reference").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                modules = [node.module]
            else:
                continue
            for module in modules:
                known = module.partition(".")[0] in allowed
                assert known or module.startswith("autograder.reference"), f"{path}: {module}"


DAMAGES = {
    "upwards": (
        "judging/score.py",
        "from autograder.pages import report",
        "imports autograder.pages",
    ),
    "within a function": (
        "exercise/draw.py",
        "def late():\n    from autograder.judging import score",
        "autograder.exercise.draw imports autograder.judging.score",
    ),
}


@pytest.fixture
def copy(tmp_path):
    return shutil.copytree(
        GRADER, tmp_path / "autograder", ignore=shutil.ignore_patterns("__pycache__")
    )


@pytest.mark.parametrize(("file", "line", "says"), DAMAGES.values(), ids=list(DAMAGES))
def test_an_import_that_points_up_is_noticed(copy, file, line, says):
    path = copy / file
    path.write_text(f"{path.read_text()}\n{line}\n")
    (found,) = upwards(imports(copy))
    assert says in found


def test_a_circle_is_noticed(copy):
    path = copy / "judging" / "equality.py"
    path.write_text(f"{path.read_text()}\nfrom autograder.judging import score\n")
    assert {"autograder.judging.score", "autograder.judging.equality"} <= set(circle(imports(copy)))
