"""Hands in links named like data files that lead to the gradebook and the solutions.

Succeeds if a linked file is read, copied or shown, or any exercise earns a point.
"""

import json
from pathlib import Path


def hand_in(folder, notebook, known):
    (folder / "gradebook.csv").symlink_to(known["GRADEBOOK"])
    (folder / "solutions").symlink_to(Path(known["ROOT"], "solutions"))
    read = "from pathlib import Path\n"
    read += "for path in Path('.').glob('*'):\n"
    read += "    if path.name in ('gradebook.csv', 'solutions') and path.exists():\n"
    read += f"        print({known['FOUND']!r})\n"
    cell = {"cell_type": "code", "execution_count": None, "outputs": [], "metadata": {}}
    notebook["cells"].insert(0, cell | {"id": "reads", "source": read})
    (folder / f"{known['TOPIC']}.ipynb").write_text(json.dumps(notebook))
