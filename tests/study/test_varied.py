"""The price of what was varied stands beside it in a comparison."""

import polars as pl
import pytest

from barbell.study import compare, variants
from tests.conftest import ROOT


def test_the_price_of_what_was_varied_stands_beside_it():
    """The toy's grid binds at 7.5 MW, not at 30: docs/guide/toy.md derives the first price."""
    found = compare(variants([str(ROOT / "cases" / "toy")], {}, {"limits.grid.bound": ["7.5 MW", "30 MW"]}))
    rows = found.varied.filter((pl.col("kind") == "limit") & (pl.col("item") == "grid")).to_dicts()
    assert [(row["period"], row["unit"]) for row in rows] == [("2027", "MUSD2026/MW")]
    assert rows[0]["7.5 MW"] == pytest.approx(10.46, abs=0.005) and rows[0]["30 MW"] == 0.0
