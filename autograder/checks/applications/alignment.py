"""The best path through a known text."""

from __future__ import annotations

import functools

import numpy as np

from autograder.checks.ctc.inputs import classes
from autograder.exercise.compare import Close
from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.exercise.draw import EDGE, changed, spoilt
from autograder.reference import applications

LONG = "long"
SPANS = Close(rtol=0, atol=0.4, single_rtol=0)


def _outputs(rng, T, K, label, first, last, blank=0.0):
    """Outputs whose first and last frame favour the blank (False) or the label's class (True)."""
    logits = 1.5 * rng.standard_normal((T, K))
    logits[:, 0] += blank
    logits[0, label[0] if first else 0] += 4
    logits[-1, label[-1] if last else 0] += 4
    return logits - np.log(np.sum(np.exp(logits), axis=1, keepdims=True))


def _cases(rng):
    def drawn(T, K, pattern, first, last, blank=0.0):
        label = np.array(classes(rng, K, pattern))
        return _outputs(rng, T, K, label, first, last, blank), label

    def faint(T):
        log_y, label = drawn(T, 5, "abcadbbacd", True, False)
        return log_y - 6, label

    return [
        Case(drawn(12, 5, "abc", True, True), "three classes in 12 frames"),
        Case(drawn(15, 5, "abca", False, False), "a class that comes back later"),
        Case(drawn(20, 6, "aabbc", True, False, -2.0), "classes said twice in a row"),
        Case(drawn(24, 4, "aabb", False, True, -2.0), "classes said twice in a row"),
        Case(drawn(18, 4, "aaba", True, True, -2.0), "classes said twice in a row"),
        *(Case(drawn(n, 6, "abcd", False, True), "four classes in few frames") for n in (6, 7)),
        Case(drawn(14, 6, "abcd", False, False, 1.0), "outputs that like the blank"),
        Case(drawn(16, 3, "ababab", True, False), "six classes in 16 frames"),
        *(Case(drawn(n, 4, "a", n > 7, False), "a label of one class") for n in (6, 8, 9)),
        *(Case(faint(n), "many frames of faint outputs", LONG) for n in (160, 180, 200)),
        Case(drawn(7, 5, "aabcc", True, True), "a label that just fits its frames", EDGE),
        Case(drawn(1, 4, "a", True, True), "a single frame", EDGE),
    ]


def _alignment_by_recursion(log_y, label):
    places = [0] + [k for c in label for k in (int(c), 0)]
    S = len(places)

    @functools.cache
    def best(t, s):
        """Score and places of the best way that has come to place s in frame t."""
        if t == 0:
            return (log_y[0][places[s]] if s < 2 else -np.inf), (s,)
        steps = [s, s - 1, s - 2][: 3 if s > 1 and places[s] not in (0, places[s - 2]) else 2]
        score, way = max(best(t - 1, step) for step in steps if step >= 0)
        return score + log_y[t][places[s]], (*way, s)

    score, way = max(best(len(log_y) - 1, s) for s in (S - 2, S - 1))
    return [(way.index(s), way.index(s) + way.count(s)) for s in range(1, S, 2)], score


FORCED_ALIGNMENT = Exercise(
    function=applications.forced_alignment,
    read="Where each letter is said",
    cases=_cases,
    refuses={
        "a label of two classes, each of them twice, in five frames": {
            "log_y": lambda log_y: log_y[:5],
            "label": np.array([1, 1, 2, 2]),
        },
        "a label with more classes than frames": {"log_y": lambda log_y: log_y[:2]},
        "a blank in the label": {"label": changed(1, 0)},
        "a class of the label that the network does not have": {"label": changed(1, 5)},
        "half a class": {"label": changed(1, 1.5)},
        **spoilt("log_y", "label"),
    },
    criteria=(
        Criterion("where each class is", 4, select=0, equal=SPANS),
        Criterion("log probability of the path", 2, select=1),
        Criterion("many frames, without underflow", 1, LONG),
        Criterion("a label that just fits, and a single frame", 1, EDGE),
    ),
    mistakes="""
        np.max(come, axis=0) + log_y => np.logaddexp.reduce(come, axis=0) + log_y
            You add up the probabilities of all ways to a place; only the best way counts here.
        np.where(label[1:] != label[:-1], best[1:-2:2], -np.inf) => best[1:-2:2]
            Between two equal classes the blank may not be left out: without it they would collapse
            into one.
        np.where(label[1:] != label[:-1], best[1:-2:2], -np.inf) => -np.inf
            Your paths have a blank between any two classes; it is needed between equal ones only.
        best[:2] = log_y[0, places[:2]] => best[0] = log_y[0, 0]
            Your paths all start with a blank; they may also start with the first class.
        best[:2] = log_y[0, places[:2]] => best[:] = log_y[0, places]
            Your paths may start anywhere in the text; all of it has to be said.
        2 * L - 1 + int(best[-1] > best[-2]) => 2 * L
            Your paths all end with a blank; they may also end with the last class.
        2 * L - 1 + int(best[-1] > best[-2]) => 2 * L - 1
            Your paths all end with the last class; they may also end with a blank.
        float(best[place]) => float(np.exp(best[place]))
            You return the probability itself; its logarithm is asked for.
        float(best[place]) => float(best[place]) / T
            You return the mean over the frames; the logarithm of the whole product is asked for.
        np.add(begins, lengths)] => np.add(begins, lengths) - 1]
            Your spans end with the last frame of a class; the frame after it is asked for.
        np.add(begins, lengths)] => np.append(begins[1:], T)]
            Your spans end where the next class begins; the blanks between two classes belong to
            neither.
        np.max(come, axis=0) + log_y[t, places]
        => np.log(np.exp(np.max(come, axis=0)) * np.exp(log_y[t, places]))
            You multiply probabilities; with many frames they underflow to zero. Add logarithms.
    """,
    alternatives=(Alternative(_alignment_by_recursion, why="a recursion that remembers"),),
    forbidden="torchaudio.functional.forced_align ctc_segmentation.ctc_segmentation",
    because="it is the search that you are asked to write",
)
