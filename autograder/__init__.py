"""The private half of *From Sound to Meaning*: references, hidden checks and the grader."""
