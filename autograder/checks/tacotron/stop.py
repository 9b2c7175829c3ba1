"""When to stop."""

from __future__ import annotations

import numpy as np

from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.exercise.draw import EDGE, with_nan
from autograder.reference import tacotron

CUT = "cut off"


def _spoken(rng, S, first):
    """Scores of S frames, below even odds until `first`; some after it fall back below."""
    scores = -0.3 - 4 * rng.random(S)
    scores[first:] = 2.5 * rng.normal(size=S - first)
    scores[first] = 0.3 + 3 * rng.random()
    return scores


def _cases(rng):
    rising = np.linspace(-4, 4, 24) + 0.02 * rng.normal(size=24)
    longer = _spoken(rng, 40, 25)
    return [
        Case((_spoken(rng, 30, 18),), "30 frames"),
        Case((_spoken(rng, 25, 9),), "25 frames"),
        Case((_spoken(rng, 40, 31),), "40 frames"),
        Case((rising, 0.9), "a threshold of 0.9"),
        Case((rising, 0.2), "a threshold of 0.2"),
        Case((_spoken(rng, 12, 0),), "the end in the first frame", EDGE),
        Case((np.append(-1 - rng.random(11), 2.0),), "the end in the last frame", EDGE),
        Case((np.array([-2.0, 0.0, -1.0, 0.0, 3.0, 1.0]),), "probabilities of exactly 0.5", EDGE),
        Case((_spoken(rng, 20, 13), 0.5, 14), "the end just within the limit", EDGE),
        Case((-0.5 - rng.random(17),), "an end that is never reached", CUT),
        Case((longer, 0.5, 12), "an end beyond the limit", CUT),
        Case((longer, 0.5, 25), "an end one frame beyond the limit", CUT),
        Case((longer, 0.5, 1), "a limit of one frame", CUT),
        Case((-0.5 - rng.random(30), 0.5, 21), "an end that is never reached, a limit", CUT),
    ]


def _by_loop(scores, threshold=0.5, limit=1000):
    for length, score in enumerate(scores, 1):
        if length > limit:
            break
        if 1 / (1 + np.exp(-score)) > threshold:
            return length, True
    return min(len(scores), limit), False


STOP_FRAME = Exercise(
    function=tacotron.stop_frame,
    read="When to stop",
    cases=_cases,
    refuses={
        "a threshold of 1": {"threshold": 1.0},
        "a threshold of 0": {"threshold": 0.0},
        "a limit of 0": {"limit": 0},
        "no scores": {"scores": []},
        "NaN among the scores": {"scores": with_nan},
    },
    criteria=(
        Criterion("the number of frames, and that it stops", 2),
        Criterion("the first, the last, exactly the threshold, the limit", 1, EDGE),
        Criterion("cut off, and says so", 1, CUT),
    ),
    mistakes="""
        int(ends[0]) + 1 => int(ends[0])
            You leave out the frame at which it stops; it is the last frame and counts.
        int(ends[0]) + 1 => int(ends[-1]) + 1
            You go on to the last frame that says so; the first one ends it.
        int(ends[0]) + 1 => int(np.argmax(scores[:limit])) + 1
            You stop where the probability is largest; the first frame above the threshold ends it.
        expit(scores[:limit]) > threshold => scores[:limit] > threshold
            You compare the scores with the threshold; a probability has to be made of them first.
        expit(scores[:limit]) > threshold => expit(scores[:limit]) >= threshold
            You stop where the probability equals the threshold; it has to be above.
        expit(scores[:limit]) > threshold => softmax(scores[:limit]) > threshold
            Your probabilities add up to one over the frames. Each frame has a probability of its
            own, by the logistic function.
        expit(scores[:limit]) > threshold => expit(scores) > threshold
            You look for the end beyond the limit; by then it has been cut off.
        return min(len(scores), limit), False => return min(len(scores), limit), True
            You do not say that the end was never reached: what was cut off has not stopped by
            itself.
        return min(len(scores), limit), False => return limit, False
            There may be fewer scores than the limit allows: no more frames than those were made.
    """,
    alternatives=(Alternative(_by_loop, why="frame by frame"),),
)
