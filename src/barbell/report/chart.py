"""Charts as functions from rows to a Vega-Lite specification; colours by name, every axis titled with its unit.

Rows are dicts. `told` is what a tooltip says of the amount. No chart needs more than one view, so that each fills the width it finds.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from barbell.report.figure import Key, Spec
from barbell.report.number import told
from barbell.report.theme import SERIES, STEPS

Row = Mapping[str, Any]
REPORTED = "reported"
"""Name of what was published, in legends; always drawn in the same grey."""
OTHERS = "others"


def time(labels: Sequence[str], title: str) -> Spec:
    """The axis of time: every period has its place, the first of each year is labelled."""
    years = [label for n, label in enumerate(labels) if n == 0 or labels[n - 1][:4] != label[:4]]
    axis = {"values": years, "labelExpr": "slice(datum.label, 0, 4)", "title": title}
    return {"field": "period", "type": "ordinal", "scale": {"domain": list(labels)}, "axis": axis}


def amount(title: str, field: str = "value", **axis: Any) -> Spec:
    """An axis of amounts; `title` ends with the unit in brackets."""
    return {"field": field, "type": "quantitative", "axis": {"title": title, "tickCount": 5, **axis}}


def hue(names: Sequence[str], field: str = "series") -> Spec:
    """One colour a name, in the order given; what was reported is grey. What they mean is told beside the chart (`keys`)."""
    colours = [f"var(--{key.colour})" for key in keys(names)]
    return {"field": field, "type": "nominal", "scale": {"domain": list(names), "range": colours}, "legend": None}


def keys(names: Sequence[str], shape: str = "square") -> tuple[Key, ...]:
    """What the colours of `hue` mean."""
    grey = {REPORTED: f"c{SERIES}", OTHERS: f"c{SERIES - 1}" if REPORTED in names else f"c{SERIES}"}
    return tuple(Key(name, grey.get(name, f"c{1 + n % SERIES}"), shape) for n, name in enumerate(names))


def scale(borders: Sequence[float], unit: str) -> tuple[Key, ...]:
    """What the steps of a heat map mean: nothing, up to each border, above the last."""
    words = ["none", *(f"to {told(border)}" for border in borders[1:]), f"above {told(borders[-1])}"]
    return tuple(Key(f"{word} {unit}" if n == len(words) - 1 else word, f"h{n}") for n, word in enumerate(words))


def hints(*fields: tuple[str, str]) -> list[Spec]:
    """What a tooltip says: (field, title)."""
    return [{"field": field, "title": title} for field, title in fields]


def drawing(rows: Sequence[Row], layers: Sequence[Spec], *, height: Any = 260) -> Spec:
    """A chart of one or more layers over the same rows."""
    shape: Spec = dict(layers[0]) if len(layers) == 1 else {"layer": [dict(layer) for layer in layers]}
    return {"data": {"values": [dict(row) for row in rows]}, "width": "container", "height": height, **shape}


def stack(names: Sequence[str], x: Spec, y: Spec, *, thing: str = "what") -> Spec:
    """Bars of one series on the other, in the order of the names, from the bottom up."""
    order = {"field": "rank", "type": "quantitative"}
    shown = hints(("period", "period"), ("series", thing), ("told", "amount"))
    return {
        "mark": {"type": "bar"},
        "encoding": {"x": x, "y": y, "color": hue(names), "order": order, "tooltip": shown},
    }


def ends(rows: Sequence[Row], last: str, names: Sequence[str], height: float) -> Spec:
    """Names of the lines at their right ends, moved apart where they would cover each other."""
    found = sorted((float(row["value"]), str(row["series"])) for row in rows if row["period"] == last)
    top = max((float(row["value"]) for row in rows), default=1.0) or 1.0
    apart, level, placed = top * 15 / height, -math.inf, []
    for value, name in found:
        level = max(value, level + apart)
        placed.append({"period": last, "series": name, "at": round(level, 5)})
    x, y = {"field": "period", "type": "ordinal"}, {"field": "at", "type": "quantitative"}
    text = {"type": "text", "align": "left", "dx": 8}
    return {"data": {"values": placed}, "mark": text, "encoding": {"x": x, "y": y, "text": {"field": "series"}, "color": hue(names)}}


def curves(names: Sequence[str], x: Spec, y: Spec, *, thing: str = "what") -> Spec:
    """A line each, with points that tell the amount."""
    shown = hints(("period", "period"), ("series", thing), ("told", "amount"))
    return {
        "mark": {"type": "line", "point": {"size": 22}},
        "encoding": {"x": x, "y": y, "color": hue(names), "tooltip": shown},
    }


def only(layer: Spec, test: str) -> Spec:
    """A layer that sees only the rows that pass a test."""
    return {**layer, "transform": [{"filter": test}]}


def ticks(x: Spec, y: Spec, what: str) -> Spec:
    """Short thick lines across the bars, such as an envelope."""
    return {
        "mark": {"type": "tick", "thickness": 3, "color": "var(--strong)", "bandSize": 34},
        "encoding": {"x": x, "y": y, "tooltip": hints(("period", "period"), ("told", what))},
    }


def diamonds(x: Spec, y: Spec, what: str) -> Spec:
    """Single points beside bars, such as half a year that was reported."""
    shown = hints(("period", "year"), ("told", what))
    point = {"type": "point", "shape": "diamond", "size": 110, "color": "var(--strong)", "stroke": "var(--ground)"}
    return {"mark": point, "encoding": {"x": x, "y": y, "tooltip": shown}}


def heat(x: Spec, y: Spec, borders: Sequence[float], shown: Sequence[Spec], *, written: bool = False) -> list[Spec]:
    """Tiles in `STEPS` steps of colour between the borders of `level`; `written` adds the amounts."""
    steps = [f"var(--h{n})" for n in range(len(borders) + 1)]
    step = {"field": "level", "type": "quantitative", "legend": None, "scale": {"type": "threshold", "domain": list(borders), "range": steps}}
    tiles = {
        "mark": {"type": "rect", "stroke": "var(--ground)", "strokeWidth": 1},
        "encoding": {"x": x, "y": y, "color": step, "tooltip": list(shown)},
    }
    if not written:
        return [tiles]
    dark = {"test": f"datum.level >= {borders[3]}", "value": "var(--ink1)"}
    text = {
        "mark": {"type": "text", "fontSize": 11},
        "encoding": {"x": x, "y": y, "text": {"field": "told"}, "color": {"condition": dark, "value": "var(--ink0)"}, "tooltip": list(shown)},
    }
    return [tiles, text]


def edges(values: Sequence[float]) -> list[float]:
    """Borders between the steps of a heat map, even between nothing and the largest value; nothing has a step of its own."""
    top = max(values, default=0.0) or 1.0
    return [top * 1e-6, *(float(f"{top * n / (STEPS - 1):.2g}") for n in range(1, STEPS - 1))]


def rows_of(field: str, names: Sequence[str], title: str) -> Spec:
    """An axis of things, one below the other."""
    axis = {"title": title}
    return {"field": field, "type": "nominal", "sort": list(names), "scale": {"domain": list(names)}, "axis": axis}


def bubbles(x: Spec, y: Spec, size: Spec, shown: Sequence[Spec], colour: Spec) -> Spec:
    """Circles whose area tells the amount."""
    return {
        "mark": {"type": "circle", "opacity": 0.9, "stroke": "var(--ground)", "strokeWidth": 0.5},
        "encoding": {"x": x, "y": y, "size": size, "color": colour, "tooltip": list(shown)},
    }


def bars(x: Spec, y: Spec, colour: Spec, shown: Sequence[Spec]) -> Spec:
    """Bars side by side or lying."""
    return {"mark": {"type": "bar"}, "encoding": {"x": x, "y": y, "color": colour, "tooltip": list(shown)}}


def ranges(title: str, y: Spec, colours: Mapping[str, str], shares: Sequence[Row]) -> list[Spec]:
    """A point with its range for each thing and measure, the measures of a thing one below the other, on one logarithmic scale.

    Rows have `series`, `measure`, `value`, `low`, `high`, `clear` (opacity) and `told`; `shares` (year, series, share) stand at the right,
    those of the year that the signal `year` says.
    """
    names = list(colours)
    hue = {"field": "measure", "type": "nominal", "legend": None, "scale": {"domain": names, "range": [f"var(--{colours[n]})" for n in names]}}
    apart = {"field": "measure", "type": "nominal", "scale": {"domain": names}}
    faint = {"field": "clear", "type": "quantitative", "scale": None, "legend": None}
    shown = hints(("series", "chip"), ("measure", "measure"), ("told", "value"))
    log = {"scale": {"type": "log", "nice": False}}
    usual = {"y": y, "yOffset": apart, "color": hue, "opacity": faint, "tooltip": shown}
    x, low = amount(title, titleAnchor="end", grid=True) | log, amount(title, "low", titleAnchor="end") | log
    return [
        {"mark": {"type": "rule", "strokeWidth": 2.5}, "encoding": {**usual, "x": low, "x2": {"field": "high"}}},
        {"mark": {"type": "point", "filled": True, "size": 55}, "encoding": {**usual, "x": x}},
        {
            "data": {"values": [dict(row) for row in shares]},
            "transform": [{"filter": "datum.year == year"}],
            "mark": {"type": "text", "align": "left", "dx": 6},
            "encoding": {"y": y, "x": {"value": "width"}, "text": {"field": "share"}},
        },
    ]
