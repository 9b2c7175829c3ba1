"""Folded cells say what they hold."""

from __future__ import annotations

import re
from pathlib import Path

import jupytext

from speechlab.site.folded import contents
from tests.support.building import ROOT, jupyter_book, new_course

HEAD = """---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  display_name: Python 3
  language: python
  name: python3
---

# Cells

"""
CELLS = """
```{code-cell} ipython3
:tags: [hide-input]
:mystnb: {code_prompt_show: "Adds one, and <two>"}

1 + 1
```

```{code-cell} ipython3
:tags: [hide-input]

import math
import cmath
```

```{code-cell} ipython3
:tags: [hide-input]

half, (third, *rest) = 1 / 2, (1 / 3, 4)


def square(x):
    return x * x
```
"""


def folded_cells():
    """Every folded cell of the book: its page and the cell."""
    for page in sorted((ROOT / "book").glob("*.md")):
        for cell in jupytext.reads(page.read_text("utf-8"), "md:myst").cells:
            if {"hide-input", "hide-cell", "hide-output"} & set(cell.metadata.get("tags", [])):
                yield page.stem, cell


def test_a_cell_is_called_after_what_it_holds():
    assert contents("import numpy as np") == "Imports"
    assert contents("import numpy as np\nrate = 8000") == "Code: rate"
    assert contents("fig, ax = subplots()\nax.plot(x)\npicture(fig, '')") == "Code of this figure"
    assert contents("[sound(x, rate, ''), sound(y, rate, '')]") == "Code of this sound"
    assert contents("a = b = c = d = e = 0") == "Code: a, b, c, d, ..."
    assert contents("class A: pass\nexplore(A, f=[1, 2])") == "Code of this control: A"
    assert contents("%magic") == "Code"
    assert contents("") == "Code"


def test_the_words_stand_on_the_page(tmp_path):
    course = new_course(tmp_path, cells=HEAD + CELLS)
    done = jupyter_book("build", course)
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
    page = Path(course / "_build" / "html" / "book" / "cells.html").read_text("utf-8")
    for way in ("collapsed", "expanded"):
        said = re.findall(rf'<p class="{way} admonition-title">(.*?)</p>', page)
        assert said[0] == "Adds one, and &lt;two&gt;"
        assert said[1:] == ["Imports", "Code: half, third, rest, square"]
