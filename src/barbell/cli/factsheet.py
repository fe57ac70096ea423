"""One fact opened up, for people and for machines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from barbell.cli import factlist
from barbell.report.layout import page, table

if TYPE_CHECKING:
    from barbell.cli.record import Record
    from barbell.study import Sheet

_CELLS = 6
"""Cells named per case; the rest are counted."""


def record(found: Sheet) -> Record:
    """A fact with its versions, conflict, formula, inputs and uses."""
    return {
        **factlist.fact(found.fact),
        "kind": "derived" if found.formula else "stored",
        "versions": [factlist.figure(version) for version in found.versions],
        "conflict": factlist.conflict(found.conflict) if found.conflict else None,
        "formula": found.formula or None,
        "inputs": [factlist.fact(one) for one in found.inputs],
        "used_by": [{"case": use.case, "cells": list(use.cells), "via": list(use.via)} for use in found.uses],
    }


def show(found: Sheet) -> None:
    """Value first, then where it comes from, what speaks against it, and what rests on it."""
    console, fact = page(), found.fact
    rows = [
        ("value", f"{fact.value} {fact.unit}"),
        ("range", f"{fact.low or '?'} to {fact.high or '?'}" if fact.low or fact.high else "none"),
        ("grade", f"{fact.grade} ({factlist.GRADES[fact.grade]})"),
        ("known since", fact.as_of),
        ("source", "derived" if found.formula else fact.source),
        ("formula", found.formula),
        ("note", fact.note),
    ]
    console.print(fact.name, style="bold", markup=False)
    for head, text in rows:
        if text:
            console.say(f"  {head:<12} {text}")
    console.print()
    _conflict(found)
    if len(found.versions) > 1:
        versions = [(v.as_of, v.grade, v.unit, v.source, v.value) for v in found.versions]
        table(console, "Versions", ("known since", "grade", "unit", "source", "value"), versions, words=4)
        console.print()
    if found.inputs:
        inputs = [(one.name, one.grade, one.unit, one.value) for one in found.inputs]
        table(console, "Inputs", ("fact", "grade", "unit", "value"), inputs, words=3)
        console.print()
    _uses(found)


def _conflict(found: Sheet) -> None:
    conflict = found.conflict
    if conflict is None:
        return
    rows = [(row.name, row.grade, row.as_of, row.unit, row.source, row.value) for row in (conflict.taken, *conflict.others, *conflict.apart)]
    table(page(), f"Sources; taken: {conflict.reason}", ("name", "grade", "known since", "unit", "source", "value"), rows, words=5)
    page().print()


def _uses(found: Sheet) -> None:
    console = page()
    if not found.uses:
        console.print("No shipped case uses it.")
    for use in found.uses:
        for head, names in (("in", use.cells), ("through", use.via)):
            if names:
                more = f" and {len(names) - _CELLS} more" if len(names) > _CELLS else ""
                console.say(f"Used by {use.case} {head} {', '.join(names[:_CELLS])}{more}")
