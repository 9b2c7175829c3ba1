"""nbgrader's hooks: its commands go through the same mechanism."""
