"""What the checks on nets without memory share: a drawn net, and calls it refuses."""

from __future__ import annotations

import numpy as np

from autograder.checks.recurrent.inputs import away_from_zero
from autograder.exercise.declare import Case
from autograder.exercise.draw import BAD, with_nan


def drawn_net(rng, I, J, K, N):  # noqa: E741
    """W1, W2, s, t: formants in kilohertz, a net that neither sleeps nor saturates."""
    W1, W2 = 0.6 * away_from_zero(rng, J, K), away_from_zero(rng, I, J)
    return W1, W2, rng.uniform(0.3, 1.6, (N, K)), rng.uniform(0.3, 2.5, (N, I))


def refuse_net(W1, W2, s, t):
    """What an alternative refuses; arrays otherwise."""
    W1, W2, s, t = (np.asarray(a, dtype=float) for a in (W1, W2, s, t))
    if not all(np.isfinite(a).all() and a.ndim == 2 and a.size for a in (W1, W2, s, t)):
        raise ValueError("bad input")
    if W1.shape != (W2.shape[1], s.shape[1]) or t.shape != (len(s), len(W2)):
        raise ValueError("bad input")
    return W1, W2, s, t


def bad_nets(W1, W2, s, t):
    """Calls with this net that have no answer."""
    return [
        Case((W1, W2, with_nan(s), t), "NaN among the formants", BAD),
        Case((W1.T, W2, s, t), "a W1 of the wrong shape", BAD),
        Case((W1, W2, s, t[:-1]), "one target frame too few", BAD),
        Case((W1, W2, s, t[:1]), "one target for all frames", BAD),
        Case((W1, W2, s[:0], t[:0]), "no frames at all", BAD),
    ]
