"""The workbook: every cached value is what its formula gives, worked out apart; inputs are live; bad targets are told."""

import math
import zipfile

import pytest

from barbell.cli.run import run as command
from barbell.core.errors import CaseError
from barbell.report.source import source
from barbell.report.workbook import write
from barbell.report.workbook.binder import column
from barbell.report.workbook.write import SHEETS, content_of
from barbell.study import run
from tests.conftest import ROOT
from tests.report import example
from tests.report.workbook.formulas import Workbook

CASES = ("toy", "toy-tree", "neocloud")


@pytest.fixture(scope="module")
def books(tmp_path_factory):
    """Source, file and evaluator of each case, made when asked for."""
    memo = {}

    def of(case):
        if case not in memo:
            made = source(run(ROOT / "cases" / case))
            memo[case] = made, write(made, tmp_path_factory.mktemp("book") / f"{case}.xlsx")
            memo[case] += (Workbook(memo[case][1]),)
        return memo[case]

    return of


@pytest.mark.parametrize("case", CASES)
def test_every_cached_value_is_what_its_formula_gives(case, books):
    book = books(case)[2]
    found, wrong = book.formulas(), []
    for sheet, cell in found:
        kept, value = book.cached[sheet][cell].value, book.value(sheet, cell)
        if not math.isclose(float(value), float(kept or 0.0), rel_tol=1e-9, abs_tol=1e-7):
            wrong.append((sheet, cell, kept, value, book.sheets[sheet][cell].value[:120]))
    assert wrong == [] and len(found) > 60


@pytest.mark.parametrize("case", CASES)
def test_years_are_those_of_the_run(case, books):
    made, _, book = books(case)
    sheet = book.sheets["years"]
    heads = [cell.value for cell in sheet[4]]
    checked = 0
    for row in sheet.iter_rows(min_row=5, values_only=False):
        entity, scope, line = (cell.value for cell in row[:3])
        for cell, year in zip(row[4:], heads[4:], strict=True):
            wanted = made.years.filter((made.years["entity"] == entity) & (made.years["scope"] == scope) & (made.years["line"] == line))
            amounts = dict(zip(wanted["year"].cast(str), wanted["value"], strict=True))
            if year in amounts:
                assert book.value("years", cell.coordinate) == pytest.approx(amounts[year], rel=1e-9, abs=1e-6), (entity, line, year)
                checked += 1
    assert checked > 20


def spot(book, sheet, **words):
    """Row of the first line whose columns hold what is asked."""
    heads = {cell.value: cell.column for cell in book.sheets[sheet][4]}
    rows = range(5, book.sheets[sheet].max_row + 1)
    return next(r for r in rows if all(book.sheets[sheet].cell(r, heads[name]).value == text for name, text in words.items()))


def test_a_changed_price_moves_capex_and_cash_and_keeps_the_identities(books):
    """The toy's chips at 33 in place of 30: 4 of them in 2026 cost 12 more, and free cash flow falls by as much (tax is held)."""
    book = Workbook(books("toy")[1])
    row = spot(book, "assumptions", **{"cell of the case": "assets.chip.capex"})
    capex, free = (spot(book, "years", scope="consolidated", line=line) for line in ("capex", "free cash flow"))
    before = [book.value("years", f"E{r}") for r in (capex, free)]
    book.change("assumptions", f"C{row}", 33)
    after = [book.value("years", f"E{r}") for r in (capex, free)]
    assert after[0] - before[0] == pytest.approx(12) and after[1] - before[1] == pytest.approx(-12)
    kinds = [(book.sheets["checks"].cell(r, 2).value, book.value("checks", f"C{r}")) for r in range(5, book.sheets["checks"].max_row)]
    assert all(value == 0 for kind, value in kinds if kind == "always")
    assert any(abs(value) > 1 for kind, value in kinds if kind == "run"), "the distance to the run is told"


