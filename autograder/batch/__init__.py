"""Many submissions: what is to be graded, by whom it is run, and what it came to."""
