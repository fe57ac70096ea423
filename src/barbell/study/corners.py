"""Bad and good ends: every ranged fact that a case uses, moved to the end that hurts or to the one that helps.

Which end hurts follows from the cell: dearer, later and hungrier is bad; more demand, supply and life is good. A fact that
stands in cells of both kinds, or where neither is clear (shares of a curve, terms of a contract), stays where it is.
All at once is a frame, not a forecast: nothing is that unlucky.
"""

from __future__ import annotations

from collections.abc import Mapping

from barbell.core.case import Case

GOOD = {
    "assets": {"life_months", "availability", "recovery"},
    "options": {"order_limit"},
    "rates": {"rate"},
    "conversions": {"limit", "gain"},
    "accounts": {"budget", "initial", "ceiling"},
    "cohorts": {"amount", "paid", "remaining_months", "book_value"},
    "demands": {"volume", "patience_months"},
    "price_steps": {"price"},
    "contracts": {"volume", "price", "take_or_pay", "prepayment", "margin"},
    "debts": {"limit"},
    "entities": {"cash", "base_cash", "base_income", "losses", "draws", "pays"},
    "programmes": {"envelope"},
}
"""Fields of which more is better for the plan."""
BAD = {
    "assets": {"capex", "fixed_opex", "lead_months", "ageing", "fade", "attrition"},
    "options": {"capex_factor", "extra_lead_months"},
    "processes": {"variable_cost"},
    "uses": {"use"},
    "takes": {"amount"},
    "conversions": {"capex", "months", "outage"},
    "contracts": {"penalty", "lead_months", "ramp_months"},
    "debts": {"rate", "opening", "fee"},
    "entities": {"discount_rate", "tax_rate", "cash_floor"},
    "indices": {"path", "growth"},
}
"""Fields of which more is worse."""


def ends(case: Case) -> dict[str, int]:
    """Direction of every ranged fact in use: 1 where a higher value helps, -1 where it hurts; facts that do both are left out."""
    ranged = {fact.name for fact in case.tables.facts if fact.low and fact.high and fact.low != fact.high}
    seen: dict[str, set[int]] = {}
    for (table, row, field), origin in case.origins.items():
        if origin.fact in ranged:
            sign = -1 if origin.text.startswith("-") else 1
            seen.setdefault(origin.fact, set()).add(sign * _direction(case, table, row, field))
    return {name: signs.pop() for name, signs in seen.items() if len(signs) == 1 and 0 not in signs}


def corner(directions: Mapping[str, int], *, good: bool) -> dict[str, str]:
    """The end of its range, ``low`` or ``high``, at which each fact stands in the good or the bad corner."""
    return {name: "high" if (sign > 0) == good else "low" for name, sign in directions.items()}


def own(case: Case, moved: Mapping[str, str]) -> dict[str, str]:
    """Changes that move the facts in the case's own files, which stand before what is known otherwise: the text of a cell by path."""
    rows = [fact for fact in case.tables.facts if fact.name in moved and ("facts", fact.id, "value") in case.origins]
    return {f"facts.{fact.id}.value": end for fact in rows if (end := getattr(fact, moved[fact.name]))}


def _direction(case: Case, table: str, row: str, field: str) -> int:
    if table == "indices" and any(asset.gain == row for asset in case.tables.assets):
        return 1
    if (table, field) == ("limits", "bound"):
        sense = next(limit.sense for limit in case.tables.limits if limit.id == row)
        return {"<=": 1, ">=": -1}.get(sense, 0)
    return (field in GOOD.get(table, ())) - (field in BAD.get(table, ()))
