"""A review of a case as people and programs read it: findings by kind, the gravest first."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.text import Text

from barbell.cli.options import Asked, Effort, Output
from barbell.report.layout import Page, number, page, table

if TYPE_CHECKING:
    from barbell.plan import Finding
    from barbell.study import Review

LINES = 60
"""Lines of a page, unless all is asked for."""
LEAST = 2
"""Findings of a kind that are shown however many kinds there are."""
_HEADS = ("what", "where", "what it means")
_SHORT = 30
"""What to do stands in a column of its own while it is no longer than this."""
_STYLES = {"error": "bold red", "warning": "bold yellow", "note": "bold"}


def command(case: Path, asked: Asked, effort: Effort, output: Output, *, all_of_it: bool) -> int:
    """Review a case and print it; the exit code says the worst of it."""
    from barbell.cli.progress import progress
    from barbell.cli.record import emit

    with progress(quiet=effort.quiet, machine=output.json) as say:
        from barbell.study import review

        found = review(case, asked.cells, options=effort.options, progress=say)
    if output.json:
        emit(record(found))
    else:
        show(found, all_of_it=all_of_it)
    return found.exit_code


def record(found: Review) -> dict[str, Any]:
    """A review as one object."""
    findings = [asdict(finding) | {"where": str(finding.where), "file": finding.where.file, "line": finding.where.line} for finding in found.findings]
    counts = {severity: found.count(severity) for severity in ("error", "warning", "note")}
    return {
        "case": found.case.name,
        "money": found.case.money,
        "value": found.plan.value if found.plan else None,
        "exit_code": found.exit_code,
        "counts": counts,
        "findings": findings,
    }


def show(found: Review, *, all_of_it: bool) -> None:
    """Print the findings: a heading for each kind, its findings in a table, what to do."""
    console, case = page(), found.case
    console.print(Text(case.title, style="bold"))
    told = f"value {number(found.plan.value)} {case.money}" if found.plan else "no plan"
    counts = [f"{found.count(s)} {s}{'' if found.count(s) == 1 else 's'}" for s in ("error", "warning", "note")]
    console.print(f"Reviewed: {told}; {', '.join(counts)}\n")
    most = len(found.findings) if all_of_it else _most(found.findings, console.width)
    hidden = _findings(console, found.findings, most)
    if hidden:
        console.print(f"{hidden} more with --all")
    if not found.findings:
        console.print("Nothing to remark.")


def _findings(console: Page, found: Sequence[Finding], most: int) -> int:
    """Print up to `most` findings of each kind, errors all; how many were left out."""
    hidden = 0
    for (severity, _), group in groupby(found, key=lambda f: (f.severity, f.kind)):
        kind = list(group)
        shown = len(kind) if severity == "error" else most
        _kind(console, kind, shown)
        hidden += max(0, len(kind) - shown)
    return hidden


def _most(found: Sequence[Finding], width: int) -> int:
    """How many findings of a kind fit a page of that width."""
    for most in range(8, LEAST, -1):
        draft = io.StringIO()
        console = page(file=draft)
        console.width = width
        _findings(console, found, most)
        if draft.getvalue().count("\n") <= LINES - 4:
            return most
    return LEAST


def _kind(console: Page, found: Sequence[Finding], most: int) -> None:
    first = found[0]
    console.print(Text(f"{first.severity}: {first.kind}" + (f" ({len(found)})" if len(found) > 1 else ""), style=_STYLES[first.severity]))
    shown = found[:most]
    fixes = list(dict.fromkeys(finding.fix for finding in shown))
    if len(fixes) > 1 and max(map(len, fixes)) <= _SHORT:
        heads = ("what", "where", "what it means", "what to do")
        table(console, "", heads, [(f.what, str(f.where), f.says, f.fix) for f in shown], words=len(heads))
    else:
        for fix in fixes:
            table(console, "", _HEADS, [(f.what, str(f.where), f.says) for f in shown if f.fix == fix], words=len(_HEADS))
            console.print(Text(f"> {fix}", style="italic"))
    console.print()
