"""The vocabulary of declarations: exercises, comparators, drawn inputs."""
