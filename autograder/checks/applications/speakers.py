"""Whether somebody speaks, whether it is the same voice, and who spoke when."""

from __future__ import annotations

import itertools
import math

import numpy as np

from autograder.exercise.declare import Alternative, Case, Criterion, Exercise, Mistake
from autograder.exercise.draw import EDGE, changed, spoilt
from autograder.reference import applications

TIES = "ties"


def _activity_cases(rng):
    def talk(count, size, hop, threshold, hangover):
        """Bursts, loud and soft ones, with pauses between them that are not quite silent."""
        levels, depth = [], threshold or 10.0
        while sum(map(len, levels)) < count:
            for down in rng.permutation([1.3, 1.7, 3.0]):
                levels += [-depth * rng.choice([0, 0.6]) * np.ones(rng.integers(size, 3 * size))]
                levels += [-depth * down * np.ones(rng.integers(3 * size, 7 * size))]
        levels[0] *= 0
        scale = rng.uniform(0.5, 20) * 10 ** (np.concatenate(levels)[:count] / 20)
        return scale * rng.standard_normal(count), size, hop, threshold, hangover

    return [
        Case(talk(700, 20, 10, 20.0, 2), "frames of 20 samples, a new one every 10"),
        Case(talk(605, 16, 12, 15.0, 1), "a hangover of one frame"),
        Case(talk(903, 30, 20, 18.0, 3), "a last frame that is not whole"),
        Case(talk(500, 10, 15, 12.0, 2), "frames with gaps between them"),
        Case(talk(600, 20, 9, 20.0, 0), "no hangover", EDGE),
        *(Case(talk(n, 20, 10, 0.0, 1), "a threshold of 0 dB", EDGE) for n in (300, 410, 500)),
        Case(talk(200, 20, 10, 20.0, 40), "a hangover longer than the signal", EDGE),
        Case((rng.standard_normal(12), 12, 5, 20.0, 2), "a single frame", EDGE),
        Case((np.repeat([0, 1.5, 0, 0.5, 0], 4), 1, 1, 9.0, 1), "frames of one sample", EDGE),
    ]


def _activity_by_loop(x, size, hop, threshold, hangover):
    levels = [
        10 * math.log10(sum(float(v) ** 2 for v in x[start : start + size]) + 1e-300)
        for start in range(0, len(x) - size + 1, hop)
    ]
    active, left = [], 0
    for level in levels:
        left = hangover + 1 if level >= max(levels) - threshold else left - 1
        active.append(left > 0)
    return active


SPEECH_ACTIVITY = Exercise(
    function=applications.speech_activity,
    read="Is anybody speaking?",
    cases=_activity_cases,
    refuses={
        "silence": {"x": np.zeros_like},
        "frames longer than the signal": {"size": 2000},
        "frames of 0 samples": {"size": 0},
        "a hop of 0": {"hop": 0},
        "a threshold of -3 dB": {"threshold": -3.0},
        "a hangover of -1": {"hangover": -1},
        **spoilt("x"),
    },
    criteria=(
        Criterion("the frames with speech", 3),
        Criterion("thresholds and hangovers at their limits, a single frame", 1, EDGE),
    ),
    mistakes="""
        -threshold / 10 => -threshold / 20
            You take twice the decibels off: energies go with ten, amplitudes with twenty.
        np.max(energy) * => np.mean(energy) *
            Your threshold is counted from the mean energy, not from the loudest frame.
        np.max(energy) * 10 => 10
            Your threshold is an absolute one: it changes with the volume of the recording.
        energy >= np.max => energy > np.max
            A frame that is exactly at the threshold is loud too.
        np.sum(frames**2, axis=1) => np.sum(np.abs(frames), axis=1)
            You add up amplitudes; energy is a sum of squares.
        [: len(loud)] => [hangover:]
            Your hangover comes before the loud frames; it is to come after them.
        np.ones(hangover + 1))[: len(loud)]
        => np.ones(2 * hangover + 1))[hangover : hangover + len(loud)]
            Your hangover holds on both sides; only frames after a loud one are meant.
        hangover + 1 => max(hangover, 1)
            Your hangover is one frame too short.
        np.convolve(loud, np.ones(hangover + 1))[: len(loud)] > 0.5 => loud
            Yours has no hangover: soft frames after loud ones are missing.
        sliding_window_view(x, size)
        => sliding_window_view(np.append(x, np.zeros(size - 1)), size)
            You have frames that reach beyond the end of the signal.
        [::hop] => [::size]
            Your frames follow at the distance of their length; `hop` is the distance.
    """,
    alternatives=(
        Alternative(_activity_by_loop, why="levels in dB, and a counter that runs down"),
    ),
    forbidden="librosa.effects.split",
    because="it finds the loud frames for you",
)


