"""Sounds that every system of 16 kHz refuses, and what it says of them."""

import numpy as np

BAD = {
    "empty": (np.zeros(0), 16000, "one channel"),
    "too short": (np.ones(300), 16000, "25 ms"),
    "two channels": (np.ones((2, 800)), 16000, "one channel"),
    "NaN": (np.array([1.0, np.nan] * 400), 16000, "finite samples, without NaN"),
    "silence": (np.zeros(800), 16000, "silence"),
    "wrong rate": (np.ones(1600), 8000, "not at 8000"),
}
