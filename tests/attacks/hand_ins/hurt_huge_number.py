"""Hands in numbers of a million digits where small ones belong.

Succeeds if the batch stops.
"""

import json


def hand_in(folder, notebook, known):
    text = json.dumps(notebook)
    text = text.replace(
        '"nbformat_minor": ', '"big": [1e999999, NaN, -Infinity], "nbformat_minor": '
    )
    text = text.replace('"execution_count": null', f'"execution_count": {"9" * 10**5}', 1)
    path = folder / f"{known['TOPIC']}.ipynb"
    path.write_text(text)
