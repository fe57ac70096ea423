"""What one gigawatt of IT costs, opened to its parts."""

from __future__ import annotations

import polars as pl

from barbell.report import chart, query
from barbell.report.figure import Figure, Section, grid
from barbell.report.number import told
from barbell.report.source import Source

ALL = "all"
"""Part that is the sum of the others."""


def section(source: Source) -> Section | None:
    """Cost per gigawatt by chip; nothing where the run has not computed it."""
    if not source.cost.height:
        return None
    return Section("cost", "Cost of a gigawatt", (), (_figure(source),))


def parts(source: Source) -> dict[str, dict[str, float]]:
    """Cost of one GW of IT by chip and part, in the case's money."""
    found: dict[str, dict[str, float]] = {}
    for (chip, part), value in query.totals(source.cost.filter(pl.col("part") != ALL), ["chip", "part"]).items():
        found.setdefault(chip, {})[part] = value
    return found


def _figure(source: Source) -> Figure:
    found, money = parts(source), query.worth(source)
    whole = {chip: sum(values.values()) for chip, values in found.items()}
    ladder = query.rungs(source.case)
    parts_of = dict.fromkeys(part for values in found.values() for part in values)
    names = sorted(parts_of, key=lambda part: ladder.index(part) if part in ladder else len(ladder))
    order = sorted(whole, key=lambda chip: (-whole[chip], chip))
    rows = [
        {"series": chip, "kind": part, "rank": names.index(part), "value": round(v * money.factor, 4), "told": money.say(v, 4)}
        for chip in order for part, v in found[chip].items()
    ]  # fmt: skip
    layer = chart.bars(chart.amount(f"cost of one GW of IT ({money.unit})", titleAnchor="end"), chart.rows_of("series", order, "chip"),
                       chart.hue(names, "kind"), chart.hints(("series", "chip"), ("kind", "part"), ("told", "cost")))  # fmt: skip
    layer["encoding"] |= {"order": {"field": "rank", "type": "quantitative"}}
    table = [(chip, *(found[chip].get(n, 0.0) * money.factor for n in names), whole[chip] * money.factor) for chip in order]
    low, high = min(whole, key=lambda c: whole[c]), max(whole, key=lambda c: whole[c])
    return Figure(
        "cost-per-gw", f"A gigawatt of IT costs from {money.say(whole[low])} with {low} to {money.say(whole[high])} with {high}",
        grid(f"Cost of one GW of IT by chip and part, {money.told_year}", ("chip", *names, "all"), table, by="column",
             opens=lambda words, part: f"cost/{words[0]}/{part}"),
        chart.drawing(rows, [layer], height={"step": 24}),
        "Lying bars by chip: cost of one gigawatt of IT, stacked by part.",
        (f"What the plan pays on average for what it orders, {told(len(whole))} kinds of chips.",),
        keys=chart.keys(names),
    )  # fmt: skip
