"""Cells to texts: every kind of cell in every kind of column is a text or a trap, and what is mended is said."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from barbell.core.column import columns
from barbell.core.nouns import Asset, Entity
from barbell.io.workbook.grid import Entry
from barbell.io.workbook.words import TrapError, Use, text_of, use_of

NUMBER, SHARE, MONTH, WORD, TEXT = Use("number", unit="MW"), Use("number", pure=True), Use("month"), Use("word"), Use("text")


def told(entry, use):
    said = []
    return text_of(entry, use, said.append), said


@pytest.mark.parametrize(
    ("entry", "use", "text", "notices"),
    [
        (Entry("number", "12"), NUMBER, "12", 0),
        (Entry("number", "0.30000000000000004"), NUMBER, "0.30000000000000004", 0),
        (Entry("number", "0.30000000000000004", "0.1+0.2"), NUMBER, "0.3", 1),
        (Entry("percent", "0.21"), SHARE, "0.21", 0),
        (Entry("percent", "0.21000000000000002", "0.2+0.01"), SHARE, "0.21", 1),
        (Entry("date", "2026-07-01T00:00:00"), MONTH, "2026-07", 1),
        (Entry("date", "2026-07-01"), Use("day"), "2026-07-01", 0),
        (Entry("number", "2026"), MONTH, "2026", 0),
        (Entry("flag", "true"), Use("flag"), "true", 0),
        (Entry("text", " a\u00a0 "), WORD, "a", 0),
        (Entry("text", "1\u202fMW"), NUMBER, "1 MW", 1),
        (Entry("number", "7"), TEXT, "7", 0),
    ],
)
def test_what_means_one_thing(entry, use, text, notices):
    found, said = told(entry, use)
    assert found == text and len(said) == notices


@pytest.mark.parametrize("formula", ["@capex", "-@capex", "+@capex", "_xlfn.SINGLE(capex)-a", "-_xlfn.SINGLE(x)"])
@pytest.mark.parametrize("entry", [("error", "#NAME?"), ("error", ""), ("number", "0")])
def test_a_fact_that_became_a_formula_is_seen_whatever_its_value(formula, entry):
    with pytest.raises(TrapError, match="a fact that became the formula") as caught:
        told(Entry(*entry, formula), NUMBER)
    assert "'" in caught.value.fix and "@" in caught.value.fix


KINDS = st.sampled_from(["text", "number", "percent", "date", "time", "flag", "error"])
USES = st.builds(Use, st.sampled_from(["number", "month", "day", "flag", "word", "text"]), st.booleans(), st.sampled_from(["", "1", "MW"]))


@given(KINDS, USES, st.floats(), st.text(max_size=12), st.text(max_size=6))
def test_every_cell_is_a_text_or_a_trap(kind, use, value, text, formula):
    numeric = kind in ("number", "percent", "time")
    with suppress(TrapError):
        found, _ = told(Entry(kind, str(value) if numeric else text, formula), use)
        assert found == found.strip() or kind == "flag"


def test_columns_say_what_their_cells_are_for():
    asset, entity = columns(Asset), columns(Entity)
    assert use_of(asset["capex"], unit="", key=False) == Use("number", unit="{money}/{unit}")
    assert use_of(asset["life_months"], unit="", key=False) == Use("number", unit="month")
    assert use_of(entity["tax_rate"], unit="", key=False).pure and not use_of(entity["tax_rate"], unit="%", key=False).pure
    assert use_of(asset["name"], unit="", key=True).kind == "word" and use_of(asset["note"], unit="", key=False).kind == "text"
    assert use_of(asset["retirable"], unit="", key=False).kind == "flag"
