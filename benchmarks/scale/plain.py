"""A plain case at size, that Barbell, linopy and PyPSA can all state: yearly vintages, energy, cooling, chips, buyers who pay by step.

No lead times, instalments, tax, debt, contracts, retirement or one price for all: PyPSA has no words for them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from scale.draft import START, Draft, Size, written

RATE, SHIPPED = 0.09, 0.9
"""Discount rate, and what is left of a unit of work sent to the world's market."""
BUILT = {"grid": (0.6, 0.01, 0.0, 40), "hall": (9.0, 0.02, 0.15, 20)}
"""Capex (MUSD/MW), growth of its price, fixed opex (MUSD/MW/year), life in years."""
CHIP = (0.02, 0.3, 5)
"""Growth of a chip's price, fixed opex (MUSD/kchip/year), life in years."""
HEADERS = {"options": {"order_limit": "MW/year"}, "rates": {"rate": "{resource:rate}/{process}"}, "uses": {"use": "{asset}/{process}"},
           "demands": {"volume": "{resource}"}, "price_steps": {"price": "MUSD2026/({demand:resource}*year)"}, "limits": {"bound": "{unit}"},
           "terms": {"coefficient": "{limit}/{measure}"}}  # fmt: skip


@dataclass(frozen=True)
class Plain:
    """The numbers of a plain case: S sites in R regions, K chips, T years, J price steps."""

    size: Size

    @cached_property
    def draft(self) -> Draft:
        return Draft(self.size)

    @cached_property
    def shape(self) -> tuple[int, int, int, int, int]:
        """S, R, K, T, J."""
        return self.size.sites, len(self.draft.regions), self.size.chips, self.size.quarters // 4, self.size.steps

    @cached_property
    def region(self) -> np.ndarray:
        """(S,) region of each site."""
        return np.array([self.draft.regions.index(region) for region in self.draft.sites.values()])

    @cached_property
    def drawn(self) -> dict[str, np.ndarray]:
        """energy (S,) MUSD/MW/year, pue (S,), pace of grid and hall (S,) MW/year, made (K,) per kchip, volume (R, T) and world (T,)."""
        s, r, k, t, _ = self.shape
        draw = np.random.default_rng(self.size.seed).uniform
        made = 1.3 ** (2 * np.arange(k)) * draw(0.9, 1.1, k)
        grown = 1.5 ** np.arange(t)
        found = {
            "energy": draw(0.3, 0.7, s), "pue": draw(1.1, 1.4, s), "grid": draw(20, 60, s), "hall": draw(15, 40, s), "made": made,
            "volume": draw(8, 20, r)[:, None] * grown, "world": 6.0 * r * grown,
        }  # fmt: skip
        return {name: np.round(values, 4) for name, values in found.items()}

    @cached_property
    def power(self) -> np.ndarray:
        """(K,) MW of IT per thousand chips."""
        return 1 + 0.25 * np.arange(self.shape[2])

    @cached_property
    def capex(self) -> np.ndarray:
        """(K,) MUSD per thousand chips."""
        return 22.0 + 5 * np.arange(self.shape[2])

    @cached_property
    def supply(self) -> np.ndarray:
        """(K,) thousand chips over the horizon."""
        return np.round(1.5 * self.shape[0] * 1.2 ** np.arange(self.shape[2]), 3)

    @cached_property
    def price(self) -> np.ndarray:
        """(J, T) MUSD per unit and year."""
        step, year = np.arange(self.shape[4])[:, None], np.arange(self.shape[3])
        return np.round(24 * 0.8**step * 0.85**year, 4)

    @cached_property
    def disc(self) -> np.ndarray:
        """(T,) worth today of money of each year."""
        return (1 + RATE) ** -(np.arange(self.shape[3]) + 0.5)

    def alive(self, life: int) -> np.ndarray:
        """(vintage, T) whether what is built in one year stands in another."""
        age = np.arange(self.shape[3]) - np.arange(self.shape[3])[:, None]
        return (age >= 0) & (age < life)

    def money(self, capex: float, growth: float, opex: float, life: int) -> np.ndarray:
        """(vintage,) worth today of building and keeping one unit."""
        return capex * (1 + growth) ** np.arange(self.shape[3]) * self.disc + opex * self.alive(life) @ self.disc


