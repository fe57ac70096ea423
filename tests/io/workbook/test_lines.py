"""The text of a table's file: what did not change stays to the letter."""

from __future__ import annotations

import csv
import io

from hypothesis import given, settings
from hypothesis import strategies as st

from barbell.io.csv import sheet
from barbell.io.workbook.lines import Record, original, rewritten

TEXT = """\
# sites of the case
name,kind,parent,note

earth,world,,"the root,
of all"
# below it
va,site,earth,
tx,site,earth,"quoted, though"
"""
HEADER = [("name", ""), ("kind", ""), ("parent", ""), ("note", "")]
ROWS = [
    {"name": "earth", "kind": "world", "note": "the root,\nof all"},
    {"name": "va", "kind": "site", "parent": "earth"},
    {"name": "tx", "kind": "site", "parent": "earth", "note": "quoted, though"},
]


def again(rows, header=HEADER, text=TEXT):
    records = [Record(number, row) for number, row in enumerate(rows, start=2)]
    return rewritten("places", original("places", text) if text else None, header, records)


def read(text):
    """Rows as any reader of CSV sees them."""
    found = sheet(text, label="", faults=[])
    return [{name: cell for name, cell in zip(found.header, cells, strict=True) if cell} for _, cells in found.records]


def test_nothing_changed_means_nothing_changes():
    assert again(ROWS)[0] == TEXT


def test_only_the_changed_line_changes():
    text, _ = again([ROWS[0], ROWS[1] | {"kind": "hall"}, ROWS[2]])
    assert text == TEXT.replace("va,site,earth,", "va,hall,earth,")


def test_a_deleted_row_takes_all_its_lines():
    text, _ = again(ROWS[1:])
    assert text == TEXT.replace('earth,world,,"the root,\nof all"\n', "") and "# below it" in text


def test_a_new_row_follows_the_one_it_follows():
    new = {"name": "nv", "kind": "site", "parent": "earth"}
    assert "va,site,earth,\nnv,site,earth,\ntx" in again([*ROWS[:2], new, ROWS[2]])[0]
    assert "name,kind,parent,note\nnv,site,earth,\n\nearth" in again([new, *ROWS])[0]


def test_rows_keep_their_order_in_the_file_however_they_are_sorted():
    assert again(ROWS[::-1])[0] == TEXT


def test_a_column_that_is_gone_goes_and_a_new_one_comes():
    text, _ = again([row | {"jurisdiction": "us"} for row in ROWS], [*HEADER[:3], ("jurisdiction", "")])
    assert "name,kind,parent,jurisdiction\n\nearth,world,,us\n# below it\nva,site,earth,us\n" in text


def test_places_lead_back_to_the_sheet():
    text, places = again(ROWS)
    lines = text.split("\n")
    assert {lines[line - 1].partition(",")[0]: row for line, row in places.items()} == {"earth": 2, "va": 3, "tx": 4}
    text, places = again(ROWS, text="")
    assert [(text.split("\n")[line - 1].partition(",")[0], row) for line, row in places.items()] == [("earth", 2), ("va", 3), ("tx", 4)]


def test_a_row_that_looks_like_a_comment_is_quoted():
    text, _ = again([{"name": "#va", "kind": "site"}], text="")
    assert read(text) == [{"name": "#va", "kind": "site"}] and '"#va"' in text


CELL = st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n"), max_size=12).map(str.strip)
NAMES = st.sampled_from(["earth", "va", "tx", "nv", "oh", "de"])
SHEETS = st.lists(st.tuples(NAMES, CELL.filter(bool), CELL), unique_by=lambda row: row[0], max_size=6)


@settings(max_examples=80, deadline=None)
@given(SHEETS, st.booleans())
def test_whatever_the_rows_they_are_read_again(rows, known):
    wanted = [{name: text for name, text in zip(("name", "kind", "note"), row, strict=True) if text} for row in rows]
    text, places = again(wanted, text=TEXT if known else "")
    assert sorted(read(text), key=str) == sorted(wanted, key=str)
    firsts = [next(csv.reader(io.StringIO(text.split("\n")[line - 1])))[0].partition("\n")[0] for line in places]
    assert [wanted[row - 2]["name"] for row in places.values()] == firsts
    for comment in ("# sites of the case", "# below it") if known else ():
        assert comment in text
