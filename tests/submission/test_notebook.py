"""Untrusted bytes never make an error; they make cells and sentences."""

import json
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.submission.assignment import Part, repair
from autograder.submission.notebook import MAX_CELLS, MAX_SOURCE, Cell, read

PARTS = (
    Part("setup", "code", "import numpy as np", locked=True),
    Part("f", "code", "def f(): pass", solution=True),
    Part("f-check", "code", "assert f()", locked=True, grade=True, points=3.0),
    Part("why", "markdown", "YOUR ANSWER HERE", grade=True, solution=True, points=2.0),
)
json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4)
    ),
    max_leaves=12,
)
names = st.sampled_from(["setup", "f", "f-check", "why", "", "bonus", 3, None])
metadata = json_values | st.fixed_dictionaries(
    {
        "nbgrader": st.fixed_dictionaries(
            {"grade_id": names, "points": json_values, "grade": json_values}
        )
    }
)
source = json_values | st.sampled_from(["import numpy as np", "def f(): return 1", "assert f()"])
kinds = st.sampled_from(["code", "markdown", "raw", "weird", None])
cell = json_values | st.fixed_dictionaries(
    {"cell_type": kinds, "metadata": metadata, "source": source}
)
notebooks = st.fixed_dictionaries(
    {
        "nbformat": st.sampled_from([4, 4, 4, 5, "4", None, True]),
        "metadata": json_values,
        "cells": st.lists(cell, max_size=6) | json_values,
    }
)


def _check(data):
    reading = read(data)
    assert all(isinstance(c, Cell) and isinstance(c.source, str) for c in reading.cells)
    assert all(says.endswith(".") for says in reading.says)
    assert reading.runs or reading.says
    slots, says = repair(reading.cells, PARTS)
    assert all(isinstance(s, str) for s in says)
    assert [s.part.name for s in slots if s.part and s.part.restored] == ["setup", "f-check"]
    for slot in slots:
        if slot.part:
            assert slot.kind == slot.part.kind
            assert not slot.part.restored or slot.source == slot.part.source
    assert sum(slot.part is not None and slot.part.name == "why" for slot in slots) == 1
    json.dumps([s.source for s in slots], ensure_ascii=False).encode()


@given(st.binary(max_size=200))
def test_any_bytes(data):
    _check(data)


@given(json_values)
def test_any_json(value):
    _check(json.dumps(value).encode())


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(notebooks)
def test_anything_like_a_notebook(value):
    _check(json.dumps(value).encode())


def test_sources_may_be_lists_of_lines():
    value = {"nbformat": 4, "cells": [{"cell_type": "code", "source": ["a\n", "b"]}]}
    assert read(json.dumps(value).encode()).cells == (Cell("code", "a\nb"),)


def test_a_byte_order_mark_is_no_problem():
    data = json.dumps({"nbformat": 4, "cells": []}).encode("utf-8-sig")
    assert read(data).says == ()


def test_merge_conflicts_are_named():
    assert "merge conflict" in read(b'{"cells": [\n<<<<<<< HEAD\n').says[0]


def test_too_many_cells():
    value = {"nbformat": 4, "cells": [{"cell_type": "code", "source": "1"}] * (MAX_CELLS + 1)}
    reading = read(json.dumps(value).encode())
    assert len(reading.cells) == MAX_CELLS and "were not read" in reading.says[0]


def test_a_number_too_long_for_python():
    assert not read(b'{"nbformat": 4, "cells": [' + b"9" * 10_000 + b"]}").runs


def _names(slots):
    return [slot.part.name if slot.part else slot.source for slot in slots]


def test_a_stub_is_not_put_back_over_a_definition_elsewhere():
    slots, _ = repair([Cell("code", "def g(): pass"), Cell("code", "def f(): return 2")], PARTS)
    assert _names(slots) == ["setup", "def g(): pass", "f", "f-check", "why"]
    assert slots[_names(slots).index("f")].source == "def f(): return 2"


def test_an_edited_answer_wins_over_a_pristine_copy():
    cells = [Cell("markdown", "YOUR ANSWER HERE", "why"), Cell("markdown", "Because.", "why")]
    slots, _ = repair(cells, PARTS)
    assert [s.source for s in slots if s.part and s.part.name == "why"] == ["Because."]


def test_the_first_of_two_checks_stands_and_the_other_is_the_student_s_own():
    cells = [Cell("code", "pass", "f-check"), Cell("code", "assert f()", "f-check")]
    slots, says = repair(cells, PARTS)
    assert _names(slots).count("f-check") == 1
    assert "pass" in _names(slots)
    assert not any("restored" in s for s in says)