def _trial_cases(rng):
    def trials(count, share, far):
        same = rng.permutation(np.arange(count) < max(1, round(share * count))).astype(int)
        return rng.uniform(0.5, 5) * (rng.standard_normal(count) + far * same), same

    def in_steps(count):
        scores, same = trials(count, 0.4, 1.0)
        return np.round(2 * scores / np.std(scores)), same

    def cut_off(count):
        """Half of all scores, and most of those of the same speaker, are the highest one."""
        scores, same = trials(count, 0.5, 0.3)
        return np.minimum(scores, np.quantile(scores[same == 0], 0.2)), same

    return [
        Case(trials(40, 0.5, 1.0), "40 trials"),
        Case(trials(101, 0.2, 1.5), "few trials of the same speaker"),
        Case(trials(60, 0.7, 1.2), "few trials of different speakers"),
        Case(trials(25, 0.4, -0.5), "a system that is worse than chance"),
        *(Case(in_steps(n), "scores of which many are equal", TIES) for n in (30, 50, 70)),
        *(Case(cut_off(n), "scores cut off above", TIES) for n in (24, 40, 55)),
        Case((np.array([3.0, 1.0, 2.0]), np.array([1, 0, 0])), "three trials", EDGE),
        Case((np.arange(6.0), np.arange(6) > 2), "truth values, and no error at all", EDGE),
        Case((np.full(5, 2.0), np.array([1, 0, 0, 1, 0])), "one score for all", EDGE),
    ]


def _crossing(points):
    """The height at which the line through points (false acceptance, false rejection) is equal."""
    for (fa, fr), (fa_next, fr_next) in itertools.pairwise(points):
        before, after = fa - fr, fa_next - fr_next
        if before >= 0 >= after:
            return fr + (fr_next - fr) * before / (before - after)
    return None


def _rate_by_loop(scores, same):
    yes, no = ([s for s, truth in zip(scores, same) if truth == kind] for kind in (1, 0))
    points = [(1.0, 0.0)]
    for threshold in sorted(set(map(float, scores))):
        rejected = sum(s <= threshold for s in yes) / len(yes)
        points.append((sum(s > threshold for s in no) / len(no), rejected))
    return _crossing(points)


def _rate_trial_by_trial(scores, same):
    same = np.asarray(same)[np.argsort(scores, kind="stable")]
    rejected = np.append(0, np.cumsum(same == 1)) / np.sum(same == 1)
    accepted = 1 - np.append(0, np.cumsum(same == 0)) / np.sum(same == 0)
    return _crossing(list(zip(accepted, rejected)))


