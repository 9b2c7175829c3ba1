"""Whatever is typed: an exit code, and for what cannot be done one sentence on stderr."""

import contextlib
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inputs import is_a_sentence, tried

from autograder.commands import cli
from autograder.course.catalogue import ROOT, topics

TOPIC = "lpc"
TOPICS = topics()
ODD = """ - -- .. ../../etc / lpc/ * [z-a] [! {0} %s a b --student --jobs=-1 --js <script> ' OR"""
WORDS = ("", "\udcff", "\x1b[31m", "x\ny", "\u202e", "\u0661", "lpc hmm", *ODD.split(" "))
word = st.sampled_from(WORDS) | st.text(st.characters(exclude_characters="\0"), max_size=10)
unknown = word.filter(lambda text: text not in TOPICS)
numbers = st.sampled_from(["0", "-3", "1", "2e3", "9" * 30, "x"]) | word
topic = st.just(TOPIC) | unknown
options = st.lists(
    st.one_of(
        st.tuples(st.just("--student"), word),
        st.tuples(st.just("--jobs"), numbers),
        st.tuples(st.just("--json"), st.just("/no/such/folder/x.json") | st.just("/")),
        st.tuples(st.just("--force")),
        st.tuples(word),
    ),
    max_size=3,
).map(lambda found: [one for some in found for one in some])
lines = st.one_of(
    st.tuples(st.sampled_from(["grade", "feedback"]), topic).flatmap(
        lambda start: options.map(lambda more: [*start, *more])
    ),
    st.lists(unknown, min_size=1, max_size=2).map(lambda found: ["release", "--check", *found]),
    st.lists(unknown, min_size=1, max_size=2).map(lambda found: ["demo", *found]),
    st.sampled_from(["", ".", str(ROOT / "LICENSE"), str(ROOT / "new"), "/dev/null/x"]).map(
        lambda folder: ["export", folder]
    ),
    st.sampled_from(["doctor", "problems", "coverage"]).flatmap(
        lambda name: word.filter(bool).map(lambda more: [name, "--", more, more])
    ),
    st.lists(word, max_size=3),
)


@pytest.fixture(scope="module", autouse=True)
def empty_course(tmp_path_factory):
    """A course whose gradebook knows the topic, and to which nobody has handed anything in."""
    from nbgrader.api import Gradebook

    folder = tmp_path_factory.mktemp("course")
    with Gradebook(f"sqlite:///{folder}/gradebook.db") as gradebook:
        gradebook.add_assignment(TOPIC)
        gradebook.add_notebook(TOPIC, TOPIC)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_DIR", str(folder))
        patch.chdir(ROOT)
        yield folder


def _run(arguments):
    """(exit code, was it argparse who ended it, stdout, stderr)."""
    out, err = io.TextIOWrapper(io.BytesIO()), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code, usage = cli.main(arguments), False
        except SystemExit as end:
            code, usage = end.code, True
    return code, usage, out, err.getvalue()


@tried(200)
@given(lines)
def test_any_command_line(arguments):
    code, usage, out, said = _run(arguments)
    assert code in (cli.OK, cli.ATTENTION, cli.USAGE), said
    out.flush()  # whatever was printed can be encoded
    if usage and code:
        assert "error: " in said and said.startswith("usage: autograder")
    elif code == cli.USAGE:
        assert said.startswith("autograder: ") and said.count("\n") == 1, said
        assert is_a_sentence(said.strip().encode("ascii", "backslashreplace").decode()), said


def test_names_of_students_are_printed_harmlessly():
    code, _, out, _ = _run(["grade", TOPIC, "--student", "\x1b]0;x\udcff"])
    assert code in (cli.OK, cli.ATTENTION)
    out.seek(0)
    text = out.read()
    assert "\\x1b]0;x" in text and "\x1b" not in text
