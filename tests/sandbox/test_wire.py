"""The wire carries plain data unchanged and refuses everything else."""

import collections
import math
import time

import msgpack
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.sandbox import wire
from autograder.sandbox.wire import Unsupported, WireError, decode, encode

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.complex_numbers(allow_nan=False)
    | st.text(st.characters(exclude_categories=["Cs"]))
    | st.binary()
)
plain = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(st.text("abc") | st.integers(), inner, max_size=4)
    ),
    max_leaves=20,
)
arrays = hnp.arrays(
    dtype=hnp.floating_dtypes() | hnp.integer_dtypes() | hnp.boolean_dtypes(),
    shape=hnp.array_shapes(min_dims=0, min_side=0, max_dims=4),
)


@given(plain)
@settings(deadline=None)
def test_plain_data_comes_back_the_same_with_the_same_types(value):
    back = decode(encode(value))
    assert back == value
    assert repr(back) == repr(value)


@given(arrays)
@settings(deadline=None)
def test_arrays_come_back_with_shape_and_type(array):
    back = decode(encode(array))
    assert back.shape == array.shape
    assert back.dtype == array.dtype.newbyteorder("<")
    np.testing.assert_array_equal(back, array)
    back.ravel()[:] = 0  # writable, so that a student may work in place


@given(st.binary(max_size=200))
@settings(deadline=None, max_examples=500)
def test_any_bytes_decode_or_are_refused(data):
    try:
        decode(data)
    except WireError:
        pass


class Payload:
    def __reduce__(self):
        return (print, ("never run",))


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ((i for i in range(3)), "generator"),
        (np.array([1, "a", None], dtype=object), "object array"),
        (Payload(), "Payload"),
        (len, "builtin_function_or_method"),
        ({1, 2}, "set"),
        (np.array(["2020-01-01"], dtype="datetime64[D]"), "object array"),
    ],
)
def test_what_is_not_data_is_carried_as_the_name_of_its_type(value, name):
    assert decode(encode(value)) == Unsupported(name)
    assert decode(encode([value])) == [Unsupported(name)]


def test_array_subclasses_come_back_as_plain_arrays():
    masked = np.ma.masked_array([1.0, 2.0], mask=[False, True])
    assert type(decode(encode(masked))) is np.ndarray


def test_not_a_number_and_negative_zero_survive():
    assert math.isnan(decode(encode(float("nan"))))
    assert math.copysign(1, decode(encode(-0.0))) == -1


@pytest.mark.parametrize(
    "value", [np.zeros(3 * 2**20), "x" * (wire.MAX_BYTES + 1)], ids=["array", "string"]
)
def test_size_is_limited(value):
    with pytest.raises(WireError, match="bytes"):
        encode(value)


def test_depth_is_limited_and_a_loop_ends():
    loop = []
    loop.append(loop)
    with pytest.raises(WireError, match="deeper"):
        encode(loop)


@pytest.mark.parametrize(
    "fields",
    [
        ["|O", [1], b"12345678"],
        ["<f8", [2], b"12345678"],
        ["<f8", [-1], b""],
        ["<f8", [1.0], b"12345678"],
        ["<f8", [2**40, 2**40], b""],
        ["V8", [1], b"12345678"],
        ["<f8", [1] * 9, b"12345678"],
        ["nonsense", [1], b"1"],
        [3, [1], b"1"],
    ],
    ids=repr,
)
def test_forged_arrays_are_refused(fields):
    with pytest.raises(WireError):
        decode(msgpack.packb(msgpack.ExtType(3, msgpack.packb(fields))))


def test_kinds_of_dict_and_tuple_come_back_as_plain_ones():
    point = collections.namedtuple("point", "x y")(1, 2)
    assert type(decode(encode(point))) is tuple
    assert decode(encode(collections.OrderedDict(b=1, a=2))) == {"b": 1, "a": 2}


@pytest.mark.parametrize("item", [b"\x90", b"\xd4\x01\x90", b"\xc0"], ids=["list", "tuple", "none"])
def test_few_bytes_cannot_become_many_objects(item):
    many = 2 * wire.MAX_ITEMS
    with pytest.raises(WireError):
        decode(b"\xdd" + many.to_bytes(4, "big") + item * many)
    halves = [[None] * (wire.MAX_ITEMS // 2 + 1)] * 2
    with pytest.raises(WireError):
        decode(msgpack.packb(halves))
    with pytest.raises(WireError):
        encode([0] * many)
    assert len(decode(encode([0] * 100_000))) == 100_000


def test_keys_that_are_made_to_collide_are_refused_before_a_dict_is_filled_with_them():
    keys = [[msgpack.ExtType(5, hex(k * (2**61 - 1)).encode()), 0] for k in range(5, 30_000)]
    start = time.process_time()
    with pytest.raises(WireError, match="mistaken"):
        decode(msgpack.packb(msgpack.ExtType(6, msgpack.packb(keys))))
    assert time.process_time() - start < 3
    assert decode(encode({-1: 0, -2: 1})) == {-1: 0, -2: 1}


def test_all_values_of_a_submission_together_have_a_limit_too():
    budget, many = wire.Budget(), encode([None] * (wire.MAX_ITEMS - 1))
    for _ in range(wire.MAX_TOGETHER // wire.MAX_ITEMS):
        decode(many, budget)
    with pytest.raises(WireError):
        decode(many, budget)
    assert len({id(one) for one in decode(encode([set()] * 1000))}) == 1
