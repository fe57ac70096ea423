"""What others said and what was found by solving again: reported figures, the nowcast, the ends of the ranges, confirmed bottlenecks."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from barbell.study.chain import stated
from barbell.study.chain.ground import Ground, slug
from barbell.study.chain.node import PRODUCT, SUM, Input, Node, Proof

_COLUMNS = ("planned", "later", "reported")
_FLOWS = {"revenue": "revenue", "operating_income": "operating income", "capex": "capex"}
_CORNERS = {"low": "bad", "high": "good"}


def reported(ground: Ground, parts: Sequence[str]) -> Node | None:
    """``reported/SEGMENT/METRIC/BASIS/PERIOD``: a published figure in money of its own year; a year or half that was not published is a sum."""
    if len(parts) != 4:
        return None
    segment, metric, basis, period = parts
    frame, address = ground.frame("reported"), "/".join(("reported", *parts))
    if not frame.width:
        return None
    asked = (pl.col("segment").str.to_lowercase() == segment.lower()) & (pl.col("metric") == metric) & (pl.col("basis") == basis)
    rows = frame.filter(asked).sort("as_of")
    hit = rows.filter(pl.col("period") == period)
    what = f"{metric.replace('_', ' ')} of {segment} in {period}, reported"
    if hit.height:
        row = hit.row(-1, named=True)
        proof = Proof(f"{row['value']:.12g}", row["unit"], "", "", row["grade"], row["as_of"], row["source"])
        said = f"as published, basis {basis.replace('_', ' ')}"
        return Node(address, what, row["value"], row["unit"], said=said, text=f"{row['value']:.12g}", proof=proof)
    quarters = {4: range(1, 5), 6: range(2 * int(period[-1:] or 0) - 1, 2 * int(period[-1:] or 0) + 1)}.get(len(period), range(0))
    names = [f"{period[:4]}Q{n}" for n in quarters]
    found = [reported(ground, (segment, metric, basis, name)) for name in names if name in rows["period"].to_list()]
    if not found or len(found) < len(names):
        return None
    inputs = tuple(Input(name, one.address) for name, one in zip(names, found, strict=True) if one)
    return Node(address, what, sum(one.value for one in found if one), found[0].unit if found[0] else "", SUM, inputs)


def nowcast(ground: Ground, parts: Sequence[str]) -> Node | None:
    """``nowcast/METRIC/PERIOD/COLUMN``: planned, later or reported of a row of the nowcast, and miss: how far the plan is off."""
    frame = ground.frame("nowcast")
    if len(parts) != 3 or not frame.width:
        return None
    name, period, column = parts
    row = next((r for r in frame.iter_rows(named=True) if (slug(r["metric"]), r["period"]) == (slug(name), period)), None)
    if row is None or column not in (*_COLUMNS, "miss"):
        return None
    address, what, unit = "/".join(("nowcast", *parts)), f"{row['metric']} in {period}, {column}", row["unit"]
    if column == "miss":
        inputs = (Input("planned", f"nowcast/{name}/{period}/planned"), Input("reported", f"nowcast/{name}/{period}/reported"))
        return Node(
            address, f"plan over reported, {row['metric']} in {period}", row["planned"] / row["reported"] - 1, "1", "planned / reported - 1", inputs
        )
    if row[column] is None:
        return None
    if column == "later":
        return Node(address, what, row[column], unit, said="the same case planned anew with every fact that is known now; its tables are not kept")
    if column == "planned":
        return Node(address, what, row[column], unit, SUM, tuple(_planned(ground, row)))
    return _said(ground, address, what, row)


def _said(ground: Ground, address: str, what: str, row: dict[str, object]) -> Node:
    """The reported figure of a row: those behind it, carried to the case's money at par."""
    segment, _, metric = str(row["metric"]).rpartition(" ")
    found = reported(ground, (segment, metric, str(row["basis"]), str(row["period"])))
    value = float(str(row["reported"]))
    if found is None or not found.value:
        proof = Proof(f"{value:.12g}", str(row["unit"]), "", "", "", "", str(row["source"]))
        return Node(address, what, value, str(row["unit"]), said=f"as published: {row['source']}", proof=proof)
    return Node(address, what, value, str(row["unit"]), SUM, (Input("as published", found.address, value / found.value),))


