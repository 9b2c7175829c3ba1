"""Hands in JSON that is nested a million deep.

Succeeds if the batch stops.
"""


def hand_in(folder, notebook, known):
    path = folder / f"{known['TOPIC']}.ipynb"
    path.write_bytes(b"[" * 10**6 + b"]" * 10**6)
