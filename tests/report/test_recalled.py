"""A kept run tells its reader all that the run itself would."""

import math
import shutil
from dataclasses import fields, replace

import polars as pl
import pytest

from barbell.report.source import Baseline, Source, recalled, source
from barbell.study import keep, opened, run
from barbell.study.chain import Book
from tests.conftest import ROOT


@pytest.fixture(scope="module", params=["toy", "toy-tree", "ranged"])
def both(request, tmp_path_factory):
    """What a report needs, from a run and from its folder; `ranged` is the toy with a fact that has a range."""
    folder = tmp_path_factory.mktemp("case") / "case"
    shutil.copytree(ROOT / "cases" / ("toy" if request.param == "ranged" else request.param), folder)
    changes = {}
    if request.param == "ranged":
        text = "name,value,unit,as_of,source,grade,low,high\ngrid,7.5,MW,2025-01-01,test,S,5,9\n"
        (folder / "facts.csv").write_text(text, encoding="utf-8")
        changes = {"limits.grid.bound": "@grid"}
    found = run(folder, changes)
    return source(found), recalled(opened(keep(found, tmp_path_factory.mktemp("runs"))))


@pytest.mark.parametrize("name", [field.name for field in fields(Source)])
def test_every_part_comes_back(name, both):
    """Whoever gives a report something new to show lets the folder keep it, or this fails."""
    first, second = (getattr(one, name) for one in both)
    assert same(first, second)


def same(first, second):
    if isinstance(first, pl.DataFrame):
        return first.equals(second) and first.schema == second.schema
    if isinstance(first, dict) and any(isinstance(value, pl.DataFrame) for value in first.values()):
        return first.keys() == second.keys() and all(same(first[name], second[name]) for name in first)
    if isinstance(first, Book):
        return first.case == second.case and same(dict(first.frames), dict(second.frames))
    if isinstance(first, Baseline):
        return (first.value, first.parts) == (second.value, second.parts) and same(dict(first.tables), dict(second.tables))
    return first == second


def test_a_run_that_knows_no_memory_comes_back(tmp_path):
    found = opened(keep(replace(run(ROOT / "cases" / "toy"), peak_mb=math.nan), tmp_path))
    assert math.isnan(recalled(found).peak_mb)
