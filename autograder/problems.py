"""The problems that the course owes an answer: a practice exam, its formula sheet, two homeworks.

An exercise names those that it asks (`Exercise.answers`); a derivation is asked as the function
that computes the derived quantity.
"""

from __future__ import annotations

PROBLEMS = {
    "exam 1a": "loudness levels of four tones",
    "exam 1b": "loudness of each of them",
    "exam 1c": "masking coefficients and total loudness",
    "exam 1d": "correlogram of the four tones",
    "exam 2": "weighted synthesis with p multiplications a sample",
    "exam 3": "the last scaling constant from unscaled forward probabilities",
    "exam 4a": "sensitivity of the layer-2 gradient to a formant",
    "exam 4b": "sensitivity of a resonator's coefficient to a formant",
    "exam 5a": "gradient of the CTC loss by an output, in two forms",
    "exam 5b": "back-propagation through one step of the recurrent net",
    "exam 6": "derivative of attention by a key",
    "exam 7": "gradient of the HuBERT loss by a codevector",
    "sheet dtw": "the similarity recursion",
    "sheet lpc": "normal equations and synthesis filter",
    "sheet hmm": "scaled forward, backward and re-estimation",
    "sheet formants": "coefficients of a resonator",
    "sheet softmax": "derivative of minus the logarithm of a softmax",
    "sheet ctc": "gradient, posterior, forward and backward",
    "sheet transformer": "attention and its heads",
    "sheet cpc": "the loss of contrastive predictive coding",
    "sheet hubert": "the loss of masked prediction",
    "sheet vqvae": "the straight-through gradient",
    "sheet resynthesis": "upsampling, and the generator's loss",
    "homework 3.1": "derivative of a Frobenius norm",
    "homework 3.2": "a ReLU net through given points",
    "homework 3.3": "gradient of a binary classifier's first layer",
    "homework 3.4": "one step of training a convolutional net",
    "homework 6.1": "gradient of a recurrent net by the weight of one lag",
    "homework 6.2": "a derivative through nested intermediate variables",
    "homework 6.3": "asynchronous back-propagation in a one-gate net",
    "homework 6.4": "an LSTM that counts",
}
