"""One kept run, opened."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.text import Text

from barbell.cli import record
from barbell.cli.runlist import count, size, when
from barbell.core.errors import Fault
from barbell.report.layout import Page, matrix, number, page, table
from barbell.report.number import money

LINES = {
    "capex": "capex_by_year",
    "revenue": "revenue_by_year",
    "operating income": "operating_income_by_year",
    "free cash flow": "free_cash_flow_by_year",
}
"""Lines of the headline that are shown by year."""


def tell(folder: Path, manifest: Mapping[str, Any], damage: Sequence[Fault], *, machine: bool) -> None:
    """A run: its headline, what was asked, what it was made with, its files."""
    files: Mapping[str, Any] = manifest.get("files", {})
    if machine:
        whole = not damage if files else None
        faults = [str(fault) for fault in damage]
        record.emit({"folder": folder.as_posix(), "whole": whole, "damage": faults, **{k: v for k, v in manifest.items() if k != "seal"}})
        return
    console = page()
    head = manifest.get("headline", {})
    case, question = (manifest.get(name) or head.get(name) or "" for name in ("case", "question"))
    console.print(Text(f"{case}: {question}" if question else str(case), style="bold"))
    _headline(console, head)
    _asked(console, manifest)
    _files(console, folder, files, damage)


def _headline(console: Page, head: Mapping[str, Any]) -> None:
    values = {name: head.get(entry) or {} for name, entry in LINES.items()}
    worth = money(head.get("money", ""), [head.get("objective_usd") or 0.0, *(v for line in values.values() for v in line.values() if v is not None)])
    if head.get("objective_usd") is not None:
        console.print(f"Value {number(head['objective_usd'] * worth.factor)} {worth.told_year}, {head.get('status', '')}\n")
    years = list(dict.fromkeys(year for line in values.values() for year in line))
    rows: dict[tuple[str, ...], list[float]] = {}
    for name, line in values.items():
        rows[(name,)] = [math.nan if line.get(year) is None else line[year] * worth.factor for year in years]
    if years:
        matrix(console, worth.told_year, ("line",), years, rows)


def _asked(console: Page, manifest: Mapping[str, Any]) -> None:
    options, plan = manifest.get("options", {}), manifest.get("plan", {})
    rows = [("key", str(manifest.get("key", ""))), ("day", manifest.get("as_of", ""))]
    rows += [("changed", f"{path}={value}") for path, value in manifest.get("changes", {}).items()] or [("changed", "nothing")]
    if "started" in manifest:
        took = f"{when(manifest['started'])} to {when(manifest['finished'])} UTC: {manifest['seconds']:.1f} s"
        memory = f", {manifest['peak_mb']:,.0f} MB" if manifest["peak_mb"] else ""
        rows.append(("made", took + memory))
    if plan:
        sizes = f"{plan['columns']:,} columns, {plan['rows']:,} rows, {plan['nonzeros']:,} non-zeros"
        rows.append(("solved", f"by {plan['method']} in {plan['seconds']:.2f} s, gap {plan['gap']:.2%}: {sizes}"))
    if options:
        gap = "a gap that suits its size" if options["gap"] is None else f"a gap of at most {options['gap']:.2%}"
        effort = f"{gap} in at most {options['seconds']:g} s, {count(options['threads'], 'thread')}"
        rows.append(("asked for", effort + (f", by {options['method']}" if options["method"] else "")))
    rows += [("made with", f"{name} {value}") for name, value in manifest.get("versions", {}).items()]
    told = ""
    for name, text in rows:
        if text:
            console.say(f"{name if name != told else '':<11}{text}")
            told = name
    console.print()


def _files(console: Page, folder: Path, files: Mapping[str, Any], damage: Sequence[Fault]) -> None:
    groups: dict[str, list[int]] = {}
    for name, entry in files.items():
        groups.setdefault(name.rpartition("/")[0] or ".", []).append(entry["bytes"])
    if files:
        rows = [(name, f"{len(found):,}", size(sum(found))) for name, found in sorted(groups.items())]
        table(console, folder.as_posix(), ("folder", "files", "size"), rows, words=1)
        console.print()
    if damage:
        for fault in damage:
            console.say(f"Damaged: {fault}")
    elif files:
        console.say(f"Whole: {count(len(files), 'file')}, each as it was written.")
    else:
        console.say("Kept by an earlier version, which listed no files: whether it is whole cannot be told.")
