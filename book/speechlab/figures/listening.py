"""Measures that stand in for listeners, and the test clips on which vocoders are compared.

Two are of the telephone companies and of hearing research, and are taken where they are installed
(`pip install pystoi pesq`; the second is built by a C compiler): STOI (C. H. Taal et al., IEEE
TASLP 19, 2011), how much would be understood, from 0 to 1; and PESQ (ITU-T P.862), how good it
would be found, from about 1, bad, to 4.5. Three need nothing but NumPy: the distance between log
spectra, how much fine structure (harmonics, noise) the spectra have beside those of the speech,
and how many digits the course's own recogniser gets wrong.

A vocoder is here a function that takes a `Clip` and gives the sound that it made of its log-mel
frames, as many samples, at a peak of about 1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib import import_module

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.fft import dct, idct

from speechlab import corpora
from speechlab.corpora import Clip
from speechlab.figures import Figure
from speechlab.speech.cepstra import Spoken, features
from speechlab.systems import digit_hmm
from speechlab.systems._shared.mel import FFT, HOP, RATE, WINDOW, log_mel, waveform
from speechlab.systems._shared.vocoding import at_peak, voices

RMS = 0.05  # 26 dB below full scale, which is where telephone speech is tested
PAUSE = 800  # samples between the digits of a string
ENVELOPE = 20  # cepstral coefficients that say where the formants are, and no more
UNITS = {
    "STOI": "",
    "PESQ": "",
    "log-spectral distance": "dB",
    "fine structure": "",
    "digit error": "%",
}
LOWER = ("log-spectral distance", "digit error")

Array = NDArray[np.floating]
Vocoder = Callable[[Clip], Array]


def at_level(samples: ArrayLike) -> Array:
    """Speech as loud as a telephone line expects it. Raises `ValueError` if it is silence."""
    rms = np.sqrt(np.mean(np.square(samples)))
    if not rms > 0:
        raise ValueError("Silence has no level that could be brought to another.")
    return samples * RMS / rms


def installed() -> dict[str, Callable[[Array, Array], float]]:
    """STOI and PESQ, those that this machine has: functions of the speech and of what was heard."""
    found: dict[str, Callable] = {}
    try:
        stoi = import_module("pystoi").stoi
        found["STOI"] = lambda speech, heard: float(stoi(speech, heard, RATE))
    except ImportError:
        pass
    try:
        pesq = import_module("pesq").pesq
        found["PESQ"] = lambda speech, heard: float(pesq(RATE, speech, heard, "nb"))
    except ImportError:
        pass
    return found


# --- spectra ------------------------------------------------------------------------------


def powers(samples: ArrayLike, window: int) -> Array:
    """The power spectrum of each frame of `window` samples, every 10 ms: shape (T, 257)."""
    import librosa  # here, since a page's Python has none and needs the rest of this module

    samples = np.asarray(samples, dtype=float)
    return np.abs(librosa.stft(samples, n_fft=FFT, hop_length=HOP, win_length=window).T) ** 2


def loud(power: Array, depth: float = 30.0) -> NDArray[np.bool_]:
    """The frames at most `depth` dB softer than the loudest, shape (T,)."""
    level = power.sum(axis=1)
    return level > level.max() * 10 ** (-depth / 10)


def log_spectral_distance(speech: ArrayLike, heard: ArrayLike) -> float:
    """The rms difference in dB over frequency, averaged over the loud frames of the speech.

    Frames of 25 ms; what lies 60 dB below the peak of a sound counts as that. Raises `ValueError`
    if the lengths differ.
    """
    if np.shape(speech) != np.shape(heard):
        raise ValueError("What is compared must have as many samples as the speech.")
    s, h = powers(speech, WINDOW), powers(heard, WINDOW)
    db = [10 * np.log10(np.maximum(p, 1e-6 * max(p.max(), 1e-12))) for p in (s, h)]
    apart = np.sqrt(np.mean((db[0] - db[1]) ** 2, axis=1))
    return float(apart[loud(s)].mean())


def fine_variance(samples: ArrayLike) -> float:
    """Variance in dB^2 of the log spectrum around its envelope, over the loud frames.

    Frames of 64 ms, in which each harmonic of a voice is a peak of its own; the envelope is what
    the first 20 cepstral coefficients hold. Clear harmonics vary much; where they are smeared by
    phases that do not fit, the spectrum varies less. What lies 50 dB below the peak of a frame
    counts as that.
    """
    power = powers(samples, FFT)
    power = power[loud(power)]
    db = 10 * np.log10(power + 1e-5 * power.max(axis=1, keepdims=True))
    cepstra = dct(db, norm="ortho")
    cepstra[:, :ENVELOPE] = 0
    return float(np.var(idct(cepstra, norm="ortho")))


def fine_structure(speech: ArrayLike, heard: ArrayLike) -> float:
    """`fine_variance` of what was heard as a part of the speech's: 1 is as much as natural."""
    return fine_variance(heard) / fine_variance(speech)


