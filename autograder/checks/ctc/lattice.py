"""Forward and backward variables."""

from __future__ import annotations

import numpy as np

from autograder.checks.ctc.inputs import (
    ASKED,
    LONG,
    READY_MADE,
    usual_cases,
)
from autograder.exercise.compare import Close
from autograder.exercise.declare import Alternative, Criterion, Exercise, Mistake
from autograder.exercise.draw import changed, with_nan
from autograder.reference import ctc

LOGS = Close(finite=False)  # the logarithm of zero is minus infinity


BAD_LATTICES = {
    "a label of three classes, one twice, in three frames": {
        "log_y": lambda log_y: log_y[:3],
        "expanded": [0, 1, 0, 1, 0, 2, 0],
    },
    "a class of the label that no frame can be": {
        "log_y": changed((..., 1), -np.inf),
        "expanded": [0, 1, 0, 2, 0],
    },
    "NaN among the outputs": {"log_y": with_nan},
}


def _lattice_cases(rng):
    return usual_cases(rng, lambda *inputs: inputs)


def _log(values):
    with np.errstate(divide="ignore"):
        return np.log(values)


def _steps(places):
    """The matrix of allowed steps: steps[s, r] is 1 if place r may follow place s."""
    S = len(places)
    steps = np.eye(S) + np.eye(S, k=1)
    for s in range(1, S - 2, 2):
        steps[s, s + 2] = places[s] != places[s + 2]
    return steps


def _forward_scaled(log_y, places):
    """Scaled like a hidden Markov model, with a matrix of transitions."""
    steps, b = _steps(places), np.exp(log_y[:, places])
    row, log_scale, rows = b[0] * (np.arange(len(places)) < 2), 0.0, []
    for t in range(len(log_y)):
        if t > 0:
            row = (row @ steps) * b[t]
        log_scale += np.log(row.sum())
        row = row / row.sum()
        rows.append(_log(row) + log_scale)
    last = np.logaddexp.reduce(rows[-1][-2:])
    return rows, last


def _forward_by_loops(log_y, places):
    T, S = len(log_y), len(places)
    alpha = [[-np.inf] * S for _ in range(T)]
    for t in range(T):
        for s in range(S):
            terms = [0.0] if t == 0 and s < 2 else [-np.inf]
            if t > 0:
                terms = [alpha[t - 1][s]] + [alpha[t - 1][s - 1]] * (s > 0)
                if s > 1 and places[s] not in (0, places[s - 2]):
                    terms.append(alpha[t - 1][s - 2])
            alpha[t][s] = float(np.logaddexp.reduce(terms) + log_y[t, places[s]])
    log_p = np.logaddexp.reduce(alpha[-1][-2:])
    return [alpha, float(log_p)]


def _forward_underflowing(log_y, places):
    steps, b = _steps(places), np.exp(log_y[:, places])
    alpha = [b[0] * (np.arange(len(places)) < 2)]
    for now in b[1:]:
        alpha.append((alpha[-1] @ steps) * now)
    return _log(np.array(alpha)), _log(alpha[-1][-2:].sum())


FORWARD = Exercise(
    function=ctc.log_forward,
    read="Forwards and backwards",
    cases=_lattice_cases,
    refuses=BAD_LATTICES,
    criteria=(
        Criterion("forward variables", 4, select=0, equal=LOGS),
        Criterion("log probability of the label", 2, select=1),
        Criterion("many frames, without underflow", 1, LONG, equal=LOGS),
    ),
    mistakes=(
        """
        log_skip[3::2][expanded[3::2] != expanded[1:-2:2]] = 0.0 => log_skip[3::2] = 0.0
            Between two equal classes the blank may not be left out: without it they would collapse
            into one.
        log_skip[3::2][expanded[3::2] != expanded[1:-2:2]] = 0.0
        => log_skip[2:][(expanded[2:] == 0) | (expanded[2:] != expanded[:-2])] = 0.0
            You go from blank to blank over a class, and the class is not said: only a blank may be
            left out.
        log_skip[3::2][expanded[3::2] != expanded[1:-2:2]] = 0.0 => pass
            Your ways take every blank; between two different classes it may be left out.
        log_alpha[0, 2:4] = emitted[0, :2] => log_alpha[0, 2] = emitted[0, 0]
            Your ways all start with the first blank; they may also start with the first class.
        log_alpha[0, 2:4] = emitted[0, :2] => log_alpha[0, 2:] = emitted[0]
            Your ways start anywhere; only the first two places leave nothing of the label unsaid.
        reduce(log_alpha[-1, -2:]) => reduce(log_alpha[-1, -1:])
            The ways that end with the last class, without a blank behind it, are missing in the
            probability of the label.
        reduce(log_alpha[-1, -2:]) => reduce(log_alpha[-1])
            The probability of the label counts ways that have not come to its end.
        np.logaddexp(np.logaddexp(stay, move), skip + log_skip)
        => np.logaddexp(move, skip + log_skip)
            Nothing ever lasts for more than one frame: staying at a place is missing.
        np.logaddexp(np.logaddexp(stay, move), skip + log_skip)
        => np.maximum(np.maximum(stay, move), skip + log_skip)
            You keep the best way to each place; here the probabilities of all ways are added up.
        arriving + emitted[t] => arriving + emitted[t - 1]
            The output is that of the frame arrived in, not of the one before.
        """,
        Mistake(
            _forward_underflowing,
            says="You multiply probabilities and take the logarithm at the end; with many frames "
            "they underflow to zero. Add logarithms, or scale each frame.",
        ),
    ),
    alternatives=(
        Alternative(_forward_scaled, why="scaled in each frame, a matrix of steps"),
        Alternative(_forward_by_loops, why="loops and lists, as the recursion is printed"),
    ),
    forbidden=READY_MADE,
    because=ASKED,
    answers=("sheet ctc",),
)


