"""Assignments: written once, refused when they could not work, regenerated to the same bytes."""

import ast
from types import SimpleNamespace

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

from autograder.course.catalogue import exercises, topics
from autograder.course.course import current
from autograder.exercise.declare import Limits
from autograder.judging.equality import trouble
from autograder.release.assignments import is_current, prepare_sources, released_text
from autograder.release.authoring import Reference, ReleaseError, compose, source_notebook
from autograder.sandbox.job import Answer, Status
from tests.support.building import MYST_HEAD

REFERENCE = '''
from __future__ import annotations

import numpy as np
from scipy import signal

# Pa, the threshold of hearing
P_REF = 2e-5


def _pad(x):
    return np.pad(x, 1)


def level(p: np.ndarray) -> float:
    """Level of a pressure in dB."""
    # a comment before the first statement
    mean = np.mean(p**2)  # a comment beside it

    # and one after an empty line
    return 10 * np.log10(mean / P_REF**2)


def smooth(x: np.ndarray) -> np.ndarray:
    """Neighbours' mean."""

    def mean_of_three(y):
        return signal.lfilter([1 / 3] * 3, 1, y)

    return mean_of_three(_pad(x))[2:]
'''
TEXT = (
    MYST_HEAD
    + """
# Levels

```{code-cell} ipython3
import numpy as np
from scipy import signal
```

How loud?

```{code-cell} ipython3
%given P_REF
```

```{code-cell} ipython3
%exercise level
```

```{code-cell} ipython3
%check level
quiet = level(np.full(4, 2e-5))
assert np.isclose(quiet, 0), f"the threshold is at 0 dB, not {quiet:.1f}"
```

```{code-cell} ipython3
%given _pad
```

```{code-cell} ipython3
%exercise smooth
```

```{code-cell} ipython3
%check smooth
assert np.allclose(smooth(np.ones(5))[1:-1], 1), "a constant stays a constant"
```
"""
)


@pytest.fixture
def write(tmp_path):
    """`write(text, reference)`: the source notebook of two toy exercises, 2 and 1.5 points."""

    def from_text(text=TEXT, reference=REFERENCE):
        path = tmp_path / "toy.py"
        path.write_text(reference)
        declared = [
            SimpleNamespace(name="level", points=2.0, forbidden=(), limits=Limits()),
            SimpleNamespace(
                name="smooth",
                points=1.5,
                forbidden=("scipy.ndimage.uniform_filter1d", "numpy.convolve"),
                because="it takes the mean for you",
                limits=Limits(seconds=8),
            ),
        ]
        return compose(text, declared, Reference(path), "solutions/toy.md")

    return from_text


def cell(notebook, grade_id):
    (found,) = [
        c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == grade_id
    ]
    return found


def test_solution_is_signature_docstring_and_body_between_marks(write):
    source = cell(write(), "level").source
    assert source.startswith('def level(p: np.ndarray) -> float:\n    """Level')
    visible, _, body = source.partition("\n    ### BEGIN SOLUTION\n")
    assert visible.endswith('in dB."""')
    assert body.startswith("    # a comment before the first statement\n    mean =")
    assert "# and one after an empty line" in body
    assert body.endswith("\n    ### END SOLUTION")


def test_metadata_is_nbgraders(write):
    notebook = write()
    roles = {
        grade_id: {k: cell(notebook, grade_id).metadata.nbgrader[k] for k in ("grade", "solution")}
        for grade_id in ("level", "level-check", "given-P_REF", "setup")
    }
    assert roles == {
        "level": {"grade": False, "solution": True},
        "level-check": {"grade": True, "solution": False},
        "given-P_REF": {"grade": False, "solution": False},
        "setup": {"grade": False, "solution": False},
    }
    assert cell(notebook, "smooth-check").metadata.nbgrader["points"] == 1.5
    assert cell(notebook, "setup").metadata.nbgrader["locked"] is True
    assert cell(notebook, "given-P_REF").source.startswith("# Pa, the threshold")


NOT_ALLOWED = """
    Not allowed: `scipy.ndimage.uniform_filter1d`, `numpy.convolve`: it takes the mean for you.
"""


