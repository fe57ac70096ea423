"""The ends of a chain inside the case: cells with their spot in the files, paths over time, indices, and facts with their sources."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

from barbell import facts
from barbell.core.case import TABLES
from barbell.core.column import canonical, columns
from barbell.core.horizon import Month
from barbell.core.path import Path
from barbell.core.relations import Fact
from barbell.core.units import UnitError, factor
from barbell.study.chain.ground import Ground
from barbell.study.chain.node import SUM, Input, Node, Proof, brief
from barbell.study.known import known
from barbell.study.usage import derived, formula

_ADDRESS = re.compile(r"https?://\S+")
_TIMES = re.compile(r"^(-?)@\S+(?: \*(\S+))?$")


def at(table: str, row: str, field: str, period: str = "") -> str:
    """Address of a cell, or of the mean over a period of a cell that changes over time."""
    return f"{table}.{row}.{field}" + (f"/{period}" if period else "")


def cell(ground: Ground, address: str) -> Node | None:
    """A cell ``table.row.field``, its mean over a period (``/2026Q3``) or its level at the start of one (``/2026Q3!``); None where there is none."""
    head, _, rest = address.partition(".")
    row, _, last = rest.rpartition(".")
    field, _, period = last.partition("/")
    if head == "horizon":
        return _horizon(ground, rest)
    found = ground.rows.get(head, {}).get(row)
    if found is None or field not in type(found).model_fields:
        return None
    if period:
        return _over(ground, address, head, row, field, period)
    return _cell(ground, head, row, field)


def _horizon(ground: Ground, rest: str) -> Node | None:
    """Length of a period, years since the start, years to the period before: ``horizon.2026Q1.years``, ``.since``, ``.gap``, ``.middle``."""
    label, _, what = rest.rpartition(".")
    if label not in ground.number:
        return None
    n, horizon = ground.number[label], ground.case.horizon
    middles = (0.0, *horizon.middles)
    told = {
        "years": (horizon.years[n], f"length of {label}"),
        "gap": (middles[n + 1] - middles[n], f"years from the money of the period before to that of {label}"),
        "since": ((horizon.periods[n].start - horizon.start) / 12, f"years from the start to {label}"),
    }
    if what not in told:
        return None
    return Node(f"horizon.{rest}", told[what][1], told[what][0], "year", said="calendar of the case", where="case.yaml")


def number(ground: Ground, table: str, row: str, field: str) -> float:
    """A cell as a number: a path that never changes as its value, one that does as not a number."""
    value = getattr(ground.row(table, row), field)
    if isinstance(value, Path):
        return value.values[0] if len(set(value.values)) == 1 else math.nan
    return math.nan if value is None else float(value)


def _cell(ground: Ground, table: str, row: str, field: str) -> Node | None:
    origin = ground.case.origins.get((table, row, field))
    column, value = columns(TABLES[table])[field], getattr(ground.row(table, row), field)
    if column.kind not in ("whole", "number", "path"):
        return None
    address, what = at(table, row, field), f"{field} of {row} in {table}"
    unit, amount = _unit(ground, table, row, field), number(ground, table, row, field)
    if origin is None:
        return Node(address, what, amount, unit, said="default of the field" if value is not None else "no limit")
    where = f"{origin.where.file}:{origin.where.line}" if origin.where.line else origin.where.file
    if not origin.fact:
        return Node(address, what, amount, unit, said="as written in the case", where=where, text=origin.text)
    return _quoted(ground, Node(address, what, amount, unit, where=where, text=origin.text), origin.fact)


def _quoted(ground: Ground, node: Node, name: str) -> Node:
    """A cell that holds a fact: the fact times what its unit, its sign and an override make of it."""
    found, inputs = fact_row(ground, name), (Input(name, f"@{name}"),)
    amount = _plain(found.value) if found else math.nan
    if found is None or math.isnan(amount) or math.isnan(node.value):
        return replace(node, inputs=inputs, said="the fact over time")
    told = _TIMES.match(node.text)
    sign, times = (-1.0 if told and told[1] else 1.0), float(told[2]) if told and told[2] else 1.0
    try:
        scale = factor(found.unit, node.unit)
    except UnitError:  # a unit of the user's own, which the case does not carry
        scale = node.value / (sign * times * amount) if amount else 1.0
    return replace(node, formula=SUM, inputs=(Input(name, f"@{name}", sign * times * scale),))


def _plain(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _unit(ground: Ground, table: str, row: str, field: str) -> str:
    """The canonical unit of a cell."""
    found = ground.row(table, row)

    def look(other: str, name: str) -> Mapping[str, str] | None:
        target = ground.rows.get(other, {}).get(name)
        return {key: str(value) for key, value in target.model_dump().items()} if target else None

    texts = {key: str(value) for key, value in found.model_dump().items()}
    text = columns(TABLES[table])[field].unit
    return canonical(text, row=TABLES[table], cells=texts, money=ground.case.money, look=look) or text


def _over(ground: Ground, address: str, table: str, row: str, field: str, period: str) -> Node | None:
    """A cell's mean over a period, or with ``!`` its level in the first month of it; an index grows on top of its path."""
    start, whole = period.endswith("!"), at(table, row, field)
    label = period.removesuffix("!")
    path = getattr(ground.row(table, row), field)
    if label not in ground.number or not isinstance(path, Path):
        return None
    span = ground.case.horizon.periods[ground.number[label]]
    earlier = Path(((Month.MIN, path.steps[0][1]), *path.steps[1:]))
    value = earlier.at(span.start) if start else earlier.mean(span.start, span.months)
    told = _cell(ground, table, row, field)
    if told is None or value is None:
        return None
    said = f"level in {span.start} of {brief(str(path))}" if start else f"mean over {label} of {brief(str(path))}"
    return Node(address, f"{told.what}, {label}", value, told.unit, inputs=(Input(field, whole),), said=said, where=told.where, text=told.text)


