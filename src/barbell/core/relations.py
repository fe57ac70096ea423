"""The tables that tie the nouns together, one row each relation."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from barbell.core.horizon import Month
from barbell.core.nouns import ONE
from barbell.core.path import Path
from barbell.core.row import Date, Factor, Months, Name, Range, Rate, Ref, Row, Share, Unit


class Option(Row):
    """An asset may be built at a place."""

    table: ClassVar[str] = "options"
    key: ClassVar[tuple[str, ...]] = ("asset", "place")

    asset: Annotated[str, Ref("assets")]
    """Asset."""
    place: str
    """Place, or a kind of place: then at each place of that kind."""
    capex_factor: Factor = 1.0
    """Cost at this place over the asset's capex."""
    extra_lead_months: Months = 0
    """Added to the lead time at this place."""
    opens: Date = ""
    """First date of an order; empty: from the start."""
    closes: Date = ""
    """First date at which orders are no longer taken; empty: never."""
    order_limit: Annotated[Path | None, Unit("{asset}/year"), Range(0, 1e15)] = None
    """Most that can be ordered per year here; empty: no limit."""


class ProcessRate(Row):
    """What one unit of activity makes (positive) or takes (negative) of a resource."""

    table: ClassVar[str] = "rates"
    key: ClassVar[tuple[str, ...]] = ("process", "resource", "place")

    process: Annotated[str, Ref("processes")]
    """Process."""
    resource: Annotated[str, Ref("resources")]
    """Resource made or taken."""
    rate: Annotated[Path, Unit("{resource:rate}/{process}"), Range(-1e15, 1e15)]
    """Signed rate per unit of activity."""
    place: Annotated[str, Ref("places")] = ""
    """Place of the account; empty: where the process runs, or the ancestor at which the resource balances."""


class Use(Row):
    """What one unit of activity occupies of an asset."""

    table: ClassVar[str] = "uses"
    key: ClassVar[tuple[str, ...]] = ("process", "asset")

    process: Annotated[str, Ref("processes")]
    """Process."""
    asset: Annotated[str, Ref("assets")]
    """Asset occupied."""
    use: Annotated[Path, Unit("{asset}/{process}"), Range(0, 1e15)]
    """Units of the asset per unit of activity."""
    place: Annotated[str, Ref("places")] = ""
    """Place of the asset; empty: where the process runs, or the nearest ancestor that has it."""


class Take(Row):
    """What one unit of an asset draws from an account (or, if negative, adds to it) when ordered or installed."""

    table: ClassVar[str] = "takes"
    key: ClassVar[tuple[str, ...]] = ("asset", "resource")

    asset: Annotated[str, Ref("assets")]
    """Asset."""
    resource: Annotated[str, Ref("resources")]
    """Resource drawn: packaging slots, transformers, crews, launch slots, chips in store."""
    amount: Annotated[float, Unit("{resource:amount}/{asset}"), Range(-1e15, 1e15)]
    """Quantity per unit."""
    when: Literal["order", "service"] = "order"
    """In the period of the order, or in the first period of service."""


class Conversion(Row):
    """One asset turned into another at the same place, such as an air-cooled hall into a liquid-cooled one."""

    table: ClassVar[str] = "conversions"

    name: Name
    """Name of the conversion."""
    source: Annotated[str, Ref("assets")]
    """Asset converted from."""
    target: Annotated[str, Ref("assets")]
    """Asset converted to; it begins a full life."""
    months: Months
    """Months between the two; the source is out of service meanwhile."""
    capex: Annotated[float, Unit("{money}/{source}"), Range(0, 1e15)]
    """Cost per unit converted."""
    gain: Annotated[float, Unit("{target}/{source}"), Range(0, 1e9)] = 1.0
    """Yield: units of the target per unit of the source."""
    index: Annotated[str, Ref("indices")] = ""
    """Price index of the cost."""
    outage: Annotated[float, Unit("1"), Range(0, 1e3)] = 0.0
    """Further units of the source (neighbours) out of service meanwhile, per unit converted."""
    limit: Annotated[Path | None, Unit("{source}/year"), Range(0, 1e15)] = None
    """Most that can be started per year at one place; empty: no limit."""