def test_what_is_not_allowed_stands_in_the_docstring(write):
    source = cell(write(), "smooth").source
    assert f'"""Neighbours\' mean.\n{NOT_ALLOWED}    """\n    ### BEGIN' in source
    sections = '"""Neighbours\' mean.\n\n    Parameters\n    ----------\n    x : vector\n    """'
    source = cell(
        write(reference=REFERENCE.replace('"""Neighbours\' mean."""', sections)), "smooth"
    )
    assert f"mean.\n{NOT_ALLOWED}\n    Parameters\n    ---" in source.source
    assert "Not allowed" not in cell(write(), "level").source


def test_a_check_refuses_it_with_the_graders_sentence(write):
    notebook = write()
    assert "refuse_calls" not in cell(notebook, "level-check").source
    names = {}
    exec(cell(notebook, "given-refuse_calls").source, names)
    exec("import numpy as np\ndef smooth(x): return np.convolve(x, np.ones(3) / 3, 'same')", names)
    with pytest.raises(AssertionError) as said:
        exec(cell(notebook, "smooth-check").source, names)
    exercise = SimpleNamespace(name="smooth", because="it takes the mean for you", limits=Limits())
    graders = trouble(Answer(Status.FORBIDDEN, message="numpy.convolve"), exercise)
    assert str(said.value) == graders


def test_the_helper_is_carried_only_where_something_is_not_allowed(write):
    grade_ids = [c.metadata.get("nbgrader", {}).get("grade_id") for c in write().cells]
    assert grade_ids[:4] == [None, "setup", None, "given-refuse_calls"]


def test_the_introduction_tells_the_time_that_a_function_may_take(write):
    first = write().cells[0].source
    assert first.startswith("# Levels\n\nWhen it is graded, a function may take 5 seconds")
    assert "together, `smooth` 8; then it is stopped." in first


def test_the_courses_package_is_imported_only_where_it_is_sure_to_be_there(write):
    plays = """
```{code-cell} ipython3
%given ready
```

```{code-cell} ipython3
if ready(smooth):
    from speechlab import sound
    display(sound(smooth(np.ones(9)), 8000, "a click"))
```
"""
    notebook = write(TEXT + plays)
    assert cell(notebook, "given-ready").source.startswith("def ready(")
    with pytest.raises(ReleaseError, match=r"imports speechlab, which a student may lack: put"):
        write(TEXT + plays.replace("if ready(smooth)", "if len('no')"))


WRITTEN = """
+++ {"nbgrader": %s}

Because it is quiet.
"""


def test_a_question_that_a_person_grades(write):
    roles = '{"grade_id": "why", "grade": true, "solution": true, "points": 2}'
    found = cell(write(TEXT + WRITTEN % roles), "why")
    assert (found.cell_type, found.source) == ("markdown", "Because it is quiet.")
    roles = found.metadata.nbgrader
    assert (roles.points, roles.grade, roles.solution, roles.locked) == (2, True, True, False)
    assert (roles.task, roles.schema_version) == (False, 3)


@pytest.mark.parametrize("roles", ["3", "[]", "{}", '{"grade_id": 3}', '{"grade_id": "level"}'])
def test_a_question_without_a_name_of_its_own_is_refused(write, roles):
    with pytest.raises(ReleaseError, match=r"^solutions/toy\.md: a text cell says .* grade_id"):
        write(TEXT + WRITTEN % roles)


def test_same_text_same_bytes(write):
    assert nbformat.writes(write()) == nbformat.writes(write())


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("%exercise level", "%exercise loudness", "line 26: %exercise loudness names no exercise"),
        ("%exercise level", "x = 1", "%exercise level is missing"),
        ("%check smooth\n", "x = 1\n", "%check smooth is missing"),
        ("%given _pad", "%exercise level", "line 36: %exercise level stands here a second time"),
        ("%given _pad", "x = 1", "line 40: %exercise smooth uses _pad, which the notebook"),
        ("%given P_REF", "%given Q_REF", "Q_REF is not defined in autograder/reference/toy.py"),
        ("%given P_REF", "%given smooth", "smooth is an exercise and cannot be given"),
        ("%given P_REF", "%given P_REF\nx = 1", "holds that line and nothing else"),
        ("%given P_REF", "%show P_REF", "%show is none of"),
        ("from scipy import signal\n", "", "line 39: %exercise smooth uses signal"),
        ("from scipy import signal", "from scipy import signal\nimport librosa", "imports librosa"),
        ("quiet = level", "import autograder.reference.toy\nquiet = level", "imports autograder"),
        ("quiet = level", "open('../autograder/checks/toy.py')\nquiet = level", "the autograder"),
        ("quiet = level", "quiet = (level", "'(' was never closed in line 1 of the cell"),
        ("assert np.allclose(smooth", "np.allclose(smooth", "%check smooth asserts nothing"),
        ("quiet = level(", "quiet = smooth(", "line 30: %check level uses smooth"),
    ],
)
def test_what_cannot_work_is_refused_in_one_sentence(write, old, new, says):
    assert TEXT.count(old) == 1
    with pytest.raises(ReleaseError) as refused:
        write(TEXT.replace(old, new))
    message = str(refused.value)
    assert says in message
    assert message.startswith("solutions/toy.md")
    assert "\n" not in message


