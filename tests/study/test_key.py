"""The key of a run covers whatever may change its answer, and nothing else."""

import subprocess
import sys

import pytest

from barbell.plan import Options
from barbell.study import check
from barbell.study.key import LIBRARIES, code, key, versions
from tests.conftest import ROOT

TOY = ROOT / "cases" / "toy"
GRID = "limits.grid.bound"


@pytest.fixture
def case():
    return check(TOY)


def test_the_key_is_that_of_the_content(toy, case):
    assert toy.key == key(case) == key(case, Options(seconds=5.0))


@pytest.mark.parametrize(
    "changes",
    [
        {GRID: "9 MW"},
        {"demands.serve.volume": "*2"},
        {"horizon.periods": "3 x year"},
        {"as_of": "2026-03-04"},
        {"risk.weight": "0.1"},
        {"question": "Another?"},
        {"limits.grid.note": "seen on site"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_the_key_changes_with_whatever_changes(changes, case):
    assert key(check(TOY, changes)) != key(case)


def test_a_cell_that_has_its_value_from_elsewhere_makes_another_key(case):
    """The plan is the same; the ends of ranges, and where a number comes from, are not."""
    assert check(TOY, {GRID: "7.5 MW"}) == case and key(check(TOY, {GRID: "7.5 MW"})) != key(case)
    assert key(check(TOY, {GRID: "7500 kW"})) != key(check(TOY, {GRID: "7.5 MW"}))


@pytest.mark.parametrize("effort", [Options(gap=0.01), Options(threads=2), Options(method="ipm")], ids=repr)
def test_the_key_changes_with_how_exactly_it_is_solved(effort, case):
    assert key(case, effort) != key(case)


@pytest.mark.parametrize("name", LIBRARIES)
def test_the_key_changes_with_a_library(name, case, monkeypatch):
    before, now = key(case), versions()
    monkeypatch.setattr("barbell.study.key.version", lambda library: "0.0" if library == name else now[library])
    assert key(case) != before


@pytest.mark.parametrize("name", ["plan/solve.py", "facts/data/amazon.csv", "report/templates/report.html", "report/templates/report.js"])
def test_the_key_changes_with_the_code_the_facts_and_the_page(name, case, monkeypatch):
    before, read = key(case), type(ROOT).read_bytes
    monkeypatch.setattr(type(ROOT), "read_bytes", lambda path: read(path) + (b" " if path.as_posix().endswith(name) else b""))
    code.cache_clear()
    try:
        assert key(case) != before
    finally:
        code.cache_clear()


def test_the_key_is_the_same_in_another_process_and_place(case, tmp_path):
    asked = f"from barbell.study import check; from barbell.study.key import key; print(key(check({str(TOY)!r})))"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stdout.strip() == key(case)
