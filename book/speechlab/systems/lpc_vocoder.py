"""What the codec is compared with: pulses or noise through a predictor, at the same bit rate.

A vocoder of the kind of LPC-10 (FED-STD 1015), which sent 2,400 bits a second. This one is given
4,800: every 15 ms a predictor, a pitch or none, and five levels.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import signal

from speechlab.speech import spectral_frequencies as lsf
from speechlab.systems._shared.bits import pack, unpack
from speechlab.systems._shared.recording import finite_samples
from speechlab.systems._shared.telephone_line import LAGS, RATE, continued

BLOCK, PARTS = 120, 5
WIDTHS = (*lsf.BITS, 7, *(5,) * PARTS)  # a lag of 0 means: no voice
LEVELS = np.geomspace(1e-4, 0.3, 32)  # RMS of the residual
BITS_PER_SECOND = sum(WIDTHS) * RATE / BLOCK
LOW = signal.butter(4, 900, fs=RATE, output="sos")
VOICED = 0.5  # a period must be this much like the one before


def encode(samples: ArrayLike, rate: float) -> bytes:
    """The bit stream of some speech: what the mouth does, and whether and how the folds buzz."""
    speech = finite_samples(samples, rate, RATE)
    blocks = -(-len(speech) // BLOCK)
    speech = np.pad(speech, (BLOCK, (blocks + 3) * BLOCK - len(speech)))
    low, rows = signal.sosfiltfilt(LOW, speech), []
    for start in range(BLOCK, (blocks + 1) * BLOCK, BLOCK):
        row = lsf.measure(speech[start - BLOCK // 2 :][: 2 * BLOCK], RATE)
        a = lsf.from_frequencies(lsf.dequantise(row, RATE), RATE)
        before = speech[start - lsf.ORDER : start]
        left = continued([1.0, *-a], [1.0], speech[start:][:BLOCK], np.zeros(0), before)
        level = np.sqrt(np.mean(left.reshape(PARTS, -1) ** 2, axis=1))
        number = np.abs(np.log(LEVELS) - np.log(level + 1e-9)[:, None]).argmin(1)
        rows.append([*row, _lag(low[start - BLOCK // 2 :]), *number])
    return pack(rows, WIDTHS)


def decode(stream: bytes) -> NDArray:
    """The speech of a bit stream at 8 kHz, shape (120 * blocks,)."""
    noise, out, speech, wait = np.random.default_rng(0), [], np.zeros(lsf.ORDER), 0
    for row in unpack(stream, WIDTHS):
        a = lsf.from_frequencies(lsf.dequantise(row[: lsf.ORDER], RATE), RATE)
        lag, excitation = row[lsf.ORDER], noise.standard_normal(BLOCK)
        if lag:
            period = lag + LAGS[0] - 1
            excitation = np.zeros(BLOCK)
            excitation[wait % period :: period] = np.sqrt(period)
            wait = (wait % period - BLOCK) % period
        levels = np.repeat(LEVELS[row[lsf.ORDER + 1 :]], BLOCK // PARTS)
        out.append(continued([1.0], [1.0, *-a], excitation * levels, speech))
        speech = out[-1][-lsf.ORDER :]
    return np.concatenate(out)


def through(samples: ArrayLike, rate: float) -> NDArray:
    """What comes out at the other end of the line, as long as what went in."""
    return decode(encode(samples, rate))[: len(np.asarray(samples))]


def _lag(low: NDArray) -> int:
    """0 for no voice, else the lag less 19: where the next 30 ms repeat best."""
    lags = LAGS[:-1]
    length = len(low[: 2 * BLOCK])
    now, later = low[:length], np.pad(low, (0, 2 * BLOCK))[: length + lags[-1]]
    windows = np.lib.stride_tricks.sliding_window_view(later, length)[lags]
    alike = windows @ now / np.sqrt(now @ now * np.sum(windows**2, axis=1) + 1e-9)
    winner = int(np.argmax(alike * np.linspace(1, 0.9, len(lags))))
    return winner + 1 if alike[winner] > VOICED else 0