def steady(ground: Ground, table: str, row: str, field: str, period: str, *, start: bool = False) -> str:
    """Address of a path's value in a period: the cell itself where it never changes."""
    if not math.isnan(number(ground, table, row, field)):
        return at(table, row, field)
    return at(table, row, field, period + "!" * start)


def level(ground: Ground, address: str, name: str, period: str) -> Node | None:
    """Level of an index in the first month of a period: its path, grown since the start."""
    if name not in ground.rows["indices"] or period not in ground.number:
        return None
    index = ground.row("indices", name)
    value = index.level(ground.case.horizon.periods[ground.number[period]].start, ground.case.horizon.start)
    inputs = [Input("path", steady(ground, "indices", name, "path", period, start=True))]
    if not index.growth:
        return Node(address, f"level of the index {name} in {period}", value, "1", SUM, tuple(inputs))
    inputs += [Input("growth", at("indices", name, "growth")), Input("years", f"horizon.{period}.since")]
    return Node(address, f"level of the index {name} in {period}", value, "1", "path * (1 + growth) ** years", tuple(inputs))


def fact_row(ground: Ground, name: str) -> Fact | None:
    """A fact of the case, or else one that was known on its day, as the inputs of derived facts are."""
    day = ground.case.as_of or "9999-12-31"
    own = [fact for fact in ground.case.tables.facts if fact.name == name and fact.as_of <= day]
    if own:
        return max(own, key=lambda fact: fact.as_of)
    return known(day).get(name)


def fact(ground: Ground, name: str) -> Node | None:
    """A fact: stored with its source, or derived with its formula in words over other facts; None where it is not known on the day."""
    found = fact_row(ground, name)
    if found is None:
        return None
    words, inputs = formula(found) if name in _derived(ground.case.as_of or "9999-12-31") else ("", ())
    proof = _proof(ground, found, bool(words))
    origin = ground.case.origins.get(("facts", found.id, "value"))
    where = f"{origin.where.file}:{origin.where.line}" if origin else ""
    behind = tuple(Input(one, f"@{one}") for one in inputs)
    said = words or ("own assumption" if found.grade == "S" else "as published")
    return Node(f"@{name}", name, _plain(found.value), found.unit, inputs=behind, said=said, where=where, text=found.value, proof=proof)


@lru_cache(maxsize=8)
def _derived(day: str) -> Mapping[str, Fact]:
    return derived(day)


def _proof(ground: Ground, found: Fact, made: bool) -> Proof:
    """Source and conflicts: from the store where the fact is that of the store."""
    source, url = found.source, ""
    conflict = None if made else facts.resolved(found.name, ground.case.as_of or "9999-12-31")
    stored = conflict.taken if conflict else {figure.as_of: figure for figure in _stored().get(found.name, ())}.get(found.as_of)
    if stored is not None and not made and stored.value == found.value:
        source, url = stored.source, stored.url
    elif link := _ADDRESS.search(source):
        url = link[0].rstrip(",;.")
        source = source.replace(link[0], "").strip(" ,;")
    others = (*conflict.others, *conflict.apart) if conflict else ()
    against = "; ".join(f"{one.value} {one.unit} ({one.grade}, {one.source})" for one in others)
    return Proof(found.value, found.unit, found.low, found.high, found.grade, found.as_of, source, url, against, derived=made)


@lru_cache(maxsize=1)
def _stored() -> Mapping[str, tuple[facts.Figure, ...]]:
    rows: dict[str, list[facts.Figure]] = {}
    for figure in facts.figures():
        rows.setdefault(figure.name, []).append(figure)
    return {name: tuple(found) for name, found in rows.items()}
