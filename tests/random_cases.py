"""Seeded random cases, always well formed and feasible: an economy of halls, chips and power, and features switched on one by one.

The first seeds switch on one feature each, so that a disagreement names its culprit; later seeds mix.
Doing nothing is always allowed: what is forced by cohorts and contracts has an unlimited, dear way out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from barbell.core.case import Case, Risk
from barbell.core.horizon import Month
from tests.small import build

Feature = Callable[["Draft"], None]
FEATURES: dict[str, Feature] = {}
"""Features by name, in the order in which they are applied."""


def feature(function: Feature) -> Feature:
    """Enter a feature into the list."""
    FEATURES[function.__name__] = function
    return function


@dataclass
class Draft:
    """A case in the making: tables of dicts that the features change."""

    random: Random
    start: Month
    months: list[int]
    tables: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    risk: Risk = field(default_factory=Risk)

    def add(self, table: str, **cells: Any) -> dict[str, Any]:
        """A new row."""
        self.tables.setdefault(table, []).append(cells)
        return cells

    def get(self, table: str, **key: Any) -> dict[str, Any]:
        """The row with these cells."""
        return next(row for row in self.tables[table] if all(row.get(k) == v for k, v in key.items()))

    def rows(self, table: str) -> list[dict[str, Any]]:
        return self.tables.get(table, [])

    def between(self, low: float, high: float) -> float:
        return round(self.random.uniform(low, high), 3)

    def pick(self, *choices: Any) -> Any:
        return self.random.choice(choices)

    def flip(self, chance: float = 0.5) -> bool:
        return self.random.random() < chance

    @property
    def end(self) -> Month:
        return self.start + sum(self.months)

    def starts(self) -> list[Month]:
        return [self.start + sum(self.months[:t]) for t in range(len(self.months))]

    def month(self, first: int, last: int) -> str:
        """A date so many months after the start."""
        return str(self.start + self.random.randint(first, last))

    def path(self, low: float, high: float) -> Any:
        """A constant or a path of two or three steps, anywhere in the horizon."""
        if self.flip(0.4):
            return self.between(low, high)
        dates = sorted({self.month(1, sum(self.months) - 1) for _ in range(2)})
        return " ".join(f"{date}:{self.between(low, high)}" for date in ["2020", *dates])

    @property
    def sites(self) -> list[str]:
        return [place["name"] for place in self.tables["places"] if place["kind"] == "site"]


def random_case(seed: int) -> Case:
    """The case of a seed: seed 0 has no feature, the next ones one each, all others a mixture."""
    return _made(_drafted(seed))


def features_of(seed: int) -> list[str]:
    """Names of the features that a seed switches on."""
    names = list(FEATURES)
    if seed <= len(names):
        return names[seed - 1 : seed] if seed else []
    random = Random(10_000 + seed)
    chance = random.choice([0.15, 0.3, 0.5])
    return [name for name in names if random.random() < chance]


def random_tree_case(seed: int) -> Case:
    """A mixture of features whose future branches into two or three, sometimes again, with paths changed from then on."""
    draft = _drafted(len(FEATURES) + 1000 + seed)
    while len(draft.months) < 4:
        draft.months.append(draft.pick(6, 12))
    _branch(draft, "trunk", 1, draft.pick(2, 2, 3))
    if draft.flip():
        _branch(draft, "b0", draft.pick(2, 3), 2)
    if draft.flip(0.6):
        draft.risk = Risk(draft.between(0.1, 0.9), draft.pick(0.05, 0.3, 0.5, 0.77))
    return _made(draft)


def random_block_case(seed: int) -> Case:
    """A small mixture in which halls and chips come in whole blocks."""
    draft = _drafted(len(FEATURES) + 2000 + seed)
    draft.get("assets", name="hall")["block"] = draft.between(1.5, 5)
    draft.get("assets", name="chip")["block"] = draft.pick(0.0, draft.between(1, 4))
    draft.tables["limits"] = [row for row in draft.rows("limits") if row.get("sense", "<=") == "<="]  # whole blocks cannot meet a number exactly
    draft.tables["terms"] = [row for row in draft.rows("terms") if any(row["limit"] == limit["name"] for limit in draft.rows("limits"))]
    return _made(draft)


def _drafted(seed: int) -> Draft:
    random = Random(seed)
    months = [random.choice([3, 5, 6, 12, 18, 24]) for _ in range(random.randint(3, 6))]
    while sum(months) < 36:  # long enough for something to pay
        months[random.randrange(len(months))] += random.choice([3, 6, 12])
    draft = Draft(random, Month.parse("2026") + random.randint(0, 11), months)
    _economy(draft)
    chosen = features_of(seed)
    for name, apply in FEATURES.items():
        if name in chosen:
            apply(draft)
    return draft


def _made(draft: Draft) -> Case:
    return build(start=str(draft.start), months=draft.months, risk=draft.risk, **draft.tables)


def _economy(d: Draft) -> None:
    _places(d)
    d.add("entities", name="firm", discount_rate=d.between(0.04, 0.15))
    d.add("programmes", name="build", entity="firm")
    d.add("resources", name="tok", unit="tok", kind="flow", level=d.pick("world", "region"))
    d.add("resources", name="power", unit="MW", kind="flow", level="site")
    d.add("assets", name="hall", capex=d.between(4, 9), life_months=d.pick(60, 120), lead_months=d.pick(0, 3, 7), recovery=d.between(0, 1))
    d.add("assets", name="chip", capex=d.between(4, 9), life_months=d.pick(24, 36, 60), lead_months=d.pick(0, 2), recovery=d.between(0, 1))
    d.add("options", asset="hall", place="site", order_limit=d.path(8, 30))
    for site in d.sites:
        d.add("options", asset="chip", place=site, order_limit=d.between(10, 40), capex_factor=d.between(0.9, 1.1))
    d.add("processes", name="serve", where="site", variable_cost=d.path(0.05, 0.3))
    d.add("rates", process="serve", resource="tok", rate=1.0)
    d.add("rates", process="serve", resource="power", rate=-d.between(0.5, 1.5))
    d.add("uses", process="serve", asset="hall", use=d.between(0.5, 1.5))
    d.add("uses", process="serve", asset="chip", use=1.0)
    d.add("processes", name="grid", where="site", variable_cost=d.path(0.2, 1.0))
    d.add("rates", process="grid", resource="power", rate=1.0)
    for place in d.random.sample(["east", "west"], d.pick(1, 2)):
        name = f"chat-{place}"
        d.add("demands", name=name, resource="tok", place=place, volume=d.path(5, 30), discriminates=d.flip())
        d.add("price_steps", demand=name, step=1, share=1.0, price=d.path(11, 20))


def _places(d: Draft) -> None:
    d.add("places", name="world", kind="world")
    d.add("places", name="east", kind="region", parent="world")
    d.add("places", name="west", kind="region", parent="world")
    for n in range(d.random.randint(2, 3)):
        d.add("places", name=f"s{n}", kind="site", parent=("east", "west", d.pick("east", "west"))[n])


def _branch(d: Draft, parent: str, period: int, count: int) -> None:
    opens = str(d.starts()[period])
    weights = [d.random.randint(1, 4) for _ in range(count)]
    for n in range(count):
        name = f"b{n}" if parent == "trunk" else f"{parent}-{n}"
        d.add("scenarios", name=name, parent=parent, opens=opens, probability=weights[n] / sum(weights))
        for path, low, high in d.random.sample(_changeable(d), d.random.randint(1, 3)):
            if d.flip(0.7):
                d.add("changes", scenario=name, path=path, factor=d.between(low, high))
            else:
                d.add("changes", scenario=name, path=path, value=_stepped(d, path, low, high))


def _changeable(d: Draft) -> list[tuple[str, float, float]]:
    """Cells that a branch may see differently, with the least and greatest factor that keeps the case feasible."""
    found = [("processes.grid.variable_cost", 0.5, 3.0), ("options.hall/site.order_limit", 0.3, 1.5)]
    found += [(f"demands.{row['name']}.volume", 0.3, 2.0) for row in d.rows("demands")]
    found += [(f"indices.{row['name']}.path", 0.7, 1.3) for row in d.rows("indices")]
    found += [(f"contracts.{row['name']}.volume", 0.5, 1.5) for row in d.rows("contracts")]
    found += [(f"assets.{row['name']}.availability", 0.5, 1.0) for row in d.rows("assets") if "availability" in row]
    found += [(f"entities.{row['name']}.base_income", 0.0, 2.0) for row in d.rows("entities") if "base_income" in row]
    found += [(f"entities.{row['name']}.base_cash", 0.8, 2.0) for row in d.rows("entities") if "base_cash" in row]
    found += [(f"programmes.{row['name']}.envelope", 1.0, 2.0) for row in d.rows("programmes") if "envelope" in row]
    found += [(f"limits.{row['name']}.bound", 1.0, 2.0) for row in d.rows("limits") if row.get("sense", "<=") == "<="]
    found += [("rates.serve/power.rate", 0.5, 2.0), ("uses.serve/hall.use", 0.7, 1.4)]
    return found


def _stepped(d: Draft, path: str, low: float, high: float) -> str:
    """A path of two steps around the first value that the cell has."""
    table, key, name = path.split(".")
    fields = {"options": ("asset", "place"), "rates": ("process", "resource"), "uses": ("process", "asset")}.get(table, ("name",))
    row = next(row for row in d.rows(table) if [str(row.get(f, "")) for f in fields] == key.split("/"))
    cell = row.get(name, 1.0)
    base = float(str(cell).split()[0].rpartition(":")[2])
    ends = sorted((base * low, base * high))
    return f"2020:{d.between(*ends)} {d.month(1, sum(d.months) - 1)}:{d.between(*ends)}"


# Time and place


@feature
def slices(d: Draft) -> None:
    days = d.pick(1, 2)
    for n in range(max(days, d.random.randint(2, 3))):
        day = f"d{n % days}"
        twin = [row for row in d.rows("slices") if row["day"] == day]
        d.add("slices", name=f"z{n}", day=day, hours=d.between(2, 14), weight=twin[0]["weight"] if twin else d.between(0.5, 3))


def _shape(d: Draft, name: str, low: float, high: float) -> str:
    if not d.rows("slices"):
        slices(d)
    for row in d.rows("slices"):
        d.add("profiles", name=name, slice=row["name"], value=d.between(low, high))
    return name


@feature
def demand_profile(d: Draft) -> None:
    d.tables["demands"][0]["profile"] = _shape(d, "day", 0.3, 1.8)


@feature
def availability(d: Draft) -> None:
    for asset in d.rows("assets"):
        asset["availability"] = d.path(0.6, 0.98)
    d.tables["assets"][0]["profile"] = _shape(d, "up", 0.5, 1.0)


@feature
def moving_coefficients(d: Draft) -> None:
    d.get("rates", process="serve", resource="tok")["rate"] = d.path(0.8, 1.5)
    d.get("uses", process="serve", asset="chip")["use"] = d.path(0.7, 1.3)


@feature
def nearest_above(d: Draft) -> None:
    """A use finds its asset at the place above; another names the place."""
    d.add("assets", name="substation", capex=d.between(0.5, 2), life_months=240, lead_months=d.pick(0, 6))
    d.add("options", asset="substation", place="east", order_limit=30.0)
    d.add("options", asset="substation", place="west", order_limit=30.0, capex_factor=1.2)
    d.add("uses", process="serve", asset="substation", use=d.between(0.5, 1.2))
    if d.flip():
        d.add("assets", name="backbone", capex=d.between(0.2, 1), life_months=120)
        d.add("options", asset="backbone", place="west", order_limit=50.0)
        d.add("uses", process="serve", asset="backbone", use=0.5, place="west")


@feature
def named_account(d: Draft) -> None:
    """All sites draw on the water of one region."""
    d.add("resources", name="water", unit="m3", kind="flow", level="region")
    d.add("processes", name="pump", where="region", variable_cost=d.between(0.1, 0.5))
    d.add("rates", process="pump", resource="water", rate=2.0)
    d.add("rates", process="serve", resource="water", rate=-d.between(0.2, 1), place="east")


@feature
def options_windows(d: Draft) -> None:
    option = d.get("options", asset="chip", place="s0")
    option |= {"opens": d.month(1, 8), "extra_lead_months": d.pick(0, 4)}
    d.get("options", asset="chip", place="s1")["closes"] = d.month(7, 20)
    d.get("options", asset="hall")["capex_factor"] = d.between(0.8, 1.3)


@feature
def long_lead(d: Draft) -> None:
    """Orders that arrive late in the horizon, or after it."""
    d.get("assets", name="hall")["lead_months"] = d.pick(11, 17, 25)
    d.get("assets", name="chip")["lead_months"] = d.pick(5, 9)


@feature
def short_life(d: Draft) -> None:
    d.get("assets", name="chip")["life_months"] = d.pick(7, 12, 15)


# Balance


@feature
def allowance(d: Draft) -> None:
    window = d.pick("period", "year", "horizon")
    d.add("resources", name="carbon", unit="t", kind="allowance", level="world", window=window)
    d.add("rates", process="grid", resource="carbon", rate=-d.between(0.5, 1))
    d.add("accounts", resource="carbon", place="world", budget=d.path(6, 40))
    d.add("processes", name="wind", where="site", variable_cost=d.between(0.8, 2))
    d.add("rates", process="wind", resource="power", rate=1.0)


@feature
def allowance_take(d: Draft) -> None:
    d.add("resources", name="permit", unit="each", kind="allowance", level="region", window=d.pick("period", "year", "horizon"))
    for place in ("east", "west"):
        d.add("accounts", resource="permit", place=place, budget=d.path(4, 25))
    d.add("takes", asset="hall", resource="permit", amount=d.between(0.5, 1.5), when="order")


@feature
def store_chips(d: Draft) -> None:
    """A stock on the period clock, made, decaying, capped and drawn on."""
    d.add("resources", name="parts", unit="each", kind="stock", clock="period", level="world")
    d.add("processes", name="fab", where="world", variable_cost=d.path(0.5, 1.5))
    d.add("rates", process="fab", resource="parts", rate=1.0)
    d.add("accounts", resource="parts", place="world", initial=d.between(5, 20), ceiling=d.path(25, 60), loss=d.pick(0.0, d.between(0.01, 0.2)),
          closing_value=d.pick(0.0, d.between(0.1, 1.5)))  # fmt: skip
    d.add("takes", asset="chip", resource="parts", amount=d.between(0.5, 1.5), when=d.pick("order", "service"))


@feature
def flow_take(d: Draft) -> None:
    d.add("resources", name="crew", unit="crew", kind="flow", level="region")
    d.add("processes", name="hire", where="region", variable_cost=d.path(0.5, 2))
    d.add("rates", process="hire", resource="crew", rate=1.0)
    d.add("takes", asset="hall", resource="crew", amount=d.between(0.1, 0.6), when=d.pick("order", "service"))


@feature
def battery(d: Draft) -> None:
    """A stock on the slice clock, cyclic in its day, with losses."""
    if not d.rows("slices"):
        slices(d)
    d.add("resources", name="charge", unit="MWh", kind="stock", clock="slice", level="site")
    for site in d.sites:
        d.add("accounts", resource="charge", place=site, ceiling=d.between(10, 60), loss=d.pick(0.0, 0.9))
    d.add("assets", name="cell", capex=d.between(0.3, 1), life_months=84)
    d.add("options", asset="cell", place="site", order_limit=20.0)
    hour = 8760.0
    for name, power, charge in (("fill", -1.0, 0.9 * hour), ("drain", 1.0, -1.0 * hour)):
        d.add("processes", name=name, where="site", variable_cost=0.01)
        d.add("rates", process=name, resource="power", rate=power)
        d.add("rates", process=name, resource="charge", rate=charge)
        d.add("uses", process=name, asset="cell", use=1.0)
    d.add("assets", name="sun", capex=d.between(1, 3), life_months=240, profile=_shape(d, "sunshine", 0, 1))
    d.add("options", asset="sun", place="site", order_limit=20.0)
    d.add("processes", name="shine", where="site", variable_cost=0.0)
    d.add("rates", process="shine", resource="power", rate=1.0)
    d.add("uses", process="shine", asset="sun", use=1.0)


# Fleet


@feature
def capex_index(d: Draft) -> None:
    d.add("indices", name="silicon", path=d.path(0.8, 1.1), growth=d.between(-0.3, 0.05))
    d.get("assets", name="chip")["index"] = "silicon"


@feature
def opex(d: Draft) -> None:
    d.add("indices", name="wages", path=d.path(0.9, 1.1), growth=d.between(-0.05, 0.1))
    for asset in d.rows("assets"):
        asset |= {"fixed_opex": d.between(0.05, 0.8), "opex_index": d.pick("", "wages")}
    d.get("processes", name="serve")["index"] = "wages"


@feature
def attrition(d: Draft) -> None:
    for asset in d.rows("assets"):
        asset["attrition"] = d.between(0.01, 0.2)


@feature
def fade(d: Draft) -> None:
    d.get("assets", name="chip")["fade"] = d.between(0.02, 0.3)


@feature
def gain(d: Draft) -> None:
    d.add("indices", name="moore", path=d.path(0.9, 1.2), growth=d.between(0.0, 0.4))
    d.get("assets", name="chip")["gain"] = "moore"


@feature
def ageing(d: Draft) -> None:
    d.get("assets", name="chip").update({"ageing": d.between(0.05, 0.5), "fixed_opex": d.between(0.2, 0.8)})


@feature
def retire(d: Draft) -> None:
    for name in ("chip", "hall"):
        d.get("assets", name=name).update({"retirable": True, "fixed_opex": d.between(0.5, 4)})


@feature
def convert(d: Draft) -> None:
    """Air halls become liquid halls, which a better process uses; sometimes they can also be built anew."""
    d.add("assets", name="liquid", capex=d.between(5, 12), life_months=d.pick(30, 90), recovery=d.between(0, 1), lead_months=d.pick(0, 6))
    if d.flip():
        d.add("options", asset="liquid", place="s0", order_limit=10.0, capex_factor=1.1)
    limit = d.pick(None, d.between(2, 10))
    d.add("conversions", name="refit", source="hall", target="liquid", months=d.pick(0, 3, 5, 12), capex=d.between(0.5, 3),
          gain=d.between(0.6, 1.1), outage=d.pick(0.0, d.between(0.1, 1)), limit=limit)  # fmt: skip
    if d.flip():
        d.add("indices", name="trades", growth=d.between(-0.05, 0.1))
        d.get("conversions", name="refit")["index"] = "trades"
    d.add("processes", name="fast", where="site", variable_cost=d.between(0.05, 0.3))
    d.add("rates", process="fast", resource="tok", rate=d.between(1.2, 2))
    d.add("rates", process="fast", resource="power", rate=-1.0)
    d.add("uses", process="fast", asset="liquid", use=1.0)
    d.add("uses", process="fast", asset="chip", use=1.0)


@feature
def standing(d: Draft) -> None:
    for n, asset in enumerate(("hall", "chip", "hall", "chip")):
        life = d.get("assets", name=asset)["life_months"]
        age = d.random.randint(1, life - 2)
        left = d.pick(None, d.random.randint(1, life))
        d.add("cohorts", name=f"old{n}", asset=asset, place=d.pick(*d.sites), amount=d.between(2, 10), service=str(d.start + -age),
              remaining_months=left, book_value=d.pick(0.0, d.between(1, 20)))  # fmt: skip


@feature
def under_way(d: Draft) -> None:
    """On order at the start, paid in part; some arrive after the end."""
    for n, asset in enumerate(("hall", "chip", "chip")):
        wait = d.random.randint(1, sum(d.months) + 6) if n else d.random.randint(1, max(1, d.months[0] + d.months[1]))
        d.add("cohorts", name=f"due{n}", asset=asset, place=d.pick(*d.sites), amount=d.between(2, 8), service=str(d.start + wait),
              price=d.between(2, 8), paid=d.pick(0.0, 1.0, d.between(0, 1)))  # fmt: skip


@feature
def payments(d: Draft) -> None:
    for share, anchor, months in (
        (0.3, "order", 0),
        (0.25, "order", d.pick(2, 7)),
        (0.25, "service", -d.pick(0, 3, 8)),
        (0.2, "service", d.pick(1, 4, 15)),
    ):
        d.add("payments", name="staged", anchor=anchor, months=months, share=share)
    for asset in d.rows("assets"):
        asset["payment"] = "staged"


# Demand


@feature
def discriminating_steps(d: Draft) -> None:
    _steps(d, d.tables["demands"][0], discriminates=True)


@feature
def uniform_steps(d: Draft) -> None:
    _steps(d, d.tables["demands"][-1], discriminates=False)


def _steps(d: Draft, demand: dict[str, Any], *, discriminates: bool) -> None:
    demand["discriminates"] = discriminates
    d.tables["price_steps"] = [row for row in d.tables["price_steps"] if row["demand"] != demand["name"]]
    count = d.random.randint(2, 5)
    cuts = sorted({0.0, 1.0, *(d.between(0.1, 0.9) for _ in range(count - 1))})
    price = d.between(11, 22)
    for n in range(len(cuts) - 1):
        d.add("price_steps", demand=demand["name"], step=n + 1, share=round(cuts[n + 1] - cuts[n], 3), price=price)
        price = round(price * d.between(0.3, 0.98), 3)


@feature
def patience(d: Draft) -> None:
    for demand in d.rows("demands"):
        demand["patience_months"] = d.pick(0.0, d.between(1, 60))
    d.tables["demands"][0]["patience_months"] = d.between(1, 36)


@feature
def lost_demand(d: Draft) -> None:
    for demand in d.rows("demands"):
        demand["penalty"] = d.between(0.1, 3)


def _contract(d: Draft, name: str) -> dict[str, Any]:
    return d.add("contracts", name=name, resource="tok", place=d.pick("east", "west"), volume=d.path(2, 8), price=d.between(6, 14),
                 term_months=d.random.randint(24, 60), ramp_months=d.pick(0, 1, 7, 24), penalty=d.between(0, 4), margin=d.between(0, 1),
                 usage=d.pick(1.0, d.between(0.4, 1)), take_or_pay=d.pick(0.0, d.between(0.3, 1)))  # fmt: skip


@feature
def signed(d: Draft) -> None:
    _contract(d, "old-deal")["starts"] = d.month(-20, -1)
    _contract(d, "new-deal")["starts"] = d.month(0, sum(d.months) + 3)


@feature
def on_offer(d: Draft) -> None:
    _contract(d, "offer")
    d.get("contracts", name="offer").update({"lead_months": d.pick(0, 4, 13), "closes": d.pick("", d.month(9, 30))})
    d.tables["contracts"][-1]["opens"] = d.pick("", d.month(1, 6))
    if d.tables["contracts"][-1]["closes"] and d.flip():
        d.tables["contracts"][-1]["opens"] = ""


@feature
def prepaid(d: Draft) -> None:
    if not d.rows("contracts"):
        _contract(d, "early")["starts"] = d.month(-12, 9)
        _contract(d, "advance")["lead_months"] = d.pick(0, 5)
    for contract in d.rows("contracts"):
        contract["prepayment"] = d.between(0.05, 0.6)


# Tax, owners and money


@feature
def tax(d: Draft) -> None:
    d.tables["entities"][0]["tax_rate"] = d.between(0.15, 0.4)


def _taxed(d: Draft) -> dict[str, Any]:
    if "tax_rate" not in d.tables["entities"][0]:
        tax(d)
    return d.tables["entities"][0]


@feature
def straight(d: Draft) -> None:
    _taxed(d)
    d.add("classes", name="line", months=d.pick(13, 36, 60), bonus=d.pick(0.0, d.between(0, 1)))
    d.get("assets", name="hall")["depreciation"] = "line"


@feature
def declining(d: Draft) -> None:
    _taxed(d)
    d.add("classes", name="double", months=d.pick(7, 30, 60, 84), method="declining", bonus=d.pick(0.0, d.between(0, 1)))
    d.get("assets", name="chip")["depreciation"] = "double"
    if any(asset["name"] == "liquid" for asset in d.rows("assets")):
        d.get("assets", name="liquid")["depreciation"] = "double"


@feature
def expensed(d: Draft) -> None:
    _taxed(d)
    d.add("programmes", name="quick", entity="firm", treatment="expense")
    d.get("assets", name="chip")["programme"] = "quick"
    for asset in d.rows("assets"):
        if asset["name"] == "liquid":
            asset["programme"] = "quick"


@feature
def losses(d: Draft) -> None:
    _taxed(d)["losses"] = d.between(5, 60)


@feature
def other_income(d: Draft) -> None:
    _taxed(d)["base_income"] = d.path(2, 30)


@feature
def two_entities(d: Draft) -> None:
    """A subsidiary sells, runs and owns the chips; money moves up and down within limits."""
    d.add("entities", name="cloud", discount_rate=d.between(0.04, 0.15), parent="firm", tax_rate=d.pick(0.0, d.between(0.1, 0.4)),
          cash=d.between(20, 60), cash_floor=d.path(-80, 0), draws=d.between(40, 90), pays=d.path(0, 30), base_cash=d.between(10, 30))  # fmt: skip
    d.tables["entities"][0] |= {"cash": 150.0, "cash_floor": d.path(-200, 0), "base_cash": d.path(60, 150), "cash_yield": d.pick(0.0, 0.03)}
    d.add("programmes", name="silicon", entity="cloud")
    d.get("assets", name="chip")["programme"] = "silicon"
    d.get("processes", name="serve")["entity"] = "cloud"
    for row in d.rows("demands") + d.rows("contracts"):
        row["entity"] = "cloud"


@feature
def tight_cash(d: Draft) -> None:
    forced = 500.0 * bool(d.rows("contracts") or any("penalty" in row for row in d.rows("demands")) or d.rows("cohorts"))
    d.tables["entities"][0] |= {"cash": d.between(30, 80), "cash_floor": d.path(-60 - forced, -forced), "base_cash": d.path(5, 30),
                                "cash_yield": d.pick(0.0, 0.02, 0.05)}  # fmt: skip


@feature
def debts(d: Draft) -> None:
    rate = d.between(0.03, 0.12)
    d.add(
        "debts",
        name="bond",
        entity="firm",
        rate=rate,
        fair_rate=rate,
        limit=d.path(20, 60),
        opening=d.pick(0.0, d.between(1, 15)),
        deductible=d.pick(0.0, 1.0, 0.5),
    )
    d.add("debts", name="loan", entity=d.pick(*(e["name"] for e in d.rows("entities"))), rate=d.between(0.03, 0.15), fair_rate=d.between(0.03, 0.15),
          limit=d.between(5, 50), fee=d.pick(0.0, d.between(0, 0.05)), deductible=d.pick(0.0, 1.0))  # fmt: skip


@feature
def envelope(d: Draft) -> None:
    for programme in d.rows("programmes"):
        programme["envelope"] = d.path(90, 200) if d.rows("cohorts") else d.path(20, 70)


@feature
def gates(d: Draft) -> None:
    d.add(
        "gates",
        name="first",
        programme="build",
        asset="hall",
        place=d.pick("world", "east", "s1"),
        amount=d.between(2, 15),
        by=d.month(3, 14),
        penalty=d.between(0.5, 5) if "cash_floor" not in d.tables["entities"][0] else d.between(0.05, 0.3),
    )


# Limits


def _limit(d: Draft, bound: Any, *terms: tuple[str, str, float, str], sense: str = "<=", window: str = "") -> None:
    name = f"l{len(d.rows('limits'))}"
    pace = "rate" if sense == "<=" and not {"service", "spend"} & {measure for measure, *_ in terms} else "period"  # what is under way keeps no pace
    first = d.pick("", "", d.month(0, 12))
    d.add("limits", name=name, sense=sense, bound=bound, window=window or d.pick("period", pace, "year", "horizon", "cumulative"),
          starts=first, ends=d.pick("", "", d.month(13, 40)))  # fmt: skip
    for measure, item, coefficient, place in terms:
        d.add("terms", limit=name, measure=measure, item=item, coefficient=coefficient, place=place)


def _standing(d: Draft) -> float:
    return sum(row["amount"] for row in d.rows("cohorts"))


@feature
def limit_orders(d: Draft) -> None:
    _limit(d, d.path(5, 20), ("order", "hall", 1.0, d.pick("", "east", "s0")), ("order", "chip", d.between(0.2, 1), d.pick("", "west")))
    _limit(d, d.between(0, 3), ("order", "chip", 1.0, ""), ("order", "hall", -d.between(0.5, 2), ""))


@feature
def limit_service(d: Draft) -> None:
    _limit(d, d.between(8, 25) + _standing(d), ("service", "chip", 1.0, d.pick("", "east")), ("service", "hall", 0.5, ""))


@feature
def limit_fleet(d: Draft) -> None:
    _limit(d, d.between(10, 25) + _standing(d), ("fleet", "hall", 1.0, d.pick("", "east", "s0")))
    _limit(d, d.between(0, 3) + _standing(d), ("fleet", "chip", 1.0, "east"), ("fleet", "chip", -1.0, "west"))


@feature
def limit_activity(d: Draft) -> None:
    _limit(d, d.path(10, 25), ("activity", "serve", 1.0, d.pick("", "east")))
    _limit(d, d.path(10, 25), ("activity", "grid", 1.0, "s0"), ("activity", "serve", 0.3, ""))


@feature
def limit_served(d: Draft) -> None:
    _limit(d, d.path(5, 15), ("served", d.tables["demands"][0]["name"], 1.0, ""))
    for contract in d.rows("contracts")[:1]:
        _limit(d, d.path(1, 5), ("served", contract["name"], 1.0, ""))


@feature
def limit_retire(d: Draft) -> None:
    retire(d)
    _limit(d, d.between(0, 4), ("retire", "chip", 1.0, ""), ("retire", "hall", 0.5, d.pick("", "west")))


@feature
def limit_spend(d: Draft) -> None:
    forced = sum(row["amount"] * row.get("price", 0.0) for row in d.rows("cohorts"))
    _limit(d, d.path(30, 80) if not forced else d.between(30, 80) + forced, ("spend", "build", 1.0, d.pick("", "", "east", "s1")))
    _limit(d, d.between(30, 80) + forced, ("spend", "chip", 1.0, ""), ("spend", "hall", 0.7, ""))


@feature
def limit_money(d: Draft) -> None:
    _limit(d, d.between(60, 200), ("margin", "firm", 1.0, ""))
    if "cash_floor" in d.tables["entities"][0]:
        _limit(d, d.between(-900, -600), ("cash", "firm", 1.0, ""), sense=">=", window=d.pick("year", "cumulative"))
    if d.rows("debts"):
        _limit(d, d.between(15, 60), *(("debt", row["name"], 1.0, "") for row in d.rows("debts")))


@feature
def limit_below(d: Draft) -> None:
    """At least so much, or exactly."""
    _limit(d, d.between(0.5, 2), ("order", "hall", 1.0, ""), sense=d.pick(">=", "="), window="horizon")
    d.tables["limits"][-1] |= {"starts": "", "ends": ""}


@feature
def late_refit(d: Draft) -> None:
    """Conversions that pay by what they leave behind: begun in the last period, delivered within it, in service only after it."""
    if not d.rows("conversions"):
        convert(d)
    d.get("assets", name="liquid").update({"recovery": 1.0, "lead_months": 0})
    d.get("conversions", name="refit").update({"capex": d.between(0.1, 0.5), "months": d.pick(1, 2), "gain": 1.0})
    d.months[-1] = max(6, d.months[-1])


@feature
def limit_refit(d: Draft) -> None:
    """What conversions deliver, and what they cost, held against a limit."""
    if not d.rows("conversions"):
        convert(d)
    d.get("conversions", name="refit")["capex"] = d.between(0.1, 0.5)
    d.get("assets", name="liquid")["recovery"] = 1.0
    d.add("cohorts", name="to-refit", asset="hall", place="s0", amount=8.0, service=str(d.start + -12))
    _limit(d, d.between(0.3, 1.5), ("service", "liquid", 1.0, d.pick("", "s0")))
    d.tables["limits"][-1].update({"starts": "", "ends": ""})
    forced = sum(row["amount"] * row.get("price", 0.0) for row in d.rows("cohorts"))
    asked = 0.3 * 2.0 * 2.0 * d.get("assets", name="hall")["capex"]  # what `limit_below` may oblige to order, at twice its price
    _limit(d, d.between(2, 10) + forced + asked, ("spend", "liquid", 1.0, ""), ("spend", "hall", 0.3, ""))
