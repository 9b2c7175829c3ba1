"""Our short functions give what librosa gives, so that a page can do without librosa."""

import inspect
import warnings

import librosa
import numpy as np
import pytest

from speechlab import corpora
from speechlab.speech import spectra
from speechlab.speech.cepstra import features
from speechlab.speech.griffin_lim import griffin_lim

# The generator of the first phases is `rng` in librosa 1.0 and `random_state` in earlier releases.
GENERATOR = "rng" if "rng" in inspect.signature(librosa.griffinlim).parameters else "random_state"
X = corpora.digits("test")[3].samples
SIZES = [(512, 80, 200), (256, 64, None), (512, 128, None), (400, 100, 400)]


@pytest.mark.parametrize("size, hop, width", SIZES)
@pytest.mark.parametrize("samples", [X, X[:300], X[:1]], ids=["a word", "two frames", "a sample"])
def test_spectra_there_and_back(size, hop, width, samples):
    how = {"hop_length": hop, "win_length": width}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a sound shorter than a transform
        theirs = librosa.stft(samples, n_fft=size, **how)
    ours = spectra.short_time(samples, size, hop, width)
    assert ours.shape == theirs.shape
    assert np.allclose(ours, theirs, rtol=0, atol=1e-12)
    for length in (None, len(samples), len(samples) // 2 + 1, len(samples) + 50):
        back = spectra.sound_of(ours, hop, width, length)
        assert np.allclose(
            back, librosa.istft(theirs, n_fft=size, length=length, **how), atol=1e-12
        )


@pytest.mark.parametrize("rate, size, bands", [(8000, 512, 40), (8000, 256, 8), (16000, 400, 80)])
def test_mel_bands(rate, size, bands):
    theirs = librosa.filters.mel(sr=rate, n_fft=size, n_mels=bands)
    ours = spectra.mel_filters(rate, size, bands)
    assert ours.dtype == theirs.dtype
    assert np.allclose(ours, theirs, rtol=1e-6, atol=1e-9)


def test_cepstra_and_their_slopes():
    how = {"n_fft": 256, "win_length": 200, "hop_length": 80, "n_mels": 26}
    theirs = librosa.feature.mfcc(y=X, sr=8000, n_mfcc=13, **how)
    assert np.allclose(spectra.cepstra(X, 8000, 13, 26, 256, 80, 200), theirs, rtol=0, atol=1e-6)
    theirs[0] -= theirs[0].max()
    slopes = librosa.feature.delta(theirs, width=5, mode="nearest")
    assert np.allclose(features(X, 8000), np.vstack([theirs, slopes]).T, rtol=0, atol=1e-6)


@pytest.mark.parametrize("edges, momentum", [("constant", 0.99), ("reflect", 0.0)])
def test_griffin_lim(edges, momentum):
    how = {
        "n_iter": 20,
        "momentum": momentum,
        "hop_length": 80,
        "win_length": 200,
        "pad_mode": edges,
        "length": len(X),
    }
    asked = np.abs(librosa.stft(X, n_fft=512, hop_length=80, win_length=200))
    drawn = {GENERATOR: np.random.RandomState(2)}
    theirs = librosa.griffinlim(asked, **how, **drawn)
    assert np.allclose(griffin_lim(asked, 2, **how), theirs, rtol=0, atol=1e-6)


def test_predictors():
    frames = librosa.util.frame(X, frame_length=256, hop_length=64).T * np.hanning(256)
    loud = frames[np.sum(frames**2, axis=1) > 1e-6]
    theirs = librosa.lpc(loud, order=10, axis=-1)
    assert np.allclose(spectra.linear_prediction(loud, 10), theirs, rtol=0, atol=1e-6)
    assert np.array_equal(spectra.linear_prediction(np.zeros((1, 50)), 2), [[1, 0, 0]])


@pytest.mark.parametrize("factor", [0.75, 1.0, 1.5])
def test_a_stretched_sound(factor):
    given = librosa.stft(X, n_fft=512)
    theirs = librosa.phase_vocoder(given, rate=1 / factor)
    ours = spectra.stretched(given, factor, 128)
    assert ours.shape == theirs.shape
    assert np.allclose(ours, theirs, rtol=0, atol=1e-6)


@pytest.mark.parametrize("ratio", [0.5, 2 ** (-7 / 12), 1.0, 1.3, 2.0])
def test_another_rate(ratio):
    """Below 0.8 of the lower half rate: a tone stays that tone; what is above it goes."""
    time = np.arange(4000)
    for cycles in (0.02, 0.1, 0.4 * min(1, ratio)):
        ours = spectra.resampled(np.sin(2 * np.pi * cycles * time), ratio)
        known = np.sin(2 * np.pi * cycles * np.arange(len(ours)) / ratio)
        assert len(ours) == int(np.ceil(4000 * ratio))
        assert np.allclose(ours[300:-300], known[300:-300], rtol=0, atol=2e-4)
    if ratio < 1:
        gone = spectra.resampled(np.sin(2 * np.pi * 0.5 * (ratio + 0.04) * time), ratio)
        assert np.abs(gone[300:-300]).max() < 1e-3
