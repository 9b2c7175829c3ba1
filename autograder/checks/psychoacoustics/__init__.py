"""What is asked about hearing. One module a theme."""

from autograder.checks.psychoacoustics.correlogram import CORRELOGRAM, TONE_CORRELOGRAM
from autograder.checks.psychoacoustics.level import CONTOUR, LEVEL
from autograder.checks.psychoacoustics.loudness import LOUDNESS, TOTAL_LOUDNESS
from autograder.checks.psychoacoustics.pitch import HZ_TO_MEL, MEL_TO_HZ, PITCH

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
