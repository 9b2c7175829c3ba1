"""The contract of a topic: what every chapter named in `_toc.yml` brings along.

`broken` reads files only, so that the contract itself can be tested on copies with a piece
taken out. Whoever adds a topic fills in its places until this file passes.
"""

import ast
import re
import shutil
import statistics
from dataclasses import replace
from pathlib import Path

import jupytext
import pytest

from autograder.batch import fingerprint, plan
from autograder.course.catalogue import ROOT, exercises, topics
from autograder.course.course import current
from autograder.exercise.draw import BAD, generator
from autograder.judging.score import answers_of
from autograder.release.assignments import is_current
from autograder.release.export import export, find_leaks

PLACES = (
    "book/{topic}.md",
    "exercises/{topic}/{topic}.ipynb",
    "solutions/{topic}.md",
    "autograder/reference/{topic}.py",
    "autograder/checks/{topic}/__init__.py",
    "tests/reference/test_{topic}.py",
)
WORDS, LONGEST_CELL, MEDIAN_CELL = (1500, 4000), 20, 10
SECTIONS = ("Summary", "Further reading", "References")
HOMEWORK = ("Homework map", "Exercises")  # one of them leads to the assignment
every_topic = pytest.mark.parametrize("topic", topics())


def places(topic, root=ROOT):
    return [root / place.format(topic=topic) for place in PLACES]


# --- the fingerprint ----------------------------------------------------------------------


def test_every_module_that_decides_a_score_is_in_a_fingerprint():
    grader = ROOT / "autograder"
    packages, found = {"autograder": grader}, set()
    for topic in topics():
        found |= set(fingerprint.modules(plan.decides(current(), topic), packages).values())
    for room in ("checks", "reference", "sandbox"):
        there = set((grader / room).rglob("*.py"))
        outside = grader / "sandbox" / "outside"
        only_looks = {outside / "inspection.py", outside / "probe.py"}  # for the doctor
        assert there and not there - found - only_looks


# --- the chapter --------------------------------------------------------------------------


def calls(cells, name):
    """Every call of a function of that name in the code cells."""
    return [
        node
        for cell in cells
        for node in ast.walk(ast.parse(cell))
        if isinstance(node, ast.Call)
        and name in (getattr(node.func, "id", ""), getattr(node.func, "attr", ""))
    ]


def argument(call, position, keyword):
    """The argument's node, however it is passed, or None."""
    named = {k.arg: k.value for k in call.keywords}
    return call.args[position] if len(call.args) > position else named.get(keyword)


def is_blank(node):
    """Missing, or a literal without words. A variable is checked when it runs."""
    return node is None or (isinstance(node, ast.Constant) and len(str(node.value).split()) < 3)


def prose(text):
    """The words a reader reads: no code, no formulas, no directives, no markup."""
    text = re.sub(r"^(`{3,}|~{3,}|:{3,}).*?^\1\s*$", "", text, flags=re.M | re.S)
    text = re.sub(r"\$\$.*?\$\$|\$[^$\n]+\$", "", text, flags=re.S)
    text = re.sub(r"^\(.*\)=$|\{[\w:]+\}|`[^`]*`|\]\([^)]*\)", " ", text, flags=re.M)
    return re.findall(r"[A-Za-z][\w'’-]*", text)


def section(text, title):
    match = re.search(rf"^## {title}\s*$(.*?)(?=^## |\Z)", text, flags=re.M | re.S)
    return match[1] if match else None


def broken_in_code(cells):
    for what in ("sound", "explore", "picture"):
        if not calls(cells, what):
            yield f"the chapter never calls {what}(...)"
    for call in calls(cells, "picture"):
        if is_blank(argument(call, 1, "alt")):
            yield f"a picture without alt text: {ast.unparse(call)[:60]}"
    for call in calls(cells, "sound"):
        if is_blank(argument(call, 2, "caption")):
            yield f"a sound without a caption: {ast.unparse(call)[:60]}"
    if calls(cells, "show"):
        yield "a figure is shown with show(), where picture(figure, alt) keeps it accessible"
    lengths = [len(cell.strip().splitlines()) for cell in cells]
    if max(lengths, default=0) > LONGEST_CELL:
        yield f"a code cell of {max(lengths)} lines; the limit is {LONGEST_CELL}"
    if lengths and statistics.median(lengths) > MEDIAN_CELL:
        yield f"half the code cells have more than {statistics.median(lengths)} lines"
    if any(re.search(r"^\s*(import|from)\s+autograder\b", cell, re.M) for cell in cells):
        yield "the chapter imports autograder"


