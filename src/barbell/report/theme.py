"""Colours and type of the charts, in one place, for light and dark.

In the page a chart names its colours (``var(--c1)``) and the stylesheet says what they are, so that light, dark and print
need one drawing. A picture outside a page takes the colours themselves. Hues follow Okabe and Ito (2008), "Color universal
design", darkened or lightened until they stand out at 3:1 from the ground of their theme.
"""

from __future__ import annotations

from typing import Any, Literal

Mode = Literal["page", "light", "dark"]

_LIGHT = {
    "ground": "#ffffff", "ink": "#1b1f24", "quiet": "#59636e", "rule": "#d8dee4", "strong": "#1b1f24",
    "c1": "#0072b2", "c2": "#c67a00", "c3": "#00845f", "c4": "#b14d8b", "c5": "#3f9bd8", "c6": "#c44e00", "c7": "#6f6a00", "c8": "#57606a",
    "h0": "#f6f8fa", "h1": "#dcebf7", "h2": "#aed2ee", "h3": "#72b0dd", "h4": "#2777b0", "h5": "#0b5c94", "h6": "#063b61",
    "ink0": "#1b1f24", "ink1": "#ffffff",
}  # fmt: skip
_DARK = {
    "ground": "#14181d", "ink": "#e8ecf0", "quiet": "#a6b0bb", "rule": "#343b44", "strong": "#ffffff",
    "c1": "#4aa8e0", "c2": "#f0ad3d", "c3": "#2fc497", "c4": "#e08fc0", "c5": "#9ad1f5", "c6": "#f0824a", "c7": "#d9d25c", "c8": "#9aa5b1",
    "h0": "#1a2027", "h1": "#10304a", "h2": "#144a73", "h3": "#1d689f", "h4": "#3f92cd", "h5": "#84bfe9", "h6": "#cfe7f9",
    "ink0": "#f3f6f9", "ink1": "#0c1116",
}  # fmt: skip
SERIES = 8
"""Colours that can be told apart; more things than that are drawn together as others."""
STEPS = 7
"""Steps of a heat map."""


def colours(mode: Mode) -> dict[str, str]:
    """Every colour by name: as variables of the page's stylesheet, or as they are in a theme."""
    if mode == "page":
        return {name: f"var(--{name})" for name in _LIGHT}
    return dict(_LIGHT if mode == "light" else _DARK)


def config(mode: Mode = "page") -> dict[str, Any]:
    """Vega-Lite config of a theme."""
    c = colours(mode)
    return {
        "background": "transparent" if mode == "page" else c["ground"],
        "font": "system-ui, sans-serif",
        "padding": 4,
        "aria": False,
        "view": {"stroke": None},
        "axis": {
            "labelColor": c["quiet"], "titleColor": c["quiet"], "gridColor": c["rule"], "domainColor": c["rule"], "tickColor": c["rule"],
            "labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal", "labelPadding": 4,
        },
        "axisX": {"grid": False, "labelAngle": 0, "labelOverlap": "greedy", "labelSeparation": 8, "titleAnchor": "end"},
        "axisY": {
            "domain": False, "ticks": False, "titleAngle": 0, "titleAlign": "left", "titleBaseline": "bottom", "titleX": 0, "titleY": -8,
        },
        "bar": {"stroke": c["ground"], "strokeWidth": 0.5},
        "line": {"strokeWidth": 2.25},
        "text": {"color": c["ink"], "fontSize": 12},
        "rule": {"color": c["ink"]},
        "point": {"filled": True, "size": 60},
    }  # fmt: skip


def stylesheet() -> str:
    """The colours as variables: light, dark where the reader's system or choice asks for it, and light on paper."""
    light, dark = (";".join(f"--{name}:{value}" for name, value in found.items()) for found in (_LIGHT, _DARK))
    dark = f"color-scheme:dark;{dark}"
    return "\n".join((
        f":root{{color-scheme:light;{light}}}",
        f'@media screen and (prefers-color-scheme:dark){{:root:not([data-theme="light"]){{{dark}}}}}',
        f'@media screen{{:root[data-theme="dark"]{{{dark}}}}}',
        *(f".{name}{{--colour:var(--{name})}}" for name in _LIGHT),
        "",
    ))  # fmt: skip