class Cohort(Row):
    """What stands or is on order at the start."""

    table: ClassVar[str] = "cohorts"

    name: Name
    """Name of the cohort."""
    asset: Annotated[str, Ref("assets")]
    """Asset."""
    place: Annotated[str, Ref("places")]
    """Place."""
    amount: Annotated[float, Unit("{asset}"), Range(0, 1e15)]
    """Units."""
    service: Date
    """Date of entering service, past or to come; required."""
    remaining_months: Annotated[int | None, Range(1, 1200)] = None
    """Months in service left from the start (or from entering service, if later); empty: what the asset's life leaves."""
    book_value: Annotated[float, Unit("{money}"), Range(0, 1e15)] = 0.0
    """Value not yet depreciated, for tax."""
    price: Annotated[float, Unit("{money}/{asset}"), Range(0, 1e15)] = 0.0
    """Contract price of one unit on order."""
    paid: Share = 1.0
    """Share of the contract price paid before the start; the rest falls due in equal monthly parts until service."""


class Contract(Row):
    """A cohort of demand: signed already, or on offer. Signed volumes arrive, ramp up and run off like vintages of an asset."""

    table: ClassVar[str] = "contracts"

    name: Name
    """Name of the contract."""
    market: Name
    """Kind of customer."""
    resource: Annotated[str, Ref("resources")]
    """Resource delivered; a flow."""
    place: Annotated[str, Ref("places")]
    """Place of the account that serves it."""
    entity: Annotated[str, Ref("entities")]
    """Who earns the revenue."""
    volume: Annotated[Path, Unit("{resource}"), Range(0, 1e15)]
    """Signed: the volume under contract. On offer: the most that can be signed in each period."""
    price: Annotated[float, Unit("{money}/({resource}*year)"), Range(0, 1e15)]
    """Price per unit of volume and time."""
    term_months: Annotated[int, Range(1, 1200)]
    """Length of service."""
    starts: Date = ""
    """Signed contracts: date at which service starts; empty for a contract on offer."""
    opens: Date = ""
    """Contracts on offer: first date of signature; empty: the start."""
    closes: Date = ""
    """Contracts on offer: first date at which they can no longer be signed; empty: never."""
    lead_months: Months = 0
    """Contracts on offer: months from signature to service."""
    ramp_months: Months = 0
    """Months over which the volume grows to its full height, in a straight line."""
    usage: Annotated[float, Unit("1"), Range(1e-6, 1)] = 1.0
    """Share of the volume that the customer calls on average."""
    take_or_pay: Share = 0.0
    """Least share of the volume that is paid for."""
    prepayment: Share = 0.0
    """Share of the contract's whole revenue paid at signature and credited evenly against delivery (signed contracts: already paid)."""
    penalty: Annotated[float, Unit("{money}/({resource}*year)"), Range(0, 1e15)]
    """Paid for what is called and not delivered."""
    margin: Share = 0.0
    """Share of the revenue after the horizon that is worth something after the cost of serving it (assumption, 0 to 1)."""


class PriceStep(Row):
    """One step of a demand curve: a share of the volume that pays up to a price."""

    table: ClassVar[str] = "price_steps"
    key: ClassVar[tuple[str, ...]] = ("demand", "step")

    demand: Annotated[str, Ref("demands")]
    """Demand."""
    step: Annotated[int, Range(1, 1000)]
    """Number of the step; prices fall from step to step."""
    share: Annotated[float, Unit("1"), Range(0, 1)]
    """Share of the demand's volume; the shares of a demand sum to one."""
    price: Annotated[Path, Unit("{money}/({demand:resource}*year)"), Range(0, 1e15)]
    """Price that these buyers would pay, per unit of volume and time."""


class Payment(Row):
    """One instalment of a payment profile; the shares of a profile sum to one."""

    table: ClassVar[str] = "payments"
    key: ClassVar[tuple[str, ...]] = ("name", "anchor", "months")

    name: Name
    """Name of the profile."""
    anchor: Literal["order", "service"]
    """Counted from the order or from entering service."""
    months: Annotated[int, Range(-600, 600)]
    """Months after (before, if negative) the anchor."""
    share: Share
    """Share of the price."""


