"""Cases, plans, reasons and errors as JSON objects: the same names as the tables, null where there is no number."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, fields, is_dataclass
from typing import TYPE_CHECKING, Any

from barbell.core.errors import CaseError, FactError, Fault, InfeasibleError, UnboundedError
from barbell.core.finite import finite

if TYPE_CHECKING:
    from barbell.core.case import Case
    from barbell.plan import Bottleneck, Plan
    from barbell.study import Comparison

Record = dict[str, Any]
TOP = 5
"""Scarce things that a plan shows; the explanation has more."""


def emit(content: Record) -> None:
    """Print one JSON object on standard output, in ASCII, so that no encoding can spoil it."""
    print(json.dumps(finite(content), indent=2, allow_nan=False, default=str), flush=True)


def case(found: Case) -> Record:
    """A case in brief."""
    from barbell.core.case import TABLES

    return {
        "case": found.name,
        "question": found.question,
        "money": found.money,
        "as_of": found.as_of,
        "periods": list(found.horizon.labels),
        "rows": {name: len(found.tables.rows(name)) for name in TABLES},
        "faults": [],
    }


def plan(found: Plan) -> Record:
    """A plan with all its tables; its five strongest bottlenecks carry no range, which `explain` adds."""
    return {
        "case": found.case.name,
        "question": found.case.question,
        "status": asdict(found.status),
        "value": found.value,
        "money": found.case.money,
        "parts": found.parts,
        "tables": {name: frame.to_dicts() for name, frame in found.tables.items()},
        "bottlenecks": strongest(found),
    }


def explanation(found: Plan, reasons: Sequence[Bottleneck]) -> Record:
    """What binds a plan."""
    return {
        "case": found.case.name,
        "value": found.value,
        "gap": found.status.gap,
        "money": found.case.money,
        "bottlenecks": [asdict(b) for b in reasons],
    }


def comparison(found: Comparison) -> Record:
    """Variants side by side: values, and rows with a column for each."""
    names = [answer.variant.name for answer in found.answers]
    tables = ("inputs", "varied", "decisions", "served", "prices", "money")
    return {
        "variants": [{"name": a.variant.name, "case": a.variant.path, "changes": dict(a.variant.changes)} for a in found.answers],
        "money": found.answers[0].plan.case.money,
        "value": dict(zip(names, (a.plan.value for a in found.answers), strict=True)),
        "gap": dict(zip(names, (a.plan.status.gap for a in found.answers), strict=True)),
        **{name: getattr(found, name).to_dicts() for name in tables},
    }


def strongest(found: Plan) -> list[Record]:
    """Rows of the table of prices with the highest worth (price x amount); accounts only pass on the scarcity of others."""
    records = [r | {"worth": r["price"] * r["amount"]} for r in found.tables["prices"].to_dicts() if r["kind"] != "account"]
    records = [r for r in records if math.isfinite(r["worth"]) and r["worth"]]
    return sorted(records, key=lambda r: -r["worth"])[:TOP]


def error(kind: str, code: int, message: str, raised: Exception) -> Record:
    """An error: its kind, exit code, message and faults, with the reason where there is no plan."""
    content: Record = {"error": kind, "exit_code": code, "message": message, "faults": []}
    if isinstance(raised, CaseError | FactError):
        content["faults"] = [_fault(fault) for fault in raised.faults]
    if isinstance(raised, InfeasibleError):
        content["conflict"] = [_reason(part) for part in raised.conflict]
    if isinstance(raised, UnboundedError):
        content["lunch"] = [_reason(part) for part in raised.lunch]
    return content


def _fault(fault: Fault) -> Record:
    where = fault.where
    told = {"file": where.file, "line": where.line, "field": where.field, "value": fault.value, "problem": fault.problem, "fix": fault.fix}
    return told | ({"cell": where.cell} if where.cell else {})


def _reason(part: object) -> Record:
    """The fields of a conflict or lunch, and the sentence that says it."""
    found = {f.name: getattr(part, f.name) for f in fields(part)} if is_dataclass(part) else {}
    return found | {"text": str(part)}
