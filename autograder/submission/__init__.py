"""From bytes to an assessment: collecting, reading, putting in order, sanitising."""
