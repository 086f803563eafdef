"""CSV lines: one line for each row, whatever the cells contain, and no formulas."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.csv_lines import csv_lines, text_cell

texts = st.text(
    st.characters(exclude_categories=["Cs"])
    | st.sampled_from("=+-@\t\r\n\",' \u2028\uff1d\uff0b\uff0d\uff20\0")
)


@given(st.lists(st.lists(texts, min_size=2, max_size=4), max_size=5))
def test_every_row_is_one_line_that_can_be_read_back(rows: list[list[str]]):
    cells = [[text_cell(text) for text in row] for row in rows]
    written = csv_lines(cells)
    assert list(csv.reader(io.StringIO(written, newline=""), strict=True)) == cells
    assert len(written.splitlines()) == written.count("\r\n") == len(rows)


@given(texts)
def test_no_cell_starts_as_a_formula(text: str):
    cell = text_cell(text)
    assert not cell.lstrip().startswith(("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20"))
    assert not cell.startswith(("\t", "\r"))


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        (None, ""),
        ("", ""),
        ("too late", "too late"),
        ("a-b@c=d+e", "a-b@c=d+e"),
        ("two\r\nlines\nand\u2028more", "two lines and more"),
        ('=HYPERLINK("http://evil.example")', '\'=HYPERLINK("http://evil.example")'),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "' =1"),
        ("  =1", "'  =1"),
        ("\uff1d1", "'\uff1d1"),
        ("\uff0b1", "'\uff0b1"),
        ("\uff0d1", "'\uff0d1"),
        ("\uff20a", "'\uff20a"),
        ("'quoted", "'quoted"),
    ],
)
def test_a_text_is_protected(text: str | None, cell: str):
    assert text_cell(text) == cell


def test_cells_with_quotes_and_commas_are_quoted():
    assert csv_lines([["a", 'say "no"', "1,5", ""]]) == 'a,"say ""no""","1,5",\r\n'
