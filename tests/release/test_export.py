"""The public half stands alone, and no answer is in it."""

import ast
import importlib
import json
import os
import shutil
import zipfile

import nbformat
import pygments
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from autograder.course.catalogue import ROOT, exercises, topics
from autograder.course.course import Course, current
from autograder.exercise.declare import DeclarationError
from autograder.release.authoring import Reference, source_notebook
from autograder.release.export import ExportError, export, find_leaks
from autograder.release.leaks import MIN_NODES, Secrets

TOPIC = "lpc"
NAME = "levinson_durbin"
EVERY = [(topic, exercise.name) for topic in topics() for exercise in exercises(topic)]


def source_of(topic, name):
    return Reference(ROOT / "autograder" / "reference" / f"{topic}.py").source(name)


def is_guard(node):
    return isinstance(node, ast.If) and all(isinstance(s, ast.Raise) for s in node.body)


class Rename(ast.NodeTransformer):
    """Other names for everything, other numbers, no docstring, no guards, no annotations."""

    def visit_Name(self, node):
        return ast.Name(f"v_{node.id[::-1]}", node.ctx)

    def visit_arg(self, node):
        return ast.arg(f"v_{node.arg[::-1]}")

    def visit_Constant(self, node):
        number = isinstance(node.value, (int, float)) and not isinstance(node.value, bool)
        return ast.Constant(node.value + 7 if number else node.value)

    def visit_FunctionDef(self, node):
        node.name, node.returns = f"f_{len(node.name)}", None
        if ast.get_docstring(node):
            node.body = node.body[1:]
        node.body = [s for s in node.body if not is_guard(s)]
        return self.generic_visit(node)


def disguised(topic=TOPIC, name=NAME):
    tree = ast.fix_missing_locations(Rename().visit(ast.parse(source_of(topic, name))))
    return ast.unparse(tree)


def in_longer_function(code):
    body = "\n".join(code.splitlines()[1:])
    return f"def setup(a, b):\n    print('begin')\n    q = a + b\n{body}\n"


def notebook_of(*cells):
    return nbformat.writes(new_notebook(cells=list(cells)))


def page_of(code):
    highlighted = pygments.highlight(code, PythonLexer(), HtmlFormatter())
    return f"<html><body><p>Text</p>{highlighted}</body></html>"


SAYS = exercises(TOPIC)[0].mistakes[0].says
WRAPPED = "\n    ".join(SAYS.split(" "))
CHECK = max(
    (
        node
        for path in (ROOT / "autograder" / "checks").rglob("*.py")
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef)
    ),
    key=lambda node: len(node.body),
)
PLANTS = {
    "reference, verbatim": ("a.py", source_of(TOPIC, NAME), "the reference"),
    "disguised": ("a.py", disguised(), "the reference"),
    "in a longer function": ("a.py", in_longer_function(disguised()), "the reference"),
    "in a code fence": ("a.md", f"# A\n\n```python\n{disguised()}\n```\n", "the reference"),
    "in a chapter cell": (
        "a.md",
        f"```{{code-cell}} ipython3\n:tags: [x]\n%matplotlib inline\n{disguised()}\n```\n",
        "the reference",
    ),
    "in a notebook": ("a.ipynb", notebook_of(new_code_cell(disguised())), "the reference"),
    "in a notebook's prose": (
        "a.ipynb",
        notebook_of(new_markdown_cell(f"See\n\n```\n{disguised()}\n```\n")),
        "the reference",
    ),
    "in a built page": ("a.html", page_of(disguised()), "the reference"),
    "broken code in a built page": (
        "a.html",
        page_of("def (\n" + source_of(TOPIC, NAME)),
        "lines of the reference",
    ),
    "as prose": ("a.txt", "Hint: " + source_of(TOPIC, NAME), "lines of the reference"),
    "a hidden check": ("a.py", ast.unparse(CHECK), "the hidden check"),
    "a mistake": ("a.md", f"> {SAYS}", "a mistake's sentence"),
    "a mistake, wrapped": ("a.html", f"<p>{WRAPPED}</p>", "a mistake's sentence"),
    "a mistake in an output": (
        "a.json",
        json.dumps({"text": SAYS}, ensure_ascii=False),
        "a mistake's sentence",
    ),
    "an import": ("a.md", "```python\nfrom autograder import judge\n```\n", "an import"),
    "a solution": ("a.ipynb", nbformat.writes(source_notebook(TOPIC)), "BEGIN SOLUTION"),
    "a private file": ("autograder/a.txt", "nothing", "a file of the private half"),
}


