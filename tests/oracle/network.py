"""The same problem twice: a Barbell case, and the PyPSA network that states it.

What both can say: what is built when, per vintage; flows that balance at places; storage that is cyclic in its day; a budget of
carbon; demand that pays by step. Overnight money becomes PyPSA's cost per period by dividing it by the weights of the periods
in which the vintage stands, so that the sum is the overnight sum again and no annuity creeps in.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any

from barbell.core.case import Case
from tests.small import build


@dataclass
class Twin:
    """A random problem in both languages: Barbell's tables, PyPSA's components."""

    random: Random
    years: list[int]
    hours: list[float]
    rate: float
    tables: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    parts: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)

    @property
    def periods(self) -> list[int]:
        """Calendar years in which periods begin: PyPSA's names of investment periods."""
        return [2026 + sum(self.years[:t]) for t in range(len(self.years))]

    @property
    def shares(self) -> list[float]:
        return [hours / sum(self.hours) for hours in self.hours]

    def disc(self, t: int) -> float:
        return (1 + self.rate) ** -(sum(self.years[:t]) + self.years[t] / 2)

    @property
    def weight(self) -> list[float]:
        """What a unit of money per year in each period is worth today."""
        return [years * self.disc(t) for t, years in enumerate(self.years)]

    def between(self, low: float, high: float) -> float:
        return round(self.random.uniform(low, high), 3)

    def add(self, table: str, **cells: Any) -> None:
        self.tables.setdefault(table, []).append(cells)

    def part(self, kind: str, name: str, **cells: Any) -> None:
        self.parts.setdefault(kind, {})[name] = cells

    def lives(self, t: int, life: int) -> list[int]:
        """Periods in which what enters service at the start of `t` stands."""
        return [u for u, year in enumerate(self.periods) if self.periods[t] <= year < self.periods[t] + life]

    def path(self, values: list[float]) -> str:
        """A Barbell path with one value for each period."""
        return " ".join(f"{year}:{value}" for year, value in zip(self.periods, values, strict=True))


def twin(seed: int) -> Twin:
    """The random problem of a seed."""
    random = Random(seed)
    hours = [random.choice([2.0, 4.0, 6.0, 10.0]) for _ in range(random.randint(1, 4))]
    it = Twin(random, [random.randint(1, 3) for _ in range(random.randint(1, 3))], hours, round(random.uniform(0.02, 0.12), 3))
    for n, length in enumerate(hours):
        it.add("slices", name=f"z{n}", day="day", hours=length, weight=1.0)
    _places(it)
    _generators(it)
    _compute(it)
    if random.random() < 0.6:
        _line(it)
    if len(hours) > 1 and random.random() < 0.6:
        _battery(it)
    _demands(it)
    if random.random() < 0.6:
        _carbon(it)
    if random.random() < 0.4:
        _ceiling(it)
    return it


def case_of(it: Twin) -> Case:
    """The Barbell case."""
    return build(start="2026", months=[12 * years for years in it.years], **it.tables)


def _places(it: Twin) -> None:
    it.add("entities", name="firm", discount_rate=it.rate)
    it.add("programmes", name="build", entity="firm")
    it.add("places", name="world", kind="world")
    for n in range(2):
        it.add("places", name=f"s{n}", kind="site", parent="world")
        it.part("Bus", f"power@s{n}")
    it.part("Bus", "tok@world")
    it.add("resources", name="power", kind="flow", level="site")
    it.add("resources", name="tok", kind="flow", level="world")


def _asset(it: Twin, name: str, sites: list[str], kind: str, *, scale: float = 1.0, pu: list[list[float]] | None = None, **cells: Any) -> float:
    """An asset that one process uses: a vintage in each period at each site, and perhaps a standing one."""
    capex, opex, life = it.between(1, 8), it.random.choice([0.0, it.between(0.05, 0.4)]), it.random.randint(1, 8)
    fall = round(it.random.uniform(-0.15, 0.05), 3)
    use = it.between(0.5, 1.6)
    it.add("indices", name=f"{name}-price", growth=fall)
    it.add("assets", name=name, capex=capex, fixed_opex=opex, life_months=12 * life, index=f"{name}-price", recovery=0.0)
    for site in sites:
        most = it.between(2, 15)
        it.add("options", asset=name, place=site, order_limit=most)
        local = {key: value.format(site=site) if isinstance(value, str) else value for key, value in cells.items()}
        for t, year in enumerate(it.periods):
            stands = it.lives(t, life)
            money = capex * (1 + fall) ** (year - 2026) * it.disc(t) + sum(opex * it.weight[u] for u in stands)
            cost = money / sum(it.weight[u] for u in stands) * use / scale
            it.part(kind, f"{name}@{site} {year}", **local, p_nom_extendable=True, p_nom_max=most * it.years[t] * scale / use, capital_cost=cost,
                    build_year=year, lifetime=float(life), p_max_pu=pu, p_nom=0.0)  # fmt: skip
        if it.random.random() < 0.3 and not opex:
            amount, left = it.between(1, 5), it.random.randint(1, life)
            it.add("cohorts", name=f"old-{name}-{site}", asset=name, place=site, amount=amount, service="2025-06", remaining_months=12 * left)
            it.part(kind, f"{name}@{site} old", **local, p_nom_extendable=False, p_nom_max=1e9, capital_cost=0.0, build_year=2026,
                    lifetime=float(left), p_max_pu=pu, p_nom=amount * scale / use)  # fmt: skip
    return use


