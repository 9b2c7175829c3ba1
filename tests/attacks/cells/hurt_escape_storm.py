"""Prints beginnings of terminal escapes without ends, which filters read again and again.

Succeeds if the grader takes seconds for a page.
"""

print("\x1bP" * 49_000)
print("\x1b]0;" * 10_000)
raise ValueError("\x9b" + "0" * 10_000)
