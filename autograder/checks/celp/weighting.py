"""Weighted speech at p multiplications a sample: the exam's second problem, in its two halves."""

from __future__ import annotations

import numpy as np
from scipy.linalg import solve_banded

from autograder.checks.lpc.inputs import stable_predictor
from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.exercise.draw import EDGE
from autograder.reference import celp


def _coefficient_cases(rng):
    a = stable_predictor(rng, 10)
    return [
        Case((a, float(rng.uniform(0.7, 0.9))), "order 10 and a usual weighting"),
        Case((stable_predictor(rng, 4), float(rng.uniform(0.3, 0.6))), "order 4, a strong one"),
        Case((a, 1.0), "alpha = 1", EDGE),
        Case((a, 0.0), "alpha = 0", EDGE),
        Case((np.array([2, -1, 3]), 0.5), "whole numbers as coefficients", EDGE),
    ]


def _coefficients_by_loop(a, alpha):
    c, factor = [], 1.0
    for coefficient in a:
        factor *= alpha
        c.append(float(coefficient * factor))
    return c


def _coefficients_by_poles(a, alpha):
    """Every pole moves towards the origin by the factor alpha."""
    return -np.real(np.poly(alpha * np.roots(np.append(1.0, -a))))[1:]


WEIGHTED_COEFFICIENTS = Exercise(
    function=celp.weighted_coefficients,
    read="Five hundred filters at the price of one",
    cases=_coefficient_cases,
    refuses={"alpha above 1": {"alpha": 1.2}, "a negative alpha": {"alpha": -0.8}},
    criteria=(
        Criterion("the coefficients", 2),
        Criterion("no weighting, full weighting, whole numbers", 1, EDGE),
    ),
    mistakes="""
        np.arange(1, len(a) + 1) => np.arange(len(a))
            Your powers begin with 0; the first coefficient stands before a delay of one sample, and
            that delay is what alpha comes with.
        alpha ** np.arange(1, len(a) + 1) => alpha
            You multiply every coefficient by the same number. Put z / alpha in the place of z and
            look at what happens to each power of z.
        np.arange(1, len(a) + 1) => np.arange(len(a), 0, -1)
            The powers run the wrong way: the longest delay gets the highest power.
        alpha ** np => (1 / max(alpha, 1e-6)) ** np
            You moved the poles outwards: (z / alpha)^-m brings alpha^m into the numerator, not the
            denominator.
        return a * alpha => return -a * alpha
            The signs are those of a filter's denominator. Here the c_m are added, as the a_m are.
        return a * alpha ** np => return a - a * alpha ** np
            You kept the numerator 1 - P(z) apart. Write S(z) with the excitation first: something
            cancels.
    """,
    alternatives=(
        Alternative(_coefficients_by_loop, why="a loop and a list"),
        Alternative(_coefficients_by_poles, why="by moving the poles"),
    ),
    answers=("exam 2",),
)


def _synthesis_cases(rng):
    noise = rng.standard_normal((6, 40))
    long = rng.standard_normal((1, 12_000))  # a matrix of N by N numbers is more than a gigabyte
    pulses = np.zeros((3, 50))
    pulses[[0, 1, 2], rng.integers(0, 10, 3)] = 1.0
    return [
        Case((noise, stable_predictor(rng, 10)), "six excitations of 40 samples, order 10"),
        Case((pulses, stable_predictor(rng, 4)), "three pulses, order 4"),
        Case((noise[:1], stable_predictor(rng, 3)), "one excitation", EDGE),
        Case((noise[:, :4], stable_predictor(rng, 8)), "more coefficients than samples", EDGE),
        Case((long, stable_predictor(rng, 2)), "a candidate of 12000 samples", "long"),
    ]


def _synthesis_by_loops(excitations, c):
    y = []
    for e in excitations:
        row = []
        for n in range(len(e)):
            row.append(float(e[n] + sum(c[m] * row[n - 1 - m] for m in range(min(n, len(c))))))
        y.append(row)
    return y


def _synthesis_by_bands(excitations, c):
    bands = np.repeat(np.append(1.0, -c)[:, None], excitations.shape[1], axis=1)
    return solve_banded((len(c), 0), bands, excitations.T).T


WEIGHTED_SYNTHESIS = Exercise(
    function=celp.weighted_synthesis,
    read="Five hundred filters at the price of one",
    cases=_synthesis_cases,
    refuses={"a vector in place of the matrix": {"excitations": lambda rows: rows[0]}},
    criteria=(
        Criterion("the weighted signals", 2),
        Criterion("a single candidate, a short one", 1, EDGE),
        Criterion("p multiplications a sample, not N", 1, "long"),
    ),
    mistakes="""
        c[::-1] => c
            The coefficients meet the past in the wrong order: c_1 belongs to the sample just
            before.
        excitations[:, n] + y => excitations[:, n] - y
            The past enters with a minus sign; in this course's convention it is added.
        y = np.zeros((K, p + N))
        => y = np.zeros((K, p + N)); past = np.append(y[:, :p], excitations, 1)
        + y[:, n : n + p] @ => + past[:, n : n + p] @
            You feed back the excitation; what rings is the output made so far.
        return y[:, p:] => return y[:, p:] - excitations
            You return the part that is fed back, without the excitation itself.
        return y[:, p:] => return y[:, :-p]
            Your output comes p samples late: the zeros before the first sample are still in front
            of it.
        (K, N), p => excitations, shape = excitations.reshape(1, -1), excitations.shape; (K, N), p
        return y[:, p:] => return y[:, p:].reshape(shape)
            A candidate still rings when the next one is tried. Each of them starts from rest, or
            the comparison is not fair.
    """,
    alternatives=(
        Alternative(_synthesis_by_loops, why="three loops and lists"),
        Alternative(_synthesis_by_bands, why="as equations with p diagonals below the main one"),
    ),
    forbidden="scipy.signal.lfilter scipy.signal.sosfilt scipy.signal.dlsim numpy.convolve "
    "scipy.signal.convolve scipy.signal.fftconvolve",
    because="the recursion, with its p multiplications a sample, is what is asked for",
    answers=("exam 2",),
)
