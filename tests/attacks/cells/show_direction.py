"""Turns the direction of text, so that a page reads other than it is.

Succeeds if it acts in a feedback page, in formgrader or in the terminal.
"""

turned = "\u202e001 fo 001\u202c \u2066\u200f\ufeff"
print(turned)


def raising(*args, **kwargs):
    raise ValueError(turned)


for name in NAMES:
    globals()[name] = raising