def test_no_more_of_an_old_notebook_is_converted_than_is_read(monkeypatch):
    import nbformat

    cell = {"cell_type": "code", "input": "1", "language": "python", "metadata": {}}
    cell["outputs"] = [{"output_type": "stream", "text": "x" * 1000}]
    sheets = [{"metadata": {}, "cells": [cell] * 1500}] * 3
    seen, convert = [], nbformat.convert

    def counted(notebook, to):
        seen.extend(cell for sheet in notebook["worksheets"] for cell in sheet["cells"])
        assert not any(cell["outputs"] for cell in seen)
        return convert(notebook, to)

    monkeypatch.setattr(nbformat, "convert", counted)
    value = {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": sheets}
    reading = read(json.dumps(value).encode())
    assert len(reading.cells) == MAX_CELLS and "were not read" in reading.says[1]
    assert len(seen) == MAX_CELLS + 1


def _file(*cells, version=4):
    return json.dumps({"nbformat": version, "nbformat_minor": 0, "metadata": {}, "cells": cells})


def test_only_code_counts_towards_the_limit_on_code():
    large = "x" * (MAX_SOURCE + 1)
    picture = {"cell_type": "markdown", "metadata": {}, "source": f"![](data:image/png;{large})"}
    picture["attachments"] = {"a.png": {"image/png": large}}
    code = {"cell_type": "code", "metadata": {}, "source": "x = 1"}
    assert read(_file(picture, picture | {"cell_type": "raw"}, code).encode()).runs
    reading = read(_file(code | {"source": large}).encode())
    assert not reading.runs and "code cells" in reading.says[0]


OLD = [
    {"cell_type": "heading", "level": 2, "metadata": {}, "source": ["A\n", "title"]},
    {"cell_type": "code", "input": ["a = 1\n", "b = 2"], "language": "python", "outputs": []},
    {"cell_type": "markdown", "source": ["one\n", "two"], "metadata": {}},
    {"cell_type": "code", "input": "c = 3", "collapsed": False, "outputs": [], "prompt_number": 1},
]


@pytest.mark.parametrize("sheets", [[OLD], [OLD[:1], OLD[1:]], [[], OLD], []])
@pytest.mark.parametrize("version", [2, 3])
def test_old_formats_convert_as_nbformat_converts_them(version, sheets):
    import nbformat

    cells = [[c for c in sheet if version > 2 or c["cell_type"] != "heading"] for sheet in sheets]
    old = {"nbformat": version, "nbformat_minor": 0, "metadata": {"name": ""}}
    old["worksheets"] = [{"metadata": {}, "cells": sheet} for sheet in cells]
    text = json.dumps(old)
    right = nbformat.convert(nbformat.reader.reads(text), 4)
    reading = read(text.encode())
    assert [c.source for c in reading.cells] == [cell.source for cell in right.cells]
    assert reading.runs and "was converted" in reading.says[0]


def _released(part):
    """The cell as nbgrader released it."""
    import nbformat
    from nbgrader.utils import compute_checksum

    cell = nbformat.v4.new_code_cell(part.source)
    cell.cell_type, cell.metadata["nbgrader"] = part.kind, nbformat.from_dict(part.metadata())
    claims = {**part.metadata(), "checksum": compute_checksum(cell)}
    return Cell(part.kind, part.source, part.name, claims)


def _says(cells, parts=PARTS):
    return " ".join(repair(cells, parts)[1])


def test_other_ends_of_lines_are_no_change():
    parts = [replace(PARTS[2], source="assert f()\nassert 2"), PARTS[1]]
    for end in ("\r\n", "\r", "  \n", "\n"):
        mine = Cell("code", f"assert f(){end}assert 2{end}", "f-check", parts[0].metadata())
        assert "changed" not in _says([mine], parts)


def test_a_cell_of_an_earlier_release_was_not_changed_by_the_student():
    cells = [_released(part) for part in PARTS]
    now = [replace(PARTS[0], source="import numpy"), PARTS[1]]
    now += [replace(PARTS[2], source="assert f() == 1", points=7.0), replace(PARTS[3], points=9.0)]
    for end in ("\n", "\r\n"):
        before = [replace(cell, source=cell.source.replace("\n", end)) for cell in cells]
        slots, says = repair(before, now)
        assert says == [
            "The assignment's own cells `f-check`, `setup` are of an earlier release; those of "
            "the present one were used."
        ]
        assert [slot.source for slot in slots if slot.part and slot.part.restored] == [
            part.source for part in now if part.restored
        ]


def test_a_cell_that_was_changed_is_said_to_be():
    cells = [_released(part) for part in PARTS]
    cells[2] = replace(cells[2], source="assert True")
    assert "`f-check` had been changed" in _says(cells)
    cells[2] = replace(_released(PARTS[2]), claims=cells[2].claims | {"points": 100.0})
    assert "Grading data in the notebook had been changed" in _says(cells)


def test_a_cell_that_the_instructor_took_out_is_not_forged():
    gone = Part("g-check", "code", "assert g()", locked=True, grade=True, points=2.0)
    assert _says([*map(_released, PARTS), _released(gone)]) == ""


def test_a_notebook_of_another_assignment_is_called_that():
    parts = [replace(part, name=f"other-{part.name}") for part in PARTS[1:]]
    says = repair([_released(p) for p in [PARTS[0], *parts]], PARTS)[1]
    assert len(says) == 1 and says[0].startswith("This is the notebook of another assignment")
    assert "`other-f`" in says[0]
    assert "another assignment" not in _says([Cell("code", "def f(): return 1")])
