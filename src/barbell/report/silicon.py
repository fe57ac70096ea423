"""A picture of chips side by side: a point with its range each, on one logarithmic scale per measure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from barbell.core.errors import FactError
from barbell.report.file import put
from barbell.report.theme import colours, config

Spec = dict[str, Any]
USED = ("ground", "ink", "quiet", "rule", "c1", "c2")
"""Colours of the picture, by their names in the themes."""
WORDS = {
    "title": {"color": colours("light")["ink"], "anchor": "start", "offset": 14},
    "legend": {"labelColor": colours("light")["quiet"], "titleColor": colours("light")["quiet"]},
}
PAGE = (
    '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>'
    "<style>:root{{color-scheme:light dark}}body{{margin:1rem;background:{light}}}svg{{max-width:100%;height:auto}}"
    "@media (prefers-color-scheme:dark){{body{{background:{dark}}}}}</style></head><body>{picture}</body></html>\n"
)
KINDS = (".svg", ".html")
"""Endings of pictures that can be written."""


def silicon(rows: Sequence[Mapping[str, Any]], title: str) -> Spec:
    """Vega-Lite of rows of chip, measure, value, low, high and how the price is known; measures stand two by two, chips in the order given."""
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
            {"mark": {"type": "point", "filled": True, "size": 60, "opacity": 1}, "encoding": {"y": chip, "x": value, "color": hue}},
        ]
        views.append({"transform": [{"filter": {"field": "measure", "equal": measure}}], "width": 260, "height": {"step": 20}, "layer": layers})
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json", "title": title, "data": {"values": [dict(row) for row in rows]},
        "concat": views, "columns": 2, "padding": 16, "config": config("light") | WORDS,
    }  # fmt: skip


def _in_both(svg: str) -> str:
    """The picture with rules that change its colours to those of the dark theme where the reader's system asks for it."""
    light, dark = colours("light"), colours("dark")
    rules = "".join(f'[{what}="{light[name]}"]{{{what}:{dark[name]}}}' for name in USED for what in ("fill", "stroke"))
    head, sign, rest = svg.partition(">")
    return f"{head}{sign}<style>@media (prefers-color-scheme:dark){{{rules}}}</style>{rest}"


def draw(spec: Spec, to: Path) -> Path:
    """Write a picture whole, as an SVG or as a page that fetches nothing. Raises FactError for another ending, CaseError where the disk refuses."""
    import vl_convert

    if to.suffix not in KINDS:
        raise FactError(f"{to} is no picture that can be drawn. End its name with one of {', '.join(KINDS)}")
    text = _in_both(vl_convert.vegalite_to_svg(json.dumps(spec)))
    if to.suffix == ".html":
        text = PAGE.format(title=escape(str(spec["title"])), picture=text, light=colours("light")["ground"], dark=colours("dark")["ground"])
    return put(text, to, "--chart")
