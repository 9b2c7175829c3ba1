"""Which notes of a piece were found."""

from __future__ import annotations

import numpy as np

from autograder.exercise.declare import Alternative, Case, Criterion, Exercise, Mistake
from autograder.exercise.draw import EDGE, spoilt
from autograder.reference import applications

CROWD = "crowd"
LATER, HIGHER = np.eye(2)  # what is added to notes that are a second later, a semitone higher


def _cases(rng):
    def transcription(count, found, more):
        """Notes far apart, of which a share is found, others a little too late or too high."""
        onsets = 0.4 * np.arange(count) + rng.uniform(0, 0.1, count)
        reference = np.stack([onsets, rng.integers(50, 80, count)], axis=1)
        off = rng.uniform(-1, 1, (count, 2)) * [0.04, 0.4]
        off[::4, 0] = rng.choice([-1, 1], len(off[::4])) * rng.uniform(0.06, 0.09, len(off[::4]))
        off[1::5, 1] = rng.choice([-1, 1], len(off[1::5])) * rng.uniform(0.6, 0.9, len(off[1::5]))
        estimate = (reference + off)[rng.permutation(count)[:found]]
        wrong = np.stack([rng.uniform(0, 0.4 * count, more), rng.uniform(84, 90, more)], axis=1)
        return reference, np.append(estimate, wrong, axis=0)

    def chain(length):
        """Repeated notes, each of which fits two: the nearest partners leave some without one."""
        at, shift = 0.08 * np.arange(length), rng.uniform(0.032, 0.036)
        reference = np.stack([at, np.full(length, 60.0)], axis=1) + rng.uniform(0, 3) * LATER
        estimate = reference + shift * LATER
        estimate[-1] = reference[0] - rng.uniform(0.04, 0.045) * LATER
        order = rng.permutation(length)
        return reference[rng.permutation(length)], estimate[order]

    def twice(count, played):
        """Notes that are played, or found, twice in a moment."""
        both = [*transcription(count, count - 3, 2)]
        both[1 - played] = np.append(both[1 - played], both[1 - played] + 0.003 * LATER, axis=0)
        return tuple(both)

    def nothing(count):
        reference, estimate = transcription(count, count, 1)
        return reference, estimate + 30 * HIGHER

    return [
        Case(transcription(20, 16, 6), "20 notes"),
        Case(transcription(30, 18, 2), "30 notes"),
        Case(transcription(12, 12, 10), "12 notes, and many that nobody played"),
        Case((*transcription(20, 18, 3), 0.1), "time = 0.1"),
        Case((*transcription(20, 18, 3), 0.05, 1.0), "pitch = 1"),
        *(Case(twice(n, False), "notes that are found twice", CROWD) for n in (9, 12, 15)),
        *(Case(twice(n, True), "notes that are played twice", CROWD) for n in (9, 12, 15)),
        *(Case(chain(n), "notes that follow fast on one another", CROWD) for n in (3, 4, 6)),
        *(Case(nothing(n), "no note found", EDGE) for n in (3, 5, 8)),
        Case((np.array([[1.0, 60.0]]), np.array([[1.01, 60.2]])), "a single note", EDGE),
    ]


def _by_augmenting_paths(reference, estimate, time=0.05, pitch=0.5):
    partner = {}

    def place(i, tried):
        onset, height = reference[i]
        for j, (start, note) in enumerate(estimate):
            if j not in tried and abs(start - onset) <= time and abs(note - height) <= pitch:
                tried.add(j)
                if j not in partner or place(partner[j], tried):
                    partner[j] = i
                    return True
        return False

    for i in range(len(reference)):
        place(i, set())
    precision, recall = len(partner) / len(estimate), len(partner) / len(reference)
    if not partner:
        return 0.0, 0.0, 0.0
    return precision, recall, 2 / (1 / precision + 1 / recall)


def _nearest_first(reference, estimate, time=0.05, pitch=0.5):
    apart = np.abs(np.asarray(reference)[:, None] - np.asarray(estimate))
    near = np.where(apart[..., 1] <= pitch, apart[..., 0], np.inf)
    pairs = 0
    while np.min(near) <= time:
        i, j = np.unravel_index(np.argmin(near), near.shape)
        near[i], near[:, j], pairs = np.inf, np.inf, pairs + 1
    found, played = len(estimate), len(reference)
    return pairs / found, pairs / played, 2 * pairs / (found + played)


NOTE_F_MEASURE = Exercise(
    function=applications.note_f_measure,
    read="Which notes were found",
    cases=_cases,
    refuses={
        "notes without a pitch": {"estimate": lambda notes: notes[:, :1]},
        "notes with an end": {
            name: np.array([[0.0, 60.0, 0.5]]) for name in ("reference", "estimate")
        },
        "time = -0.05": {"time": -0.05},
        "pitch = -1": {"pitch": -1.0},
        **spoilt("reference", "estimate"),
    },
    criteria=(
        Criterion("precision and recall", 2, select=(0, 1)),
        Criterion("the F-measure", 1, select=2),
        Criterion("each note in one pair at most, and as many pairs as possible", 2, CROWD),
        Criterion("no note found, and a single one", 1, EDGE),
    ),
    mistakes=(
        """
        fits[linear_sum_assignment(fits, maximize=True)] => np.any(fits, axis=0)
            You count the estimated notes that fit some note; two of them may fit the same one.
        fits[linear_sum_assignment(fits, maximize=True)] => np.any(fits, axis=1)
            You count the notes of the reference that some note fits; it may be the same one for
            two of them.
        precision, recall = pairs / len(estimate), pairs / len(reference)
        => precision, recall = pairs / len(reference), pairs / len(estimate)
            You have precision and recall the wrong way round.
        2 * pairs / (len(estimate) + len(reference)) => (precision + recall) / 2
            You take the arithmetic mean of precision and recall; the harmonic one is asked for.
        2 * pairs / (len(estimate) + len(reference))
        => float(np.float64(2 * precision * recall) / (precision + recall))
            Without a single pair your F-measure divides zero by zero.
        apart[..., 1] <= pitch => apart[..., 1] >= 0
            Notes of any pitch fit in yours.
        apart[..., 0] <= time => apart[..., 0] >= 0
            Notes at any time fit in yours.
        apart[..., 0] <= time => apart[..., 0] <= time / 2
            Your window of time is half as wide: it reaches to both sides.
        np.abs(reference[:, None] - estimate) => reference[:, None] - estimate
            You compare differences with their sign, so that a note that comes too late, or is too
            high, always fits.
        """,
        Mistake(
            _nearest_first,
            says="You pair the nearest notes first, which may leave others without a partner that "
            "they could have had.",
        ),
    ),
    alternatives=(Alternative(_by_augmenting_paths, why="augmenting paths, one note at a time"),),
    forbidden="mir_eval.transcription.precision_recall_f1_overlap "
    "mir_eval.transcription.match_notes mir_eval.util.match_events",
    because="it is the measure that you are asked to write",
)
