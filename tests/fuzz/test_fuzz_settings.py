"""A slip in nbgrader_config.py or _toc.yml is one sentence that names the file and the place."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inputs import altered, damaged, is_a_sentence, tried

from autograder.course import configuration, declared
from autograder.course.catalogue import ROOT
from autograder.course.course import load
from autograder.exercise.declare import DeclarationError

GOOD = b"""\
c = get_config()
c.CourseDirectory.root = "."
c.CourseDirectory.submitted_directory = "in"
c.CourseDirectory.db_url = "sqlite:///gradebook.db"
c.Autograder.folder = "_course"
c.Autograder.jobs = 2
"""
names = st.sampled_from([f"c.{section}.{name}" for section, name in configuration.TEXTS])
ODD = """\
3 | None | [] | {} | '' | '{' | '{student_id' | 'a\\0b' | b'x' | print | 1/0 | c.NoSuch | ('a', 'b')
| '{nbgrader_step}/{student_id}/{assignment_id}' | '{student_id}/{student_id.x}' | '{0}'
| '{nbgrader_step}{assignment_id}{student_id!q}' | '{nbgrader_step}{student_id}{assignment_id}'"""
odd = st.sampled_from([value.strip() for value in ODD.split("|")])
odd |= st.text(string.printable, max_size=12).map(repr)


def _loaded(folder, data):
    """Load the course and ask it for everything; a refusal must be a sentence with the file."""
    path = folder / "nbgrader_config.py"
    path.write_bytes(data)
    try:
        course = load(folder)
        for step in configuration.STEPS:
            course.path(step, "ada", "lpc")
        course.around_student("submitted", "lpc")
        assert isinstance(course.db_url, str) and course.folder.name is not None
    except DeclarationError as error:
        text = str(error)
        assert is_a_sentence(text), text
        assert str(path) in text or "directory_structure" in text, text
        return text
    return ""


@pytest.fixture(autouse=True)
def no_other_configuration(monkeypatch):
    monkeypatch.setattr("jupyter_core.paths.jupyter_config_path", lambda: [])


@tried(150)
@given(damaged(st.just(GOOD)))
def test_a_damaged_configuration(tmp_path_factory, data):
    _loaded(tmp_path_factory.mktemp("c"), data)


@tried(150)
@given(names, odd)
def test_any_setting_with_any_value(tmp_path_factory, name, value):
    _loaded(tmp_path_factory.mktemp("c"), GOOD + f"{name} = {value}\n".encode())


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (b"c.CourseDirectory.db_url = 'x", "line 7: SyntaxError: unterminated string literal"),
        (b"import no_such_module", "line 7: ModuleNotFoundError: No module named 'no_such_module'"),
        (b"c.CourseDirectory.db_url = 3", "c.CourseDirectory.db_url is 3, but must be text"),
        (
            b"c.Autograder.scheduler = 8786",
            "c.Autograder.scheduler is 8786, but must be an address",
        ),
        (b"c.Autograder.jobs = 'all'", "c.Autograder.jobs is 'all', but must be 1 or more"),
        (b"c.CourseDirectory.directory_structure = '{student}'", "must be made of {nbgrader_step}"),
    ],
)
def test_the_sentence_says_where(tmp_path, line, says):
    assert says in _loaded(tmp_path, GOOD + line)


TOC = {
    "format": "jb-book",
    "root": "book/index",
    "parts": [{"caption": "I Sound", "chapters": [{"file": "book/dtw"}, {"file": "book/hmm"}]}],
}


def _topics(folder, data):
    (folder / "_toc.yml").write_bytes(data)
    try:
        found = declared.topics_in(folder / "_toc.yml")
        assert all(isinstance(topic, str) for topic in found)
    except DeclarationError as error:
        assert is_a_sentence(str(error)) and str(folder / "_toc.yml") in str(error), error
        return str(error)
    return ""


@tried(80)
@given(damaged(st.just((ROOT / "_toc.yml").read_bytes()[:400])))
def test_a_damaged_table_of_contents(tmp_path_factory, data):
    _topics(tmp_path_factory.mktemp("t"), data)


@tried(80)
@given(altered(TOC))
def test_a_table_of_contents_of_another_form(tmp_path_factory, value):
    import json

    data = json.dumps(value).encode("utf-8", "surrogatepass")  # which is YAML, nearly
    _topics(tmp_path_factory.mktemp("t"), data)


def test_the_place_in_the_table_of_contents_is_named(tmp_path):
    assert "_toc.yml, line 2, column 3: this is not YAML" in _topics(tmp_path, b"a: b\nc:\td: }\n")
    assert "needs `parts`" in _topics(tmp_path, b"root: book\n")
