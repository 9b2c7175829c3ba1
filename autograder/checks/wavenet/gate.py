"""The gated unit, with a condition that holds throughout or changes from frame to frame."""

from __future__ import annotations

import numpy as np

from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.exercise.draw import EDGE
from autograder.reference import wavenet

LOCAL = "local"


def _unit(rng, T, D, condition, scale=1.0):
    """Inputs for so many samples and channels, with a condition of the shape given."""
    H = condition[-1]
    f, g = scale * rng.normal(size=(2, T, D))
    return (f, g, rng.normal(size=condition), *rng.normal(size=(2, H, D)))


def _gate_cases(rng):
    return [
        Case(_unit(rng, 24, 3, (4,)), "24 samples and a condition that is one vector"),
        Case(_unit(rng, 10, 5, (2,)), "10 samples and a condition that is one vector"),
        Case(_unit(rng, 7, 4, (3,)), "7 samples and a condition that is one vector"),
        Case(_unit(rng, 24, 3, (6, 4)), "6 frames for 24 samples", LOCAL),
        Case(_unit(rng, 30, 2, (3, 5)), "3 frames for 30 samples", LOCAL),
        Case(_unit(rng, 20, 4, (5, 2)), "5 frames for 20 samples", LOCAL),
        Case(_unit(rng, 9, 3, (9, 2)), "a frame for each of 9 samples", LOCAL),
        Case(_unit(rng, 8, 2, (1, 3)), "one frame for all samples", LOCAL),
        *(
            Case(_unit(rng, 12, 3, condition, 2000), "inputs in the thousands", EDGE)
            for condition in ((2,), (4, 2), (3, 5))
        ),
    ]


def _by_samples(f, g, h, V_f, V_g):
    z = []
    for t in range(len(f)):
        c = h if np.ndim(h) == 1 else h[t * len(h) // len(f)]
        z.append([np.tanh(a) / (1 + np.exp(-b)) for a, b in zip(f[t] + c @ V_f, g[t] + c @ V_g)])
    return z


def _by_one_tanh(f, g, h, V_f, V_g):
    frames = np.reshape(h, (-1, V_f.shape[0]))
    blocks = (len(frames), len(f) // len(frames), f.shape[1])
    a = np.reshape(f, blocks) + (frames @ V_f)[:, None]
    b = np.reshape(g, blocks) + (frames @ V_g)[:, None]
    return np.reshape(np.tanh(a) * (1 + np.tanh(b / 2)) / 2, f.shape)


GATED_UNIT = Exercise(
    function=wavenet.gated_unit,
    read="A gate, and what it is told",
    cases=_gate_cases,
    refuses={
        "5 frames for 24 samples": {"h": lambda h: np.tile(h, (5, 1))},
        "more frames than samples": {"h": lambda h: np.tile(h, (48, 1))},
        "a gate of one sample for a filter of 24": {"g": lambda g: g[:1]},
        "a condition of the gate for one channel of 3": {"V_g": lambda V: V[:, :1]},
        "V_f and V_g for another condition": {"h": lambda h: h[:-1]},
    },
    criteria=(
        Criterion("one condition for all times", 2),
        Criterion("a condition for each frame", 2, LOCAL),
        Criterion("large inputs", 1, EDGE),
    ),
    mistakes="""
        np.tanh(f + c @ V_f) * special.expit(g + c @ V_g)
        => special.expit(f + c @ V_f) * np.tanh(g + c @ V_g)
            Filter and gate are exchanged: the tanh is the filter's and the sigmoid, which lies
            between shut and open, is the gate's.
        * special.expit(g + c @ V_g) => * np.tanh(g + c @ V_g)
            Your gate is a tanh and so may turn the sign over; a gate lies between 0 and 1.
        * special.expit(g + c @ V_g) => + special.expit(g + c @ V_g)
            You add filter and gate; the gate says how much of the filter is let through.
        special.expit(g + c @ V_g) => special.expit(g)
            Your gate does not hear the condition; the filter does.
        np.tanh(f + c @ V_f) => np.tanh(f)
            Your filter does not hear the condition; the gate does.
        g + c @ V_g => g + c @ V_f
            Your gate is conditioned by the weights of the filter; it has weights of its own.
        np.repeat(frames, len(f) // len(frames), axis=0)
        => np.tile(frames, (len(f) // len(frames), 1))
            Your frames come round and round; each frame stays for its samples before the next one.
        np.repeat(frames, len(f) // len(frames), axis=0) => frames.mean(axis=0)
            You give the mean of all frames to every sample; each sample has the frame of its time.
        special.expit(g + c @ V_g) => (np.exp(g + c @ V_g) / (1 + np.exp(g + c @ V_g)))
            Your sigmoid divides infinity by infinity where its argument is large; write it with an
            exponential that gets small there, or take one from a library.
    """,
    alternatives=(
        Alternative(_by_samples, why="one sample after another, in lists"),
        Alternative(_by_one_tanh, why="blocks of samples, and the sigmoid from a tanh"),
    ),
)
