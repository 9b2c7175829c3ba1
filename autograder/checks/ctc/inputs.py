"""What the checks on CTC share: inputs, group names, calls that give answers away."""

from __future__ import annotations

import numpy as np
from scipy.special import softmax

from autograder.exercise.declare import Case
from autograder.reference import ctc

LONG = "long"
ASKED = "the loss, or the decoder, is what you are asked to write"

READY_MADE = (
    "torch.nn.functional.ctc_loss",
    "torch.nn.CTCLoss",
    "torchaudio.models.decoder.ctc_decoder",
    "pyctcdecode.build_ctcdecoder",
)


def outputs(rng, T, K):
    """Rows of probabilities, none of them very small."""
    return softmax(rng.uniform(-1.5, 1.5, (T, K)), axis=1)


def log_outputs(rng, T, K):
    return np.log(outputs(rng, T, K))


def classes(rng, K, pattern):
    """A label of classes below K in the pattern of the letters: "aba" may become [3, 1, 3]."""
    drawn = dict(zip("abcdefgh", rng.permutation(np.arange(1, K)).tolist()))
    return [drawn[letter] for letter in pattern]


def expanded(rng, K, pattern):
    return ctc.blank_expansion(classes(rng, K, pattern))


def with_zeros(rng, T, K, places):
    """Outputs of which some are zero, and yet the label has a path."""
    log_y = log_outputs(rng, T, K)
    path = np.resize(places, T)
    path[len(places) :] = 0
    drop = rng.uniform(size=(T, K)) < 0.3
    drop[np.arange(T), path] = False
    return np.where(drop, -np.inf, log_y)


def lattice_cases(rng):
    """(log_y, expanded), kind and group: what the exercises on the lattice have in common."""
    repeats, faint = expanded(rng, 5, "aabcc"), log_outputs(rng, 150, 4) - 5
    zeros = expanded(rng, 4, "ab")
    return [
        ((log_outputs(rng, 6, 4), expanded(rng, 4, "ab")), "two classes in six frames"),
        ((log_outputs(rng, 9, 4), expanded(rng, 4, "aba")), "a class that comes back later"),
        ((log_outputs(rng, 12, 5), repeats), "a label with classes said twice in a row"),
        ((log_outputs(rng, 7, 5), repeats), "a label that just fits its frames"),
        ((log_outputs(rng, 4, 3), expanded(rng, 3, "")), "a label without classes"),
        ((log_outputs(rng, 1, 4), expanded(rng, 4, "a")), "a single frame"),
        ((with_zeros(rng, 8, 4, zeros), zeros), "outputs of which some are zero"),
        ((faint, expanded(rng, 4, "abcacbbaca")), "150 frames of faint outputs", LONG),
    ]


def usual_cases(rng, arguments):
    return [Case(arguments(*inputs), *rest) for inputs, *rest in lattice_cases(rng)]


def with_variables(log_y, places):
    """The arguments of what comes after forward and backward."""
    return log_y, places, ctc.log_forward(log_y, places)[0], ctc.log_backward(log_y, places)