class Index(Row):
    """A named path of pure numbers: a price index, or gains from vintage to vintage."""

    table: ClassVar[str] = "indices"

    name: Name
    """Name of the index."""
    path: Annotated[Path, Unit("1"), Range(0, 1e9)] = ONE
    """Level over time."""
    growth: Rate = 0.0
    """Growth per year on top of the path, from the start, compounding."""

    def level(self, month: Month, start: Month) -> float:
        """Level in `month` of a case that begins in `start`; raises ValueError before the first step of the path."""
        value = self.path.at(month)
        if value is None:
            raise ValueError(f"the index '{self.name}' begins after {month}")
        return float(value * (1 + self.growth) ** ((month - start) / 12))


class Profile(Row):
    """A named shape over the slices of a period."""

    table: ClassVar[str] = "profiles"
    key: ClassVar[tuple[str, ...]] = ("name", "slice")

    name: Name
    """Name of the profile."""
    slice: Annotated[str, Ref("slices")]
    """Slice."""
    value: Annotated[float, Unit("1"), Range(0, 1e6)]
    """Level in the slice."""


class SliceRow(Row):
    """A part of a representative day. No rows: a period is one slice."""

    table: ClassVar[str] = "slices"

    name: Name
    """Name of the slice; the order of the rows is the order within the day."""
    day: Name
    """Representative day."""
    hours: Annotated[float, Unit("h"), Range(1e-6, 1e5)]
    """Length within the day."""
    weight: Annotated[float, Unit("1"), Range(1e-9, 1e6)]
    """How much of the period the whole day stands for, relative to the other days; the same in all its slices."""


class DepreciationClass(Row):
    """How capex is deducted from taxable income, from entering service."""

    table: ClassVar[str] = "classes"

    name: Name
    """Name of the class."""
    months: Annotated[int, Range(1, 1200)]
    """Tax life."""
    method: Literal["straight", "declining"] = "straight"
    """Straight line; or double declining balance by year, changing to straight line when that is more."""
    bonus: Share = 0.0
    """Share deducted at once on entering service."""


class Account(Row):
    """What an account holds, may hold or may spend; needed only where it is not nothing."""

    table: ClassVar[str] = "accounts"
    key: ClassVar[tuple[str, ...]] = ("resource", "place")

    resource: Annotated[str, Ref("resources")]
    """Resource."""
    place: Annotated[str, Ref("places")]
    """Place."""
    initial: Annotated[float, Unit("{resource:amount}"), Range(0, 1e15)] = 0.0
    """Stocks: level at the start."""
    ceiling: Annotated[Path | None, Unit("{resource:amount}"), Range(0, 1e15)] = None
    """Stocks: most that can be held; empty: no limit."""
    loss: Share = 0.0
    """Stocks: share lost per year."""
    closing_value: Annotated[float, Unit("{money}/{resource:amount}"), Range(0, 1e15)] = 0.0
    """Stocks on the period clock: worth of a unit left at the end of the horizon."""
    budget: Annotated[Path | None, Unit("{resource:amount}"), Range(0, 1e15)] = None
    """Allowances: the budget of each window; required for an allowance."""


class Term(Row):
    """One term of a limit's sum: a coefficient on a measure, summed over a place and all places below it."""

    table: ClassVar[str] = "terms"
    key: ClassVar[tuple[str, ...]] = ("limit", "measure", "item", "place")

    limit: Annotated[str, Ref("limits")]
    """Limit."""
    measure: Literal["order", "service", "fleet", "retire", "activity", "served", "spend", "cash", "debt", "margin"]
    """Units ordered, entering service, standing or retired of an asset; activity of a process; volume served of a demand or
    contract; capex paid of a programme or asset; cash or margin (revenue less running costs) of an entity; balance of a debt."""
    item: Name
    """The asset, process, demand, contract, programme, entity or debt that is measured."""
    coefficient: Annotated[float, Unit("{limit}/{measure}"), Range(-1e15, 1e15)]
    """Factor on the measure. Orders, units entering service, retirements, spending and margin count as amounts of the window (asset's
    unit, money); fleet, activity and volumes served as the average over it (asset's, process's, resource's unit, never times a year);
    cash and debt as the level at its end (money)."""
    place: Annotated[str, Ref("places")] = ""
    """Only here and below; empty: everywhere."""