def _planned(ground: Ground, row: dict[str, object]) -> list[Input]:
    """Lines of the statements that a row plans: a half is the sum of two quarters, property is what stands and what is under construction."""
    segment, _, metric = str(row["metric"]).rpartition(" ")
    period = str(row["period"])
    labels = [f"{period[:4]}Q{2 * int(period[-1]) - 1}", f"{period[:4]}Q{2 * int(period[-1])}"] if "H" in period else [period]
    labels = [period] if period in ground.number else labels
    root = next(e.name for e in ground.case.tables.entities if not e.parent)
    if metric in _FLOWS:
        owner = root if segment == "total" else stated.who(ground, segment, "own")
        return [Input(label, stated.at("lines", owner, _FLOWS[metric], label)) for label in labels]
    found = []
    for name in ("capital", "construction"):
        frame = ground.frame(f"statements/{name}")
        rows = frame.filter((pl.col("entity") == segment) & (pl.col("period") == period) & (pl.col("closing") != 0))
        found += [Input(f"{klass}, {name}", f"{name}/{segment}:{slug(klass)}/{period}/closing") for klass in rows["class"]]
    return found


def corner(ground: Ground, parts: Sequence[str]) -> Node | None:
    """``low/ENTITY/LINE/YEAR`` and ``high/...``: a line by year with every ranged fact at its bad or good end, planned anew."""
    if len(parts) != 4 or parts[0] not in _CORNERS:
        return None
    side, owner, name, year = parts
    frame = ground.frame(f"statements/years-{side}")
    entity = owner.removeprefix(stated.OWN)
    root = next(e.name for e in ground.case.tables.entities if not e.parent)
    scope = "consolidated" if entity == root and not owner.startswith(stated.OWN) else "own"
    if not frame.width:
        return None
    rows = frame.filter((pl.col("entity") == entity) & (pl.col("scope") == scope) & (pl.col("year").cast(pl.String) == year))
    values = dict(zip(rows["line"], rows["value"], strict=True))
    found = next((line for line in values if slug(line) == slug(name)), None)
    if found is None:
        return None
    address, what = "/".join((side, owner, slug(found), year)), f"{found} of {entity} in {year}, every range at its {_CORNERS[side]} end"
    parts_of = dict(stated.IDENTITIES.get(found, {})) or (
        {line: 1 for line in values if line.startswith(f"{found}: ")} if found in (*stated.SPLIT, "revenue") else {}
    )
    inputs = tuple(Input(line, f"{side}/{owner}/{slug(line)}/{year}", float(sign)) for line, sign in parts_of.items() if values.get(line))
    if inputs:
        return Node(address, what, values[found], ground.case.money, SUM, inputs)
    return Node(address, what, values[found], ground.case.money, said="planned anew with those facts; of that plan only the years are kept")


def bottleneck(ground: Ground, parts: Sequence[str]) -> Node | None:
    """``bottlenecks/N/COLUMN``: price (today), price_then, low, high, amount and worth of a confirmed bottleneck, numbered from 1 by worth."""
    frame = ground.frame("bottlenecks")
    if len(parts) != 2 or not parts[0].isdigit() or not 1 <= int(parts[0]) <= frame.height:
        return None
    row = frame.row(int(parts[0]) - 1, named=True)
    column, value = parts[1], row.get(parts[1])
    if not isinstance(value, float):
        return None
    thing = f"{row['kind']} {row['item']}" + (f"@{row['place']}" if row["place"] else "") + f" in {row['period']}"
    address, of = "/".join(("bottlenecks", *parts)), row["unit"].partition("/")[2]
    if column == "worth":
        inputs = (Input("price", f"bottlenecks/{parts[0]}/price"), Input("amount", f"bottlenecks/{parts[0]}/amount"))
        return Node(address, f"worth of {thing}", value, row["unit"].partition("/")[0], PRODUCT, inputs)
    said = {
        "price": "a dual of the plan, verified: what the value gains today with one more unit, to first order",
        "price_then": "the same in money of its period",
        "low": "found by solving again with a little more and a little less of it: the smaller of the two",
        "high": "found by solving again with a little more and a little less of it: the larger of the two",
        "amount": "what there is of it in the plan",
    }.get(column, "")
    return Node(address, f"{column.replace('_', ' ')} of {thing}", value, of if column == "amount" else row["unit"], said=said)
