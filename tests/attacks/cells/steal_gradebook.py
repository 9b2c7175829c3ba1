"""Reads the gradebook: other students' scores, and the hidden cells.

Succeeds if it can read one row, or any exercise earns a point.
"""

import sqlite3

for path in (GRADEBOOK, "gradebook.db", "../gradebook.db", "../../../gradebook.db"):
    try:
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as book:
            for (text,) in book.execute("select source from source_cell"):
                found("a hidden cell", len(text or ""))
    except sqlite3.Error as error:
        print(error)
