"""The best path through a known text."""

from __future__ import annotations

import numpy as np

from autograder.exercise.compare import Close
from autograder.exercise.declare import Alternative, Case, Criterion, Exercise, Mistake
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


def _text(rng, K, pattern):
    """A label of classes below K in the pattern of the letters: "aba" may become [3, 1, 3]."""
    classes = rng.permutation(np.arange(1, K))
    return np.array([classes["abcdefgh".index(letter)] for letter in pattern])


def _cases(rng):
    def drawn(T, K, pattern, first, last, blank=0.0):
        label = _text(rng, K, pattern)
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
        *(Case(faint(n), "many frames of faint outputs", LONG) for n in (160, 180, 200)),
        Case(drawn(7, 5, "aabcc", True, True), "a label that just fits its frames", EDGE),
        Case(drawn(1, 4, "a", True, True), "a single frame", EDGE),
        *(Case(drawn(n, 4, "a", n > 7, False), "a label of one class", EDGE) for n in (6, 8, 9)),
    ]


def _alignment_backwards(log_y, label):
    """The best way from each place to the end, and then forwards along it."""
    T, places = len(log_y), [0]
    for k in label:
        places += [int(k), 0]
    S, after = len(places), [{} for _ in range(T)]

    def steps(s):
        skip = s + 2 < S and places[s] and places[s] != places[s + 2]
        return [n for n in (s, s + 1) if n < S] + [s + 2] * bool(skip)

    for t in range(T - 1, -1, -1):
        for s in range(S):
            rest = [(after[t + 1][n][0], n) for n in steps(s) if t + 1 < T and n in after[t + 1]]
            if rest or (t == T - 1 and s >= S - 2):
                value, following = max(rest, default=(0.0, None))
                after[t][s] = value + log_y[t][places[s]], following
    s = max((n for n in (0, 1) if n in after[0]), key=lambda n: after[0][n][0])
    score, spans = after[0][s][0], [[None, 0] for _ in label]
    for t in range(T):
        if s % 2:
            span = spans[s // 2]
            span[:] = [t if span[0] is None else span[0], t + 1]
        s = after[t][s][1]
    return spans, score


def _with_probabilities(log_y, label):
    """The same search on products, which underflow."""
    y, places = np.exp(log_y), np.zeros(2 * len(label) + 1, dtype=int)
    places[1::2] = label
    best, steps = np.zeros(len(places)), []
    best[:2] = y[0, places[:2]]
    for now in y[1:]:
        come = np.zeros((3, len(places)))
        come[0], come[1, 1:] = best, best[:-1]
        come[2, 3::2] = np.where(label[1:] != label[:-1], best[1:-2:2], 0)
        steps.append(np.argmax(come, axis=0))
        best = np.max(come, axis=0) * now[places]
    place = len(places) - 2 + int(best[-1] > best[-2])
    taken, score = [place], np.log(np.maximum(best[place], 1e-320))
    for step in reversed(steps):
        taken.append(taken[-1] - step[taken[-1]])
    where = [np.flatnonzero(np.array(taken[::-1]) == s) for s in range(1, len(places), 2)]
    return [[w[0], w[-1] + 1] if len(w) else [0, 0] for w in where], score


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
        Criterion("labels that just fit, one frame, one class", 1, EDGE),
    ),
    mistakes=(
        """
        np.max(come, axis=0) + log_y => np.logaddexp.reduce(come, axis=0) + log_y
            You add up the probabilities of all ways to a place; only the best way counts here.
        np.where(label[1:] != label[:-1], best[1:-2:2], -np.inf) => best[1:-2:2]
            Between two equal classes the blank may not be left out: without it they would collapse
            into one.
        np.where(label[1:] != label[:-1], best[1:-2:2], -np.inf) => -np.inf
            Your paths have a blank between any two classes; it is needed between equal ones only.
        best[:2] = log_y[0, places[:2]] => best[0] = log_y[0, 0]
            Your paths all start with a blank; they may also start with the first class.
        best[:2] = log_y[0, places[:2]] => best[1] = log_y[0, places[1]]
            Your paths all start with the first class; they may also start with a blank.
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
        """,
        Mistake(
            _with_probabilities,
            says="You multiply probabilities; with many frames they underflow to zero. Add "
            "logarithms.",
        ),
    ),
    alternatives=(Alternative(_alignment_backwards, why="from the end, with dictionaries"),),
    forbidden="torchaudio.functional.forced_align ctc_segmentation.ctc_segmentation",
    because="it is the search that you are asked to write",
)
