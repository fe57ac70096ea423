"""The table of tags: it names series as the store does, and says what must not be taken for one."""

import dataclasses

import pytest

from barbell.core.errors import FactError
from barbell.facts import figures
from barbell.facts.companyfacts import _UNITS
from barbell.facts.label import FISCAL
from barbell.facts.mapping import companies, mappings

ENTITIES = {company.entity for company in companies().values()}


def test_names_are_those_of_the_store():
    """A series that the store has keeps its name, segment, metric and basis; else imported figures would stand beside it, unnoticed."""
    about = {}
    for figure in figures():
        stem = figure.name.removesuffix(f"-{figure.period}")
        about.setdefault(stem, set()).add((figure.segment, figure.metric, figure.basis))
    met = [line for line in mappings() if line.name in about]
    assert len(met) > 60
    assert [line.name for line in met if (line.segment, line.metric, line.basis) not in about[line.name]] == []


def test_units_are_those_of_the_store():
    units = {
        (f.name.removesuffix(f"-{f.period}"), f.unit.replace(f.unit[-4:], "") if f.unit.startswith("MUSD") else f.unit.split("2")[0])
        for f in figures()
    }
    heads = {"USD": "MUSD", "USD/shares": "USD", "shares": "Munit"}
    known = {name for name, _ in units}
    assert [line.name for line in mappings() if line.unit and line.name in known and (line.name, heads[line.unit]) not in units] == []


def test_every_line_is_whole():
    for line in mappings():
        assert line.entity in ENTITIES and line.name.startswith(f"{line.entity}-{line.segment}-{line.metric}"), line
        if line.kind == "computed":
            first, sign, second = line.terms
            before = [other.name for other in mappings()[: mappings().index(line)] if not other.refused]
            assert sign in (1, -1) and {first, second} <= set(before), f"{line.name} is computed of what comes later"
        else:
            assert line.unit in _UNITS and line.taxonomy and line.tag.isalnum()
        assert not (line.since and line.until) or line.since < line.until


def test_lines_of_one_series_agree():
    by_name = {}
    for line in mappings():
        if not line.refused:
            by_name.setdefault(line.name, set()).add((line.segment, line.metric, line.basis, line.kind, line.unit))
    assert all(len(kinds) == 1 for kinds in by_name.values())


def test_no_series_is_both_taken_and_refused():
    taken = {line.name for line in mappings() if not line.refused}
    assert taken.isdisjoint(line.name for line in mappings() if line.refused)


def test_segments_are_never_taken():
    """Company facts have no parts of a company; a line for one may only refuse."""
    assert all(line.refused for line in mappings() if line.segment != "total")


def test_companies():
    assert {company.entity: company.year_end for company in companies().values() if company.year_end != 12} == FISCAL
    assert {company.entity: company.year_end for company in companies().values()} == {
        "amzn": 12, "googl": 12, "meta": 12, "msft": 6, "orcl": 5, "crwv": 12,
    }  # fmt: skip


def test_a_line_that_is_no_sum_says_so():
    line = next(line for line in mappings() if line.kind == "flow")
    for wrong in (line, dataclasses.replace(line, kind="computed", tag="a minus b")):
        with pytest.raises(FactError, match="is no sum of two series"):
            _ = wrong.terms
