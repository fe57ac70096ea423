"""The ladder of a site: grid or engines, shell, halls, racks; what stands already, and what neighbours share."""

from __future__ import annotations

from scale.draft import START, Draft

ASSETS = {
    # name: capex, lead months, life months, payment, class, fixed opex, recovery
    "grid": (0.6, 30, 480, "works", "plant", 0.0, 0.6),
    "engines": (1.3, 12, 240, "works", "plant", 0.03, 0.5),
    "shell": (3.0, 15, 480, "works", "buildings", 0.05, 0.6),
    "hall_air": (4.5, 9, 240, "works", "buildings", 0.1, 0.4),
    "hall_liquid": (6.0, 9, 240, "works", "buildings", 0.1, 0.4),
    "rack": (5.0, 3, 84, "vendor", "servers", 0.05, 0.3),
}
"""Synthetic figures of the usual size, in MUSD2026 per MW of IT (grid and engines: per MW drawn)."""
PACE = {"grid": (30, 90), "engines": (5, 20), "shell": (30, 80), "hall_air": (10, 40), "hall_liquid": (20, 60)}
"""MW that can be ordered a year at one site."""


def ladder(draft: Draft) -> None:
    """Places, resources, assets and processes up to the rack."""
    _places(draft)
    _assets(draft)
    for number, (site, region) in enumerate(draft.sites.items()):
        serves = number % 5 < 3
        _options(draft, site)
        _running(draft, site, legacy=serves)
        if serves:
            _standing(draft, site)
        _under_way(draft, site, region, number)
    _shared(draft)


def _places(draft: Draft) -> None:
    draft.add("places", name="world", kind="world")
    for region in draft.regions:
        draft.add("places", name=region, kind="region", parent="world")
    for site, region in draft.sites.items():
        draft.add("places", name=site, kind="site", parent=region)
    for name in ("feed", "it_air", "it_liquid"):
        draft.add("resources", name=name, unit="MW", kind="flow", level="site")
    draft.add("resources", name="transformers", unit="transformer", kind="stock", level="region", clock="period")
    draft.add("resources", name="crews", unit="crew", kind="allowance", level="region", window="period")


def _assets(draft: Draft) -> None:
    for name, (capex, lead, life, payment, kind, opex, recovery) in ASSETS.items():
        draft.add(
            "assets", name=name, unit="MW", capex=f"{capex} MUSD2026/MW", programme="silicon" if name == "rack" else "sites", life_months=life,
            lead_months=lead, index="facility", payment=payment, depreciation=kind, fixed_opex=f"{opex} MUSD2026/MW/year",
            availability=0.97 if name == "rack" else 1, recovery=recovery,
        )  # fmt: skip
    draft.add(
        "assets", name="hall_legacy", unit="MW", capex="5 MUSD2026/MW", programme="sites", life_months=240, depreciation="buildings",
        fixed_opex="0.15 MUSD2026/MW/year", availability=1, recovery=0.2,
    )  # fmt: skip
    draft.add("options", asset="rack", place="site")
    draft.add(
        "conversions", name="legacy_to_liquid", source="hall_legacy", target="hall_liquid", months=9, capex=3.2, gain=0.9, index="facility",
        outage=0.2, limit=12,
    )  # fmt: skip
    draft.add("processes", name="bridge", unit="MW", where="site", entity="cloud", variable_cost="95 USD2026/MWh", index="energy")
    draft.add("rates", process="bridge", resource="feed", rate="1")
    draft.add("uses", process="bridge", asset="engines", use="1")
    draft.add("takes", asset="grid", resource="transformers", amount="0.02", when="order")
    for hall in ("hall_air", "hall_liquid"):
        draft.add("takes", asset=hall, resource="crews", amount="0.5", when="order")


def _options(draft: Draft, site: str) -> None:
    factor = draft.draw(0.85, 1.25)
    for asset, (low, high) in PACE.items():
        pace = draft.draw(low, high)
        draft.add(
            "options", asset=asset, place=site, capex_factor=factor, extra_lead_months=int(draft.random.integers(0, 8)) * 3 if asset == "grid" else 0,
            order_limit=draft.path(draft.grown(pace, 0.2, 0.1, 0.0)),
        )  # fmt: skip