EQUAL_ERROR_RATE = Exercise(
    function=applications.equal_error_rate,
    read="The same voice?",
    cases=_trial_cases,
    refuses={
        "trials of the same speaker only": {"same": np.ones_like},
        "trials of different speakers only": {"same": np.zeros_like},
        "a label of 2": {"same": changed(0, 2)},
        "a score too few": {"scores": lambda scores: scores[:-1]},
        **spoilt("scores"),
    },
    criteria=(
        Criterion("the rate", 3),
        Criterion("equal scores", 1, TIES),
        Criterion("few trials, no error, one score for all", 1, EDGE),
    ),
    mistakes=(
        """
        finite_array(scores, "scores"), => -finite_array(scores, "scores"),
            You take a low score for the same speaker.
        np.interp(0, rejected - accepted, rejected)
        => rejected[np.argmin(np.abs(rejected - accepted))]
            You give the rate at the nearest threshold; the points are to be joined by straight
            lines.
        np.interp(0, rejected - accepted, rejected)
        => np.mean([rejected, accepted], axis=0)[np.argmin(np.abs(rejected - accepted))]
            You give the mean of the two rates at the nearest threshold; the points are to be joined
            by straight lines.
        np.interp(0, rejected - accepted, rejected) => np.min(rejected + accepted) / 2
            You look for the smallest sum of the rates, not for where they are equal.
        np.mean(scores[same == 1] < thresholds, axis=1)
        => np.sum(scores[same == 1] < thresholds, axis=1) / len(scores)
        np.mean(scores[same == 0] >= thresholds, axis=1)
        => np.sum(scores[same == 0] >= thresholds, axis=1) / len(scores)
            You divide by the number of all trials; each rate is a share of its own kind.
        np.append(np.unique(scores), np.inf)[:, None] => np.unique(scores)[:, None]
            Your thresholds end at the highest score, at which its trials are still accepted.
        """,
        Mistake(
            _rate_trial_by_trial,
            says="Trials of the same score go one after another in yours; they are accepted "
            "together.",
        ),
    ),
    alternatives=(Alternative(_rate_by_loop, why="thresholds between scores, and a crossing"),),
    forbidden="sklearn.metrics.roc_curve sklearn.metrics.det_curve",
    because="the rates at all thresholds are what you are asked to find",
)


def _turns(rng, T, speakers):
    """Who talks: turns of a few frames, some of them at the same time."""
    talk = np.zeros((T, speakers), dtype=int)
    for _ in range(3 * speakers):
        start = rng.integers(T - 3)
        talk[start : start + rng.integers(3, 9), rng.integers(speakers)] = 1
    talk[: speakers + 2, :] = np.eye(speakers + 2, speakers, dtype=int)
    return talk


def _diarization_cases(rng):
    def found(T, A, B):
        """The turns in another order of speakers, with some frames wrong, and B columns."""
        reference = _turns(rng, T, A)
        order = np.roll(np.arange(max(A, B)), 1 + rng.integers(max(A, B) - 1))
        hypothesis = np.pad(reference, ((0, 0), (0, max(B - A, 0))))[:, order][:, :B]
        wrong = rng.uniform(size=hypothesis.shape) < 0.15
        return reference, np.where(wrong, 1 - hypothesis, hypothesis)

    def rivals(more):
        """One voice that two found speakers fit, and one of them fits another voice too."""
        a, few = 6 + more, 4 + more
        reference = np.repeat([[1, 0], [1, 0], [0, 1], [0, 0]], [a, few, few, 3], axis=0)
        hypothesis = np.repeat([[1, 0], [0, 1], [1, 0], [0, 1]], [a, few, few, 3], axis=0)
        order = rng.permutation(len(reference))
        return reference[order], hypothesis[order][:, rng.permutation(2)]

    return [
        Case(found(40, 2, 2), "two speakers"),
        Case(found(60, 3, 3), "three speakers"),
        Case(found(50, 3, 2), "a speaker who is not found"),
        Case(found(50, 2, 4), "more speakers found than there are"),
        Case(found(70, 4, 4), "four speakers"),
        Case(found(45, 3, 3), "three speakers, fewer frames"),
        *(Case(rivals(n), "two found speakers that fit the same voice", EDGE) for n in (0, 2, 5)),
        Case((_turns(rng, 20, 2), np.zeros((20, 1), dtype=int)), "nobody found", EDGE),
        Case((np.ones((5, 1), dtype=bool), rng.uniform(size=(5, 1)) < 0.5), "one speaker", EDGE),
    ]


