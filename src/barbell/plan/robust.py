"""The horizon test: what the decisions near the start lose because the horizon ends where it does."""

from __future__ import annotations

from dataclasses import dataclass, replace

from barbell.core.case import Case
from barbell.core.errors import InfeasibleError, PlanError
from barbell.core.horizon import Month
from barbell.plan.pin import pinned
from barbell.plan.solve import Plan, solve


@dataclass(frozen=True)
class Loss:
    """Value of the longer problem solved freely, and with the orders before `first` held at those of the shorter one.

    `extra` counts the periods of `months` months added; values are in the case's money.
    """

    extra: int
    months: int
    first: str
    free: float
    held: float

    @property
    def loss(self) -> float:
        """What the early orders of the shorter problem cost, seen from the longer one; not below nothing."""
        return max(self.free - self.held, 0.0)

    @property
    def relative(self) -> float:
        """The loss as a share of the value of the longer problem solved freely."""
        return self.loss / max(abs(self.free), 1e-300)


def extended(case: Case, extra: int) -> Case:
    """The case with `extra` more periods, each as long as its last one; paths keep their last value.

    Raises PlanError for fewer than one period.
    """
    if extra < 1:
        raise PlanError(f"a horizon cannot be extended by {extra} periods; name one or more")
    months = case.horizon.periods[-1].months
    return replace(case, horizon=case.horizon.extended(months=months, count=extra))


def early_loss(case: Case, extra: int, first: str, *, plan: Plan | None = None) -> Loss:
    """Extend the horizon by `extra` periods and value the orders of periods that start before `first` (a date such as 2027).

    Free early decisions should not depend on where the horizon ends. `plan` is the case's own plan, if it is there already.
    Raises PlanError where `first` leaves nothing to hold or the early orders do not fit the longer problem, and what `solve` raises.
    """
    longer = extended(case, extra)
    try:
        begin = Month.parse(first)
    except ValueError as error:
        raise PlanError(f"'{first}' is {error}") from error
    if begin <= case.horizon.start:
        raise PlanError(f"no period starts before {first}; name a date after {case.horizon.start}, the start of the horizon")
    shorter = plan or solve(case)
    free = solve(longer)
    try:
        held = pinned(longer, shorter.tables["orders"], upto=first)
    except InfeasibleError as error:
        raise PlanError(f"the orders before {first} cannot be held once the horizon is {extra} periods longer: {error}") from error
    return Loss(extra, case.horizon.periods[-1].months, first, free.value, held.value)