@pytest.mark.parametrize("case", CASES)
def test_every_assumption_is_live(case, books):
    """Each cell of the sheet of assumptions, moved, moves some line: none is there for show."""
    book = books(case)[2]
    sheet = book.sheets["assumptions"]
    spans = [(name, cell) for name, cell in book.formulas() if name not in ("assumptions",)]
    text = " ".join(book.sheets[name][cell].value for name, cell in spans)
    for row in range(5, sheet.max_row + 1):
        assert f"assumptions!$C${row}" in text, sheet.cell(row, 2).value
        assert isinstance(sheet.cell(row, 3).value, int | float) and sheet.cell(row, 3).font.color.rgb == "FF0000FF"


def test_checks_read_nothing(books):
    for case in CASES:
        book = books(case)[2]
        for row in range(5, book.sheets["checks"].max_row + 1):
            assert book.value("checks", f"C{row}") == pytest.approx(0, abs=1e-3)


def test_sheets_are_named_frozen_and_set_up_to_print(books):
    book = books("neocloud")[2]
    assert list(book.sheets) == list(SHEETS) and all(len(name) <= 31 for name in SHEETS)
    for name, sheet in book.sheets.items():
        assert sheet.page_setup.orientation == "landscape" and sheet.freeze_panes, name
    assert "cost [MUSD2026]" in [cell.value for cell in book.sheets["purchases"][4]], "heads carry units"


def test_there_are_four_charts_over_cells(books):
    with zipfile.ZipFile(books("neocloud")[1]) as archive:
        charts = [archive.read(name).decode() for name in archive.namelist() if name.startswith("xl/charts/chart")]
    assert len(charts) == 4 and all("<c:f>" in chart for chart in charts)


def test_every_fact_has_its_source_and_grade(books):
    made, _, book = books("neocloud")
    sheet = book.sheets["sources"]
    rows = {sheet.cell(r, 1).value: r for r in range(5, sheet.max_row + 1)}
    assert {fact.name for fact in made.case.tables.facts} <= set(rows)
    assert all(sheet.cell(r, 6).value in set("ABCDMS") and sheet.cell(r, 8).value for r in rows.values())
    assert any(sheet.cell(r, 9).hyperlink for r in rows.values())


def test_provenance_opens_to_cells_and_facts(books):
    sheet = books("neocloud")[2].sheets["provenance"]
    levels = {sheet.row_dimensions[r].outlineLevel for r in range(5, sheet.max_row + 1)}
    grades = {sheet.cell(r, 7).value for r in range(5, sheet.max_row + 1)}
    assert 0 in levels and max(levels) >= 3 and grades & set("ABCDMS")


def test_the_same_run_gives_the_same_bytes(books):
    made, path, _ = books("toy")
    assert content_of(made) == path.read_bytes()


@pytest.mark.parametrize(("n", "letters"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA")])
def test_columns_have_letters(n, letters):
    assert column(n) == letters


def test_a_source_without_a_run_makes_no_workbook(tmp_path):
    with pytest.raises(CaseError, match="needs the run's own numbers"):
        write(example.source(), tmp_path / "book.xlsx")


def test_a_kept_run_makes_both_files_without_planning(tmp_path, capsys):
    assert command(["run", str(ROOT / "cases" / "toy"), "--out", str(tmp_path / "runs"), "--quiet"]) == 0
    folder = next(path for path in (tmp_path / "runs").iterdir() if path.is_dir() and path.name.startswith("toy"))
    for name in ("book.xlsx", "page.html"):
        assert command(["report", str(folder), "--to", str(tmp_path / name)]) == 0
    assert (tmp_path / "book.xlsx").read_bytes()[:2] == b"PK" and "data-c=" in (tmp_path / "page.html").read_text(encoding="utf-8")
    assert command(["report", str(folder), "--to", str(tmp_path / "x.xlsx"), "--set", "limits.grid.bound=9 MW"]) == 1
    assert "a kept run is not run again" in capsys.readouterr().err
    (folder / "statements" / "lines.parquet").write_bytes(b"short")
    assert command(["report", str(folder), "--to", str(tmp_path / "x.xlsx")]) == 1
    assert "lines.parquet" in capsys.readouterr().err and not (tmp_path / "x.xlsx").exists()


def test_a_disk_that_refuses_leaves_nothing(books, tmp_path, monkeypatch):
    from pathlib import Path

    def full(self, _content):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(CaseError, match="No space left"):
        write(books("toy")[0], tmp_path / "book.xlsx")
    assert list(tmp_path.iterdir()) == []
