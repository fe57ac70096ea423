"""Linear sums written one variable at a time, and their hand-over to linopy."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable
from dataclasses import dataclass, field
from math import inf
from typing import Any


class Sum:
    """A constant plus coefficients on numbered variables."""

    def __init__(self, constant: float = 0.0, terms: dict[int, float] | None = None) -> None:
        self.constant = constant
        self.terms = terms or {}

    def __add__(self, other: Sum | float) -> Sum:
        if not isinstance(other, Sum):
            return Sum(self.constant + other, dict(self.terms))
        terms = dict(self.terms)
        for variable, coefficient in other.terms.items():
            terms[variable] = terms.get(variable, 0.0) + coefficient
        return Sum(self.constant + other.constant, terms)

    __radd__ = __add__

    def __neg__(self) -> Sum:
        return self * -1.0

    def __sub__(self, other: Sum | float) -> Sum:
        return self + other * -1.0

    def __rsub__(self, other: float) -> Sum:
        return -self + other

    def __mul__(self, factor: float) -> Sum:
        return Sum(self.constant * factor, {variable: coefficient * factor for variable, coefficient in self.terms.items()})

    __rmul__ = __mul__

    def __truediv__(self, divisor: float) -> Sum:
        return self * (1.0 / divisor)


@dataclass
class Program:
    """Variables and rows of a problem that maximises; a key that was used before means the same variable or row."""

    lower: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)
    integer: list[bool] = field(default_factory=list)
    known: dict[Hashable, Sum] = field(default_factory=dict)
    rows: dict[Hashable, tuple[Sum, str]] = field(default_factory=dict)

    def variable(self, key: Hashable, *, lower: float = 0.0, upper: float = inf, integer: bool = False) -> Sum:
        """The variable of a key; shared by all futures that cannot be told apart yet."""
        if key not in self.known:
            self.known[key] = Sum(0.0, {len(self.lower): 1.0})
            self.lower.append(lower)
            self.upper.append(upper)
            self.integer.append(integer)
        number = next(iter(self.known[key].terms))
        if (self.lower[number], self.upper[number]) != (lower, upper):
            raise AssertionError(f"{key} has other bounds in another future: something anticipates")
        return self.known[key]

    def row(self, key: Hashable, left: Sum, sense: str, right: Sum | float) -> None:
        """``left sense right``; raises AssertionError when a shared row differs between futures."""
        whole = left - right
        if key in self.rows and not _same(self.rows[key][0], whole):
            raise AssertionError(f"{key} differs in another future: something anticipates")
        self.rows[key] = (whole, sense)


def _same(one: Sum, two: Sum) -> bool:
    gap = one - two
    return max([abs(gap.constant), *(abs(c) for c in gap.terms.values())]) <= 1e-9 * (1 + abs(one.constant))


def maximum(program: Program, objective: Sum) -> float:
    """The greatest value of `objective`; raises AssertionError unless it exists."""
    import linopy

    with linopy.options as options:
        options.set_value(semantics="v1")
        return _maximum(program, objective)


def _maximum(program: Program, objective: Sum) -> float:
    model, x, n = _model(program)
    model.add_objective(_part(model, x, n, program, [objective]).sum("row"), sense="max")
    options: dict[str, Any] = {"output_flag": False, "primal_feasibility_tolerance": 1e-9, "dual_feasibility_tolerance": 1e-9}
    options |= {"mip_rel_gap": 0.0, "mip_abs_gap": 1e-9} if any(program.integer) else {"solver": "simplex"}
    status, condition = model.solve("highs", io_api="direct", **options)
    if condition != "optimal":
        raise AssertionError(f"the second build is {status}: {condition}")
    return float(model.objective.value) + objective.constant


def _model(program: Program) -> Any:
    import linopy
    import numpy as np
    import xarray

    model = linopy.Model()
    whole = np.array(program.integer, bool)
    blocks = []
    for name, chosen in (("x", ~whole), ("n", whole)):
        numbers = np.flatnonzero(chosen)
        bounds = {side: xarray.DataArray(np.array(getattr(program, side))[numbers], coords={name: numbers}) for side in ("lower", "upper")}
        blocks.append(model.add_variables(**bounds, name=name, integer=name == "n") if len(numbers) else None)
    groups = defaultdict(list)
    for whole_row, sense in program.rows.values():
        if whole_row.terms:
            groups[sense, len(whole_row.terms)].append(whole_row)
        elif not {"=": abs(whole_row.constant) < 1e-9, "<=": whole_row.constant < 1e-9, ">=": whole_row.constant > -1e-9}[sense]:
            raise AssertionError("a row without variables does not hold")
    for (sense, count), rows in groups.items():
        right = xarray.DataArray([-row.constant for row in rows], coords={"row": np.arange(len(rows))})
        left = _part(model, *blocks, program, rows)
        model.add_constraints(left, sense, right, name=f"{ {'=': 'equal', '<=': 'most', '>=': 'least'}[sense] }-{count}")
    return model, *blocks


def _part(model: Any, x: Any, n: Any, program: Program, rows: list[Sum]) -> Any:
    """Sums of equally many terms as one linopy expression, without their constants."""
    import linopy
    import numpy as np
    import xarray

    label = np.zeros(len(program.lower), int)
    for block, name in ((x, "x"), (n, "n")):
        if block is not None:
            label[block.coords[name].to_numpy()] = block.labels.to_numpy()
    variables = label[np.array([list(row.terms) for row in rows])]
    coefficients = np.array([list(row.terms.values()) for row in rows], float)
    axes = ("row", "_term")
    data = {"vars": (axes, variables), "coeffs": (axes, coefficients), "const": ("row", np.zeros(len(rows)))}
    return linopy.LinearExpression(xarray.Dataset(data, coords={"row": np.arange(len(rows))}), model)
