"""nbgrader's tables: grades, lateness, errors, the lock."""
