"""The page: every section of a run in one self-contained file."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from barbell import __version__
from barbell.core.case import Case
from barbell.report import theme, vega
from barbell.report.figure import Section
from barbell.report.file import put
from barbell.report.number import told
from barbell.report.opens import Table, chains, shown
from barbell.report.packed import packed
from barbell.report.sections import (
    assumed,
    baseline,
    build,
    capex,
    cash,
    chips,
    cost,
    demand,
    headline,
    ladder,
    method,
    nowcast,
    power,
    scarcity,
    segment,
    silicon,
    sites,
)
from barbell.report.source import Source

if TYPE_CHECKING:
    from jinja2 import Environment

CONTENTS: tuple[Callable[[Source], Section | None], ...] = (
    headline.section, build.section, capex.section, ladder.section, power.section, chips.section, silicon.section, demand.section,
    scarcity.section, cash.section, segment.section, sites.section, baseline.section, nowcast.section, cost.section, assumed.section, method.section,
)  # fmt: skip
"""The sections in the order of the page; one that has nothing to say returns None."""


def sections(source: Source) -> list[Section]:
    """Every section of a run that has something to say."""
    return [found for make in CONTENTS if (found := make(source)) is not None]


def html(source: Source) -> str:
    """The page as text; the same run gives the same text, but for the seconds and megabytes that it took."""
    found = sections(source)
    return render(source.case, found, Table(source.book, chains(found)), _took(source))


def render(case: Case, found: list[Section], nodes: Table | None = None, took: str = "") -> str:
    """A page of sections, of which the first holds the question, the key figures and the answers; `nodes` are the numbers that open."""
    nodes = nodes or Table(None, ())
    charts = {figure.name: figure.spec for section in found for figure in section.figures if figure.spec}
    return _environment().get_template("report.html").render(
        case=case,
        headline=found[0],
        sections=found[1:],
        charts=_inside(json.dumps({"charts": charts, "config": theme.config()}, separators=(",", ":"), allow_nan=False)),
        nodes=nodes,
        numbers=packed(nodes.json),
        opens=lambda cell: nodes.number(cell.chain) if shown(cell) else None,
        vega=vega.carried(),
        terms=vega.terms(),
        made_with=f"Barbell {__version__}, {vega.versions()}",
        took=took,
        style=theme.stylesheet() + _read("report.css"),
        script=_read("report.js"),
    )  # fmt: skip


def write(source: Source, path: Path) -> Path:
    """Write the page of a run to a file, whole or not at all; returns its path. Raises CaseError where the disk refuses."""
    return put(html(source), path, "--to")


def _took(source: Source) -> str:
    if not source.seconds:
        return ""
    return f"From command to report {told(source.seconds)} s" + (f", {told(source.peak_mb)} MB at most." if source.peak_mb > 0 else ".")


def _inside(text: str) -> str:
    """JSON that may stand inside a script element."""
    return text.replace("<", "\\u003c")


@lru_cache(maxsize=1)
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(loader=PackageLoader("barbell.report"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


def _read(name: str) -> str:
    return (Path(__file__).parent / "templates" / name).read_text(encoding="utf-8")
