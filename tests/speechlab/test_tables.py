"""Results as tables: what is shown, and what is refused."""

import numpy as np
import pytest

from speechlab import table


def test_a_table_says_what_it_holds():
    shown = table(
        {"Method": ["one & two", "three"], "Error (Hz)": [1.25, -2], "Count": np.array([3, 4])},
        "Errors of two methods.",
        decimals={"Error (Hz)": 1},
    )
    page = shown._repr_html_()
    assert "<caption><span>Errors of two methods.</span></caption>" in page
    assert '<th scope="row">one &amp; two</th><td class="speech-number">1.2</td>' in page
    assert '<th scope="col" class="speech-number">Count</th>' in page
    assert 'aria-label="Errors of two methods."' in page
    assert shown.rows == (("one & two", "1.2", "3"), ("three", "\u22122", "4"))
    assert repr(shown).splitlines()[0] == "Method  Error (Hz)  Count"


@pytest.mark.parametrize(
    "columns", [{}, {"a": []}, {"a": [1], "b": [1, 2]}], ids=["none", "empty", "uneven"]
)
def test_a_table_without_rows_or_with_uneven_columns_is_refused(columns):
    with pytest.raises(ValueError, match="same number of rows"):
        table(columns)


def test_decimals_for_a_column_that_there_is_not():
    with pytest.raises(ValueError, match="no column c"):
        table({"a": [1.0]}, decimals={"c": 1})
