"""The sheet of power: the toy and a site by hand, live in the price of energy."""

import pytest

from barbell.report.source import source
from barbell.report.workbook import write
from barbell.study import run
from tests.conftest import ROOT
from tests.report.workbook.formulas import Workbook


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    return write(source(run(ROOT / "cases" / "toy")), tmp_path_factory.mktemp("power") / "toy.xlsx")


def row(book, name):
    sheet = book.sheets["power"]
    return next(r for r in range(5, sheet.max_row + 1) if sheet.cell(r, 1).value == name)


def test_the_toy_by_hand(toy):
    """5 MW in 2026 and 7.5 in 2027, at half a million a MW and year."""
    book = Workbook(toy)
    for letter, drawn in (("C", 5.0), ("D", 7.5)):
        assert book.value("power", f"{letter}{row(book, 'mean power')}") == pytest.approx(drawn)
        assert book.value("power", f"{letter}{row(book, 'energy')}") == pytest.approx(drawn * 8.76e-3)
        assert book.value("power", f"{letter}{row(book, 'cost of energy')}") == pytest.approx(drawn / 2)
        assert book.value("power", f"{letter}{row(book, 'cost of a MWh')}") == pytest.approx(0.5e6 / 8760)


def test_a_dearer_megawatt_costs_more(toy):
    book = Workbook(toy)
    spot = next(r for r in range(5, 40) if book.sheets["assumptions"].cell(r, 2).value == "processes.grid.variable_cost")
    book.change("assumptions", f"C{spot}", 1.0)
    assert book.value("power", f"C{row(book, 'cost of energy')}") == pytest.approx(5.0)
    assert book.value("power", f"C{row(book, 'cost of a MWh')}") == pytest.approx(1e6 / 8760)


def test_a_case_that_counts_no_power_says_so(tmp_path):
    book = Workbook(write(source(run(ROOT / "cases" / "toy-tree")), tmp_path / "tree.xlsx"))
    assert book.sheets["power"].cell(5, 1).value == "This case counts neither IT load nor power."