def _generators(it: Twin) -> None:
    sun = [it.between(0, 1) for _ in it.hours]
    for n, value in enumerate(sun):
        it.add("profiles", name="sun", slice=f"z{n}", value=value)
    work = [it.between(0.6, 0.95) for _ in it.years]
    use = _asset(
        it,
        "wind",
        ["s0", "s1"],
        "Generator",
        pu=[[up * share for share in sun] for up in work],
        bus="power@{site}",
        carrier="wind",
        marginal_cost=0.0,
    )
    it.tables["assets"][-1] |= {"profile": "sun", "availability": it.path(work)}
    it.add("processes", name="blow", where="site")
    it.add("rates", process="blow", resource="power", rate=1.0)
    it.add("uses", process="blow", asset="wind", use=use)
    cost = it.between(0.2, 2)
    use = _asset(it, "gas", ["s0", "s1"], "Generator", bus="power@{site}", carrier="gas", marginal_cost=cost)
    it.add("processes", name="burn", where="site", variable_cost=cost)
    it.add("rates", process="burn", resource="power", rate=1.0)
    it.add("uses", process="burn", asset="gas", use=use)


def _compute(it: Twin) -> None:
    draw, cost = it.between(0.5, 2), it.between(0, 0.5)
    use = _asset(
        it,
        "hall",
        ["s0", "s1"],
        "Link",
        scale=draw,
        bus0="power@{site}",
        bus1="tok@world",
        efficiency=1 / draw,
        marginal_cost=cost / draw,
        carrier="hall",
    )
    it.add("processes", name="serve", where="site", variable_cost=cost)
    it.add("rates", process="serve", resource="tok", rate=1.0)
    it.add("rates", process="serve", resource="power", rate=-draw)
    it.add("uses", process="serve", asset="hall", use=use)


def _line(it: Twin) -> None:
    kept = it.between(0.85, 1)
    use = _asset(it, "line", ["s0"], "Link", bus0="power@s0", bus1="power@s1", efficiency=kept, marginal_cost=0.0, carrier="line")
    it.add("processes", name="send", where="s0")
    it.add("rates", process="send", resource="power", rate=-1.0)
    it.add("rates", process="send", resource="power", rate=kept, place="s1")
    it.add("uses", process="send", asset="line", use=use)


def _battery(it: Twin) -> None:
    most, kept, year = it.between(5, 60), it.between(0.8, 1), 8760.0
    loss = it.random.choice([0.0, it.between(0.1, 0.9)])
    it.add("resources", name="charge", kind="stock", clock="slice", level="site")
    it.add("accounts", resource="charge", place="s0", ceiling=most, loss=loss)
    it.part("Bus", "charge@s0")
    it.part("Store", "store@s0", bus="charge@s0", e_nom=most, standing_loss=1 - (1 - loss) ** (1 / year))
    for name, process, ends, power, charge, efficiency in (
        ("charger", "fill", ("power@s0", "charge@s0"), -1.0, kept, kept),
        ("inverter", "drain", ("charge@s0", "power@s0"), kept, -1.0, kept),
    ):
        use = _asset(it, name, ["s0"], "Link", bus0=ends[0], bus1=ends[1], efficiency=efficiency, marginal_cost=0.0, carrier=name)
        it.add("processes", name=process, where="s0")
        it.add("rates", process=process, resource="power", rate=power)
        it.add("rates", process=process, resource="charge", rate=charge * year)
        it.add("uses", process=process, asset=name, use=use)


