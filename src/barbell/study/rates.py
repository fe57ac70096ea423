"""The rates that plans take from chips, as a table and as facts for a case: those of the day, or those of a workload of one's own."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from pathlib import Path

from barbell.core.errors import FactError
from barbell.core.relations import Fact
from barbell.study.file import put
from barbell.study.known import LATEST, known
from barbell.workloads import Rate, Table, serve, serving, table
from barbell.workloads.offer import OFFERS, Offer

TAKEN = frozenset({"train", *(offer.name for offer in OFFERS)})
"""Names of workloads whose rates Barbell derives itself."""


def rated(as_of: str = LATEST) -> Table:
    """What every chip of the fleet trains and serves, by the facts of a day."""
    return table(known(as_of))


def offered(name: str, model: str, demand: serving.Demand, *, busy: str = "busy-inference", as_of: str = LATEST) -> Table:
    """Rates ``<name>-<chip>`` of every chip of the fleet for a workload of one's own.

    `busy` is the fact that says how busy its chips are. Raises FactError for a name that is taken or none, for an unknown model and an unknown fact.
    """
    facts = known(as_of)
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or name in TAKEN:
        raise FactError(f"'{name}' cannot name a workload: take small letters, digits and _, and none of {', '.join(sorted(TAKEN))}")
    if busy not in facts:
        raise FactError(f"there is no fact '{busy}'. Take busy-inference, busy-production or another share of a year")
    return serve(facts, Offer(name, serving.found(facts, "model", model), demand, busy))


def write(rates: Sequence[Rate], to: Path) -> Path:
    """Write rates as the table `facts` of a case; raises FactError where that is not possible."""
    stream = io.StringIO(newline="")
    columns = sorted(Fact.model_fields, key="note".__eq__)
    rows = csv.DictWriter(stream, columns, lineterminator="\n")
    rows.writeheader()
    rows.writerows(rate.fact.model_dump() for rate in rates)
    return put(stream.getvalue(), to)
