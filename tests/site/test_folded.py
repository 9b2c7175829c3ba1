"""Folded cells say what they hold."""

from __future__ import annotations

import re
from pathlib import Path

from speechlab.site.folded import contents
from tests.support.building import MYST_HEAD, jupyter_book, new_course

HEAD = (
    MYST_HEAD
    + """
# Cells

"""
)
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


def test_a_cell_is_called_after_what_it_holds():
    assert contents("import numpy as np") == "Imports"
    assert contents("import numpy as np\nrate = 8000") == "Code: rate"
    assert contents("fig, ax = subplots()\nax.plot(x)\npicture(fig, '')") == "Code of this figure"
    assert contents("[sound(x, rate, ''), sound(y, rate, '')]") == "Code of this sound"
    assert contents("a = b = c = d = e = 0") == "Code: a, b, c, d, ..."
    assert contents("class A: pass\nexplore(A, f=[1, 2])") == "Code of this control: A"
    assert contents("low = min(x)\nclaim('It is low.', low < 1)") == "Check of this sentence: low"
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
