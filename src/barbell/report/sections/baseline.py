"""What optimising adds over the greedy planner."""

from __future__ import annotations

from barbell.report import chart, query
from barbell.report.figure import Chain, Figure, Section, grid
from barbell.report.number import percent
from barbell.report.opens import made
from barbell.report.source import Source
from barbell.study.chain.ground import slug

RULE = "Greedy builds, period by period, what brings the highest margin for the scarce unit at today's prices, without foresight."


def section(source: Source) -> Section:
    """Value by part: the plan beside the greedy plan."""
    if source.greedy is None:
        return Section("baseline", "What optimising adds", ("The run has no greedy plan to compare with.",))
    return Section("baseline", "What optimising adds", (RULE,), (_figure(source),))


def _opens(source: Source, name: str, column: str) -> Chain:
    """What a part of the value opens to."""
    spots = {"plan": "value", "greedy": "greedy"} if name == "value" else {"plan": f"value/{slug(name)}", "greedy": f"greedy/{slug(name)}"}
    both = [(kind, spot, sign) for (kind, spot), sign in zip(spots.items(), (1.0, -1.0), strict=True) if source.book and source.book.find(spot)]
    return spots.get(column) or made(source, f"{name}: plan less greedy", both)


def gain(source: Source) -> float:
    """Value of the plan over that of the greedy plan, in the case's money."""
    return source.value - source.greedy.value if source.greedy else float("nan")


def _figure(source: Source) -> Figure:
    greedy = source.greedy
    assert greedy is not None
    money = query.worth(source)
    names = [n for n in dict.fromkeys((*source.parts, *greedy.parts)) if abs(source.parts.get(n, 0.0)) + abs(greedy.parts.get(n, 0.0)) > 1e-9]
    both = {"plan": {**source.parts, "value": source.value}, "greedy": {**greedy.parts, "value": greedy.value}}
    names.append("value")
    rows = [
        {"series": name, "kind": kind, "value": round(parts.get(name, 0.0) * money.factor, 4), "told": money.say(parts.get(name, 0.0), 4)}
        for kind, parts in both.items() for name in names
    ]  # fmt: skip
    x = chart.amount(f"value today ({money.unit})", titleAnchor="end")
    layer = chart.bars(x, chart.rows_of("series", names, "part of the value"), chart.hue(list(both), "kind"),
                       chart.hints(("series", "part"), ("kind", "planner"), ("told", "amount")))  # fmt: skip
    layer["encoding"] |= {"yOffset": {"field": "kind", "sort": list(both)}}
    scaled = {kind: {n: parts.get(n, 0.0) * money.factor for n in names} for kind, parts in both.items()}
    table = [(n, scaled["plan"][n], scaled["greedy"][n], scaled["plan"][n] - scaled["greedy"][n]) for n in names]
    added = gain(source)
    share = f", {percent(added / abs(greedy.value))} more" if greedy.value else ""
    equal = abs(added) <= 1e-6 * max(1.0, abs(source.value))
    message = "Greedy is as good as the plan here" if equal else f"Optimising adds {money.say(added)} of value{share}"
    return Figure(
        "greedy", message,
        grid(f"Value by part, today, {money.told_year}", ("part", "plan", "greedy", "difference"), table, by="column",
             opens=lambda words, column: _opens(source, words[0], column)),
        chart.drawing(rows, [layer], height={"step": 14}),
        "Pairs of bars by part of the value: the plan and the greedy plan.",
        ("Operation, contracts and cash of the greedy plan are optimised on what it builds, which favours it.",),
        keys=chart.keys(list(both)),
    )  # fmt: skip
