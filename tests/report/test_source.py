"""From a run to what a report needs of it."""

from dataclasses import fields
from types import SimpleNamespace

import pytest

from barbell.report.source import YEARS, Source, empty, source
from tests.report import example


def run(**changes):
    """A run as `study` returns it, made from the example."""
    e = example.source()
    plan = SimpleNamespace(value=e.value, parts=e.parts, status=e.status, tables=e.tables)
    statements = SimpleNamespace(lines=e.lines, years=e.years, projects=e.projects, not_modelled=e.not_modelled)
    greedy = SimpleNamespace(value=e.greedy.value, parts=e.greedy.parts, tables=e.tables)
    names = (
        "case",
        "low_years",
        "high_years",
        "committed",
        "reasons",
        "bottlenecks",
        "reported",
        "assumptions",
        "nowcast",
        "cost",
        "seconds",
        "peak_mb",
    )
    made = {"plan": plan, "statements": statements, "greedy": greedy, "frames": {}}
    return SimpleNamespace(**{name: getattr(e, name) for name in names} | made | changes)


@pytest.mark.parametrize("name", [f.name for f in fields(Source) if f.name not in ("greedy", "book")])
def test_everything_of_a_run_is_there(name):
    assert getattr(source(run()), name) is getattr(example.source(), name)


def test_the_greedy_plan_is_the_baseline():
    found = source(run()).greedy
    assert (found.value, found.parts) == (example.source().greedy.value, example.source().greedy.parts)


def test_a_run_without_ends_has_no_range():
    found = source(run(low_years=None, high_years=None))
    assert found.low_years.is_empty() and found.low_years.schema == empty(YEARS).schema
