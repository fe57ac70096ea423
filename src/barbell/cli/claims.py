"""``barbell facts claims``: published statements held against the facts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from barbell.cli.app import app
from barbell.cli.options import OUTPUT, Output

if TYPE_CHECKING:
    from barbell.cli.record import Record
    from barbell.facts.figure import Figure
    from barbell.facts.verdict import Finding, Review

_LEGEND = """now: with all that is known by now, where that is another value; needs care: holds only within twice the tolerance, rests on facts of
grade C, D or S, or a claim's lines differ; judged: no formula decides the line; a claim with such a line counts as judged"""


@app["facts"].command
def claims(file: Path | None = None, /, *, output: Output = OUTPUT) -> None:
    """Check published statements against the facts: recompute each, and say whether it holds.

    Parameters
    ----------
    file
        Table of claims as CSV; without one, what the news of February 2026 said of Amazon's plans.
    """
    from barbell.facts.claim import read, shipped
    from barbell.facts.verdict import review

    found = review(read(file) if file else shipped())
    if output.json:
        from barbell.cli import record

        record.emit(_record(found))
    else:
        _show(found)


def _show(found: Review) -> None:
    """A table of lines, the verdicts on whole claims, and the sources by number."""
    from barbell.facts.claim import JUDGEMENTS
    from barbell.report.layout import page, table

    console, sources = page(), _sources(found)
    rows = [_row(line, sources) for line in found.lines]
    table(console, "", ("id", "claim", "verdict", "why", "unit", "sources", "stated", "recomputed", "now"), rows, words=6)
    console.print(f"\n{_LEGEND}\n")
    for kind, computed in (("computed", True), ("judged", False)):
        counted = ", ".join(f"{count} {verdict}" for verdict, count in found.counts["lines"][kind].items() if count)
        told = [(name, verdict) for name, (verdict, by_rule) in found.claims.items() if by_rule == computed]
        console.print(f"{kind.capitalize()}: {sum(found.counts['lines'][kind].values())} lines ({counted or 'none'}), {len(told)} claims")
        for given in JUDGEMENTS:
            names = [name for name, verdict in told if verdict == given]
            if names:
                console.print(f"  {given:<10}  {len(names):>2}  {' '.join(names)}", markup=False)
    console.print("\nSources")
    for source, number in sources.items():
        console.say(f"  {number:>2}  {source}")


def _row(line: Finding, sources: dict[str, int]) -> tuple[str, ...]:
    numbers = sorted({sources[_source(figure)] for figure in line.facts})
    now = _told(line.now) + (f" ({line.now_verdict})" if line.now_verdict and line.now_verdict != line.verdict else "")
    texts = (line.claim.id, line.claim.claim, line.verdict, line.why or "", line.claim.unit, " ".join(map(str, numbers)))
    return (*texts, _stated(line), _told(line.value), now if line.now is not None else "")


def _stated(line: Finding) -> str:
    if line.stated is None:
        return ""
    low, high = line.stated
    sign = line.claim.comparison if line.claim.comparison in ("<", "<=", ">", ">=") else ""
    return f"{sign}{' ' if sign else ''}{_told(low)}" + (f" to {_told(high)}" if high != low else "")


def _told(value: float | None) -> str:
    """Four significant digits; nothing is a number here, and shown as one."""
    from barbell.report.layout import number

    return "" if value is None else number(value).replace("-", "0") if number(value) == "-" else number(value)


def _sources(found: Review) -> dict[str, int]:
    """Sources in the order in which they are first needed, numbered from 1."""
    numbered: dict[str, int] = {}
    for line in found.lines:
        for figure in line.facts:
            numbered.setdefault(_source(figure), len(numbered) + 1)
    return numbered


def _source(figure: Figure) -> str:
    return f"{figure.source} {figure.url}".strip()


def _record(found: Review) -> Record:
    """Lines, claims and counts for machines."""
    return {
        "lines": [_line(line) for line in found.lines],
        "claims": [
            {"id": name, "verdict": verdict, "computed": computed, "lines": _ids(found.lines, name)}
            for name, (verdict, computed) in found.claims.items()
        ],
        "counts": found.counts,
    }


def _ids(lines: Sequence[Finding], claim: str) -> list[str]:
    return [line.claim.id for line in lines if line.claim.of == claim]


def _line(line: Finding) -> Record:
    from dataclasses import asdict

    row = {name: value for name, value in asdict(line.claim).items() if name not in ("file", "line", "stated", "tolerance")}
    facts = [{name: getattr(figure, name) for name in ("name", "value", "unit", "as_of", "grade", "source", "url")} for figure in line.facts]
    return {
        **row,
        "computed": not line.claim.judged,
        "stated": None if line.stated is None else list(line.stated),
        "tolerance": None if line.claim.judged else line.claim.within,
        "recomputed": line.value,
        "verdict": line.verdict,
        "why": line.why,
        "now": line.now,
        "now_verdict": line.now_verdict,
        "facts": facts,
    }
