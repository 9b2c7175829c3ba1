"""The wire: a length-limited, typed encoding of plain data. No pickle, no code, no objects.

Carries None, bool, int, float, complex, str, bytes, list, tuple, dict with plain keys, and
NumPy arrays of plain numbers or fixed-width strings; whatever else a student returns is carried
as the name of its type. MessagePack does the work; this module adds the types it lacks and
checks shape and type of every array before NumPy sees it.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import msgpack
import numpy as np

MAX_BYTES = 16 * 2**20
MAX_DEPTH = 12
MAX_ITEMS = (
    2**20
)  # in all lists, tuples and dicts of one value: a byte on the wire can be an object
MAX_TOGETHER = 8 * MAX_ITEMS  # in all values of one submission, which are kept side by side
MAX_ALIKE = 100  # keys of one dict with another's hash; more make each look-up a search
_TUPLE, _COMPLEX, _ARRAY, _UNSUPPORTED, _BIGINT, _DICT = range(1, 7)
_KINDS = "biufcU"
_PLAIN = frozenset({type(None), bool, float, str, bytes})  # MessagePack's own, whatever the value


@dataclass(frozen=True)
class Unsupported:
    """Stands for a returned object that is not data: a generator, an object array, a function."""

    type_name: str


class WireError(ValueError):
    """The bytes are not a value of this encoding, or are too large."""


def _is_int64(value: int) -> bool:
    return -(2**63) <= value < 2**63


def _lower(value: Any, depth: int = 0) -> Any:
    """The value in terms of MessagePack's own types; raises WireError where it is too deep."""
    if depth > MAX_DEPTH:
        raise WireError(f"nested deeper than {MAX_DEPTH}")
    kind = type(value)
    if value is None or kind in (bool, float, str, bytes):
        return value
    if kind is int:
        if _is_int64(value):
            return value
        if value.bit_length() > 4096:
            return _lower(Unsupported("int of more than 4096 bits"))
        return msgpack.ExtType(_BIGINT, hex(value).encode())
    if kind is complex:
        return msgpack.ExtType(_COMPLEX, msgpack.packb([value.real, value.imag]))
    if isinstance(value, (list, tuple, dict, deque, range)) and len(value) > MAX_ITEMS:
        raise WireError(f"{len(value)} items")
    if kind in (deque, range):
        value, kind = list(value), list
    if kind is list and depth < MAX_DEPTH and _PLAIN.issuperset(map(type, value)):
        return value
    if isinstance(value, list):
        return [_lower(item, depth + 1) for item in value]
    if isinstance(value, tuple):
        return msgpack.ExtType(_TUPLE, _pack([_lower(item, depth + 1) for item in value]))
    if isinstance(value, dict):
        pairs = [[_lower(k, depth + 1), _lower(v, depth + 1)] for k, v in value.items()]
        return msgpack.ExtType(_DICT, _pack(pairs))
    if isinstance(value, np.generic):
        value = np.asarray(value)
    if isinstance(value, np.ndarray) and value.dtype.kind in _KINDS and value.dtype.itemsize:
        array = np.asarray(value)
        array = np.ascontiguousarray(array).reshape(array.shape)
        array = array.astype(array.dtype.newbyteorder("<"), copy=False)
        if array.nbytes > MAX_BYTES:
            raise WireError(f"an array of {array.nbytes} bytes")
        return msgpack.ExtType(_ARRAY, _pack([array.dtype.str, list(array.shape), array.tobytes()]))
    if isinstance(value, Unsupported):
        return msgpack.ExtType(_UNSUPPORTED, value.type_name[:80].encode("utf-8", "replace"))
    name = "object array" if isinstance(value, np.ndarray) else kind.__name__
    return msgpack.ExtType(_UNSUPPORTED, str(name)[:80].encode("utf-8", "replace"))


def _pack(lowered: Any) -> bytes:
    return msgpack.packb(lowered, use_bin_type=True, unicode_errors="surrogatepass")


def encode(value: Any) -> bytes:
    """The value as bytes; raises `WireError` if it is larger or deeper than the wire allows."""
    try:
        data = _pack(_lower(value))
    except (ValueError, RecursionError, OverflowError) as error:
        raise WireError(str(error)) from None
    if len(data) > MAX_BYTES:
        raise WireError(f"{len(data)} bytes")
    return data


