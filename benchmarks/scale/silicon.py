"""Chips by generation, what they do in each market, and who supplies them."""

from __future__ import annotations

from scale.draft import START, Draft

MARKETS = {"train": ("EFLOP/s", "world"), "batch": ("Mtok/s", "world"), "serve": ("Mtok/s", "region")}
"""Markets: the unit that they buy, and the kind of place at which it is sold."""
YIELD = {"train": (2.0, 13.0), "batch": (1.6, 15.0), "serve": (1.0, 26.0)}
"""What a thousand chips of the first generation do, and the price of one unit a year in MUSD2026, both in the first year."""
PROGRESS, DECAY = 0.32, -0.18
"""A year's gain in performance from generation to generation, and a year's change of prices."""


def silicon(draft: Draft) -> None:
    """Chips, the processes that run them, their supply, and the chips that stand."""
    for market, (unit, level) in MARKETS.items():
        draft.add("resources", name=market, unit=unit, kind="flow", level=level)
    for name, unit in (("packaging", "kwafer"), ("memory", "kstack")):
        draft.add("resources", name=name, unit=unit, kind="allowance", level="world", window="year")
    for number in range(draft.size.chips):
        _chip(draft, number)
    sites = draft.size.sites
    draft.add("accounts", resource="packaging", place="world", budget=draft.path(draft.grown(0.09 * sites, 0.5, 0.4, 0.25, 0.15)))
    draft.add("accounts", resource="memory", place="world", budget=draft.path(draft.grown(24.0 * sites, 0.55, 0.4, 0.3, 0.15)))


def _chip(draft: Draft, number: int) -> None:
    """The first two generations stand at the start; each is on sale for one and a half times the wait for the next one."""
    name, spacing = f"chip{number + 1:02d}", 3 * max(2, draft.size.quarters // draft.size.chips)
    opens = max(0, (number - 1) * spacing)
    years = (opens - (0 if number else spacing)) / 12
    power, liquid = round(1.0 + 0.25 * number, 3), number > 0
    draft.add(
        "assets", name=name, unit="kchip", capex=f"{22 + 5 * number} MUSD2026/kchip", programme="silicon", life_months=72, lead_months=6, index="gpu",
        payment="vendor", depreciation="servers", fixed_opex="0.2 MUSD2026/kchip/year", availability=0.96, recovery=0.3,
    )  # fmt: skip
    draft.add("options", asset=name, place="site", opens=_month(opens), closes=_month(opens + spacing * 3 // 2))
    for market, (made, _) in YIELD.items():
        process = f"{market}_{name}"
        amount = made * (1 + PROGRESS) ** years * draft.draw(0.9, 1.1)
        draft.add("processes", name=process, unit="kchip", where="site", entity="cloud", variable_cost="0.3 MUSD2026/kchip/year")
        draft.add("rates", process=process, resource=market, rate=f"{amount:.4g}")
        draft.add("rates", process=process, resource="it_liquid" if liquid else "it_air", rate=f"-{power}")
        draft.add("uses", process=process, asset=name, use="1")
        draft.add("uses", process=process, asset="rack", use=f"{power}")
    draft.add("takes", asset=name, resource="packaging", amount=f"{0.02 + 0.004 * number:.4g}")
    draft.add("takes", asset=name, resource="memory", amount=f"{6 + number}")
    supply = draft.grown(3.0 * draft.size.sites, 0.6, 0.4, 0.3, 0.2)
    draft.add("limits", name=f"supply_{name}", unit="kchip/year", sense="<=", bound=draft.path(supply), window="rate", owner="vendor")
    draft.add("terms", limit=f"supply_{name}", measure="order", item=name, coefficient="1")
    if number < 2:
        _standing(draft, name, power, number)


def _standing(draft: Draft, name: str, power: float, number: int) -> None:
    """As many chips as the halls of a site that serves already can hold, in four deliveries."""
    halls = {"hall_legacy", "hall_air"} if number == 0 else {"hall_liquid"}
    held: dict[str, float] = {}
    for row in draft.tables["cohorts"]:
        if row["asset"] in halls:
            held[row["place"]] = held.get(row["place"], 0.0) + row["amount"]
    first = START - 3 if number == 0 else START - 1
    for site, megawatts in held.items():
        for part in range(4):
            draft.add(
                "cohorts", name=f"{name}_{site}_{part + 1}", asset=name, place=site, amount=round(0.22 * megawatts / power, 4),
                service=f"{first + part // 4}-{3 * (part % 4) + 1:02d}", price=20 + 5 * number, paid=1,
            )  # fmt: skip


def _month(months: int) -> str:
    return f"{START + months // 12}-{months % 12 + 1:02d}"