def broken_in_text(text, topic):
    for title in SECTIONS:
        if not (section(text, title) or "").strip():
            yield f"the section '## {title}' is missing or empty"
    homework = "".join(section(text, title) or "" for title in HOMEWORK)
    if not homework.strip():
        yield "there is no section '## Homework map'"
    if f"exercises/{topic}/{topic}.ipynb" not in homework:
        yield "the homework map has no link to the assignment"
    if "{bibliography}" not in text or "{cite" not in text:
        yield "no bibliography, or nothing is cited"
    if re.search(r"!\[\s*\]\(", text):
        yield "an image without alt text"
    for directive in re.findall(r"\{(?:image|figure)\}.*?```", text, flags=re.S):
        if ":alt:" not in directive:
            yield "an image directive without :alt:"


def broken_chapter(path, topic):
    notebook = jupytext.read(path, fmt="md:myst")
    text = "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    cells = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    yield from broken_in_code(cells)
    yield from broken_in_text(text, topic)
    words = len(prose(text))
    if not WORDS[0] <= words <= WORDS[1]:
        yield f"the chapter has {words} words, not {WORDS[0]} to {WORDS[1]}"


# --- the exercises ------------------------------------------------------------------------


def oracles(path):
    """The functions that a test of this file holds to an oracle, and that it says against what."""
    return {
        mark.args[0].value
        for test in ast.walk(ast.parse(path.read_text()))
        if isinstance(test, ast.FunctionDef) and test.name.startswith("test_")
        for mark in test.decorator_list
        if isinstance(mark, ast.Call) and getattr(mark.func, "attr", "") == "oracle"
        if any(keyword.arg == "against" for keyword in mark.keywords)
        if any(getattr(n, "id", "") == "agree" for n in ast.walk(test))
    }


def directives(path, word):
    return re.findall(rf"^%{word} (\w+)\s*$", path.read_text(), flags=re.M)


def broken_exercises(topic, root, names):
    _, released, solutions, reference, _, tests = places(topic, root)
    defined = {n.name for n in ast.parse(reference.read_text()).body if hasattr(n, "name")}
    held, text = oracles(tests), released.read_text()
    for name in names:
        if name not in defined:
            yield f"{name} is not in the reference"
        if name not in held:
            yield f"{name} has no test with @pytest.mark.oracle({name!r}, against=...) and agree"
        if directives(solutions, "exercise").count(name) != 1:
            yield f"{name} is not exactly once an %exercise"
        if directives(solutions, "check").count(name) != 1:
            yield f"{name} has not exactly one %check"
        if f'"grade_id": "{name}-check"' not in text:
            yield f"the released notebook has no test cell for {name}"
    if "SOLUTION" in text:
        yield "the released notebook holds a solution"


def names_of(topic):
    return [exercise.name for exercise in exercises(topic)]


def broken(topic, root):
    """Everything that the topic lacks, one sentence each."""
    missing = [path for path in places(topic, root) if not path.is_file()]
    if missing:
        return [f"{path.relative_to(root)} is missing" for path in missing]
    chapter = broken_chapter(root / "book" / f"{topic}.md", topic)
    return [*chapter, *broken_exercises(topic, root, names_of(topic))]


# --- every topic --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def public(tmp_path_factory):
    """The exported half, and what the search for answers found in it."""
    folder = export(tmp_path_factory.mktemp("public") / "half")
    return folder, find_leaks(folder)


@every_topic
def test_topic_keeps_the_contract(topic):
    assert not broken(topic, ROOT)


@every_topic
def test_exercises_have_mistakes_and_alternatives(topic):
    for exercise in exercises(topic):
        assert len({mistake.says for mistake in exercise.mistakes}) >= 3, exercise.name
        assert all(len(mistake.says.split()) >= 5 for mistake in exercise.mistakes), exercise.name
        assert exercise.alternatives, exercise.name
        assert exercise.points > 0, exercise.name


def unrefused(exercise):
    """What a declaration lacks of a refusal: bad input, and a criterion that looks at it."""
    cases = [case for case in exercise.draw(generator("contract")) if case.group == BAD]
    if not cases:
        yield f"{exercise.name} declares no bad input"
    if not any(criterion.group == BAD for criterion in exercise.criteria):
        yield f"{exercise.name} has no criterion for what is to be refused"
    for case, answer in zip(cases, answers_of(exercise.function, cases)):
        if answer.error != "ValueError":
            yield f"{exercise.name} does not refuse {case.kind} with a ValueError"


