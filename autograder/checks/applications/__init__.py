"""What is asked about applications, and about how they are measured. One module a theme."""

from autograder.checks.applications.alignment import FORCED_ALIGNMENT
from autograder.checks.applications.enhancement import (
    IDEAL_RATIO_MASK,
    SI_SDR,
    SPECTRAL_SUBTRACTION,
)
from autograder.checks.applications.fingerprints import FINGERPRINT_HASHES, FINGERPRINT_MATCH
from autograder.checks.applications.notes import NOTE_F_MEASURE
from autograder.checks.applications.speakers import (
    DIARIZATION_ERROR,
    EQUAL_ERROR_RATE,
    SPEECH_ACTIVITY,
)

EXERCISES = (
    SPECTRAL_SUBTRACTION,
    IDEAL_RATIO_MASK,
    SI_SDR,
    SPEECH_ACTIVITY,
    EQUAL_ERROR_RATE,
    DIARIZATION_ERROR,
    FINGERPRINT_HASHES,
    FINGERPRINT_MATCH,
    FORCED_ALIGNMENT,
    NOTE_F_MEASURE,
)
