"""Numbers as bits, and back: what is really sent."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray


def pack(rows: ArrayLike, widths: Sequence[int]) -> bytes:
    """Rows of whole numbers as a stream of bits, the most significant bit first.

    Parameters
    ----------
    rows : array_like, shape (T, K)
        Field k of each row lies from 0 to 2 ** widths[k] - 1.
    widths : sequence of K ints
        Bits of each field, 8 or more together. The stream has T * sum(widths) bits, and zeros to
        the end of its byte.

    Raises
    ------
    ValueError
        If a number does not fit into its field.
    """
    rows, widths = np.atleast_2d(np.asarray(rows, dtype=np.int64)), np.asarray(widths)
    if rows.shape[1] != len(widths) or np.any((rows < 0) | (rows >> widths)):
        raise ValueError("A field holds whole numbers from 0 to 2 ** width - 1.")
    fields = np.repeat(rows, widths, axis=1)
    return np.packbits((fields >> _places(widths)) & 1).tobytes()


def unpack(stream: bytes, widths: Sequence[int]) -> NDArray[np.int64]:
    """The rows of a stream of bits, shape (T, K).

    Raises
    ------
    ValueError
        If the stream ends in the middle of a row.
    """
    bits = np.unpackbits(np.frombuffer(stream, dtype=np.uint8)).astype(np.int64)
    widths = np.asarray(widths)
    frames, left = divmod(len(bits), int(widths.sum()))
    if frames == 0 or left > 7 or bits[len(bits) - left :].any():
        raise ValueError(f"The stream is no whole number of frames of {widths.sum()} bits.")
    fields = bits[: len(bits) - left].reshape(frames, -1) << _places(widths)
    return np.add.reduceat(fields, np.cumsum(widths) - widths, axis=1)


def _places(widths: NDArray) -> NDArray:
    """For each bit of a row, how far it stands from the end of its field."""
    return np.concatenate([np.arange(width)[::-1] for width in widths])
