"""How the solver is asked: sizes that decide between methods, the limits of a person's patience, and HiGHS's own options."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from typing import Any, Literal

from barbell.plan.lp.template import Template
from barbell.plan.lp.verify import TOLERANCE

SMALL = 50_000
"""Non-zeros up to which dual simplex is faster than interior point (measured, see benchmarks/)."""

FINE, ROUGH = 1e-4, 2e-3
"""Relative gaps of integer plans, unless told otherwise: up to that size, and beyond it."""

LARGE = 1_000_000
"""Non-zeros above which HiPO, which factorises, is faster than HiGHS's older interior point, which iterates (measured, see benchmarks/)."""


def large(problem: Template) -> bool:
    """Whether a problem is too large for methods that solve it many times."""
    return len(problem.value) > SMALL


@dataclass(frozen=True)
class Options:
    """How to solve: seconds at most, relative gap of integer plans (None: by size), threads, and the method (empty: by size and kind)."""

    seconds: float = 600.0
    gap: float | None = None
    threads: int = 1
    method: Literal["", "simplex", "ipm", "hipo"] = ""

    def __post_init__(self) -> None:
        if self.method == "hipo" and not has_hipo():
            raise ValueError("the method hipo needs a package that is not installed: pip install highspy-extras")
        if self.threads < 1:
            raise ValueError(f"{self.threads} threads: name how many; HiGHS would take half the cores for zero")

    def chosen(self, problem: Template, *, warm: bool) -> str:
        """The method: what was asked for, or by size, where there is no basis to start from."""
        if self.method or warm or not large(problem):
            return self.method or "simplex"
        return "hipo" if len(problem.value) > LARGE and has_hipo() else "ipm"

    def enough(self, problem: Template) -> float:
        """The gap at which an integer plan is good enough: what was asked for, or what its size allows."""
        return self.gap if self.gap is not None else ROUGH if large(problem) else FINE


@lru_cache
def has_hipo() -> bool:
    """Whether HiGHS finds what HiPO needs: orderings and a BLAS, in a package of their own for their licences."""
    return find_spec("highspy_extras") is not None


def settings(method: str, options: Options) -> dict[str, Any]:
    """What HiGHS is asked for by name of its option: whoever compares with it asks for the same."""
    return {
        "solver": method,
        "run_crossover": "on",  # the plan shown is a vertex
        "threads": options.threads,
        "primal_feasibility_tolerance": 1e-9,
        "dual_feasibility_tolerance": 1e-9,
        "mip_feasibility_tolerance": TOLERANCE / 10,
        "small_matrix_value": 1e-12,  # by default it drops what is below 1e-9, and then its answer does not hold
    }
