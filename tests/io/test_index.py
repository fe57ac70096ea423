"""The index gives back what was put in, or says that it is damaged."""

import sqlite3

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barbell.io import index
from barbell.io.index import DamagedError, delete, load, save

COLUMNS = ("name", "stamp", "text", "amount")
cells = st.one_of(st.none(), st.text(), st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False))


@pytest.fixture
def file(tmp_path):
    return tmp_path / "index.sqlite"


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.text(), st.text(), cells, cells), unique_by=lambda row: row[0]), st.data())
def test_what_was_put_in_comes_back(tmp_path_factory, rows, data):
    file = tmp_path_factory.mktemp("index") / "index.sqlite"
    save(file, COLUMNS, rows, {})
    assert load(file, COLUMNS) == {row[0]: row for row in rows}
    gone = data.draw(st.lists(st.sampled_from(rows), unique_by=lambda row: row[0])) if rows else []
    save(file, COLUMNS, [], {row[0]: row[1] for row in gone})
    assert load(file, COLUMNS) == {row[0]: row for row in rows if row not in gone}


def test_a_row_that_was_replaced_since_is_not_struck_out(file):
    save(file, COLUMNS, [("a", "new", 1, 2.0)], {"a": "old"})
    save(file, COLUMNS, [], {"a": "old"})
    assert load(file, COLUMNS) == {"a": ("a", "new", 1, 2.0)}


def test_no_file_has_no_rows_and_none_is_made(file):
    assert load(file, COLUMNS) == {} and not file.exists()
    delete(file)


def test_a_cell_changed_by_another_hand_is_seen(file):
    save(file, COLUMNS, [("a", "s", "text", 1.0)], {})
    base = sqlite3.connect(file)
    base.execute("UPDATE rows SET amount = 2.0")
    base.commit()
    base.close()
    with pytest.raises(DamagedError):
        load(file, COLUMNS)


def test_other_columns_are_another_index(file):
    save(file, COLUMNS, [("a", "s", "text", 1.0)], {})
    other = ("name", "stamp", "length")
    with pytest.raises(DamagedError):
        load(file, other)
    save(file, other, [("b", "s", 1.0)], {})
    assert load(file, other) == {"b": ("b", "s", 1.0)}


def test_trouble_of_the_moment_is_not_called_damage(file, monkeypatch):
    save(file, COLUMNS, [], {})
    monkeypatch.setattr(index, "BUSY", 0.01)
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        load(file, COLUMNS)
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        save(file, COLUMNS, [], {})
    other.close()
    assert load(file, COLUMNS) == {}
