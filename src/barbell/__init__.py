"""Barbell plans the build-out of AI infrastructure: what to build, when and where, and what every bottleneck is worth.

>>> import barbell
>>> plan = barbell.plan("cases/toy")                 # doctest: +SKIP
>>> plan.value, plan.tables["orders"]                # doctest: +SKIP
>>> barbell.explain(plan)                            # doctest: +SKIP
>>> barbell.run("cases/toy").statements.years        # doctest: +SKIP
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from barbell.core.errors import BarbellError, CaseError, InfeasibleError, UnboundedError
    from barbell.plan import Plan
    from barbell.study import check, explain, new, plan
    from barbell.study.compare import compare
    from barbell.study.run import run

__version__ = "0.1.0"

_HOMES = {
    "BarbellError": "barbell.core.errors",
    "CaseError": "barbell.core.errors",
    "InfeasibleError": "barbell.core.errors",
    "Plan": "barbell.plan",
    "UnboundedError": "barbell.core.errors",
    "check": "barbell.study",
    "compare": "barbell.study",
    "explain": "barbell.study",
    "new": "barbell.study",
    "plan": "barbell.study",
    "run": "barbell.study",
}

__all__ = [
    "BarbellError",
    "CaseError",
    "InfeasibleError",
    "Plan",
    "UnboundedError",
    "__version__",
    "check",
    "compare",
    "explain",
    "new",
    "plan",
    "run",
]


def __getattr__(name: str) -> Any:
    """Load a name of the facade when it is first asked for, so that importing Barbell stays cheap."""
    if name not in _HOMES:
        raise AttributeError(f"module 'barbell' has no attribute '{name}'")
    found = getattr(import_module(_HOMES[name]), name)
    return globals().get(name, found)


def __dir__() -> list[str]:
    return __all__


class _Room(ModuleType):
    """A room that has the name of a verb, such as ``barbell.plan``: called, it is the verb."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return getattr(import_module("barbell.study"), self.__name__.rpartition(".")[2])(*args, **kwargs)


class _Facade(ModuleType):
    """Python binds a room to the facade when it is first imported and would hide the verb of that name."""

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _HOMES and isinstance(value, ModuleType):
            value.__class__ = _Room
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Facade