def _backward_in_a_mirror(log_y, places):
    mirrored, _ = ctc.log_forward(log_y[::-1], places[::-1])
    return mirrored[::-1, ::-1]


def _backward_scaled(log_y, places):
    ways, b, S = _steps(places), np.exp(log_y[:, places]), len(places)
    row, log_scale, rows = b[-1] * (np.arange(S) >= S - 2), 0.0, []
    for t in range(len(log_y) - 1, -1, -1):
        if rows:
            row = (ways @ row) * b[t]
        log_scale += np.log(row.max())
        row = row / row.max()
        rows.append((_log(row) + log_scale).tolist())
    return rows[::-1]


def _backward_underflowing(log_y, places):
    return _forward_underflowing(log_y[::-1], places[::-1])[0][::-1, ::-1]


BACKWARD = Exercise(
    function=ctc.log_backward,
    read="Forwards and backwards",
    cases=_lattice_cases,
    refuses=BAD_LATTICES,
    criteria=(
        Criterion("backward variables", 4, equal=LOGS),
        Criterion("many frames, without underflow", 1, LONG, equal=LOGS),
    ),
    mistakes=(
        """
        log_beta = log_beta[:, :S] => log_beta = log_beta[:, :S] - emitted
            Your beta leaves out the output of its own frame, as with hidden Markov models; in this
            convention it is included.
        log_skip[1:-2:2][expanded[1:-2:2] != expanded[3::2]] = 0.0
        => log_skip[3::2][expanded[3::2] != expanded[1:-2:2]] = 0.0
            Whether a blank may be left out depends on the class two places ahead, not on the one
            two places back.
        log_skip[1:-2:2][expanded[1:-2:2] != expanded[3::2]] = 0.0 => log_skip[1:-2:2] = 0.0
            Between two equal classes the blank may not be left out: without it they would collapse
            into one.
        log_skip[1:-2:2][expanded[1:-2:2] != expanded[3::2]] = 0.0
        => log_skip[:-2][(expanded[2:] == 0) | (expanded[2:] != expanded[:-2])] = 0.0
            You go from blank to blank over a class, and the class is not said: only a blank may be
            left out.
        log_skip[1:-2:2][expanded[1:-2:2] != expanded[3::2]] = 0.0 => pass
            Your ways take every blank; between two different classes it may be left out.
        log_beta[-1, max(S - 2, 0) : S] = emitted[-1, -2:] => log_beta[-1, S - 1] = emitted[-1, -1]
            Your ways all end with the last blank; they may also end with the last class.
        np.logaddexp(np.logaddexp(stay, move), skip + log_skip)
        => np.logaddexp(move, skip + log_skip)
            Nothing ever lasts for more than one frame: staying at a place is missing.
        """,
        Mistake(
            _backward_underflowing,
            says="You multiply probabilities and take the logarithm at the end; with many frames "
            "they underflow to zero. Add logarithms, or scale each frame.",
        ),
    ),
    alternatives=(
        Alternative(_backward_in_a_mirror, why="the forward pass, with time and label reversed"),
        Alternative(_backward_scaled, why="scaled in each frame, a matrix of steps, lists"),
    ),
    forbidden=READY_MADE,
    because=ASKED,
    answers=("sheet ctc",),
)
