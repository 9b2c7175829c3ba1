"""Hands in code that takes whoever only reads it hours: names that double, chains, magics.

Succeeds if the grader takes minutes for it, or the attack's own row is a fault of the grader's.
"""

import json


def hand_in(folder, notebook, known):
    name = known["NAMES"][-1]
    doubled = "".join(f"a{i + 1} = a{i}.x\na{i + 1} = a{i}.y\n" for i in range(60))
    chains = f"def {name}(x):\n    lfilter, solve_toeplitz\n" + f"    y{'.b' * 900}\n" * 200
    texts = [f"import scipy as a0\n{doubled}", f"{chains}    return a60\n"]
    texts += ["!x\n" * 600 + f"def {name}(x):\n    lfilter\n" + "a = 1\n" * 2_000]
    texts += ["x = %t\n" + (" " * 30_000 + "a\n") * 20, "!x\n" * 300 + "def f(:"]
    cell = {"cell_type": "code", "execution_count": None, "outputs": [], "metadata": {}}
    for number, text in enumerate(texts):
        notebook["cells"].append(cell | {"source": text, "id": f"slow-{number}"})
    path = folder / f"{known['TOPIC']}.ipynb"
    path.write_text(json.dumps(notebook))
