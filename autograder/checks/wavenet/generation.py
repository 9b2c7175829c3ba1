"""The same samples, sooner: one step of a net that keeps what it will need again in queues."""

from __future__ import annotations

import numpy as np

from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.exercise.draw import EDGE, changed
from autograder.reference import wavenet


def _net(rng, dilations, C, Q, output=1.0):
    """The inputs of a step in the middle of a signal."""
    L = len(dilations)
    queues = tuple(rng.normal(size=(d, C)) for d in dilations)
    taps = 0.7 * rng.normal(size=(2, L, 2, C, C))
    E, W_o = rng.normal(size=(Q, C)), output * rng.normal(size=(C, Q))
    return int(rng.integers(Q)), queues, E, *taps, W_o


def _at_the_start(rng, dilations, C, Q):
    sample, queues, *weights = _net(rng, dilations, C, Q)
    return sample, tuple(np.zeros(queue.shape) for queue in queues), *weights


def _step_cases(rng):
    return [
        Case(_net(rng, (2, 4, 8), 3, 6), "3 layers and 6 classes"),
        Case(_net(rng, (1, 2, 4, 1, 2), 4, 9), "two blocks of layers and 9 classes"),
        Case(_net(rng, (3, 5), 2, 5), "2 layers whose dilation does not double"),
        Case(_net(rng, (1, 3, 2, 6), 3, 8), "4 layers and 8 classes"),
        Case(_at_the_start(rng, (1, 2, 4), 3, 6), "the first sample, with queues of zeros", EDGE),
        Case(_net(rng, (3,), 2, 4), "a single layer", EDGE),
        *(
            Case(_net(rng, dilations, 3, 7, 1e5), "scores in the thousands", EDGE)
            for dilations in ((2, 3), (1, 4), (2, 2, 2))
        ),
    ]


def _both_taps_at_once(sample, queues, E, W_f, W_g, W_o):
    h, scores, moved = E[sample], 0.0, []
    for l, queue in enumerate(queues):  # noqa: E741
        heard = np.concatenate([h, queue[0]])
        f, g = (heard @ W[l].reshape(2 * len(h), len(h)) for W in (W_f, W_g))
        z = np.tanh(f) * 0.5 * (1 + np.tanh(g / 2))
        moved.append(np.append(queue, [h], axis=0)[1:])
        h, scores = h + z, scores + z @ W_o
    shifted = np.exp(scores - scores.max())
    return shifted / shifted.sum(), moved


NEXT_SAMPLE = Exercise(
    function=wavenet.next_sample,
    read="The same samples, sooner",
    cases=_step_cases,
    refuses={
        "a class that E has no row for": {"sample": 6},
        "a negative class": {"sample": -1},
        "a queue too few": {"queues": lambda queues: queues[1:]},
        "an empty queue": {"queues": lambda queues: (*queues[:-1], np.zeros((0, 3)))},
        "NaN in W_f": {"W_f": changed((1, 1, 0, 2), np.nan)},
        "a W_o for other channels": {"W_o": lambda W: W[:2]},
    },
    criteria=(
        Criterion("probabilities of the next class", 3, select=0),
        Criterion("queues, moved on by one sample", 2, select=1),
        Criterion("the first sample, a single layer, large scores", 1, EDGE),
    ),
    mistakes="""
        past = queue[0] => past = queue[-1]
            You read the newest vector of the queue; the layer asks for the one that went in a
            whole dilation ago.
        past = queue[0] => past = np.vstack([queue, h])[1]
            You move the queue on before you read it, and so read one sample too late.
        moved.append(np.vstack([queue[1:], h])) => moved.append(np.vstack([queue, h])[:-1])
            Your queues stand still: nothing new has gone in.
        moved.append(np.vstack([queue[1:], h])) => moved.append(np.vstack([queue, h]))
            Your queues grow by one vector a sample; what has been read is not needed again.
        moved.append(np.vstack([queue[1:], h])) => moved.append(np.vstack([h, queue[:-1]]))
            New vectors go in at the wrong end: the oldest one comes first.
        moved.append(np.vstack([queue[1:], h])) => moved.append(np.vstack([queue[1:], z]))
            You keep what comes out of the gate; a queue holds what its layer reads.
        moved.append(np.vstack([queue[1:], h])) => moved.append(np.vstack([queue[1:], h + z]))
            You keep the input of the layer above; a queue holds what its own layer reads.
        a_f = h @ filter_taps[0] + past @ filter_taps[1]
        => a_f = h @ filter_taps[1] + past @ filter_taps[0]
        a_g = h @ gate_taps[0] + past @ gate_taps[1]
        => a_g = h @ gate_taps[1] + past @ gate_taps[0]
            Your two taps are exchanged: the first one belongs to now.
        h, total = h + z, total + z => h, total = z, total + z
            The next layer reads the gate's output alone; the input of the layer is carried past it
            and added.
        h, total = h + z, total + z => h, total = h + z, z
            Only the last layer has a say in the scores; the outputs of all gates are added.
        special.softmax(total @ W_o) => special.softmax(h @ W_o)
            Your scores are made from the top of the stack, which holds the vector of the sample
            too; add up the outputs of the gates.
        np.tanh(a_f) * special.expit(a_g) => special.expit(a_f) * np.tanh(a_g)
            Filter and gate are exchanged: the tanh is the filter's, the sigmoid the gate's.
        special.softmax(total @ W_o) => total @ W_o
            You return scores; a softmax makes probabilities of them.
        special.softmax(total @ W_o) => np.exp(total @ W_o) / np.sum(np.exp(total @ W_o))
            The exponential of a large score is infinite. The probabilities are the same when the
            largest score is taken off all of them first.
    """,
    alternatives=(Alternative(_both_taps_at_once, why="both taps in one product"),),
)