@every_topic
def test_every_exercise_declares_what_it_refuses(topic):
    assert not [lack for exercise in exercises(topic) for lack in unrefused(exercise)]


def test_the_exercise_in_the_guide_is_the_one_that_is_graded():
    (shown,) = re.findall(r"```python\n(.*?)```", (ROOT / "CONTRIBUTING.md").read_text(), re.S)
    assert shown in (ROOT / "autograder" / "checks" / "lpc" / "filters.py").read_text()


def test_a_declaration_without_a_refusal_is_noticed():
    (exercise, *_) = exercises("lpc")
    (criterion, *_) = exercise.criteria
    bare = replace(exercise, refuses=None, criteria=(criterion,))
    assert len(list(unrefused(bare))) == 2
    answered = replace(exercise, refuses={"order 0": {"order": 0}})
    assert list(unrefused(answered)) == [
        "autocorrelation does not refuse order 0 with a ValueError"
    ]


@every_topic
def test_released_notebook_is_up_to_date(topic):
    assert is_current(topic), f"run: autograder release {topic}"


@every_topic
def test_nothing_of_its_answers_is_public(topic, public):
    _, leaks = public
    assert not [str(leak) for leak in leaks if topic in leak.what or topic in str(leak.path)]


def test_nothing_at_all_is_public(public):
    assert not [str(leak) for leak in public[1]]


def test_a_topic_that_was_only_named_lacks_all_its_places():
    assert len(broken("phonology", ROOT)) == len(PLACES)


def test_there_are_topics():
    assert len(topics()) >= 3


# --- the contract itself ------------------------------------------------------------------

TOPIC = topics()[0]


@pytest.fixture
def copy(tmp_path):
    for path in places(TOPIC):
        target = tmp_path / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    assert broken(TOPIC, tmp_path) == []
    return tmp_path


@pytest.mark.parametrize("place", PLACES)
def test_a_missing_place_is_noticed(copy, place):
    path = Path(place.format(topic=TOPIC))
    (copy / path).unlink()
    assert broken(TOPIC, copy) == [f"{path} is missing"]


DAMAGES = [
    ("book", "## Summary", "## Summing up", "'## Summary' is missing"),
    ("book", "## Further reading", "## More", "'## Further reading' is missing"),
    ("book", "{bibliography}", "{note}", "no bibliography"),
    ("book", f"exercises/{TOPIC}/", "exercises/other/", "no link to the assignment"),
    ("book", "explore(", "list(", "never calls explore"),
    ("book", "sound(", "print(", "never calls sound"),
    ("book", "import numpy", "import autograder, numpy", "imports autograder"),
    ("solutions", "%check ", "# check ", "exactly one %check"),
    ("solutions", "%exercise ", "%given ", "exactly once an %exercise"),
    ("tests/reference", "oracle(", "slow(", "has no test with @pytest.mark.oracle"),
    ("autograder/reference", "\ndef ", "\ndef other_", "is not in the reference"),
    ("exercises", "-check", "-test", "has no test cell"),
]


@pytest.mark.parametrize(("folder", "old", "new", "says"), DAMAGES, ids=[d[3] for d in DAMAGES])
def test_damage_is_noticed(copy, folder, old, new, says):
    (path,) = [p for p in places(TOPIC, copy) if str(p.relative_to(copy)).startswith(folder)]
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    assert any(says in problem for problem in broken(TOPIC, copy))


def test_long_cells_thin_chapters_and_silent_pictures_are_noticed(copy):
    path = copy / "book" / f"{TOPIC}.md"
    header = path.read_text().partition("\n---\n")[0] + "\n---\n"
    lines = "\n".join(f"x{i} = {i}" for i in range(21))
    cell = (
        f"```{{code-cell}} ipython3\n{lines}\npicture(fig, '')\nsound(x, rate, caption='')\n```\n"
    )
    path.write_text(f"{header}\n# Nothing\n\nA few words. ![](x.png)\n\n{cell}")
    found = "\n".join(broken(TOPIC, copy))
    for says in ("4 words", "cell of 23 lines", "picture without alt", "sound without", "an image"):
        assert says in found, found
