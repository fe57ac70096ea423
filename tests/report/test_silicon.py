"""Chips side by side as a picture."""

from __future__ import annotations

import pytest

from barbell.core.errors import CaseError, FactError
from barbell.report.silicon import draw, silicon

ROWS = [
    {"chip": chip, "measure": measure, "price": "published", "value": value, "low": value / 2, "high": value * 2}
    for measure in ("speed", "worth")
    for chip, value in (("b", 20.0), ("a", 10.0))
]


def test_measures_stand_side_by_side_and_chips_in_the_order_given():
    spec = silicon(ROWS, "two chips")
    assert [view["transform"][0]["filter"]["equal"] for view in spec["hconcat"]] == ["speed", "worth"]
    layers = spec["hconcat"][0]["layer"]
    assert all(layer["encoding"]["y"]["sort"] == ["b", "a"] for layer in layers) and layers[0]["encoding"]["x2"] == {"field": "high"}


@pytest.mark.parametrize("name", ["c.svg", "c.html"])
def test_a_picture_is_written_whole(tmp_path, name):
    text = draw(silicon(ROWS, "two chips"), tmp_path / name).read_text(encoding="utf-8")
    assert "two chips" in text and [path.name for path in tmp_path.iterdir()] == [name]
    assert "https://cdn" not in text


def test_what_cannot_be_drawn_or_written_is_told(tmp_path):
    with pytest.raises(FactError, match=r"End its name with one of \.svg, \.html"):
        draw(silicon(ROWS, "two chips"), tmp_path / "c.png")
    with pytest.raises(CaseError, match=r"cannot be written: .* Name another file with --chart"):
        draw(silicon(ROWS, "two chips"), tmp_path / "none" / "c.svg")
    assert not list(tmp_path.iterdir())
