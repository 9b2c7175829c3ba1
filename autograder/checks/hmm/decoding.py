"""The best path."""

from __future__ import annotations

import numpy as np

from autograder.checks.hmm.inputs import LONG, READY_MADE, RECURSION, logs, usual_cases
from autograder.exercise.declare import Alternative, Case, Criterion, Exercise, Mistake
from autograder.exercise.draw import changed, with_nan
from autograder.reference import hmm


def _viterbi_cases(rng):
    scores = [-rng.integers(1, 3, shape).astype(float) for shape in ((3,), (3, 3), (40, 3))]
    return [
        *usual_cases(rng, logs),
        Case((np.full(3, -1.0), np.full((3, 3), -2.0), np.full((4, 3), -1.0)), "all equal", "ties"),
        Case(tuple(scores), "scores of -1 and -2, with many ties", "ties"),
    ]


def _viterbi_in_loops(log_pi, log_A, log_b):
    states = range(len(log_pi))
    score, backwards = [log_pi[j] + log_b[0, j] for j in states], []
    for frame in log_b[1:]:
        came_from = [max(states, key=lambda i, j=j: score[i] + log_A[i, j]) for j in states]
        score = [score[came_from[j]] + log_A[came_from[j], j] + frame[j] for j in states]
        backwards.append(came_from)
    last = max(states, key=lambda j: score[j])
    path = [last]
    for came_from in reversed(backwards):
        path.append(came_from[path[-1]])
    return path[::-1], float(score[last])


def _viterbi_of_whole_paths(log_pi, log_A, log_b):
    paths, scores = [(j,) for j in range(len(log_pi))], log_pi + log_b[0]
    for frame in log_b[1:]:
        before = [int(np.argmax(scores + column)) for column in log_A.T]
        paths = [(*paths[i], j) for j, i in enumerate(before)]
        scores = scores[before] + log_A[before, range(len(before))] + frame
    return np.array(paths[np.argmax(scores)]), np.max(scores)


def _viterbi_without_backtracking(log_pi, log_A, log_b):
    deltas = [log_pi + log_b[0]]
    for frame in log_b[1:]:
        deltas.append(np.max(deltas[-1][:, None] + log_A, axis=0) + frame)
    return np.argmax(deltas, axis=1), np.max(deltas[-1])


VITERBI = Exercise(
    function=hmm.viterbi,
    read="Decoding: the best story",
    cases=_viterbi_cases,
    refuses={
        "a frame that no state can produce": {"log_b": changed(2, -np.inf)},
        "NaN among the likelihoods": {"log_b": with_nan},
    },
    criteria=(
        Criterion("the path", 2, select=0),
        Criterion("its log probability", 1, select=1),
        Criterion("a long sequence", 1, LONG),
        Criterion("ties", 1, "ties"),
    ),
    mistakes=(
        """
        np.max(arrivals, axis=0) => np.logaddexp.reduce(arrivals, axis=0)
            You add up the probabilities of all paths into a state, which is the forward algorithm;
            Viterbi keeps the best one.
        delta[:, None] + log_A => delta[:, None] + log_A.T
            The transition matrix is the wrong way round: log_A[i, j] leads from i to j.
        np.argmax(arrivals, axis=0) => n_states - 1 - np.argmax(arrivals[::-1], axis=0)
            Among equally good predecessors you take the last one; the docstring asks for the lowest
            index.
        path[-1] = np.argmax(delta) => path[-1] = n_states - 1
            Your path always ends in the last state; it should end where it is likeliest.
        delta = log_pi + log_b[0] => delta = log_pi + 0 * log_b[-1]
            The first frame's output likelihoods are missing.
        best_before[t, path[t]] => best_before[t - 1, path[t]]
            When you go back, you look up the predecessor at the wrong frame.
        """,
        Mistake(
            _viterbi_without_backtracking,
            says="You take the best state of each frame on the way; those need not lie on one "
            "path. Remember where each state was reached from, and go back from the end.",
        ),
    ),
    alternatives=(
        Alternative(_viterbi_in_loops, why="loops over states, a list as the path"),
        Alternative(_viterbi_of_whole_paths, why="the best path itself kept in each state"),
        Alternative("np.empty(n_frames, dtype=int) => np.empty(n_frames, 'i4')", why="int32"),
    ),
    forbidden=READY_MADE,
    because=RECURSION,
)
