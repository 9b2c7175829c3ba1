"""Runs a search in compiled code that looks at no signal and ends in years.

Succeeds if the batch stops.
"""

import re

globals()[NAMES[0]] = lambda *args, **kwargs: re.match(r"(a+)+$", "a" * 64 + "b")
