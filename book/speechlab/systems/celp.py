"""A speech codec by code-excited linear prediction, in the mould of US Federal Standard 1016.

Bytes out, bytes in: `decode(encode(samples, rate))` is the speech a listener gets over a line of
4,800 bits a second. A frame of 30 ms is 144 bits: ten line spectral frequencies, and in each of
four subframes a lag and a gain of the adaptive codebook (what was excited one period ago) and a
number and a gain of the stochastic codebook (a ternary noise). The encoder runs the decoder inside
itself and takes what leaves the least perceptually weighted error.

Source: FED-STD 1016 (1991), sections 3.3 to 3.5, for frames, bits, codebook and gains. Its
fractional lags, its tables of frequencies, and its protection against errors are not here; the
bits of the last serve the frequencies.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import linalg, signal

from speechlab.speech import spectral_frequencies as lsf
from speechlab.systems._shared.bits import pack, unpack
from speechlab.systems._shared.recording import finite_samples
from speechlab.systems._shared.telephone_line import LAGS, RATE, continued

FRAME = 240  # samples: 30 ms
LAG_BITS, GAIN_BITS, MOST_CODES = 7, 5, 512
PITCH_GAINS = np.linspace(-0.45, 1.87, 32)
UPPER = [1, 3, 13, 35, 64, 98, 136, 178, 224, 278, 340, 418, 520, 660, 870, 1330]
CODE_GAINS = np.array([-g for g in reversed(UPPER)] + UPPER) / 32768  # FED-STD 1016's


@dataclass(frozen=True)
class Codec:
    """What can be varied; the rest follows.

    `subframes` divides 240; `code_bits`, at most 9, is the size of the stochastic codebook;
    `alpha` is the weighting, from 1 (none) to 0 (noise as coloured as the speech); without
    `adaptive` no lag is sent, and nothing of the past comes back.
    """

    subframes: int = 4
    code_bits: int = 9
    alpha: float = 0.8
    adaptive: bool = True

    def __post_init__(self) -> None:
        if self.subframes < 1 or FRAME % self.subframes or not 1 <= self.code_bits <= 9:
            raise ValueError("Subframes divide 240, and a codebook has 1 to 9 bits.")
        if not 0 <= self.alpha <= 1:
            raise ValueError("The weighting alpha lies from 0 to 1.")

    @property
    def length(self) -> int:
        """Samples of a subframe."""
        return FRAME // self.subframes

    @property
    def widths(self) -> tuple[int, ...]:
        """Bits of each field of a frame, in the order in which they are sent."""
        lag = (LAG_BITS, GAIN_BITS) if self.adaptive else ()
        return lsf.BITS + (*lag, self.code_bits, GAIN_BITS) * self.subframes

    @property
    def bits_per_second(self) -> float:
        return sum(self.widths) * RATE / FRAME


CODEC = Codec()
WITHOUT_PAST = Codec(subframes=8, adaptive=False)  # the bits of the past go into shorter subframes


@cache
def codebook(length: int, bits: int) -> NDArray:
    """The stochastic codebook, shape (2 ** bits, length): one long noise, in overlapping pieces.

    Gaussian noise, of which nothing below 1.2 standard deviations is kept and of the rest only the
    sign; code n begins two samples before code n - 1.
    """
    noise = np.random.default_rng(1016).standard_normal(2 * (MOST_CODES - 1) + FRAME)
    ternary = np.sign(noise) * (np.abs(noise) > 1.2)
    pieces = np.lib.stride_tricks.sliding_window_view(ternary, length)
    return pieces[2 * np.arange(MOST_CODES - 1, -1, -1)][: 2**bits]


@cache
def _repeats(length: int) -> NDArray:
    """For each lag which samples of the past a subframe repeats, shape (lags, length)."""
    return LAGS[-1] - LAGS[:, None] + np.arange(length) % LAGS[:, None]


def best(target: NDArray, candidates: NDArray, gains: NDArray) -> tuple[int, int]:
    """The number of the candidate, and of its gain, that together leave the least error.

    The gains are those that can be sent; `candidates` has shape (K, N).
    """
    match, energy = candidates @ target, np.einsum("kn,kn->k", candidates, candidates)
    between = (gains[1:] + gains[:-1]) / 2
    chosen = np.searchsorted(between, match / np.maximum(energy, 1e-20))
    spared = gains[chosen] * (2 * match - gains[chosen] * energy)
    winner = int(spared.argmax())
    return winner, int(chosen[winner])


class Decoder:
    """The receiving end, and what it remembers: the last excitation, and the last speech."""

    def __init__(self, codec: Codec) -> None:
        self.codec = codec
        self.excitation, self.speech = np.zeros(LAGS[-1]), np.zeros(lsf.ORDER)

    def books(self) -> list[tuple[NDArray, NDArray]]:
        """The codebooks for the next subframe, each with its gains: past excitation, and noise."""
        past = [(self.excitation[_repeats(self.codec.length)], PITCH_GAINS)]
        noise = [(codebook(self.codec.length, self.codec.code_bits), CODE_GAINS)]
        return past * self.codec.adaptive + noise

    def silent(self, a: NDArray) -> NDArray:
        """How the mouth would ring on if nothing were sent."""
        return continued([1.0], [1.0, *-a], np.zeros(self.codec.length), self.speech)

    def say(self, a: NDArray, numbers: ArrayLike) -> NDArray:
        """The next subframe of speech, from its predictor and its numbers."""
        pairs = zip(self.books(), np.reshape(numbers, (-1, 2)))
        excitation = sum(gains[g] * codes[k] for (codes, gains), (k, g) in pairs)
        said = continued([1.0], [1.0, *-a], excitation, self.speech)
        self.speech = np.append(self.speech, said)[-lsf.ORDER :]
        self.excitation = np.append(self.excitation, excitation)[-LAGS[-1] :]
        return said


class Encoder:
    """The sending end: a decoder, and the last errors, plain and as the ear weighs them."""

    def __init__(self, codec: Codec) -> None:
        self.codec, self.decoder = codec, Decoder(codec)
        self.plain, self.weighted = np.zeros(lsf.ORDER), np.zeros(lsf.ORDER)

    def numbers(self, now: NDArray, a: NDArray) -> list[int]:
        """What to send for a subframe: analysis by synthesis."""
        inverse, bent = [1.0, *-a], [1.0, *-a * np.cumprod(np.full(len(a), self.codec.alpha))]
        missing = now - self.decoder.silent(a)
        target = continued(inverse, bent, missing, self.weighted, self.plain)
        ringing = signal.lfilter([1.0], bent, np.eye(1, len(now))[0])
        heard_as = linalg.toeplitz(ringing, np.zeros(len(now))).T
        numbers: list[int] = []
        for codes, gains in self.decoder.books():
            candidates = codes @ heard_as
            winner, gain = best(target, candidates, gains)
            target = target - gains[gain] * candidates[winner]
            numbers += [winner, gain]
        left = now - self.decoder.say(a, numbers)
        self.plain = np.append(self.plain, left)[-lsf.ORDER :]
        self.weighted = np.append(self.weighted, target)[-lsf.ORDER :]
        return numbers


def encode(samples: ArrayLike, rate: float, codec: Codec = CODEC) -> bytes:
    """The bit stream of some speech, filled up with silence to whole frames.

    Parameters
    ----------
    samples : array_like, shape (N,)
        1 is full scale; the gains suit a voice with an RMS of about 0.05, as on a telephone line.
    rate : float
        Must be 8000 Hz.

    Raises
    ------
    ValueError
        If the samples are empty, not finite, not one channel, or of another rate.
    """
    speech = finite_samples(samples, rate, RATE)
    frames = -(-len(speech) // FRAME)
    speech = np.pad(speech, (0, frames * FRAME + FRAME // 2 - len(speech)))
    encoder, rows, before = Encoder(codec), [], None
    for frame in range(frames):
        row = lsf.measure(speech[frame * FRAME + FRAME // 2 :][:FRAME], RATE)  # round its end
        after = lsf.dequantise(row, RATE)
        parts = speech[frame * FRAME :][:FRAME].reshape(codec.subframes, -1)
        for part, a in zip(parts, _between(before, after, codec.subframes)):
            row = row + encoder.numbers(part, a)
        before = after
        rows.append(row)
    return pack(rows, codec.widths)


def decode(stream: bytes, codec: Codec = CODEC) -> NDArray:
    """The speech of a bit stream at 8 kHz, shape (240 * frames,).

    Raises
    ------
    ValueError
        If the stream is no whole number of this codec's frames.
    """
    decoder, before, speech = Decoder(codec), None, []
    for row in unpack(stream, codec.widths):
        after = lsf.dequantise(row[: lsf.ORDER], RATE)
        parts = row[lsf.ORDER :].reshape(codec.subframes, -1)
        for part, a in zip(parts, _between(before, after, codec.subframes)):
            speech.append(decoder.say(a, part))
        before = after
    return np.concatenate(speech)


def through(samples: ArrayLike, rate: float, codec: Codec = CODEC) -> NDArray:
    """What comes out at the other end of the line, as long as what went in."""
    return decode(encode(samples, rate, codec), codec)[: len(np.asarray(samples))]


def _between(before: NDArray | None, after: NDArray, subframes: int) -> list[NDArray]:
    """The predictors of the subframes, on the way from one frame's frequencies to the next's."""
    before = after if before is None else before
    ways = [(j + 1) / subframes for j in range(subframes)]
    return [lsf.from_frequencies((1 - w) * before + w * after, RATE) for w in ways]
