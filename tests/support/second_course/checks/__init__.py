"""The hidden checks of the course."""
