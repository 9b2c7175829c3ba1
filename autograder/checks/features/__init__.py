"""What is asked about features of sound. One module a theme."""

from autograder.checks.features.cepstra import CEPSTRAL_ENVELOPE, REAL_CEPSTRUM
from autograder.checks.features.change import SPECTRAL_FLUX, ZERO_CROSSING_RATE
from autograder.checks.features.mel import DCT, MEL_FILTERBANK, MFCC
from autograder.checks.features.onsets import NOVELTY, TEMPO_HISTOGRAM
from autograder.checks.features.shape import (
    BAND_FLATNESS,
    HARMONIC_CENTROID_SPREAD,
    SPECTRAL_CENTROID,
    SPECTRAL_SPREAD,
)

EXERCISES = (
    SPECTRAL_CENTROID,
    SPECTRAL_SPREAD,
    BAND_FLATNESS,
    HARMONIC_CENTROID_SPREAD,
    SPECTRAL_FLUX,
    ZERO_CROSSING_RATE,
    REAL_CEPSTRUM,
    CEPSTRAL_ENVELOPE,
    MEL_FILTERBANK,
    DCT,
    MFCC,
    NOVELTY,
    TEMPO_HISTOGRAM,
)
