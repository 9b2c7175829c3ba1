"""What is asked about hearing. The exercises are declared in the modules `_psychoacoustics_*`."""

from autograder.checks._psychoacoustics_correlogram import CORRELOGRAM, TONE_CORRELOGRAM
from autograder.checks._psychoacoustics_level import CONTOUR, LEVEL
from autograder.checks._psychoacoustics_loudness import LOUDNESS, TOTAL_LOUDNESS
from autograder.checks._psychoacoustics_pitch import HZ_TO_MEL, MEL_TO_HZ, PITCH

EXERCISES = (
    CONTOUR,
    LEVEL,
    LOUDNESS,
    TOTAL_LOUDNESS,
    TONE_CORRELOGRAM,
    CORRELOGRAM,
    PITCH,
    HZ_TO_MEL,
    MEL_TO_HZ,
)
