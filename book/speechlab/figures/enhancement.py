"""How much nearer noisy speech comes to the clean speech, in decibels and, if installed, in PESQ.

Sentences are heard in each of the four noises of `speechlab.corpora`, which the system does not
know. Beside the noisy speech stands what a mask would reach that knows speech and noise apart.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np
from numpy.typing import ArrayLike, NDArray

from speechlab import corpora
from speechlab.figures import Figure
from speechlab.systems.enhancement import RATE, enhance, sound, spectrum

SENTENCES, SNR = 12, 5.0  # how many sentences, dB


@dataclass(frozen=True)
class Noisy:
    """A sentence in noise, and both by themselves; all of shape (N,)."""

    speech: NDArray
    noise: NDArray

    @property
    def samples(self) -> NDArray:
        return self.speech + self.noise


def noisy(count: int = SENTENCES, snr: float = SNR) -> list[Noisy]:
    """Sentences, one a reader as far as that goes, in stretches of one noise after another."""
    rng, made = np.random.default_rng(0), []
    found = [one for one in corpora.collection("librispeech10") if 2 < one.seconds < 8]
    noises = [corpora.example(name).samples for name in corpora.examples("noise")]
    for number, one in enumerate(found[:: max(1, len(found) // count)][:count]):
        speech, noise = one.samples, noises[number % len(noises)]
        start = rng.integers(max(1, len(noise) - len(speech)))
        noise = np.resize(noise[start:], len(speech))
        gain = np.sqrt(np.mean(speech**2) / np.mean(noise**2) / 10 ** (snr / 10))
        made.append(Noisy(speech, gain * noise))
    return made


def likeness(found: ArrayLike, wanted: ArrayLike) -> float:
    """Scale-invariant signal-to-distortion ratio in decibels, from the angle between the two."""
    found, wanted = np.asarray(found), np.asarray(wanted)
    share = np.inner(found, wanted) ** 2 / (np.inner(found, found) * np.inner(wanted, wanted))
    return float(10 * np.log10(share / (1 - share)))


def by_knowing(mixture: Noisy) -> NDArray:
    """What is left by a mask that knows speech and noise: each bin's share of speech."""
    speech, noise = (np.abs(spectrum(part)) ** 2 for part in (mixture.speech, mixture.noise))
    return sound(spectrum(mixture.samples) * speech / (speech + noise + 1e-12), len(mixture.speech))


Measure = Callable[[ArrayLike, ArrayLike], float]


def measures() -> dict[str, Measure]:
    """The ratio in decibels, and PESQ (wide band, 1 to 4.6) if the package is installed."""
    found: dict[str, Measure] = {"SI-SDR": likeness}
    if find_spec("pesq"):
        from pesq import pesq

        found["PESQ"] = lambda x, wanted: float(pesq(RATE, wanted, x, "wb"))
    return found


def figures(heard: Sequence[Noisy] | None = None) -> list[Figure]:
    """The enhanced speech, and the mask that knows, beside the noisy speech."""
    heard = noisy() if heard is None else heard
    enhanced = [enhance(one.samples, RATE) for one in heard]
    known = [by_knowing(one) for one in heard]
    where = "librispeech10" if corpora.held_collection("librispeech10") else "synthetic voices"
    return [
        Figure.of(
            f"{name}, {SNR:.0f} dB",
            metric,
            [measure(x, one.speech) for x, one in zip(told, heard)],
            "as it is",
            [measure(one.samples, one.speech) for one in heard],
            where,
            unit="dB" if metric == "SI-SDR" else "",
            better="higher",
        )
        for metric, measure in measures().items()
        for name, told in (("enhancement", enhanced), ("mask that knows speech", known))
    ]
