"""One frame at the sending end: analysis by synthesis."""

from __future__ import annotations

import numpy as np
from scipy.signal import lfilter

from autograder.checks.celp.inputs import tables
from autograder.checks.lpc.inputs import stable_predictor
from autograder.exercise.compare import Close
from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.reference import celp
from autograder.reference.celp import SHORTEST

REST = "from rest"


def _memory(rng, past, order, scale):
    """What was before: the sizes of these are those of a codec at work."""
    return {
        "excitation": rng.standard_normal(past),
        "speech": 3 * scale * rng.standard_normal(order),
        "error": scale * rng.standard_normal(order),
        "weighted": 0.7 * scale * rng.standard_normal(order),
    }


def _encode_case(rng, kind, subframes, length, past, order, group="usual", scale=1.0):
    """Speech with a period, from a predictor; the past excitation has the same period."""
    a = stable_predictor(rng, order, 0.75)
    memory = _memory(rng, past, order, scale)
    whole, lag = memory["excitation"], int(rng.integers(SHORTEST + 2, past - 4))
    for _ in range(subframes * length):
        whole = np.append(whole, 0.7 * whole[-lag] + 0.8 * rng.standard_normal())
    s = lfilter([1.0], [1.0, *-a], whole)[past:]
    alpha = float(rng.uniform(0.7, 0.85))
    book = tables(rng, length, codes=32)
    book["pitch_gains"] = book["pitch_gains"][1::2]  # far apart, so that rounding them matters
    return Case((s, a, alpha, book, memory), kind, group)


def _encode_cases(rng):
    return [
        _encode_case(rng, "one subframe of 40 samples, filters at rest", 1, 40, 64, 8, REST, 0.0),
        _encode_case(rng, "one subframe of 30 samples, filters at rest", 1, 30, 50, 4, REST, 0.0),
        _encode_case(rng, "six subframes of 30 samples, order 8", 6, 30, 60, 8),
        _encode_case(rng, "four subframes of 40 samples, order 6", 4, 40, 56, 6),
    ]


def _short(memory):
    return {**memory, "excitation": memory["excitation"][: SHORTEST - 1]}


def _encode_by_loops(s, a, alpha, tables, memory):
    """Sample by sample, without any filter of SciPy's."""
    c = [float(a[m] * alpha ** (m + 1)) for m in range(len(a))]
    rows, lag_end, N = [], len(memory["excitation"]), np.shape(tables["codes"])[1]
    past, said, error, weighted = (
        list(memory[key]) for key in ("excitation", "speech", "error", "weighted")
    )

    def fed_back(coefficients, before):
        return sum(x * y for x, y in zip(coefficients, reversed(before)))

    def from_rest(e):
        y = []
        for value in e:
            y.append(float(value) + fed_back(c, y))
        return np.array(y)

    for start in range(0, len(s), N):
        rings, off, target = list(said), list(error), list(weighted)
        for n in range(start, start + N):
            rings.append(fed_back(a, rings))
            missing = s[n] - rings[-1]
            target.append(missing - fed_back(a, off) + fed_back(c, target))
            off.append(missing)
        left, e, row = np.array(target[-N:]), np.zeros(N), []
        repeats = [[past[-lag + n % lag] for n in range(N)] for lag in range(SHORTEST, lag_end + 1)]
        for codes, gains in ((repeats, "pitch_gains"), (tables["codes"], "code_gains")):
            heard = [from_rest(code) for code in codes]
            saved = [(left @ y) ** 2 / (y @ y) if y.any() else 0.0 for y in heard]
            k = saved.index(max(saved))
            ideal = left @ heard[k] / (heard[k] @ heard[k]) if heard[k].any() else 0.0
            g = int(np.argmin([abs(gain - ideal) for gain in tables[gains]]))
            left = left - tables[gains][g] * heard[k]
            e = e + tables[gains][g] * np.asarray(codes[k])
            row += [k, g]
        for n in range(N):
            said.append(e[n] + fed_back(a, said))
            error.append(s[start + n] - said[-1])
        said, error = said[-len(a) :], error[-len(a) :]
        weighted, past = [*weighted, *left][-len(a) :], [*past, *e][-lag_end:]
        rows.append(row)
    return rows


def _encode_as_floats(*args):
    return celp.encode_frame(*args).astype(float)


ENCODE_FRAME = Exercise(
    function=celp.encode_frame,
    read="Where the bits go",
    cases=_encode_cases,
    refuses={
        "a frame that is cut short": {"s": lambda s: s[:-1]},
        "alpha above 1": {"alpha": 1.5},
        "a past shorter than any lag": {"memory": _short},
    },
    criteria=(
        Criterion("one subframe, with filters at rest", 2, REST),
        Criterion("the lags", 1, equal=Close(columns=(0,))),
        Criterion("the codes", 1, equal=Close(columns=(2,))),
        Criterion("the gains", 1, equal=Close(columns=(1, 3))),
    ),
    mistakes="""
        missing = now - signal => missing = now - 0 * signal
            You do not take off what the decoder's filter rings on with, and code it a second time.
        target = signal.lfilter(plain, bent, missing, zi=state)[0] => target = missing
            Your target is not weighted, though the candidates are: the two are not in the same
            domain.
        [1.0], bent, book => [1.0], plain, book
            Your candidates are plain speech, and the target is weighted: the two are not in the
            same domain.
        missing, zi=state)[0] => missing, zi=0 * state)[0]
            The weighting filter starts every subframe from rest; it has a memory of its own.
        target = target - tables[gains][g] * y[k] => target = target - 0 * y[k]
            The stochastic codebook is asked for the same target again; what the adaptive codebook
            has done has to be taken off first.
        target - tables[gains][g] * y[k] => target - ideal[k] * y[k]
            You go on with the ideal gain. The decoder only has the tabled one, and the second
            codebook can mend what rounding left.
        np.argmax(ideal * match) => np.argmax(np.abs(match))
            You compare bare correlations, so that a loud code wins because it is loud.
        np.append(past, excitation) => np.append(past, 0 * excitation)
            The adaptive codebook does not get what was sent: from the second subframe on the
            encoder's past is not the decoder's.
        said, past = np.append(said, spoken)[-p:], np.append(past, excitation)[-len(past) :] => pass
        error, weighted = np.append(error, now - spoken)[-p:], np.append(weighted, target)[-p:]
        => pass
            No memory moves on: every subframe is coded as if it came right after the frame before.
        error, weighted = np.append(error, now - spoken)[-p:], np.append(weighted, target)[-p:]
        => pass
            The memories of the weighting filter are those of the frame before in all subframes;
            they move on with each.
        said, past = np.append(said, spoken)[-p:], np => past = np
            The synthesis filter rings on with the speech of the frame before in all subframes; its
            memory moves on with each.
        alpha ** np.arange(1, p + 1) => alpha
            You multiply every coefficient by the same number, where each should have the power of
            alpha that its delay brings.
    """,
    alternatives=(
        Alternative(_encode_by_loops, why="sample by sample, in plain Python, as lists"),
        Alternative(_encode_as_floats, why="whole numbers as floats"),
    ),
)
