"""Barbell plans the build-out of AI infrastructure: what to build, when and where, and what every bottleneck is worth.

>>> import barbell
>>> plan = barbell.plan("cases/toy")                 # doctest: +SKIP
>>> plan.value, plan.tables["orders"]                # doctest: +SKIP
>>> barbell.explain(plan)                            # doctest: +SKIP
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from barbell.core.case import Case
    from barbell.core.errors import BarbellError, CaseError, InfeasibleError, SolverLimitError, UnboundedError
    from barbell.plan import Plan
    from barbell.study import check, explain, new, plan

__version__ = "0.1.0"

_HOMES = {
    "BarbellError": "barbell.core.errors",
    "Case": "barbell.core.case",
    "CaseError": "barbell.core.errors",
    "InfeasibleError": "barbell.core.errors",
    "Plan": "barbell.plan",
    "SolverLimitError": "barbell.core.errors",
    "UnboundedError": "barbell.core.errors",
    "check": "barbell.study",
    "explain": "barbell.study",
    "new": "barbell.study",
    "plan": "barbell.study",
}

__all__ = [
    "BarbellError",
    "Case",
    "CaseError",
    "InfeasibleError",
    "Plan",
    "SolverLimitError",
    "UnboundedError",
    "__version__",
    "check",
    "explain",
    "new",
    "plan",
]


def __getattr__(name: str) -> Any:
    """Load a name of the facade when it is first asked for, so that importing Barbell stays cheap."""
    if name not in _HOMES:
        raise AttributeError(f"module 'barbell' has no attribute '{name}'")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