class Budget:
    """How many items several values may have together."""

    def __init__(self, items: int = MAX_TOGETHER) -> None:
        self.left = items

    def spend(self, items: int) -> None:
        """Take so many items off the budget; raises `WireError` when they are too many."""
        self.left -= items
        if self.left < 0:
            raise WireError("too many items")


class _Count:
    """How many items one value has so far; too many end its decoding early."""

    def __init__(self, together: Budget | None) -> None:
        self.mine, self.together = Budget(MAX_ITEMS), together

    def __call__(self, items: list[Any]) -> list[Any]:
        self.mine.spend(1 + len(items))
        if self.together is not None:
            self.together.spend(1 + len(items))
        return items


def _unpack(data: bytes, depth: int, count: _Count) -> Any:
    if depth > 2 * MAX_DEPTH:
        raise WireError("nested too deep")
    try:
        return msgpack.unpackb(
            data,
            raw=False,
            strict_map_key=True,
            unicode_errors="replace",
            list_hook=count,
            ext_hook=lambda code, payload: _extension(code, payload, depth + 1, count),
            max_map_len=0,
            max_array_len=MAX_ITEMS,
        )
    except WireError:
        raise
    except Exception as error:
        raise WireError(f"not a value of the wire: {type(error).__name__}") from None


def _extension(code: int, payload: bytes, depth: int, count: _Count) -> Any:
    count([])
    if code == _TUPLE:
        return tuple(_expect(_unpack(payload, depth, count), list))
    if code == _COMPLEX:
        real, imag = _expect(_unpack(payload, depth, count), list)
        return complex(_expect(real, float), _expect(imag, float))
    if code == _BIGINT:
        if len(payload) > 1100:
            raise WireError("an integer of too many digits")
        return int(payload, 16)
    if code == _DICT:
        return _dict(_expect(_unpack(payload, depth, count), list))
    if code == _UNSUPPORTED:
        return _unsupported(payload.decode("utf-8", "replace")[:80])
    if code == _ARRAY:
        return _array(_unpack(payload, depth, count))
    raise WireError(f"extension {code}")


def _expect(value: Any, kind: type) -> Any:
    if type(value) is not kind:
        raise WireError(f"{kind.__name__} expected")
    return value


@lru_cache(maxsize=64)
def _unsupported(name: str) -> Unsupported:
    """One object for all of a name: a list can hold a million of them."""
    return Unsupported(name)


def _key(value: Any) -> Any:
    if isinstance(value, (list, dict, np.ndarray)):
        raise WireError("a key that is not plain")
    return value


def _dict(pairs: list[Any]) -> dict[Any, Any]:
    """A dict of the pairs, unless its keys are made so that filling it takes hours."""
    hashes = {hash(_key(key)) for key, _ in pairs}
    if len(pairs) > len(hashes) + MAX_ALIKE:
        raise WireError("keys that are made to be mistaken for one another")
    return dict(pairs)


def _array(fields: Any) -> np.ndarray:
    dtype_name, shape, data = _expect(fields, list)
    dtype = np.dtype(_expect(dtype_name, str)[:8])
    if dtype.kind not in _KINDS or dtype.hasobject or dtype.itemsize == 0:
        raise WireError(f"array type {dtype}")
    if len(_expect(shape, list)) > 8 or any(type(n) is not int or n < 0 for n in shape):
        raise WireError("array shape")
    if math.prod(shape) * dtype.itemsize != len(_expect(data, bytes)):
        raise WireError("array length")
    array = np.frombuffer(data, dtype=dtype).reshape(shape)
    if dtype.kind == "b":  # a byte that is neither 0 nor 1 would be a True that equals no other
        return array.view(np.uint8) != 0
    if dtype.kind == "U" and np.any(array.reshape(-1).view(f"{dtype.byteorder}u4") > 0x10FFFF):
        raise WireError("a character that there is not")
    return array.copy()


def decode(data: bytes, together: Budget | None = None) -> Any:
    """The value of the bytes; raises `WireError` for anything that `encode` would not write.

    `together` limits how many items this value and others may have together.
    """
    if len(data) > MAX_BYTES:
        raise WireError(f"{len(data)} bytes")
    return _unpack(data, 0, _Count(together))
