"""How well the codec does: one measure of samples, and two that stand in for listeners.

The two, STOI and PESQ, come from `figures.listening`, and are taken where they are installed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from speechlab import corpora
from speechlab.figures import Figure
from speechlab.figures.listening import at_level, installed
from speechlab.systems import lpc_vocoder
from speechlab.systems.celp import RATE, WITHOUT_PAST, Codec, through

SEGMENT = 160  # samples: 20 ms
UNITS = {"segmental SNR": "dB", "STOI": "", "PESQ": ""}


def strings(repetitions: int = 2) -> list[NDArray]:
    """For each speaker and repetition the ten test digits in a row, with pauses of 0.1 s."""
    found = []
    for speaker in corpora.speakers():
        clips = corpora.digits("test", speaker)
        for index in sorted({clip.index for clip in clips})[:repetitions]:
            parts = [np.append(c.samples, np.zeros(RATE // 10)) for c in clips if c.index == index]
            found.append(at_level(np.concatenate(parts)))
    return found


def segmental_snr(speech: NDArray, heard: NDArray) -> float:
    """Signal to noise in dB, the mean over segments of 20 ms, each taken as -10 to 35 dB.

    Segments 40 dB or more below the loudest are left out.

    Raises
    ------
    ValueError
        If the lengths differ, there is no whole segment, or the speech is silence.
    """
    speech, heard = np.asarray(speech, dtype=float), np.asarray(heard, dtype=float)
    whole = len(speech) // SEGMENT * SEGMENT
    if speech.shape != heard.shape or not whole or not np.any(speech):
        raise ValueError("A segmental SNR needs 20 ms of speech, and as much of what was heard.")
    power = np.sum(speech[:whole].reshape(-1, SEGMENT) ** 2, axis=1)
    wrong = np.sum((speech - heard)[:whole].reshape(-1, SEGMENT) ** 2, axis=1)
    kept = power > 1e-4 * power.max()
    ratio = 10 * np.log10(power[kept] / np.maximum(wrong[kept], 1e-20))
    return float(np.mean(np.clip(ratio, -10, 35)))


def measures() -> dict[str, Callable[[NDArray, NDArray], float]]:
    """Those that this machine can take: functions of the speech and of what was heard."""
    return {"segmental SNR": segmental_snr} | installed()


def compare(name: str, codec: Callable, rivals: Mapping[str, Callable]) -> list[Figure]:
    """Figures of a codec beside each rival, on the strings of test digits of this corpus."""
    spoken, taken = strings(), measures()
    scores = {
        system: np.array([[m(s, h) for m in taken.values()] for s, h in zip(spoken, heard)])
        for system, code in {name: codec, **rivals}.items()
        for heard in [[code(s) for s in spoken]]
    }
    return [
        Figure.of(
            name,
            metric,
            scores[name][:, i],
            rival,
            scores[rival][:, i],
            corpora.name(),
            unit=UNITS[metric],
            better="higher",
        )
        for rival in rivals
        for i, metric in enumerate(taken)
    ]


def figures() -> list[Figure]:
    """The codec beside an LPC vocoder of the same rate, and beside itself with a part taken out."""
    rivals = {
        "LPC vocoder, 4.8 kbit/s": lambda s: lpc_vocoder.through(s, RATE),
        "no weighting, 4.8 kbit/s": lambda s: through(s, RATE, Codec(alpha=1.0)),
        "no adaptive codebook, 5.1 kbit/s": lambda s: through(s, RATE, WITHOUT_PAST),
    }
    return compare("CELP, 4.8 kbit/s", lambda s: through(s, RATE), rivals)