def _every_naming(reference, hypothesis):
    """All ways to name the found speakers, tried one after another."""
    reference, hypothesis = np.array(reference, dtype=int), np.array(hypothesis, dtype=int)
    total, more = reference.sum(), max(reference.shape[1], hypothesis.shape[1])
    reference, hypothesis = (
        np.pad(part, ((0, 0), (0, more - part.shape[1]))) for part in (reference, hypothesis)
    )
    R, H = reference.sum(axis=1), hypothesis.sum(axis=1)
    C = max(
        (reference * hypothesis[:, order]).sum()
        for order in map(list, itertools.permutations(range(more)))
    )
    missed, alarm = (R - H).clip(0).sum() / total, (H - R).clip(0).sum() / total
    confused = (np.minimum(R, H).sum() - C) / total
    return missed + alarm + confused, missed, alarm, confused


def _the_best_first(reference, hypothesis):
    together = (np.asarray(reference).T * 1.0) @ np.asarray(hypothesis)
    right, R, H = 0, np.sum(reference, axis=1), np.sum(hypothesis, axis=1)
    left = together.copy()
    for _ in range(min(left.shape)):
        row, column = np.unravel_index(np.argmax(left), left.shape)
        right += together[row, column]
        left[row], left[:, column] = -1, -1
    parts = (R - H).clip(0).sum(), (H - R).clip(0).sum(), np.minimum(R, H).sum() - right
    return sum(parts) / R.sum(), *(part / R.sum() for part in parts)


DIARIZATION_ERROR = Exercise(
    function=applications.diarization_error,
    read="Who spoke when",
    cases=_diarization_cases,
    refuses={
        "a reference in which nobody talks": {"reference": np.zeros_like},
        "a frame too few": {"hypothesis": lambda h: h[:-1]},
        "a 2 in the hypothesis": {"hypothesis": changed((0, 0), 2)},
        **spoilt("reference", "hypothesis"),
    },
    criteria=(
        Criterion("the error rate", 2, select=0),
        Criterion("what it is made of", 2, select=(1, 2, 3)),
        Criterion("speakers that fit the same voice, nobody, one only", 1, EDGE),
    ),
    mistakes=(
        """
        together[linear_sum_assignment(together, maximize=True)] => np.diag(together)
            You compare columns of the same number; the speakers of the hypothesis have an order of
            their own.
        maximize=True => maximize=False
            You name the speakers such that as little as possible is right.
        together[linear_sum_assignment(together, maximize=True)] => np.max(together, axis=1)
            Two speakers of the reference may have the same partner in yours.
        together[linear_sum_assignment(together, maximize=True)] => np.max(together, axis=0)
            Two speakers of the hypothesis may have the same partner in yours.
        total = np.sum(talking) => total = np.sum(talking > 0)
            You divide by the number of frames with speech; two speakers at once count twice.
        total = np.sum(talking) => total = len(reference)
            You divide by the number of frames, silence included.
        np.sum(np.maximum(talking - found, 0)) => np.sum((talking > 0) & (found == 0))
            You see speech as missed only in frames where nobody is found.
        np.sum(np.maximum(found - talking, 0)) => np.sum(found * (talking == 0))
            You see false alarms only in frames where nobody talks.
        np.sum(np.minimum(talking, found)) - right => np.sum(np.maximum(talking, found)) - right
            What is missed and what is a false alarm is confused speech too in yours: it counts
            twice.
        """,
        Mistake(
            _the_best_first,
            says="You take the best pair first and then the best of the rest; together other pairs "
            "can have more.",
        ),
    ),
    alternatives=(Alternative(_every_naming, why="all ways to name the speakers"),),
    forbidden="pyannote.metrics.diarization.DiarizationErrorRate",
    because="it is the measure that you are asked to write",
)
