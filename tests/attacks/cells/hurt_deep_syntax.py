"""Hands in code that is nested so deep that whoever parses it falls.

Succeeds if the batch stops, or the other students' rows are missing.
"""

deep = "x = " + "(" * 150 + "1" + ")" * 150
for text in (deep, "-" * 100_000 + "1", "a" + ".b" * 100_000, "[" * 100_000, "x" * 10**6):
    try:
        exec(text)
    except (SyntaxError, RecursionError, MemoryError, NameError) as error:
        print(type(error).__name__)