def case(plain: Plain, folder: Path) -> Path:
    """The plain case as the files that a user of Barbell writes."""
    made, drawn = Draft(plain.size), plain.drawn
    steps, years = plain.shape[4], plain.shape[3]

    def path(values) -> str:
        return " ".join(f"{START + n}:{float(value)!r}" for n, value in enumerate(values))

    made.add("entities", name="firm", discount_rate=RATE)
    made.add("programmes", name="build", entity="firm")
    made.add("places", name="world", kind="world")
    for region in made.regions:
        made.add("places", name=region, kind="region", parent="world")
    for name, level in (("power", "site"), ("it", "site"), ("work", "region"), ("world_work", "world")):
        made.add("resources", name=name, unit="MW" if level == "site" else "Mtok/s", kind="flow", level=level)
    for name, (capex, growth, opex, life) in BUILT.items():
        _asset(made, name, "MW", capex, growth, opex, life)
    for n, (site, region) in enumerate(made.sites.items()):
        made.add("places", name=site, kind="site", parent=region)
        for name in BUILT:
            made.add("options", asset=name, place=site, order_limit=drawn[name][n])
        for name, asset, resource, cost in (("draw", "grid", "power", drawn["energy"][n]), ("cool", "hall", "it", 0.0)):
            made.add("processes", name=f"{name}_{site}", unit="MW", where=site, entity="firm", variable_cost=f"{float(cost)!r} MUSD2026/MW/year")
            made.add("rates", process=f"{name}_{site}", resource=resource, rate=1)
            made.add("uses", process=f"{name}_{site}", asset=asset, use=1)
        made.add("rates", process=f"cool_{site}", resource="power", rate=-drawn["pue"][n])
    for k in range(plain.size.chips):
        _asset(made, f"chip{k}", "kchip", plain.capex[k], *CHIP)
        made.add("options", asset=f"chip{k}", place="site")
        made.add("processes", name=f"run{k}", unit="kchip", where="site", entity="firm", variable_cost="0 MUSD2026/kchip/year")
        made.add("rates", process=f"run{k}", resource="work", rate=drawn["made"][k])
        made.add("rates", process=f"run{k}", resource="it", rate=-plain.power[k])
        made.add("uses", process=f"run{k}", asset=f"chip{k}", use=1)
        made.add("limits", name=f"supply{k}", unit="kchip", sense="<=", bound=plain.supply[k], window="horizon")
        made.add("terms", limit=f"supply{k}", measure="order", item=f"chip{k}", coefficient=1)
    made.add("processes", name="ship", unit="Mtok/s", where="region", entity="firm", variable_cost="0 MUSD2026/(Mtok/s)/year")
    made.add("rates", process="ship", resource="work", rate=-1)
    made.add("rates", process="ship", resource="world_work", rate=SHIPPED)
    for place, volume in zip([*made.regions, "world"], [*drawn["volume"], drawn["world"]], strict=True):
        resource = "world_work" if place == "world" else "work"
        made.add(
            "demands", name=f"of_{place}", market="work", resource=resource, place=place, entity="firm", volume=path(volume), discriminates="true"
        )
        for step in range(steps):
            made.add("price_steps", demand=f"of_{place}", step=step + 1, share=repr(1 / steps), price=path(plain.price[step]))
    intention = f"money: MUSD2026\nas_of: 2026-01-01\nhorizon:\n  start: {START}\n  periods: [{years} x year]\n"
    return written(made, folder, intention, HEADERS)


def _asset(made: Draft, name: str, unit: str, capex: float, growth: float, opex: float, life: int) -> None:
    made.add("indices", name=f"{name}_price", growth=growth)
    made.add(
        "assets", name=name, unit=unit, capex=f"{float(capex)!r} MUSD2026/{unit}", programme="build", life_months=12 * life, index=f"{name}_price",
        fixed_opex=f"{opex} MUSD2026/{unit}/year", recovery=0,
    )  # fmt: skip
