"""What is asked about Fourier analysis. One module a theme."""

from autograder.checks.fourier.convolution import OVERLAP_ADD
from autograder.checks.fourier.frames import INVERSE_STFT, STFT
from autograder.checks.fourier.peaks import INTERPOLATED_PEAK, LEAKAGE
from autograder.checks.fourier.series import FOURIER_SERIES
from autograder.checks.fourier.transform import DFT, FFT, INVERSE_DFT

EXERCISES = (
    FOURIER_SERIES,
    DFT,
    INVERSE_DFT,
    FFT,
    OVERLAP_ADD,
    STFT,
    INVERSE_STFT,
    LEAKAGE,
    INTERPOLATED_PEAK,
)
