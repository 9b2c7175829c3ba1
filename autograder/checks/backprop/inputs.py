"""What the checks on nets without memory share: a drawn net, and what has no answer there."""

from __future__ import annotations

from autograder.checks.recurrent.inputs import away_from_zero
from autograder.exercise.draw import spoilt


def drawn_net(rng, I, J, K, N):  # noqa: E741
    """W1, W2, s, t: formants in kilohertz, a net that neither sleeps nor saturates."""
    W1, W2 = 0.6 * away_from_zero(rng, J, K), away_from_zero(rng, I, J)
    return W1, W2, rng.uniform(0.3, 1.6, (N, K)), rng.uniform(0.3, 2.5, (N, I))


BAD_NETS = {"one target for all frames": {"t": lambda t: t[:1]}, **spoilt("s")}