def test_exercises_out_of_order_are_refused(write):
    halves = TEXT.replace("level", "LATER").replace("smooth", "level").replace("LATER", "smooth")
    with pytest.raises(ReleaseError, match="stand in the order smooth, level"):
        write(halves)


def test_a_reference_without_docstring_or_body_is_refused(write):
    with pytest.raises(ReleaseError, match="level is no function with a docstring"):
        write(reference=REFERENCE.replace('"""Level of a pressure in dB."""', "pass"))
    body = REFERENCE[REFERENCE.index("    # a comment before") : REFERENCE.index("def smooth")]
    with pytest.raises(ReleaseError, match="level has no body"):
        write(reference=REFERENCE.replace(body, "\n\n"))


# --- the course's own assignments ---------------------------------------------------------

every_topic = pytest.mark.parametrize("topic", topics())


def run(notebook, tmp_path):
    client = NotebookClient(
        notebook,
        timeout=300,
        allow_errors=True,
        kernel_name="python3",
        resources={"metadata": {"path": str(tmp_path)}},
    )
    return client.execute()


def errors(notebook):
    return {
        c.metadata.get("nbgrader", {}).get("grade_id", c.id): output.ename
        for c in notebook.cells
        if c.cell_type == "code"
        for output in c.outputs
        if output.output_type == "error"
    }


@every_topic
def test_solutions_run_and_pass_every_visible_check(topic, tmp_path):
    assert errors(run(source_notebook(topic), tmp_path)) == {}


@every_topic
def test_released_notebook_runs_but_for_what_is_not_written_yet(topic, tmp_path):
    found = errors(run(nbformat.read(current().released(topic), 4), tmp_path))
    assert set(found.values()) == {"NotImplementedError"}, found
    assert {f"{exercise.name}-check" for exercise in exercises(topic)} <= set(found)


@every_topic
def test_regenerating_gives_the_committed_bytes(topic):
    assert is_current(topic), f"run: autograder release {topic}"
    assert released_text(topic) == released_text(topic)


@every_topic
def test_released_notebook_holds_no_solution(topic):
    notebook = nbformat.read(current().released(topic), 4)
    for exercise in exercises(topic):
        (function,) = ast.parse(cell(notebook, exercise.name).source).body
        assert ast.get_docstring(function)
        assert [ast.unparse(node) for node in function.body[1:]] == ["raise NotImplementedError()"]
    assert "SOLUTION" not in current().released(topic).read_text()


@every_topic
def test_released_notebook_says_what_is_not_allowed(topic):
    notebook = nbformat.read(current().released(topic), 4)
    for exercise in exercises(topic):
        said = " ".join(cell(notebook, exercise.name).source.split())
        check = cell(notebook, f"{exercise.name}-check").source
        assert ("Not allowed" in said) == ("refuse_calls" in check) == bool(exercise.forbidden)
        assert all(f"`{name}`" in said and name in check for name in exercise.forbidden)
        assert not exercise.forbidden or (exercise.because in said and exercise.because in check)


def test_prepare_writes_only_what_is_stale(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_DIR", str(tmp_path))
    first = prepare_sources()
    assert [path.stem for path in first] == topics()
    assert prepare_sources() == []
    first[0].write_text("{}")
    assert prepare_sources() == [first[0]]


def test_the_toy_references_are_right():
    """The toy exercises above are real enough to be wrong."""
    namespace: dict = {}
    exec(REFERENCE, namespace)
    assert np.isclose(namespace["level"](np.full(3, 2e-4)), 20)
    assert np.allclose(namespace["smooth"](np.ones(5))[1:-1], 1)
