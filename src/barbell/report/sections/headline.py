"""The question, its answer in four figures, and one sentence for each."""

from __future__ import annotations

import math

from barbell.report import query, statement
from barbell.report.figure import Chain, Section
from barbell.report.layout import within
from barbell.report.number import percent, power, told
from barbell.report.opens import line
from barbell.report.sections import baseline, capex, cash, chips, demand, ladder, scarcity, segment
from barbell.report.source import Source

Tile = tuple[str, str, str, Chain]
SMALL = 0.0005
"""Below this, one more in the envelope is said to add nothing."""


def section(source: Source) -> Section:
    """Four key figures and the answers in sentences, all computed from the run."""
    tiles = [t for t in (_value(source), _capex(source), _power(source), _cash(source)) if t]
    return Section("headline", source.case.question or source.case.name, tuple(_answers(source)), (), tuple(tiles))


def _value(source: Source) -> Tile:
    money = query.worth(source)
    added = f"{money.say(baseline.gain(source))} over a greedy planner" if source.greedy else "net of all capex, discounted"
    return "Value of the plan", money.say(source.value), added + within(source.status.gap), "value"


def _capex(source: Source) -> Tile | None:
    whole, limits, money = capex.planned(source), query.envelope(source.case), query.worth(source)
    if not whole:
        return None
    year = min(whole)
    meaning = f"{percent(whole[year] / limits[year])} of the envelope" if limits.get(year) else "on dates of payment"
    return f"Capex {year}", money.say(whole[year]), meaning, line(source.case, statement.CAPEX, year)


def _power(source: Source) -> Tile | None:
    found, ends = ladder.standing(source), query.last_of(source.case)
    name = next((n for n in (query.GRID, *found) if n in found), None)
    if name is None:
        return None
    first, last = ends[min(ends)], ends[max(ends)]
    label = f"{name.capitalize()} in service, {last}"
    return label, power(found[name].get(last, 0.0)), f"{power(found[name].get(first, 0.0))} in {first}", f"mw/{name}/{last}"


def _cash(source: Source) -> Tile | None:
    found, money = cash.free(source), query.worth(source)
    if not found:
        return None
    year = min(found)
    ends = [query.yearly(frame, query.root(source.case), statement.FREE).get(year) for frame in (source.low_years, source.high_years)]
    span = f"{money.say(ends[0])} to {money.say(ends[1])}" if ends[0] is not None and ends[1] is not None else "operating cash flow less capex"
    return f"Free cash flow {year}", money.say(found[year]), span, line(source.case, statement.FREE, year)


def _answers(source: Source) -> list[str]:
    """What it buys, when it serves, what binds, what it does to cash, what it brings."""
    found = (_buys(source), _serves(source), _binds(source), _worth_of_money(source), _leaves(source), _brings(source))
    return [sentence for sentence in found if sentence]


def _buys(source: Source) -> str:
    last, fleet = query.shown(source.case)[-1], chips.standing(source)
    if not fleet:
        return ""
    whole = {name: values.get(last, 0.0) for name, values in fleet.items()}
    top = sorted(whole, key=lambda name: -whole[name])[:2]
    most = f", most of them {' and '.join(top)}" if len(whole) > 2 else ""
    return f"It buys: {told(sum(whole.values()))} {query.assets(source.case)[top[0]].unit} in service by {last}{most}."


def _serves(source: Source) -> str:
    shares = {market: demand.share_served(source, (market, unit)) for market, unit in demand.balance(source)}
    said = [f"{percent(share)} of what {market} asks" for market, share in shares.items() if not math.isnan(share)]
    return f"It serves: {', '.join(said)}." if said else ""


def _binds(source: Source) -> str:
    money, top = query.worth(source), list(scarcity.scarce(source).items())[:3]
    said = [f"{thing} ({money.say(sum(worth for _, worth in values.values()))})" for (thing, _), values in top]
    return f"What binds, by price times amount: {', '.join(said)}." if said else ""


def _worth_of_money(source: Source) -> str:
    """Years of one worth together, in the order of the calendar."""
    found = query.dollar(source)
    if not found:
        return ""
    worth = {year: "nothing" if value < SMALL else told(value, 2) for year, value in found.items()}
    return f"What more money is worth: one more in the envelope adds {', '.join(f'{text} in {year}' for year, text in worth.items())}."


def _leaves(source: Source) -> str:
    money, free = query.worth(source), cash.free(source)
    if not free:
        return ""
    least, last = min(free, key=lambda year: free[year]), max(free)
    return f"What it does to cash: free cash flow is lowest in {least}, {money.say(free[least])}, and {money.say(free[last])} in {last}."


def _brings(source: Source) -> str:
    money, revenue = query.worth(source), segment.planned(source, statement.REVENUE)
    if not revenue:
        return ""
    first, last = min(revenue), max(revenue)
    return (
        f"What it brings: revenue of {query.segment(source.case)} of {money.say(revenue[first])} in {first} and {money.say(revenue[last])} in {last}."
    )
