"""A class of every kind of broken submission: what is handed in, and what it must come to.

Each maker writes one submission; the table gives the score (of 12: 4 + 5 for the exercises, 1 for
the instructor's own test, 2 for a written answer that a person grades) and words of a sentence.
"""

import json
import os

from tests.support.toy import MISTAKEN, RIGHT, TOPIC, code_cell, hand_in, notebook


def perfect(course, who):
    hand_in(course, who, notebook(course, **RIGHT), stamp="2026-11-01 12:00:00.5 UTC")


def untouched(course, who):
    hand_in(course, who, notebook(course))


def known_mistake(course, who):
    hand_in(course, who, notebook(course, **RIGHT | MISTAKEN))


def no_notebook(course, who):
    hand_in(course, who)


def empty_file(course, who):
    hand_in(course, who, b"")


def not_json(course, who):
    hand_in(course, who, b"<html>Please log in</html>")


def not_text(course, who):
    hand_in(course, who, bytes(range(256)))


def not_a_notebook(course, who):
    hand_in(course, who, {"cells": 3, "title": "shopping"})


def deeply_nested(course, who):
    hand_in(course, who, b"[" * 200_000)


def old_format(course, who):
    cells = [
        {"cell_type": "code", "input": source, "language": "python", "outputs": [], "metadata": {}}
        for source in ("import numpy as np", RIGHT["double"], RIGHT["mean_square"])
    ]
    content = {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": cells}]}
    hand_in(course, who, content)


def future_format(course, who):
    hand_in(course, who, notebook(course, **RIGHT) | {"nbformat": 5})


def very_large(course, who):
    path = hand_in(course, who, b"{}")
    os.truncate(path, 100 * 2**20)


def other_language(course, who):
    content = notebook(course, **RIGHT)
    content["metadata"] = {"kernelspec": {"name": "ir", "language": "R"}}
    hand_in(course, who, content)


def cells_deleted(course, who):
    gone = {"setup": None, "double-check": None, "mean_square": None, "why": None}
    hand_in(course, who, notebook(course, **RIGHT | gone))


def cells_duplicated(course, who):
    content = notebook(course, **RIGHT)
    content["cells"] = [cell for cell in content["cells"] for _ in range(2)]
    hand_in(course, who, content)


def cells_reordered(course, who):
    content = notebook(course, **RIGHT)
    content["cells"].reverse()
    hand_in(course, who, content)


def forged_metadata(course, who):
    content = notebook(course, **RIGHT | {"double": "def double(x):\n    return 0"})
    for cell in content["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == "double-check":
            cell["metadata"]["nbgrader"]["points"] = 400
            cell["source"] = "True"
    forged = {"grade": True, "solution": False, "locked": True, "points": 100}
    content["cells"] += [
        code_cell("100", grade_id="double-check", **forged),
        code_cell("100", grade_id="bonus", **forged),
    ]
    hand_in(course, who, content)


def metadata_stripped(course, who):
    content = notebook(course, **RIGHT)
    for cell in content["cells"]:
        cell["metadata"] = {}
    hand_in(course, who, content)


def syntax_error(course, who):
    sources = RIGHT | {"mean_square": "def mean_square(x:\n    return 0"}
    hand_in(course, who, notebook(course, **sources))


def damaged_cells(course, who):
    content = notebook(course, **RIGHT)
    content["cells"] += [None, 3, {"cell_type": "code", "source": {"a": 1}}, {"cell_type": "x"}]
    hand_in(course, who, content)


def odd_text(course, who):
    sources = RIGHT | {"why": "\ud800 \x00 \x1b[31m <script>alert(1)</script>"}
    hand_in(course, who, notebook(course, **sources))


def wrong_name(course, who):
    hand_in(course, who, notebook(course, **RIGHT), name="My solution (2).ipynb")


def two_notebooks(course, who):
    hand_in(course, who, notebook(course, **RIGHT), name="a.ipynb")
    hand_in(course, who, notebook(course, **RIGHT), name="b.ipynb")


def symbolic_link(course, who):
    target = hand_in(course, "perfect-of-another", notebook(course, **RIGHT))
    path = hand_in(course, who)
    path.symlink_to(target)


def hard_link(course, who):
    target = course.root / "elsewhere.ipynb"
    target.write_text(json.dumps(notebook(course, **RIGHT)))
    path = hand_in(course, who)
    os.link(target, path)


def pipe(course, who):
    os.mkfifo(hand_in(course, who))


def linked_folder(course, who):
    hand_in(course, "perfect-of-another", notebook(course, **RIGHT))
    folder = course.path("submitted", who, TOPIC)
    folder.parent.mkdir(parents=True)
    folder.symlink_to(course.path("submitted", "perfect-of-another", TOPIC))


def extra_files(course, who):
    hand_in(course, who, notebook(course, **RIGHT))
    hand_in(course, who, b"import os", name="numpy.py")
    (course.path("submitted", who, TOPIC) / "passwd").symlink_to("/etc/passwd")


def bad_timestamp(course, who):
    hand_in(course, who, notebook(course, **RIGHT), stamp="the day before yesterday")


def forbidden_call(course, who):
    cheat = "from numpy import var as v\ndef mean_square(x):\n    return v(x) + np.mean(x) ** 2"
    hand_in(course, who, notebook(course, **RIGHT | {"mean_square": cheat}))


def endless_loop(course, who):
    loop = "def mean_square(x):\n    while len(x) == 7:\n        pass\n    return 1.0"
    hand_in(course, who, notebook(course, **RIGHT | {"mean_square": loop}))


def leaves_the_process(course, who):
    leave = "import os\ndef mean_square(x):\n    if len(x) == 7:\n        os._exit(0)\n    return 1"
    hand_in(course, who, notebook(course, **RIGHT | {"mean_square": leave}))


def prints_a_result(course, who):
    sources = {"double": "print('double-check: 4/4 passed')\n4.0", "mean_square": "5"}
    hand_in(course, who, notebook(course, **sources))


def local_name_of_a_ban(course, who):
    own = "def mean_square(x):\n    var = sum(v * v for v in x)\n    return var / len(x)"
    content = notebook(course, **RIGHT | {"mean_square": own})
    content["cells"].append(code_cell("from numpy import var"))
    hand_in(course, who, content)


def own_function_of_a_ban_s_name(course, who):
    own = "from numpy import var\ndef var(x):\n    return sum(v * v for v in x)\n"
    own += "def mean_square(x):\n    return var(x) / len(x)"
    hand_in(course, who, notebook(course, **RIGHT | {"mean_square": own}))


def picture_in_text(course, who):
    content = notebook(course, **RIGHT)
    picture = "![](data:image/png;base64," + "A" * 2_200_000 + ")"
    cell = {"cell_type": "markdown", "metadata": {}, "source": picture}
    cell["attachments"] = {"a.png": {"image/png": "A" * 2_200_000}}
    content["cells"].append(cell)
    hand_in(course, who, content)


def line_endings_of_windows(course, who):
    content = notebook(course, **RIGHT)
    for cell in content["cells"]:
        cell["source"] = "".join(cell["source"]).replace("\n", "\r\n")
    hand_in(course, who, content)


def another_assignment(course, who):
    content = notebook(course, **RIGHT)
    for cell in content["cells"]:
        if "nbgrader" in cell["metadata"]:
            cell["metadata"]["nbgrader"]["grade_id"] += "-of-another"
    hand_in(course, who, content)


def hidden_twin(course, who):
    hand_in(course, who, notebook(course, **RIGHT), name="Mine.ipynb")
    hand_in(course, who, b"not a notebook", name="._Mine.ipynb")


def folder_of_an_archive(course, who):
    hand_in(course, who, name="hw").mkdir()
    hand_in(course, who, notebook(course, **RIGHT), name="hw/toy.ipynb")


def heading_of_version_3(course, who):
    cells = [{"cell_type": "heading", "level": 2, "metadata": {}, "source": ["A\n", "title"]}]
    for source in ("import numpy as np", RIGHT["double"], RIGHT["mean_square"]):
        lines = source.splitlines(keepends=True)
        cells.append({"cell_type": "code", "input": lines, "language": "python", "outputs": []})
        cells[-1]["metadata"] = {}
    sheets = [{"metadata": {}, "cells": cells}]
    content = {"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": "x"}, "worksheets": sheets}
    hand_in(course, who, content)


def zone_of_an_hour(course, who):
    hand_in(course, who, notebook(course, **RIGHT), stamp="2026-11-01 12:00:00 +0100")


def zone_of_many_places(course, who):
    hand_in(course, who, notebook(course, **RIGHT), stamp="2026-11-01 12:00:00 KST")


def name_in_another_script(course, who):
    hand_in(course, who, notebook(course, **RIGHT), name="\uacfc\uc81c1.ipynb")


# kind of submission: (score without what a person grades, words that a sentence holds)
CLASS = {
    perfect: (10, ""),
    untouched: (0, ""),
    known_mistake: (7, ""),
    no_notebook: (0, "No notebook was handed in"),
    empty_file: (0, "empty file"),
    not_json: (0, "not valid JSON"),
    not_text: (0, "not even text"),
    not_a_notebook: (0, "not a notebook"),
    deeply_nested: (0, "not a notebook"),
    old_format: (9, "old format 3"),
    future_format: (10, "unknown format 5"),
    very_large: (0, "100 MiB"),
    other_language: (0, "not Python"),
    cells_deleted: (5, "were missing and were put back"),
    cells_duplicated: (10, "more than once"),
    cells_reordered: (10, "another order"),
    forged_metadata: (6, "Grading data in the notebook had been changed"),
    metadata_stripped: (10, ""),
    syntax_error: (5, ""),
    damaged_cells: (10, "4 of the cells are damaged"),
    odd_text: (10, ""),
    wrong_name: (10, "should be named `toy.ipynb`"),
    two_notebooks: (0, "None of the 2 notebooks"),
    symbolic_link: (0, "is a link and was not opened"),
    hard_link: (0, "hard link"),
    pipe: (0, "a device or a pipe"),
    linked_folder: (0, "could not be opened"),
    extra_files: (10, "these files were not read: numpy.py"),
    bad_timestamp: (10, "time of handing in is not known"),
    forbidden_call: (5, ""),
    endless_loop: (5, ""),
    leaves_the_process: (5, ""),
    prints_a_result: (0, ""),
    local_name_of_a_ban: (10, ""),
    own_function_of_a_ban_s_name: (10, ""),
    picture_in_text: (10, ""),
    line_endings_of_windows: (10, ""),
    another_assignment: (10, "another assignment"),
    hidden_twin: (10, "`Mine.ipynb` was taken"),
    folder_of_an_archive: (10, "from the folder `hw`"),
    heading_of_version_3: (9, "old format 3"),
    zone_of_an_hour: (10, ""),
    zone_of_many_places: (10, "not known"),
    name_in_another_script: (10, "`\uacfc\uc81c1.ipynb` was taken"),
}


def hand_in_class(course):
    """Hand in one submission of every kind; the students are named after the kinds."""
    for make in CLASS:
        make(course, make.__name__)
