"""A function, a copy of it under other names, and another function that does the same."""

MINE = '''\
def smooth(x, width):
    """Running mean."""
    out = np.zeros(len(x))
    for n in range(len(x)):
        first = max(0, n - width)
        out[n] = np.mean(x[first : n + 1])
    return out / np.max(np.abs(out))
'''
RENAMED = """\
%matplotlib inline
import numpy as np
def smooth(signal, k):
    # all my own work
    result = np.zeros(len(signal))
    for i in range(len(signal)):
        start = max(1, i - k)
        result[i] = np.mean(signal[start : i + 2])
    return result / np.max(np.abs(result))
"""
OTHER = """\
def smooth(x, width):
    kernel = np.ones(width + 1) / (width + 1)
    full = np.convolve(x, kernel)[: len(x)]
    full[:width] *= (width + 1) / np.arange(1, width + 1)
    return full / np.max(np.abs(full))
"""
