"""The facts of this room: what each chip trains and serves, and how busy serving chips are taken to be."""

from __future__ import annotations

from collections.abc import Mapping

from barbell.core.relations import Fact
from barbell.workloads.table import rates


def derive(known: Mapping[str, Fact]) -> tuple[Fact, ...]:
    """``train-<chip>``, ``inference-<chip>`` and ``production-<chip>`` for every chip that the facts describe.

    `known` maps names to facts. A chip whose data sheet is not known on that day has no rates: `table(known).gaps` says
    which fact lacks.
    """
    return tuple(rate.fact for rate in rates(known))