@pytest.mark.parametrize(("name", "text", "what"), PLANTS.values(), ids=list(PLANTS))
@pytest.mark.parametrize("where", ["folder", "site"])
def test_planted_answers_are_found(tmp_path, name, text, what, where):
    for folder in ("folder", "site"):
        (tmp_path / folder).mkdir()
    path = tmp_path / where / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    found = find_leaks(tmp_path / "folder", site=tmp_path / "site")
    assert any(what in leak.what for leak in found), found
    assert all(str(leak).startswith(name) for leak in found)


@pytest.mark.parametrize(("topic", "name"), EVERY, ids=[f"{t}-{n}" for t, n in EVERY])
def test_each_reference_is_found_under_other_names(tmp_path, topic, name):
    (secret,) = [
        s for s in Secrets.of_course(current()).functions if s.what.endswith(f" {topic}.{name}")
    ]
    if sum(unit.nodes for unit in secret.units) < MIN_NODES:
        pytest.skip("too small to say where it came from; its text is still searched for")
    (tmp_path / "a.py").write_text(disguised(topic, name))
    assert secret.what in {leak.what for leak in find_leaks(tmp_path)}


def test_few_references_are_too_small_to_be_recognised():
    sizes = [
        sum(unit.nodes for unit in secret.units)
        for secret in Secrets.of_course(current()).functions
        if secret.what.startswith("the reference")
    ]
    assert len(sizes) == len(EVERY)
    assert sum(size < MIN_NODES for size in sizes) <= len(sizes) / 5


def test_ordinary_code_and_given_helpers_are_no_leaks(tmp_path):
    for module in ("librosa.core.audio", "librosa.core.spectrum", "scipy.signal._signaltools"):
        shutil.copy(importlib.import_module(module).__file__, tmp_path)
    (tmp_path / "given.py").write_text(
        "import numpy as np\n" + source_of("inputs", "finite_array") + "\n"
    )
    stub = "def levinson_durbin(r, order):\n    # YOUR CODE HERE\n    raise NotImplementedError()\n"
    (tmp_path / "stub.py").write_text(stub)
    assert find_leaks(tmp_path) == []


# --- answers in sub-packages --------------------------------------------------------------

HELPER = ast.unparse(CHECK).replace(f"def {CHECK.name}(", "def of_a_theme(")


@pytest.fixture
def moved(tmp_path, monkeypatch):
    """The grader's files, as if checks and a reference lay in folders below."""
    shutil.copytree(ROOT / "autograder", tmp_path / "copy" / "autograder")
    private = tmp_path / "copy" / "autograder"
    shutil.rmtree(private / "checks")
    (private / "checks" / "x" / "y").mkdir(parents=True)
    (private / "checks" / "x" / "y" / "z.py").write_text(HELPER)
    (private / "reference" / TOPIC).mkdir()
    (private / "reference" / f"{TOPIC}.py").rename(private / "reference" / TOPIC / "theme.py")
    monkeypatch.setattr(Course, "checks_folder", private / "checks")
    monkeypatch.setattr(Course, "reference_folder", private / "reference")
    Secrets.of_course.__func__.cache_clear()
    yield private
    Secrets.of_course.__func__.cache_clear()


def test_answers_in_sub_packages_are_found_in_an_export(moved, tmp_path, public):
    copy = shutil.copytree(public, tmp_path / "public")
    (copy / "book" / "a.md").write_text(f"```python\n{HELPER}\n```\n")
    (copy / "book" / "b.py").write_text(disguised())
    found = {(str(leak.path), leak.what) for leak in find_leaks(copy)}
    assert found == {
        ("book/a.md", "the hidden check x.y.z.of_a_theme"),
        ("book/b.py", f"the reference {TOPIC}.{NAME}"),
    }


