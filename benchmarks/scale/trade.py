"""Who buys and who pays: demand, contracts, owners, debt, budgets; and the futures that fork."""

from __future__ import annotations

from itertools import product

from scale.draft import START, Draft
from scale.silicon import DECAY, MARKETS, YIELD

LEVELS = (1.35, 1.1, 0.9, 0.7, 0.5, 0.4, 0.3)
"""Prices of the steps of a demand, over its middle price."""


def trade(draft: Draft) -> None:
    """Demand and money."""
    for market, (_, level) in MARKETS.items():
        for place in draft.regions if level == "region" else ["world"]:
            _demand(draft, market, place)
    for region in draft.regions:
        _contracts(draft, region)
    _owners(draft)
    _budgets(draft)


def _demand(draft: Draft, market: str, place: str) -> None:
    made, price = YIELD[market]
    name = market if place == "world" else f"{market}_{place}"
    sites = draft.size.sites if place == "world" else list(draft.sites.values()).count(place)
    volume = draft.grown(3.0 * made * sites * draft.draw(0.8, 1.2), 0.8, 0.7, 0.6, 0.5, 0.45, 0.4)
    draft.add(
        "demands", name=name, market=market, resource=market, place=place, entity="cloud", volume=draft.path(volume),
        discriminates=str(market == "train").lower(), patience_months=6 if market == "train" else 0,
        **({"profile": "day"} if market == "serve" and draft.size.slices > 1 else {}),
    )  # fmt: skip
    steps = draft.size.steps
    for step in range(steps):
        level = LEVELS[step] if step < len(LEVELS) else LEVELS[-1] * 0.9 ** (step - len(LEVELS) + 1)
        draft.add("price_steps", demand=name, step=step + 1, share=repr(1 / steps), price=draft.path(draft.grown(price * level, DECAY)))


def _contracts(draft: Draft, region: str) -> None:
    """One signed and one on offer in each region."""
    made, price = YIELD["serve"]
    volume = round(0.5 * made * list(draft.sites.values()).count(region) * draft.draw(0.5, 1.0), 4)
    both = {"market": "serve", "resource": "serve", "place": region, "entity": "cloud", "take_or_pay": 0.7}
    draft.add(
        "contracts", name=f"signed_{region}", **both, volume=volume, price=1.1 * price, term_months=48, starts=f"{START}Q1", ramp_months=12,
        usage=0.9, penalty=0.5 * price, margin=0.3,
    )  # fmt: skip
    draft.add(
        "contracts", name=f"offer_{region}", **both, volume=volume, price=round(0.8 * price, 3), term_months=60, lead_months=12, ramp_months=12,
        closes=START + 2, usage=0.9, prepayment=0.1, penalty=0.4 * price, margin=0.3,
    )  # fmt: skip


def _owners(draft: Draft) -> None:
    scale = float(draft.size.sites)
    draft.add(
        "entities", name="group", discount_rate=0.09, cash=60 * scale, cash_floor=15 * scale, cash_yield=0.03, tax_rate=0.21,
        base_cash=draft.path(draft.grown(120 * scale, 0.08)), base_income=draft.path(draft.grown(80 * scale, 0.08)), draws=0, pays=0,
    )  # fmt: skip
    draft.add(
        "entities", name="cloud", parent="group", discount_rate=0.09, cash=0, cash_floor=0, tax_rate=0.21, base_cash=0, base_income=30 * scale,
        draws=1000 * scale, pays=1000 * scale,
    )  # fmt: skip
    for name in ("sites", "silicon"):
        draft.add("programmes", name=name, entity="cloud")
    draft.add(
        "debts", name="bonds", entity="group", rate=0.055, fair_rate=0.055, limit=draft.path(draft.grown(80 * scale, 0.2, 0.1)), opening=30 * scale,
        fee=0.005, deductible=0,
    )  # fmt: skip
    for name, months, method, bonus in (("servers", 60, "declining", 1), ("plant", 180, "declining", 1), ("buildings", 468, "straight", 0)):
        draft.add("classes", name=name, months=months, method=method, bonus=bonus)
    for name, rows in {
        "vendor": (("order", 0, 0.1), ("service", 0, 0.6), ("service", 2, 0.3)),
        "works": (("order", 0, 0.2), ("order", 6, 0.3), ("service", 0, 0.5)),
    }.items():
        for anchor, months, share in rows:
            draft.add("payments", name=name, anchor=anchor, months=months, share=share)
    draft.add("indices", name="gpu", path="1", growth=-0.02)
    draft.add("indices", name="facility", path="2026:1 2027:1.03 2028:1.05", growth=0.0)
    draft.add("indices", name="energy", path="1", growth=0.01)