# --- the recogniser -----------------------------------------------------------------------


@cache
def _word_models(corpus: str) -> dict[int, digit_hmm.WordModel]:
    train = Spoken.of(corpora.digits("train"))
    return digit_hmm.train_words(train.x, train.words)


def misheard(clips: Sequence[Clip], sounds: Sequence[Array]) -> NDArray[np.bool_]:
    """Which sounds the course's word models do not hear as the clip's digit, shape (R,)."""
    heard = digit_hmm.recognise(
        _word_models(corpora.name()), [features(sound, RATE) for sound in sounds]
    )
    return heard != np.array([clip.digit for clip in clips])


# --- vocoders side by side ----------------------------------------------------------------


def test_clips(stranger: bool = False, repetitions: int = 2) -> list[Clip]:
    """Test digits of the voices that vocoders learned, or of the one that they never heard.

    The ten digits of each repetition of each speaker stand together.
    """
    clips = corpora.digits("test", voices(stranger))
    kept = [clip for clip in clips if clip.index < min(c.index for c in clips) + repetitions]
    return sorted(kept, key=lambda clip: (clip.speaker, clip.index, clip.digit))


def griffin_lim(clip: Clip, iterations: int = 60) -> Array:
    """The baseline: the sound that Griffin and Lim's phases make of a clip's log-mel frames."""
    return waveform(log_mel(clip.samples, clip.rate), len(clip.samples), iterations)


def strings(sounds: Sequence[Array]) -> list[Array]:
    """Ten digits at a time in a row, with pauses of 0.1 s, at the level of a telephone line."""
    gap = np.zeros(PAUSE)
    tens = [sounds[first : first + 10] for first in range(0, len(sounds), 10)]
    return [at_level(np.concatenate([part for one in ten for part in (one, gap)])) for ten in tens]


def scores(clips: Sequence[Clip], sounds: Sequence[Array]) -> dict[str, Array]:
    """Every measure of what a vocoder made of `test_clips`: one number a string of ten digits."""
    spoken = [at_peak(clip.samples) for clip in clips]
    pairs = list(zip(strings(spoken), strings(sounds)))
    taken = installed() | {
        "log-spectral distance": log_spectral_distance,
        "fine structure": fine_structure,
    }
    found = {name: np.array([take(*pair) for pair in pairs]) for name, take in taken.items()}
    return found | {"digit error": misheard(clips, sounds).reshape(-1, 10).mean(axis=1)}


def compare(
    name: str, vocoder: Vocoder, rivals: Mapping[str, Vocoder], stranger: bool = False
) -> list[Figure]:
    """Figures of a vocoder beside each rival on the same clips of the corpus in use."""
    clips = test_clips(stranger)
    found = {
        who: scores(clips, [made(clip) for clip in clips])
        for who, made in {name: vocoder, **rivals}.items()
    }
    return [
        Figure.of(
            f"{name}, voice {'new' if stranger else 'known'}",
            metric,
            mine,
            rival,
            found[rival][metric],
            corpora.name(),
            unit=UNITS[metric],
            better="lower" if metric in LOWER else "higher",
        )
        for rival in rivals
        for metric, mine in found[name].items()
    ]
