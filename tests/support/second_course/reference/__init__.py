"""The hidden references of the course."""
