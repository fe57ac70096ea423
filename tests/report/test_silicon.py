"""Chips side by side as a picture."""

from __future__ import annotations

import re

import pytest

from barbell.core.errors import CaseError, FactError
from barbell.report.silicon import USED, draw, silicon
from barbell.report.theme import colours

ROWS = [
    {"chip": chip, "measure": measure, "price": "published", "value": value, "low": value / 2, "high": value * 2}
    for measure in ("speed", "worth")
    for chip, value in (("b", 20.0), ("a", 10.0))
]


def test_measures_stand_side_by_side_and_chips_in_the_order_given():
    spec = silicon(ROWS, "two chips")
    assert [view["transform"][0]["filter"]["equal"] for view in spec["concat"]] == ["speed", "worth"]
    layers = spec["concat"][0]["layer"]
    assert all(layer["encoding"]["y"]["sort"] == ["b", "a"] for layer in layers) and layers[0]["encoding"]["x2"] == {"field": "high"}


@pytest.mark.parametrize("name", ["c.svg", "c.html"])
def test_a_picture_is_written_whole(tmp_path, name):
    text = draw(silicon(ROWS, "two chips"), tmp_path / name).read_text(encoding="utf-8")
    assert "two chips" in text and [path.name for path in tmp_path.iterdir()] == [name]
    assert "https://cdn" not in text and "<script" not in text


@pytest.mark.parametrize("name", ["c.svg", "c.html"])
def test_every_colour_has_its_twin_in_the_dark(tmp_path, name):
    rows = [row | {"price": price} for row, price in zip(ROWS, ("published", "assumed") * 2, strict=True)]
    text = draw(silicon(rows, "two chips"), tmp_path / name).read_text(encoding="utf-8")
    drawn = text.partition("</style><")[2] if name == "c.svg" else text.partition("<svg")[2].partition("</style>")[2]
    drawn = re.sub(r"<style>.*?</style>", "", drawn)
    used = set(re.findall(r'(?:fill|stroke)="(#[0-9a-f]{3,6})"', drawn))
    assert used and used <= {colours("light")[name] for name in USED}


def test_what_cannot_be_drawn_or_written_is_told(tmp_path):
    with pytest.raises(FactError, match=r"End its name with one of \.svg, \.html"):
        draw(silicon(ROWS, "two chips"), tmp_path / "c.png")
    with pytest.raises(CaseError, match=r"cannot be written: .* Name another file with --chart"):
        draw(silicon(ROWS, "two chips"), tmp_path / "none" / "c.svg")
    assert not list(tmp_path.iterdir())
