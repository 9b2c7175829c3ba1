"""Hands in code that whoever only reads it falls over: nested, endless, ambiguous.

Succeeds if the batch stops, or the attack's own row is a fault of the grader's.
"""

import json


def hand_in(folder, notebook, known):
    texts = ["(" * 4_000, "-" * 4_000 + "1", "a" + ".b" * 4_000, "lambda:" * 3_000 + "0"]
    texts += ["if 1:\n" + "".join(f"{' ' * n}if 1:\n" for n in range(1, 95)) + " " * 99 + "1"]
    texts += ["f'" + "{f'" * 50 + "'}" * 50 + "'", "x" + "[0]" * 4_000, "1" + "+1" * 4_000]
    texts += [f"def {name}(x):\n    return x" + ".lfilter" * 3_000 for name in known["NAMES"]]
    cell = {"cell_type": "code", "execution_count": None, "outputs": [], "metadata": {}}
    for number, text in enumerate(texts):
        notebook["cells"].append(cell | {"source": text, "id": f"bomb-{number}"})
    path = folder / f"{known['TOPIC']}.ipynb"
    path.write_text(json.dumps(notebook))
