"""A site by hand: 8 kchip of 20.8 MW at the design hour, of which a grid of 7.8 MW and engines of 13 MW give all that they can."""

import math
from functools import lru_cache

from barbell import plan
from barbell.core.nouns import Asset, Process, Resource
from barbell.core.relations import Cohort, Fact, ProcessRate, Use
from barbell.report import query
from barbell.report.opens import cells, shown
from barbell.report.source import Source
from barbell.study import plan as planned
from barbell.study.chain import Book, Node
from tests.conftest import ROOT
from tests.finance.test_metrics import FLOW, chain, works
from tests.small import number

LOAD = Fact(name="load_factor", value="0.75", unit="1", as_of="2025-01-01", source="assumed", grade="S", low="0.7", high="0.8")


def site():
    """Chips of 2 MW of IT each want 1.3 MW at the peak and 0.9 MW on average for a MW of IT; a MW of power costs 0.5 a year to buy."""
    made = chain(
        more_assets=(Asset(name="engines", unit="MW", capex=6.0, programme="build", life_months=120),),
        more_processes=(works("burn"), Process(name="buy", unit="MW", where="va", entity="co", variable_cost=number(0.5))),
        more_uses=(Use(process="burn", asset="engines", use=number(1.0)),),
        more_rates=(
            ProcessRate(process="burn", resource="feed", rate=number(1.0)),
            ProcessRate(process="burn", resource="power", rate=number(0.5)),
            ProcessRate(process="house", resource="power", rate=number(-0.9)),
            ProcessRate(process="buy", resource="power", rate=number(1.0)),
        ),
        more_resources=(Resource(name="power", **FLOW),),
        cohorts=(
            Cohort(name="old-engines", asset="engines", place="va", amount=13.0, service="2025"),
            Cohort(name="old-grid", asset="grid", place="va", amount=7.8, service="2025"),
        ),
        grid_option=False,
        facts=(LOAD,),
    )
    return sourced(plan.solve(made))


def sourced(found):
    """A plan alone as a page takes it, with its numbers."""
    frames = {f"tables/{name}": frame for name, frame in found.tables.items()}
    return Source(found.case, found.value, found.parts, found.status, found.tables, book=Book(found.case, frames))


@lru_cache(maxsize=1)
def source():
    """The site, planned once."""
    return site()


@lru_cache(maxsize=1)
def cloud():
    """The cloud that ships, planned once: several kinds of chips for two kinds of work."""
    return sourced(planned(ROOT / "cases" / "neocloud"))


def astray(section, made):
    """Number cells of a section that do not open, or open to another number; each number that they open to ties with its inputs."""
    off = []
    for cell in cells([section]):
        if cell.value is not None and cell.value != 0 and cell.text and not math.isnan(cell.value):
            node = cell.chain if isinstance(cell.chain, Node) else made.book.find(cell.chain) if shown(cell) else None
            ways = [node.value * size for size in (1, query.worth(made).factor, 100)] if node else []
            if node:
                made.book.check(node)
            if not any(math.isclose(cell.value, way, rel_tol=1e-9) for way in ways):
                off.append((cell.text, cell.chain))
    return off
