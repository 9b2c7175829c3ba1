"""What the chapters built, run on one's own voice: the page `your_voice` calls these functions.

Each takes a recording, one channel of at most ten seconds at 8 kHz, and gives numbers that a page
can draw and play: a dict of arrays, numbers and words. All raise `ValueError`, with a sentence for
the reader, for a recording that is too short, too long, silent, or not finite.

Shapes: `N` samples, `T` frames, `R` words.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, NDArray
from scipy.ndimage import uniform_filter1d
from scipy.special import logsumexp, softmax

from speechlab import corpora
from speechlab.speech import cepstra, formant_moves, spectra
from speechlab.speech import spectral_frequencies as lsf
from speechlab.speech.utterances import stretches
from speechlab.systems import celp, digit_words, hifigan, hubert, lpc_vocoder, resynthesis
from speechlab.systems._shared.telephone_line import continued
from speechlab.systems.connected_digits import Recogniser, greedy, recogniser

RATE, LONGEST, SHORTEST = 8000, 10.0, 0.2  # samples a second; seconds
SILENT, SOFT, FULL = 1e-3, 0.05, 0.995  # peaks: nothing was heard, very softly, too loud
WIDTH, HOP = 240, 80  # samples of a frame for predictors, and from frame to frame
COLUMNS = 600  # of a spectrogram, at most
GROUPS = ("man", "woman", "child")  # of the table of vowels
PAUSE, WORD, EDGE = 0.2, 0.1, 0.05  # s: what parts words, the shortest one, what is kept around it

Array = NDArray[np.floating]
Result = dict[str, Any]


# --- the recording ------------------------------------------------------------------------


def checked(samples: ArrayLike) -> Array:
    """The recording as floats, shape (N,), or a `ValueError` that says what is wrong with it."""
    x = np.asarray(samples, dtype=float)
    if x.ndim != 1 or not np.all(np.isfinite(x)):
        raise ValueError("A recording is one channel of finite samples.")
    seconds = len(x) / RATE
    if seconds < SHORTEST:
        raise ValueError(f"The recording is only {seconds:.2f} s long: say a whole word.")
    if seconds > LONGEST + 0.01:
        raise ValueError(f"The recording is {seconds:.0f} s long; this page takes {LONGEST:.0f} s.")
    if np.abs(x - x.mean()).max() < SILENT:
        raise ValueError("Nothing is to be heard in this recording: is the microphone on?")
    return x - x.mean()


def look(samples: ArrayLike) -> Result:
    """How long and how loud the recording is, and what may be wrong with it.

    Returns
    -------
    result : dict
        `seconds`, `peak` (of 1), `clipped` (share of the samples that are at the limits), and
        `warnings`: sentences.
    """
    given = np.asarray(samples, dtype=float)
    x = checked(given)
    peak, clipped = np.abs(given).max(), np.mean(np.abs(given) >= FULL)
    warnings = []
    if clipped > 1e-3:
        warnings.append(
            f"{100 * clipped:.1f} % of the samples are at the limits: the microphone was driven too"
            " hard, and what was above is lost. Speak more softly, or further away."
        )
    if peak < SOFT:
        warnings.append("This is very soft: noise of the microphone will be heard as well.")
    return {"seconds": len(x) / RATE, "peak": peak, "clipped": clipped, "warnings": warnings}


# --- what is heard in it ------------------------------------------------------------------


def spectrogram(samples: ArrayLike) -> Result:
    """Level over time and frequency.

    Returns
    -------
    result : dict
        `level` (129, T) in dB below the largest, at least -70, and the `seconds` between frames.
    """
    x = checked(samples)
    hop = max(16, -(-len(x) // COLUMNS))
    power = np.abs(spectra.short_time(x, 256, hop, 200)) ** 2
    level = spectra.decibels(power / power.max(), 70)
    return {"level": level.astype(np.float32), "seconds": hop / RATE}


def mfcc(samples: ArrayLike) -> Result:
    """Thirteen cepstral coefficients every 10 ms, `coefficients` (13, T), as recognisers see them.

    The first is the level, relative to the loudest frame.
    """
    features = cepstra.features(checked(samples), RATE)
    return {"coefficients": features[:, :13].T.astype(np.float32), "seconds": cepstra.HOP}


def pitch(samples: ArrayLike) -> Result:
    """The fundamental frequency of each 20 ms.

    Returns
    -------
    result : dict
        `hertz` (T,), 0 where there is no voice, the `seconds` between frames, and `usual`, the
        median in Hz where there is voice (0 if there is none).
    """
    hertz = resynthesis.f0(checked(samples), RATE)
    voiced = hertz[hertz > 0]
    usual = float(np.median(voiced)) if len(voiced) else 0.0
    return {"hertz": hertz, "seconds": resynthesis.FRAME / RATE, "usual": usual}


def formants(samples: ArrayLike) -> Result:
    """The first two formants of each 10 ms of voice, and of the steadiest 100 ms.

    Returns
    -------
    result : dict
        `seconds` (T,) and `hertz` (T, 2) of the voiced frames in which two formants were found;
        `steady`, the medians (2,) of the 100 ms in which they move least (empty without voice).
    """
    x = checked(samples)
    source = pitch(x)
    frames = _frames(np.append(0, x[1:] - 0.95 * x[:-1]))
    filters = spectra.linear_prediction(frames * np.hamming(WIDTH), lsf.ORDER)
    at = np.minimum(np.arange(len(frames)) * HOP // resynthesis.FRAME, len(source["hertz"]) - 1)
    power = np.mean(_frames(x) ** 2, axis=1)
    heard = np.flatnonzero((source["hertz"][at] > 0) & (power > 0.03 * power.max()))
    found = []
    for frame in heard:
        poles = formant_moves.upper_poles(filters[frame])
        which = formant_moves.formant_poles(poles, RATE)[:2]
        found.append(np.angle(poles[which]) * RATE / (2 * np.pi))
    kept = [k for k, pair in enumerate(found) if len(pair) == 2]
    hertz = np.array([found[k] for k in kept]).reshape(-1, 2)
    return {
        "seconds": heard[kept] * HOP / RATE,
        "hertz": hertz,
        "steady": _steady(heard[kept], hertz),
    }


def _steady(frames: NDArray, hertz: Array, length: int = 10) -> Array:
    """The medians of the formants (T, 2) where ten frames in a row move least, or none."""
    if len(frames) < length:
        return np.median(hertz, axis=0) if len(frames) else np.zeros(0)
    windows = sliding_window_view(np.log(hertz), length, axis=0)
    torn = frames[length - 1 :] - frames[: len(windows)] - (length - 1)  # frames that are missing
    moves = np.sum(np.std(windows, axis=2), axis=1) + torn
    return np.exp(np.median(windows[np.argmin(moves)], axis=1))


def vowel_chart() -> Result:
    """The vowels of the table: `vowels`, the `words` they are said in, and their means.

    `hertz` has the shape (V, 3, 2): F1 and F2 of men, women and children.
    """
    table = corpora.vowel_table("embedded")
    vowels = list(dict.fromkeys(table["vowel"]))
    means = [
        [
            [table[one & (table["group"] == group)][f].mean() for f in ("f1", "f2")]
            for group in GROUPS
        ]
        for one in (table["vowel"] == vowel for vowel in vowels)
    ]
    words = [corpora.vowels.WORDS[vowel] for vowel in vowels]
    return {"vowels": [str(v) for v in vowels], "words": words, "hertz": np.array(means)}


# --- taken apart and put together ---------------------------------------------------------


def prediction(samples: ArrayLike) -> Result:
    """What linear prediction leaves, and the speech made again of it.

    Returns
    -------
    result : dict
        `residual` (N,); `again` (N,), the residual through the same filters; `gain` in dB, of the
        speech over the residual.
    """
    x = checked(samples)
    a = np.array([lsf.predictor(frame * np.hamming(WIDTH)) for frame in _frames(x)])
    past, residual, again = np.zeros(lsf.ORDER), [], np.zeros(lsf.ORDER)
    for predictor, now in zip(a, np.pad(x, (0, -len(x) % HOP)).reshape(-1, HOP)):
        left = continued([1.0, *-predictor], [1.0], now, np.zeros(0), past)
        again = np.append(again, continued([1], [1.0, *-predictor], left, again[-lsf.ORDER :]))
        past = now[-lsf.ORDER :]
        residual.append(left)
    left = np.concatenate(residual)[: len(x)]
    return {
        "residual": left,
        "again": again[lsf.ORDER :][: len(x)],
        "gain": _decibels(x, left),
    }


def robot(samples: ArrayLike) -> Result:
    """Pulses or noise in the place of the residual, at 4,800 bits a second: `samples` (N,)."""
    return {
        "samples": lpc_vocoder.through(checked(samples), RATE),
        "bits_per_second": lpc_vocoder.BITS_PER_SECOND,
    }


def _frames(x: Array) -> Array:
    """Frames of 30 ms, (T, 240), about each of the T = ceil(N / 80) pieces of 10 ms."""
    around = np.pad(x, ((WIDTH - HOP) // 2, WIDTH))
    return sliding_window_view(around, WIDTH)[::HOP][: -(-len(x) // HOP)]


def _decibels(signal: Array, noise: Array) -> float:
    return float(10 * np.log10(np.sum(signal**2) / max(np.sum(noise**2), 1e-30)))


def codec(samples: ArrayLike) -> Result:
    """Through the codec and back: `samples` (N,), the `stream` of bytes, its bits a second, SNR."""
    x = checked(samples)
    stream = celp.encode(x, RATE)
    heard = celp.decode(stream)[: len(x)]
    return {
        "samples": heard,
        "stream": stream,
        "bits_per_second": celp.CODEC.bits_per_second,
        "snr": _decibels(x, x - heard),
    }


# --- which digits -------------------------------------------------------------------------


def words(samples: ArrayLike) -> Result:
    """Where something is said: `spans` (R, 2) in samples, apart by pauses of 0.2 s or more."""
    x = checked(samples)
    level = np.log(uniform_filter1d(x**2, RATE // 40) + 1e-12)
    quiet, loud = np.quantile(level, 0.05), level.max()
    spans = stretches(level > max(quiet + 0.4 * (loud - quiet), loud - 7))
    apart = spans[1:, 0] - spans[:-1, 1] > PAUSE * RATE
    spans = np.stack([spans[np.append(True, apart), 0], spans[np.append(apart, True), 1]], axis=1)
    spans = spans[np.diff(spans, axis=1)[:, 0] > WORD * RATE]
    return {"spans": np.clip(spans + round(EDGE * RATE) * np.array([-1, 1]), 0, len(x))}


def by_templates(samples: ArrayLike) -> Result:
    """The nearest template of each word, by dynamic time warping: `scores` (R, 10), `digits` (R,).

    A score is minus the cost of the best template of a digit, per frame: the larger, the nearer.
    """
    return _digits(samples, digit_words.template_scores)


def by_models(samples: ArrayLike) -> Result:
    """The likeliest hidden Markov model of each word: `scores` (R, 10), `digits` (R,), `sure` (R,).

    A score is the log likelihood per frame. `sure` is the digit's probability if the ten are
    equally frequent, and the frames independent; they are not, so it is nearly always near 1.
    """
    return _digits(samples, digit_words.model_scores)


def _digits(samples: ArrayLike, score: Callable[[Array], tuple[Array, int]]) -> Result:
    x, spans = checked(samples), words(samples)["spans"]
    found = [score(cepstra.features(x[a:b], RATE)) for a, b in spans]
    scores = np.array([scores for scores, _ in found]).reshape(-1, 10)
    frames = np.array([count for _, count in found])
    return {
        "spans": spans,
        "scores": scores,
        "digits": np.argmax(scores, axis=1),
        "sure": softmax(scores * frames[:, None], axis=1).max(axis=1) if len(found) else frames,
    }


def by_network(samples: ArrayLike) -> Result:
    """What the network of the CTC chapter hears, without being told where words are.

    Returns
    -------
    result : dict
        `posteriors` (T, 11) of the blank and the digits; `middles` (T,) of the frames in s;
        `digits` (R,), greedily; `lattice` (T, 2 R + 1): the share of each cell in all paths that
        spell these digits; `at` (R,), the second in which most paths are in a digit, and `sure`
        (R,), the largest posterior it has there.
    """
    x = checked(samples)
    posteriors = recogniser("rnn_ctc").posteriors(x, RATE)
    digits = np.array(greedy(posteriors), dtype=int)
    lattice = _lattice(posteriors, digits)
    middles, peaks = Recogniser.seconds(len(posteriors)), np.argmax(lattice[:, 1::2], axis=0)
    return {
        "posteriors": posteriors,
        "middles": middles,
        "digits": digits,
        "lattice": lattice,
        "at": middles[peaks],
        "sure": posteriors[peaks, digits + 1],
    }


def _lattice(posteriors: Array, digits: NDArray) -> Array:
    """Shares of the cells (T, 2 R + 1), by sums over paths through a matrix of allowed steps."""
    cells = np.zeros(2 * len(digits) + 1, dtype=int)
    cells[1::2] = digits + 1
    step = np.arange(len(cells)) - np.arange(len(cells))[:, None]
    jump = (step == 2) & (cells != 0) & (cells != cells[:, None])
    with np.errstate(divide="ignore"):
        allowed = np.log((step == 0) | (step == 1) | jump)
        heard = np.log(posteriors[:, cells])
        start = np.log(np.arange(len(cells)) < 2)
    ahead, behind = [start + heard[0]], [start[::-1]]
    for now in heard[1:]:
        ahead.append(now + logsumexp(ahead[-1][:, None] + allowed, axis=0))
    for after in heard[:0:-1]:
        behind.append(logsumexp(allowed + after + behind[-1], axis=1))
    return softmax(np.array(ahead) + np.array(behind[::-1]), axis=1)


# --- units, and voices made of them -------------------------------------------------------


def units(samples: ArrayLike) -> Result:
    """HuBERT's units (T,), one each 20 ms, and the `pitch` (T,) in Hz as it is sent with them.

    `bits_per_second` is what both need, and `of` how many units there are.
    """
    sent = resynthesis.encode(checked(samples), RATE)
    return {
        "units": sent.units,
        "pitch": resynthesis.heard(sent.pitch, len(sent.units)),
        "seconds": resynthesis.FRAME / RATE,
        "bits_per_second": resynthesis.bits_per_second()["both"],
        "of": hubert.UNITS[2],
    }


def voices() -> list[str]:
    """The voices that `spoken_by` knows."""
    return list(resynthesis.speakers())


def spoken_by(samples: ArrayLike, voice: str, own_pitch: bool = False) -> Result:
    """The recording said again by another voice, of units and pitch alone: `samples` (N,).

    With `own_pitch` the melody stays where it was; else it moves to where the voice usually is.
    """
    x = checked(samples)
    if own_pitch:
        made = resynthesis.decode(resynthesis.encode(x, RATE), voice)
    else:
        made = resynthesis.convert(x, RATE, voice)
    return {"samples": np.abs(x).max() * made}


def vocoded(samples: ArrayLike) -> Result:
    """What HiFi-GAN makes of the recording's log-mel frames: `samples` (N,)."""
    return {"samples": hifigan.reconstruct(checked(samples), RATE)}
