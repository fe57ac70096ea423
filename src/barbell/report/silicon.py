"""A picture of chips side by side: a point with its range each, on one logarithmic scale per measure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from barbell.core.errors import FactError
from barbell.report.file import put
from barbell.report.theme import colours, config

Spec = dict[str, Any]
KINDS = (".svg", ".html")
"""Endings of pictures that can be written."""


def silicon(rows: Sequence[Mapping[str, Any]], title: str) -> Spec:
    """Vega-Lite of rows of chip, measure, value, low, high and how the price is known; measures stand side by side, chips in the order given."""
    chips, measures = (list(dict.fromkeys(row[name] for row in rows)) for name in ("chip", "measure"))
    c = colours("light")
    hue = {
        "field": "price", "type": "nominal", "title": "price",
        "scale": {"domain": ["published", "assumed"], "range": [c["c1"], c["c2"]]}, "legend": {"orient": "bottom"},
    }  # fmt: skip
    chip = {"field": "chip", "type": "nominal", "sort": chips, "axis": {"title": None}}
    reach = {"type": "quantitative", "scale": {"type": "log"}}
    views = []
    for measure in measures:
        low, value = ({"field": name, **reach, "axis": {"title": measure, "tickCount": 5}} for name in ("low", "value"))
        layers = [
            {"mark": {"type": "rule", "strokeWidth": 2}, "encoding": {"y": chip, "x": low, "x2": {"field": "high"}, "color": hue}},
            {"mark": {"type": "point", "filled": True, "size": 60}, "encoding": {"y": chip, "x": value, "color": hue}},
        ]
        views.append({"transform": [{"filter": {"field": "measure", "equal": measure}}], "width": 260, "height": {"step": 20}, "layer": layers})
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json", "title": title, "data": {"values": [dict(row) for row in rows]},
        "hconcat": views, "config": config("light"),
    }  # fmt: skip


def draw(spec: Spec, to: Path) -> Path:
    """Write a picture whole, as an SVG or as a page that fetches nothing. Raises FactError for another ending, CaseError where the disk refuses."""
    import vl_convert

    if to.suffix not in KINDS:
        raise FactError(f"{to} is no picture that can be drawn. End its name with one of {', '.join(KINDS)}")
    told = json.dumps(spec)
    text = vl_convert.vegalite_to_svg(told) if to.suffix == ".svg" else vl_convert.vegalite_to_html(told, bundle=True)
    return put(text, to, "--chart")
