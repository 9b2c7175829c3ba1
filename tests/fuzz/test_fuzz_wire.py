"""Whatever comes out of the sandbox is a value of the wire or refused; the judge bears both."""

import os
import threading
import time

import msgpack
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from inputs import damaged, tried

from autograder.course.catalogue import exercises
from autograder.judging.score import draw, judge
from autograder.sandbox import frames, wire
from autograder.sandbox.job import Answer, Call, Exam, Job, Status
from autograder.sandbox.outside.attempts import Tries
from autograder.sandbox.outside.collect import watch

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.complex_numbers()
    | st.text(max_size=8)
    | st.binary(max_size=8)
)
arrays = hnp.arrays(
    dtype=hnp.scalar_dtypes() | st.just(np.dtype(object)) | hnp.unicode_string_dtypes(max_len=3),
    shape=hnp.array_shapes(min_dims=0, min_side=0, max_dims=3, max_side=4),
)
values = st.recursive(
    scalars | arrays | st.just(len),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=4) | st.integers(), inner, max_size=3)
    ),
    max_leaves=8,
)
encoded = values.map(wire.encode)
dtypes = st.sampled_from(
    ["<f8", ">f4", "|b1", "<U3", ">U1", "<U1073741", "|O", "V8", "m8", "c16", "2f8", "i4,i4", ""]
)
raw = st.recursive(
    st.none()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats()
    | st.text(max_size=6)
    | st.binary(max_size=16),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=3), inner, max_size=2)
        | st.builds(
            lambda code, fields: msgpack.ExtType(code, msgpack.packb(fields)),
            st.integers(0, 8),
            inner
            | st.lists(inner, max_size=3)
            | st.tuples(dtypes, st.lists(st.integers(-1, 2**40), max_size=4), st.binary()),
        )
    ),
    max_leaves=8,
)
forged = raw.map(msgpack.packb)
hostile = damaged(encoded) | forged | damaged(forged)


def _decoded(data):
    """The value, or None where it is refused; anything else is a failure of the decoder."""
    try:
        return wire.decode(data)
    except wire.WireError as error:
        assert str(error)
        return None


@tried(500)
@given(hostile)
def test_whatever_is_accepted_is_what_encode_would_write(data):
    value = _decoded(data)
    again = wire.encode(value)
    assert wire.encode(wire.decode(again)) == again


@tried(100)
@given(st.binary(max_size=32), st.integers(0, 30))
def test_a_true_is_a_true(data, more):
    fields = ["|b1", [len(data)], data]
    array = wire.decode(msgpack.packb(msgpack.ExtType(3, msgpack.packb(fields))))
    assert array.sum() == sum(byte > 0 for byte in data)
    assert (array == True).tolist() == [byte > 0 for byte in data]  # noqa: E712


def test_characters_that_there_are_not_are_refused():
    fields = ["<U1", [1], b"\x00\x00\x11\x00"]
    with pytest.raises(wire.WireError, match="character"):
        wire.decode(msgpack.packb(msgpack.ExtType(3, msgpack.packb(fields))))


def test_a_few_bytes_never_become_many():
    deep = b""
    for _ in range(60):
        deep = msgpack.packb(msgpack.ExtType(1, msgpack.packb([deep, deep])))[: 2**20]
    for data in (deep, b"\xdd\xff\xff\xff\xff", b"\xc6\xff\xff\xff\xff", b"\x91" * 10_000):
        start = time.perf_counter()
        assert _decoded(data) is None
        assert time.perf_counter() - start < 2


# --- frames, and what the grader makes of them --------------------------------------------

JOB = Job(("x = 1", "y = 2"), {"f": Exam((Call("f", (1,)), Call("f", (2,))))})
kinds = st.sampled_from([*b"JcCxaE!z"]).map(lambda code: bytes([code]))
said = (
    st.sampled_from([0, 1, -1, "f", "g", [0, "out", "", ""], [1, 2, 3]])
    | st.tuples(st.sampled_from(["f", "g", 3]), st.integers(-2, 3), values).map(list)
    | st.tuples(
        st.just("f"),
        st.integers(-1, 2),
        st.tuples(
            st.sampled_from([*map(str, Status), "great"]),
            encoded | st.none(),
            st.text(max_size=5),
            st.just(()) | st.lists(st.text(max_size=3), max_size=2).map(tuple),
            st.text(max_size=5),
            st.none() | st.integers(),
            st.just(()) | st.just((0, 10**30)),
        ).map(list),
    ).map(list)
    | values
)
sent = st.lists(st.tuples(kinds, said.map(wire.encode) | st.binary(max_size=20)), max_size=6)
streams = sent.map(lambda frame: b"".join(frames.pack(kind, data) for kind, data in frame))


@tried(300)
@given(streams | damaged(streams) | st.binary(max_size=60))
def test_any_stream_of_frames_is_taken_apart(data):
    one = Tries(JOB)
    one.take(data)
    result = one.result()
    assert len(result.cells) == 2 and len(result.answers["f"]) == 2
    assert all(isinstance(answer.status, Status) for answer in result.answers["f"])
    assert set(result.answers) == {"f"}


@tried(40)
@given(streams | damaged(streams) | st.binary(max_size=60))
def test_any_bytes_on_the_pipe_come_to_an_end(data):
    ours, theirs = os.pipe()
    writer = threading.Thread(target=lambda: (frames.write_all(theirs, data), os.close(theirs)))
    writer.start()
    try:
        collected, why = watch(ours, JOB)
    finally:
        writer.join()
        os.close(ours)
    assert why in ("", "died", "late", "flood")
    assert len(collected) <= len(data)


# --- the judge, on values that nobody expects ---------------------------------------------

answers = st.builds(
    Answer,
    st.sampled_from(Status),
    encoded.map(wire.decode),
    error=st.sampled_from(["", "ValueError", "<b>"]),
    message=st.text(max_size=10),
    line=st.none() | st.integers(0, 10**9),
)


@pytest.mark.parametrize("exercise", exercises("lpc")[:4], ids=lambda exercise: exercise.name)
def test_the_judge_bears_every_value(exercise):
    cases = draw(exercise, "secret", "ada", "lpc")

    @tried(25)
    @given(st.lists(answers, max_size=3))
    def judged(given_):
        verdict = judge(exercise, cases, tuple((given_ * len(cases))[: len(cases)]))
        assert 0 <= verdict.earned < exercise.points

    judged()