class Debt(Row):
    """A facility: borrowed and repaid freely up to its limit; interest is paid in every period; the rest is repaid at the end."""

    table: ClassVar[str] = "debts"

    name: Name
    """Name of the facility."""
    entity: Annotated[str, Ref("entities")]
    """Borrower."""
    rate: Rate
    """Interest, effective per year."""
    fair_rate: Rate
    """What the market asks for this risk: discounts the facility's own flows, so that debt at its fair rate is worth nothing."""
    limit: Annotated[Path | None, Unit("{money}"), Range(0, 1e15)] = None
    """Most that can be outstanding; empty: no limit."""
    opening: Annotated[float, Unit("{money}"), Range(0, 1e15)] = 0.0
    """Outstanding at the start."""
    fee: Share = 0.0
    """Share of each drawing lost to fees."""
    deductible: Share = 0.0
    """Share of the interest that is deducted from taxable income."""


class Gate(Row):
    """A milestone of a programme: a fleet that must stand by a date, or a penalty is paid until it does."""

    table: ClassVar[str] = "gates"

    name: Name
    """Name of the milestone."""
    programme: Annotated[str, Ref("programmes")]
    """Programme that pays the penalty."""
    asset: Annotated[str, Ref("assets")]
    """Asset that must stand."""
    place: Annotated[str, Ref("places")]
    """Here and below."""
    amount: Annotated[float, Unit("{asset}"), Range(0, 1e15)]
    """Units that must stand."""
    by: Date
    """From the first period that starts at or after this date."""
    penalty: Annotated[float, Unit("{money}/({asset}*year)"), Range(0, 1e15)]
    """Cost of each missing unit; deferring costs it for a while, stopping for good."""


class Scenario(Row):
    """A branch of the future: it leaves its parent at a date with a probability, and its `changes` hold from then on."""

    table: ClassVar[str] = "scenarios"

    name: Name
    """Name of the branch; the trunk has the name ``trunk`` and no row."""
    parent: Annotated[str, Ref("scenarios")] = "trunk"
    """Branch or trunk that it leaves."""
    opens: Date
    """First month in which it differs; all branches of a parent open together."""
    probability: Annotated[float, Unit("1"), Range(0, 1)]
    """Given the parent; the branches of a parent sum to one."""


class Change(Row):
    """One value over time that a branch sees differently: only cells that may hold a path can change."""

    table: ClassVar[str] = "changes"
    key: ClassVar[tuple[str, ...]] = ("scenario", "path")

    scenario: Annotated[str, Ref("scenarios")]
    """Branch."""
    path: str
    """What changes: ``table.key.field``, such as ``demands.train.volume``."""
    value: Path | None = None
    """New value in the unit of the cell that it changes, from the month in which the branch opens; give this or a factor."""
    factor: Annotated[float | None, Unit("1"), Range(-1e6, 1e6)] = None
    """Multiplies what the parent sees, from the month in which the branch opens."""


class Fact(Row):
    """A sourced number that a cell may refer to as ``@name``."""

    table: ClassVar[str] = "facts"
    key: ClassVar[tuple[str, ...]] = ("name", "as_of")

    name: Name
    """Identifier."""
    value: str
    """The number (or path)."""
    unit: str
    """Its unit."""
    as_of: str
    """Day from which it was known, YYYY-MM-DD; a case sees the latest one not after its own date."""
    source: str
    """Title, publisher and date, or address."""
    grade: Literal["A", "B", "C", "D", "M", "S"]
    """A primary, B cross-checked, C single secondary, D unverified, M own measurement, S own assumption."""
    low: str = ""
    """Low end of the range; required for an assumption."""
    high: str = ""
    """High end of the range; required for an assumption."""


RELATIONS: tuple[type[Row], ...] = (
    Option, ProcessRate, Use, Take, Conversion, Cohort, Contract, PriceStep, Payment, Index, Profile, SliceRow,
    DepreciationClass, Account, Term, Debt, Gate, Scenario, Change, Fact,
)  # fmt: skip
"""The relation tables."""
