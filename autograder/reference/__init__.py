"""Hidden reference implementations, one module a topic: plain NumPy functions."""
