"""The eight nouns; everything that a case speaks of is a row of one of these tables."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from barbell.core.path import Path
from barbell.core.row import Date, Factor, Months, Name, Range, Rate, Ref, Row, Share, Unit

ONE = Path.constant(1.0)
ZERO = Path.constant(0.0)


class Resource(Row):
    """Something counted that must balance, at every place of one kind."""

    table: ClassVar[str] = "resources"

    name: Name
    """Name; a resource at a place is an account, written ``power@va``."""
    unit: str
    """What is counted: a power or a rate for a flow (MW, Mtok/h), a quantity for a stock (chip, MWh)."""
    kind: Literal["flow", "stock", "allowance"]
    """flow balances in every slice; stock is carried over time; allowance is one budget over a window."""
    level: str
    """Kind of the places where it balances (site, world ...); what happens below is booked to the ancestor of that kind."""
    clock: Literal["", "slice", "period"] = ""
    """Stocks only: carried from slice to slice of a day (cyclic) or from period to period."""
    window: Literal["", "period", "year", "horizon"] = ""
    """Allowances only: the stretch of time that one budget covers."""


class Place(Row):
    """A node in the tree of places: world, region, site, hall; orbit shell; fulfilment network."""

    table: ClassVar[str] = "places"

    name: Name
    """Name of the place."""
    kind: Name
    """What kind of place: world, region, site, hall ..."""
    parent: Annotated[str, Ref("places")] = ""
    """The place around it; empty for the root only."""
    climate: str = ""
    """Climate class, for the physics of cooling."""
    power_market: str = ""
    """Market that sets the price of energy."""
    jurisdiction: str = ""
    """Whose law and tax apply."""


class Entity(Row):
    """A node in the tree of owners: group, company, reporting segment. It holds cash and pays tax."""

    table: ClassVar[str] = "entities"

    name: Name
    """Name of the entity."""
    discount_rate: Rate
    """Unlevered cost of capital, effective per year: discounts the free cash flow."""
    parent: Annotated[str, Ref("entities")] = ""
    """Owner; empty for the root only."""
    cash: Annotated[float, Unit("{money}"), Range(-1e15, 1e15)] = 0.0
    """Cash at the start."""
    cash_floor: Annotated[Path | None, Unit("{money}"), Range(-1e15, 1e15)] = None
    """Least cash at the end of each period; empty when cash is no concern."""
    cash_yield: Rate = 0.0
    """After-tax return on cash held, per year; fair by definition, so holding cash neither makes nor costs value."""
    base_cash: Annotated[Path, Unit("{money}/year"), Range(-1e15, 1e15)] = ZERO
    """After-tax free cash flow of the business outside the case."""
    base_income: Annotated[Path, Unit("{money}/year"), Range(-1e15, 1e15)] = ZERO
    """Taxable income of the business outside the case, already taxed there; losses of the case offset it."""
    tax_rate: Share = 0.0
    """Tax on income."""
    losses: Annotated[float, Unit("{money}"), Range(0, 1e15)] = 0.0
    """Tax losses carried forward at the start."""
    draws: Annotated[Path, Unit("{money}/year"), Range(0, 1e15)] = ZERO
    """Most that the parent may put in."""
    pays: Annotated[Path, Unit("{money}/year"), Range(0, 1e15)] = ZERO
    """Most that it may pay up to its parent."""
    ticker: str = ""
    """Code under which the facts hold what it has reported, such as amzn, to show beside the plan; empty: nothing."""


class Asset(Row):
    """A durable thing one decides to build."""

    table: ClassVar[str] = "assets"

    name: Name
    """Name of the asset."""
    unit: str
    """What one unit is: MW, chip, rack, satellite."""
    capex: Annotated[float, Unit("{money}/{unit}"), Range(0, 1e15)]
    """Overnight cost of one unit ordered at the start; never empty: nothing is free by omission."""
    programme: Annotated[str, Ref("programmes")]
    """Who decides, and whose money it is."""
    life_months: Annotated[int, Range(1, 1200)]
    """Months in service."""
    lead_months: Months = 0
    """Months from order to service."""
    index: Annotated[str, Ref("indices")] = ""
    """Price index of capex, read at the date of the order; empty for a constant price."""
    payment: Annotated[str, Ref("payments")] = ""
    """Payment profile; empty: all is paid at the order."""
    depreciation: Annotated[str, Ref("classes")] = ""
    """Depreciation class for tax; empty: never deducted (land)."""
    fixed_opex: Annotated[float, Unit("{money}/{unit}/year"), Range(0, 1e15)] = 0.0
    """Cost of one unit in service, used or not."""
    opex_index: Annotated[str, Ref("indices")] = ""
    """Price index of fixed opex, read at the start of each period."""
    ageing: Rate = 0.0
    """Growth of fixed opex per year of age."""
    block: Annotated[float, Unit("{unit}"), Range(0, 1e12)] = 0.0
    """Built in whole blocks of this size; 0: any amount."""
    availability: Annotated[Path, Unit("1"), Range(0, 1)] = ONE
    """Share of the standing units that works on average."""
    profile: Annotated[str, Ref("profiles")] = ""
    """Profile of availability over the slices; empty for a flat one."""
    fade: Share = 0.0
    """Share of capacity lost per year of age (failures not repaired, degradation)."""
    gain: Annotated[str, Ref("indices")] = ""
    """Capacity per unit by date of entering service, as an index: later vintages do more."""
    attrition: Share = 0.0
    """Share of the standing units lost per year and not replaced."""
    retirable: bool = False
    """May be retired before the end of its life, saving fixed opex."""
    recovery: Share = 1.0
    """Share of its replacement value, by remaining life, that a unit is worth at the end of the horizon (assumption, 0 to 1)."""


class Process(Row):
    """What runs: it turns accounts into accounts while it uses assets. Its activity is a level, such as MW or chips at work."""

    table: ClassVar[str] = "processes"

    name: Name
    """Name of the process."""
    unit: str
    """Unit of activity."""
    where: str
    """A place, or a kind of place: then it may run at each place of that kind where the assets it uses can be."""
    entity: Annotated[str, Ref("entities")]
    """Who bears the variable cost."""
    variable_cost: Annotated[Path, Unit("{money}/({unit}*year)"), Range(-1e15, 1e15)]
    """Cost of one unit of activity, per time: for activity in MW it may be given per MWh."""
    index: Annotated[str, Ref("indices")] = ""
    """Price index of the variable cost."""


class Demand(Row):
    """Which market wants how much of a resource, where, at what price and how patiently. Its price steps are in `price_steps`."""

    table: ClassVar[str] = "demands"

    name: Name
    """Name of the demand: one tier of one market at one place."""
    market: Name
    """Kind of customer: frontier training, production, inference."""
    resource: Annotated[str, Ref("resources")]
    """Resource wanted; a flow."""
    place: Annotated[str, Ref("places")]
    """Place of the account that serves it."""
    entity: Annotated[str, Ref("entities")]
    """Who earns the revenue."""
    volume: Annotated[Path, Unit("{resource}"), Range(0, 1e15)]
    """Asked at the lowest price step, newly in each period."""
    tier: str = ""
    """Quality of service: reserved, on demand, spot."""
    discriminates: bool = False
    """True: each buyer pays the price of its own step. False: all buyers pay one price, that of the last step served."""
    patience_months: Annotated[float, Range(0, 1200)] = 0.0
    """Mean time that unserved work waits before it is lost; 0: it does not wait."""
    penalty: Annotated[float, Unit("{money}/({resource}*year)"), Range(0, 1e15)] = 0.0
    """Paid for what is lost."""
    profile: Annotated[str, Ref("profiles")] = ""
    """Profile over the slices; empty for a flat one."""


class Limit(Row):
    """What nature, suppliers, regulators or the board allow: a linear sum (its `terms`) held against a path."""

    table: ClassVar[str] = "limits"

    name: Name
    """Name of the limit."""
    unit: str
    """Unit of the sum."""
    sense: Literal["<=", ">=", "="]
    """At most, at least, or exactly."""
    bound: Annotated[Path, Unit("{unit}"), Range(-1e15, 1e15)]
    """The path: the bound of each window."""
    window: Literal["period", "rate", "year", "horizon", "cumulative"] = "period"
    """Sum over each period, year, the whole horizon, or from the start to each period; rate: each period, with its amounts per year."""
    starts: Date = ""
    """First date at which it holds; empty: from the start."""
    ends: Date = ""
    """First date at which it no longer holds; empty: never."""
    owner: str = ""
    """Who sets it: nature, supplier, regulator, board."""
    source: str = ""
    """Where it is written."""


class Programme(Row):
    """Who decides and where the money lands."""

    table: ClassVar[str] = "programmes"

    name: Name
    """Name of the programme."""
    entity: Annotated[str, Ref("entities")]
    """Entity that pays."""
    envelope: Annotated[Path | None, Unit("{money}/year"), Range(0, 1e15)] = None
    """Most that may be paid for capex in a calendar year, orders already under way included; empty: no envelope."""
    treatment: Literal["capitalise", "expense"] = "capitalise"
    """Capitalised and depreciated, or deducted when paid."""


NOUNS: tuple[type[Row], ...] = (Resource, Place, Entity, Asset, Process, Demand, Limit, Programme)
"""The eight tables of nouns, in the order of the house."""

__all__ = ["NOUNS", "ONE", "ZERO", "Asset", "Demand", "Entity", "Factor", "Limit", "Place", "Process", "Programme", "Resource"]