def test_an_answer_that_is_in_no_file_is_an_error(moved):
    replaced = moved / "reference" / TOPIC / "theme.py"
    replaced.write_text(replaced.read_text().replace(f"def {NAME}(", "def another("))
    with pytest.raises(DeclarationError, match=f"no file of {TOPIC} defines {NAME}"):
        Secrets.of_course(current())


def test_answers_are_found_on_assignment_pages_and_in_archives(tmp_path):
    """Where a site could hold one: the page, the notebook beside it, a script, Python's package."""
    (tmp_path / "homework").mkdir()
    (tmp_path / "_static" / "vendor").mkdir(parents=True)
    (tmp_path / "homework" / "lpc.html").write_text(page_of(disguised()))
    (tmp_path / "homework" / "lpc.ipynb").write_text(notebook_of(new_code_cell(disguised())))
    (tmp_path / "_static" / "page.js").write_text(f"const hint = `{SAYS}`;")
    for name in ("_static/speechlab.zip", "_static/vendor/others.zip"):
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            archive.writestr("speechlab/answers.py", disguised())
    found = {str(leak.path) for leak in find_leaks(tmp_path)}
    assert found == {
        "homework/lpc.html",
        "homework/lpc.ipynb",
        "_static/page.js",
        "_static/speechlab.zip/speechlab/answers.py",
    }


# --- the export ---------------------------------------------------------------------------


def test_it_is_a_repository_in_waiting(public):
    found = {path.name for path in public.iterdir()}
    assert found == {
        "book", "exercises", "_config.yml", "_toc.yml", "requirements.txt", "LICENSE",
        "README.md", ".gitignore", ".github",
    }  # fmt: skip
    assert not [p for p in public.rglob("*") if p.name in ("__pycache__", "vendor", "_build")]
    assert "pages.yml" in os.listdir(public / ".github" / "workflows")
    for topic in topics():
        assert (public / "exercises" / topic / f"{topic}.ipynb").is_file()


def test_what_cannot_be_written_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine").write_text("")
    for place, says in (
        (tmp_path / "file", "is a file"),
        (tmp_path / "full", "is not empty"),
        (ROOT / "public", "is inside this repository"),
        (ROOT.parent, "or around it"),
    ):
        with pytest.raises(ExportError, match=says):
            export(place)
    assert os.listdir(tmp_path / "full") == ["mine"]


def test_force_leaves_nothing_stale_and_the_rest_alone(tmp_path):
    (tmp_path / ".git").mkdir()
    (tmp_path / "book").mkdir()
    (tmp_path / "book" / "old.md").write_text("old")
    export(tmp_path, force=True)
    assert (tmp_path / ".git").is_dir()
    assert not (tmp_path / "book" / "old.md").exists()
    assert (tmp_path / "book" / "index.md").is_file()


RUN = """
import sys, nbformat
from nbclient import NotebookClient
for path in sys.argv[1:]:
    notebook = NotebookClient(nbformat.read(path, 4), timeout=300, allow_errors=True).execute()
    outputs = [o for c in notebook.cells if c.cell_type == "code" for o in c.outputs]
    print(path, sorted({o.ename for o in outputs if o.output_type == "error"}))
"""


@pytest.mark.slow
def test_released_notebooks_run_there(alone):
    notebooks = [f"exercises/{topic}/{topic}.ipynb" for topic in topics()]
    done = alone.run("-c", RUN, *notebooks)
    assert done.returncode == 0, done.stderr[-3000:]
    expected = [f"{path} ['NotImplementedError']" for path in notebooks]
    assert done.stdout.splitlines() == expected


@pytest.mark.slow
def test_the_book_builds_there_and_holds_no_answer(alone, site, built_alone):
    """So does the book here, which is built from what the chapters showed there."""
    missing = alone.run("-c", "import autograder")
    assert "ImportError" in missing.stderr or "ModuleNotFoundError" in missing.stderr
    code = "import speechlab; print(speechlab.__file__)"
    own = alone.run("-c", code, where=alone.folder / "book")
    assert own.stdout.startswith(str(alone.folder)), own.stderr[-3000:]
    for topic in topics():
        assert "<audio" in (built_alone / "book" / f"{topic}.html").read_text()
    assert [str(leak) for leak in find_leaks(alone.folder, site=built_alone)] == []