def _demands(it: Twin) -> None:
    """Buyers who each pay their own price: to PyPSA, generators that take and cost less than nothing."""
    for name, resource, place, low, high in (("chat", "tok", "world", 4, 12), ("town", "power", "s0", 0.5, 4)):
        volume = [it.between(2, 12) for _ in it.years]
        shape = [it.between(0.3, 1.5) for _ in it.hours]
        for n, value in enumerate(shape):
            it.add("profiles", name=f"{name}-shape", slice=f"z{n}", value=value)
        it.add("demands", name=name, resource=resource, place=place, volume=it.path(volume), discriminates=True, profile=f"{name}-shape")
        count, price = it.random.randint(1, 3), it.between(low, high)
        for step in range(count):
            it.add("price_steps", demand=name, step=step + 1, share=1 / count, price=price)
            most = [[v * s / count for s in shape] for v in volume]
            it.part("Generator", f"{name} {step}", bus=f"{resource}@{place}", carrier="", sign=-1.0, marginal_cost=-price, p_nom_extendable=False,
                    p_nom_max=1e9, capital_cost=0.0, build_year=2026, lifetime=1e3, p_nom=1.0, p_max_pu=most)  # fmt: skip
            price = round(price * it.between(0.4, 0.95), 3)


def _carbon(it: Twin) -> None:
    rate, window, budget = it.between(0.2, 1), it.random.choice(["period", "horizon"]), it.between(1, 12)
    it.add("resources", name="carbon", kind="allowance", level="world", window=window)
    it.add("rates", process="burn", resource="carbon", rate=-rate)
    it.add("accounts", resource="carbon", place="world", budget=budget)
    it.part("Carrier", "gas", co2_emissions=rate)
    for year in it.periods if window == "period" else [float("nan")]:
        it.part(
            "GlobalConstraint",
            f"carbon {year}",
            type="primary_energy",
            carrier_attribute="co2_emissions",
            sense="<=",
            constant=budget,
            investment_period=year,
        )


def _ceiling(it: Twin) -> None:
    """No more than so much of wind power ever ordered."""
    most = it.between(2, 12)
    use = next(row["use"] for row in it.tables["uses"] if row["asset"] == "wind")
    it.add("limits", name="wind", sense="<=", bound=most, window="horizon")
    it.add("terms", limit="wind", measure="order", item="wind")
    it.part(
        "GlobalConstraint",
        "wind",
        type="tech_capacity_expansion_limit",
        carrier_attribute="wind",
        sense="<=",
        constant=most / use,
        investment_period=float("nan"),
    )


def network_of(it: Twin) -> Any:
    """The PyPSA network."""
    import pandas as pd
    import pypsa

    pypsa.options.api.legacy_string_dtype = False  # what its next major version does; it warns until one has chosen
    n = pypsa.Network()
    n.set_snapshots(pd.MultiIndex.from_product([it.periods, [f"z{k}" for k in range(len(it.hours))]], names=["period", "timestep"]))
    n.investment_periods = it.periods
    n.investment_period_weightings["objective"] = it.weight
    n.investment_period_weightings["years"] = [float(years) for years in it.years]
    for column, values in (("objective", it.shares), ("generators", it.shares), ("stores", it.hours)):
        n.snapshot_weightings[column] = values * len(it.periods)
    carriers = {part["carrier"] for kind in it.parts.values() for part in kind.values() if part.get("carrier")} - set(it.parts.get("Carrier", ()))
    it.parts["Carrier"] = {**it.parts.get("Carrier", {}), **{name: {"co2_emissions": 0.0} for name in sorted(carriers)}}
    for kind in ("Carrier", "Bus", "Generator", "Link", "Store", "GlobalConstraint"):
        _add(n, kind, it.parts.get(kind, {}))
    return n


def _add(n: Any, kind: str, parts: dict[str, dict[str, Any]]) -> None:
    """All components of a kind in one call."""
    import pandas as pd

    if not parts:
        return
    names = list(parts)
    fields = sorted({key for cells in parts.values() for key in cells} - {"p_max_pu"})
    default = {"sign": 1.0}
    cells: dict[str, Any] = {key: [part.get(key, default.get(key)) for part in parts.values()] for key in fields}
    moving = {name: [v for row in part["p_max_pu"] for v in row] for name, part in parts.items() if part.get("p_max_pu")}
    if moving:
        cells["p_max_pu"] = pd.DataFrame({name: moving.get(name, [1.0] * len(n.snapshots)) for name in names}, index=n.snapshots)
    if kind == "Store":
        cells["e_cyclic_per_period"] = True
    n.add(kind, names, **cells)
