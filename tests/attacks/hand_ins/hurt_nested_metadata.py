"""Hands in a true notebook with metadata nested as deep as JSON can be read.

Succeeds if the batch stops, or another student is not graded.
"""

import json


def hand_in(folder, notebook, known):
    text = json.dumps(notebook)
    deep = '{"a":' * 900 + "1" + "}" * 900
    text = text.replace('"metadata": {', f'"metadata": {{"deep": {deep}, ', 1)
    path = folder / f"{known['TOPIC']}.ipynb"
    path.write_text(text)