def _budgets(draft: Draft) -> None:
    """What the board allows: capex of the first three years, and of each region; and how many engines."""
    scale = draft.size.sites
    for year in draft.years[:3]:
        bound = round(90 * scale * 1.3 ** (year - START), 3)
        draft.add("limits", name=f"capex_{year}", unit="MUSD2026", sense="<=", bound=bound, window="year", starts=year, ends=year + 1, owner="board")
        for programme in ("sites", "silicon"):
            draft.add("terms", limit=f"capex_{year}", measure="spend", item=programme, coefficient="1")
    for region in draft.regions:
        count = list(draft.sites.values()).count(region)
        draft.add("limits", name=f"capex_{region}", unit="MUSD2026", sense="<=", bound=round(700.0 * count, 3), window="year", owner="board")
        draft.add("limits", name=f"engines_{region}", unit="MW", sense="<=", bound=round(18.0 * count, 3), window="period", owner="regulator")
        draft.add("terms", limit=f"capex_{region}", measure="spend", item="sites", coefficient="1", place=region)
        draft.add("terms", limit=f"engines_{region}", measure="fleet", item="engines", coefficient="1", place=region)


def slices(draft: Draft) -> None:
    """Slices of one day with the shape of demand over it, and a battery at each site."""
    count = draft.size.slices
    if count == 1:
        return
    for number in range(count):
        draft.add("slices", name=f"z{number + 1:02d}", day="day", hours=24 / count, weight=1)
        draft.add("profiles", name="day", slice=f"z{number + 1:02d}", value=round(0.7 + 0.6 * (number + 0.5) / count, 4))
    draft.add("resources", name="charge", unit="MWh", kind="stock", level="site", clock="slice")
    draft.add(
        "assets", name="battery", unit="MW", capex="0.9 MUSD2026/MW", programme="sites", life_months=180, lead_months=9, index="facility",
        payment="works", depreciation="plant", fixed_opex="0.01 MUSD2026/MW/year", availability=1, recovery=0.3,
    )  # fmt: skip
    draft.add("options", asset="battery", place="site", order_limit=20)
    for name, feed, charge in (("fill", "-1 MW/MW", "0.93 MW/MW"), ("drain", "0.93 MW/MW", "-1 MW/MW")):
        draft.add("processes", name=name, unit="MW", where="site", entity="cloud", variable_cost="0.1 USD2026/MWh")
        draft.add("rates", process=name, resource="feed", rate=feed)
        draft.add("rates", process=name, resource="charge", rate=charge)
        draft.add("uses", process=name, asset="battery", use="1")


def futures(draft: Draft) -> None:
    """A fork after each year: demand and supply of chips go other ways."""
    parents = ["trunk"]
    for fork in range(draft.size.forks):
        born = []
        for parent, way in product(parents, range(draft.size.ways)):
            name = f"{parent}{way + 1}" if parent != "trunk" else f"f{way + 1}"
            opens = f"{START + fork + 1}Q1"
            draft.add("scenarios", name=name, parent=parent, opens=opens, probability=repr(1 / draft.size.ways))
            tilt = 1 + 0.25 * (way - (draft.size.ways - 1) / 2)
            draft.add("changes", scenario=name, path="demands.train.volume", factor=round(tilt * draft.draw(0.95, 1.05), 4))
            draft.add("changes", scenario=name, path=f"limits.supply_chip{draft.size.chips:02d}.bound", factor=draft.draw(0.7, 1.2))
            born.append(name)
        parents = born