def _running(draft: Draft, site: str, *, legacy: bool) -> None:
    """Draw from the grid, and cool: a MW of IT takes so much more, in each kind of hall."""
    price = draft.draw(32, 75)
    draft.add(
        "processes", name=f"import_{site}", unit="MW", where=site, entity="cloud",
        variable_cost=draft.path(draft.grown(price, *(draft.draw(-0.02, 0.06) for _ in draft.years)), "USD2026/MWh"), index="energy",
    )  # fmt: skip
    draft.add("rates", process=f"import_{site}", resource="feed", rate="1")
    draft.add("uses", process=f"import_{site}", asset="grid", use="1")
    drawn = draft.draw(1.18, 1.45)
    halls = {"hall_legacy": ("it_air", drawn + 0.15), "hall_air": ("it_air", drawn), "hall_liquid": ("it_liquid", drawn - 0.1)}
    for hall, (resource, pue) in list(halls.items())[0 if legacy else 1 :]:
        name = f"cool_{hall.partition('_')[2]}_{site}"
        draft.add("processes", name=name, unit="MW", where=site, entity="cloud", variable_cost="4 kUSD2026/MW/year")
        draft.add("rates", process=name, resource=resource, rate="1")
        draft.add("rates", process=name, resource="feed", rate=f"-{pue:.4g}")
        draft.add("uses", process=name, asset=hall, use="1")
        draft.add("uses", process=name, asset="shell", use="1")


def _standing(draft: Draft, site: str) -> None:
    """A site that serves already: so much IT, and what stands around it, built over the years."""
    power = draft.draw(4, 20)
    old, new = round(0.4 * power, 3), round(0.4 * power, 3)
    built = int(draft.random.integers(2014, 2022))
    for asset, amount, year, paid in (
        ("grid", round(1.4 * power, 3), built, 0.4), ("shell", round(1.1 * power, 3), built, 2.2), ("hall_legacy", old, built, 4.0),
        ("hall_air", new, 2023, 4.4), ("hall_liquid", round(0.2 * power, 3), 2025, 5.8), ("rack", round(power, 3), 2024, 4.6),
    ):  # fmt: skip
        draft.add(
            "cohorts", name=f"{asset}_{site}", asset=asset, place=site, amount=amount, service=f"{year}-{int(draft.random.integers(1, 13)):02d}",
            price=paid, paid=1,
        )  # fmt: skip


def _under_way(draft: Draft, site: str, region: str, number: int) -> None:
    """Grid and shell on order at the start; and a milestone for each region at its first site."""
    for asset, months in (("grid", 9 + 3 * (number % 6)), ("shell", 6 + 3 * (number % 4))):
        service = f"{START + months // 12}-{months % 12 + 1:02d}"
        price = round(0.95 * ASSETS[asset][0], 3)
        draft.add("cohorts", name=f"{asset}_{site}_due", asset=asset, place=site, amount=draft.draw(3, 15), service=service, price=price, paid=0.3)
    if number == list(draft.sites.values()).index(region):
        promised = {"asset": "hall_liquid", "place": region, "amount": 25, "by": f"{START + 1}Q4", "penalty": 0.4}
        draft.add("gates", name=f"promise_{region}", programme="sites", **promised)


def _shared(draft: Draft) -> None:
    """What the sites of a region share: crews, transformers in store and on offer, and the queue for the grid."""
    mates = list(draft.sites.values())
    draft.add("processes", name="order_transformers", unit="transformer/year", where="region", entity="cloud", variable_cost="3 MUSD2026/transformer")
    draft.add("rates", process="order_transformers", resource="transformers", rate="1")
    for region in draft.regions:
        count = mates.count(region)
        draft.add("accounts", resource="crews", place=region, budget=draft.path(draft.grown(1.6 * count, 0.25, 0.2, 0.1)))
        draft.add("accounts", resource="transformers", place=region, initial=0.4 * count, ceiling=6 * count, closing_value="1 MUSD2026/transformer")
        draft.add("limits", name=f"transformers_{region}", unit="transformer/year", sense="<=", bound=round(0.35 * count, 3), window="period")
        draft.add("terms", limit=f"transformers_{region}", measure="activity", item="order_transformers", coefficient="1", place=region)
        queue = draft.grown(60.0 * count, 0.8, 0.5, 0.3, 0.2, 0.1)
        draft.add("limits", name=f"queue_{region}", unit="MW", sense="<=", bound=draft.path(queue), window="cumulative", owner="utility")
        draft.add("terms", limit=f"queue_{region}", measure="order", item="grid", coefficient="1", place=region)
