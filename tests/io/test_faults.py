"""What may be wrong with a case: each fault says where it is, what stands there, and how to mend it."""

import pytest

from barbell.core.errors import CaseError
from barbell.io import read


def edit(folder, file, old, new):
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{old!r} is not in {file}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def faults(folder, changes=None):
    with pytest.raises(CaseError) as caught:
        read(folder, changes)
    return [str(f) for f in caught.value.faults]


EDITS = {
    # name: (file, text, its replacement, what one message must contain)
    "missing label": ("assets.csv", "build,240", "bild,240", ("assets.csv:2 programme", "'bild'", "Did you mean 'build'?")),
    "unknown resource": ("rates.csv", "grid,power", "grid,powr", ("rates.csv:2 rate", "'powr'", "Did you mean 'power'?")),
    "unknown place": ("cohorts.csv", "hall,va", "hall,vb", ("cohorts.csv:2 place", "'vb'", "Known: ")),
    "unknown kind of place": ("options.csv", "hall,site", "hall,sight", ("options.csv:2 place", "'sight'", "Did you mean 'site'?")),
    "NaN": ("limits.csv", "7.5 MW", "NaN MW", ("limits.csv:2 bound", "'NaN MW'", "finite number")),
    "infinite": ("limits.csv", "7.5 MW", "inf MW", ("limits.csv:2 bound", "'inf MW'", "finite number")),
    "negative cost": ("assets.csv", "10 MUSD2026/MW", "-10 MUSD2026/MW", ("assets.csv:2 capex", "outside 0 to", "Overnight cost")),
    "thousands with commas": ("limits.csv", "7.5 MW", '"7,500 MW"', ("limits.csv:2 bound", "7,500", "without commas")),
    "text for a number": ("limits.csv", "7.5 MW", "seven", ("limits.csv:2 bound", "'seven'", "is not a number")),
    "share above one": ("price_steps.csv", "train,1,1,", "train,1,1.5,", ("price_steps.csv:2 share", "outside 0 to 1")),
    "missing cost": ("assets.csv", "10 MUSD2026/MW", "", ("assets.csv:2 capex", "capex is missing in assets", "nothing is free")),
    "missing life": ("assets.csv", "build,240", "build,", ("assets.csv:2 life_months", "is missing", "Months in service")),
    "wrong unit": ("assets.csv", "10 MUSD2026/MW", "10 MUSD2026/t", ("assets.csv:2 capex", "does not fit", "MUSD2026/MW")),
    "unknown unit": ("assets.csv", "10 MUSD2026/MW", "10 MUSD2026/blob", ("assets.csv:2 capex", "unknown unit", "units:")),
    "wrong currency year": ("assets.csv", "10 MUSD2026/MW", "10 MUSD2024/MW", ("assets.csv:2 capex", "USD2024", "does not guess")),
    "wrong currency": ("assets.csv", "10 MUSD2026/MW", "10 MEUR2026/MW", ("assets.csv:2 capex", "EUR2026", "exchange rate")),
    "money without a year": ("assets.csv", "10 MUSD2026/MW", "10 MUSD/MW", ("assets.csv:2 capex", "without a year", "USD2026")),
    "no unit": ("limits.csv", "7.5 MW", "7.5", ("limits.csv:2 bound", "has no unit", "[MW]")),
    "duplicate row": ("terms.csv", "grid,activity,grid,1 MW/MW", "grid,activity,grid,1 MW/MW\ngrid,activity,grid,2 MW/MW", ("terms.csv:3", "twice", "terms.csv:2")),
    "place cycle": ("places.csv", "world,world,", "world,world,va", ("places.csv", "circle: world -> va -> world", "another parent")),
    "second root": ("places.csv", "va,site,world", "va,site,", ("places.csv:3 parent", "second root", "Give its parent")),
    "nobody produces": ("rates.csv", "run,compute,1 kchip", "run,compute,-1 kchip", ("compute", "nobody produces", "positive rate")),
    "no such level": ("resources.csv", "flow,world", "flow,planet", ("resources.csv:3 level", "'planet'", "no kind of place")),
    "stock without a clock": ("resources.csv", "flow,world", "flow,world\nspare,t,stock,world", ("resources.csv:4 clock", "does not fit a stock", "slice or period")),
    "flow with a clock": ("resources.csv", "level\npower,MW,flow,site", "level,clock\npower,MW,flow,site,slice", ("resources.csv:2 clock", "'slice'", "does not fit a flow")),
    "bad word": ("limits.csv", "<=", "<", ("limits.csv:2 sense", "is not one of <=, >=, =", "Did you mean '<='?")),
    "bad switch": ("demands.csv", ",true", ",yes", ("demands.csv:2 discriminates", "'yes'", "true or false")),
    "half a month": ("assets.csv", "build,240", "build,240.5", ("assets.csv:2 life_months", "'240.5'", "whole number")),
    "bad name": ("limits.csv", "grid,MW", "my grid,MW", ("limits.csv:2 name", "'my grid'", "letters, digits")),
    "bad date": ("cohorts.csv", ",2025,", ",2025-13,", ("cohorts.csv:2 service", "'2025-13'", "between 01 and 12")),
    "dates do not ascend": ("indices.csv", "2026:1 2027:0.9", "2027:0.9 2026:1", ("indices.csv:2 path", "ascend", "dated numbers")),
    "path starts late": ("demands.csv", "2026:2 2027:4", "2027:4", ("demands.csv:2 volume", "no value before 2027-01", "Start it by 2026-01")),
    "dated where nothing changes": ("assets.csv", "10 MUSD2026/MW", "2026:10 2027:9 MUSD2026/MW", ("assets.csv:2 capex", "changes over time", "index")),
    "shares do not sum": ("price_steps.csv", "serve,2,0.5", "serve,2,0.4", ("price_steps.csv:3 share", "'0.9'", "Make it 1")),
    "prices rise": ("price_steps.csv", "0.5,20", "0.5,35", ("price_steps.csv:4 price", "above the price of step 1", "falling price")),
    "no price step": ("price_steps.csv", "train,1,1,40 MUSD2026/(kchip*year)\n", "", ("demands.csv:2 name", "'train'", "no price step")),
    "limit without terms": ("limits.csv", "connection", "x\nlonely,MW,<=,1 MW,me,connection", ("limits.csv:3 name", "'lonely'", "has no terms")),
    "unknown item": ("terms.csv", "activity,grid", "activity,gird", ("terms.csv:2 coefficient", "'gird'", "Did you mean 'grid'?")),
    "asset can stand nowhere": ("options.csv", "chip,site,5 kchip/year\n", "", ("uses.csv:3 asset", "'chip'", "can stand nowhere")),
    "two options at a place": ("options.csv", "hall,site,", "hall,site,\nhall,va,", ("options.csv:3 place", "second option", "Keep one")),
    "unpaid but standing": ("cohorts.csv", "service,book_value\nfirst_hall,hall,va,5 MW,2025,45 MUSD2026", "service,paid\nfirst_hall,hall,va,5 MW,2025,0.5", ("cohorts.csv:2 paid", "not paid", "later service date")),
    "book value on order": ("cohorts.csv", ",2025,", ",2027,", ("cohorts.csv:2 book_value", "not yet in service", "price and paid")),
    "unknown column": ("terms.csv", "coefficient", "coeficient", ("terms.csv:1 coeficient", "no column of terms", "Did you mean 'coefficient'?")),
    "column twice": ("terms.csv", "measure,item", "measure,measure", ("terms.csv:1 measure", "stands twice", "Keep one")),
    "too many cells": ("terms.csv", "1 MW/MW", "1 MW/MW,va", ("terms.csv:2", "5 cells under 4 headers", "drop it")),
    "open quote": ("terms.csv", "1 MW/MW", '"1 MW/MW', ("terms.csv:", "is not CSV", "Close the quotes")),
    "unknown key": ("case.yaml", "question:", "qestion:", ("case.yaml:2 qestion", "is no setting", "Did you mean 'question'?")),
    "key twice": ("case.yaml", "money: MUSD2026", "money: MUSD2026\nmoney: MUSD2025", ("case.yaml:4", "'money'", "first in line 3")),
    "no money": ("case.yaml", "money: MUSD2026\n", "", ("case.yaml money", "money is missing", "MUSD2026")),
    "money without its year": ("case.yaml", "MUSD2026", "MUSD", ("case.yaml:3", "'MUSD'", "with its year")),
    "bad day": ("case.yaml", "2026-01-01", "2026-1-1", ("case.yaml:4", "is not a day", "2026-02-10")),
    "bad periods": ("case.yaml", "2 x year", "two years", ("case.yaml:7", "'two years'", "8 x quarter")),
    "bad start": ("case.yaml", "start: 2026", "start: soon", ("case.yaml:6", "'soon'", "2026Q1")),
    "tab in YAML": ("case.yaml", "  start", "\tstart", ("case.yaml:6", "is not YAML", "spaces")),
    "anchor": ("case.yaml", "money: MUSD2026", "money: &m MUSD2026", ("case.yaml:3", "&m", "Write the value out")),
    "base that is not there": ("case.yaml", "question:", "base: ../nowhere\nquestion:", ("case.yaml:2", "no case.yaml", "barbell new")),
    "base of itself": ("case.yaml", "question:", "base: .\nquestion:", ("case.yaml:2", "circle: toy -> toy", "Remove one")),
    "risk beyond one": ("case.yaml", "money:", "risk: {weight: 2}\nmoney:", ("case.yaml:3", "risk.weight", "between 0 and 1")),
    "unit taken": ("case.yaml", "money:", "units: {MW: 3 * chip}\nmoney:", ("case.yaml:3", "exists already", "another name")),
    "unknown fact": ("limits.csv", "7.5 MW", "@grid_mw", ("limits.csv:2 bound", "@grid_mw", "no fact")),
}  # fmt: skip


@pytest.mark.parametrize("name", EDITS)
def test_fault(toy_files, name):
    file, old, new, parts = EDITS[name]
    edit(toy_files, file, old, new)
    messages = faults(toy_files)
    assert any(all(part in message for part in parts) for message in messages), "\n".join(messages)


def fact(folder, line):
    head = "name,value,unit,as_of,source,grade,low,high"
    (folder / "facts.csv").write_text(f"{head}\n{line}\n", encoding="utf-8")
    edit(folder, "limits.csv", "7.5 MW", "@grid_mw")


def test_fact_from_the_future(toy_files):
    fact(toy_files, "grid_mw,7.5,MW,2026-06-01,utility,A,,")
    assert "known only from 2026-06-01, after the case's date 2026-01-01" in faults(toy_files)[0]


def test_assumption_without_range(toy_files):
    fact(toy_files, "grid_mw,7.5,MW,2025-06-01,guess,S,,")
    assert any("assumption (S) without a range" in f and "facts.csv:2" in f for f in faults(toy_files))


def test_fact_is_taken_with_its_unit(toy_files):
    fact(toy_files, "grid_mw,7500,kW,2025-06-01,utility,A,,")
    case = read(toy_files)
    assert case.tables.limits[0].bound.values == pytest.approx((7.5,))
    assert case.origins["limits", "grid", "bound"].fact == "grid_mw"


@pytest.mark.parametrize(
    ("path", "value", "parts"),
    [
        ("limts.grid.bound", "5 MW", ("'limts' is no table", "Did you mean 'limits'?")),
        ("limits.gird.bound", "5 MW", ("no row 'gird'", "Did you mean 'grid'?")),
        ("limits.grid.bond", "5 MW", ("no field 'bond'", "Did you mean 'bound'?")),
        ("limits.grid.bound", "*x", ("cannot multiply", "*1.2")),
        ("limits.grid.bound", "5 kg", ("does not fit", "'MW'")),
        ("horizon.perods", "2 x year", ("is no setting", "horizon.periods")),
    ],
)
def test_override_faults(toy_files, path, value, parts):
    (message,) = faults(toy_files, {path: value})
    assert message.startswith(f"--set {path}") and all(part in message for part in parts), message


def test_overrides_apply(toy_files):
    case = read(toy_files, {"limits.grid.bound": "5000 kW", "options.chip/site.order_limit": "*2", "horizon.periods": "3 x year"})
    assert case.tables.limits[0].bound.values == pytest.approx((5,))
    assert case.tables.options[1].order_limit.values == pytest.approx((10,))
    assert len(case.horizon.periods) == 3


def test_base_and_replaced_rows(toy_files):
    own = toy_files.parent / "own"
    own.mkdir()
    (own / "case.yaml").write_text("base: ../toy\nset: {limits.grid.bound: 6 MW}\n", encoding="utf-8")
    (own / "places.csv").write_text("name,kind,parent\nva,site,world\ntx,site,world\n", encoding="utf-8")
    case = read(own)
    assert case.name == "own" and [p.name for p in case.tables.places] == ["world", "va", "tx"]
    assert case.tables.limits[0].bound.values == (6.0,)


def test_two_faults_at_once(toy_files):
    edit(toy_files, "limits.csv", "7.5 MW", "NaN")
    edit(toy_files, "assets.csv", "10 MUSD2026/MW", "10 MUSD/MW")
    messages = faults(toy_files)
    assert len(messages) == 2 and "assets.csv:2" in messages[0] and "limits.csv:2" in messages[1]


def test_byte_order_mark_and_windows_lines_are_read(toy_files):
    text = (toy_files / "limits.csv").read_bytes()
    (toy_files / "limits.csv").write_bytes(b"\xef\xbb\xbf" + text.replace(b"\n", b"\r\n"))
    assert read(toy_files).tables.limits[0].bound.values == (7.5,)


@pytest.mark.parametrize(
    ("content", "parts"),
    [
        ("name,unit\ncaf\xe9,MW\n".encode("latin-1"), (":2", "0xe9", "UTF-8")),
        (b"", ("is empty", "header line")),
        (b"name\0,unit\n", (":1", "not text", "UTF-8")),
        ("name,unit\n".encode("utf-16"), ("UTF-8",)),
    ],
)
def test_bytes_that_are_no_table(toy_files, content, parts):
    (toy_files / "limits.csv").write_bytes(content)
    messages = faults(toy_files)
    assert any("limits.csv" in m and all(part in m for part in parts) for m in messages), messages


def test_empty_case_file(toy_files):
    (toy_files / "case.yaml").write_text("", encoding="utf-8")
    assert any("case.yaml" in m and "is empty" in m for m in faults(toy_files))


def test_case_file_that_is_a_list(toy_files):
    (toy_files / "case.yaml").write_text("- a\n- b\n", encoding="utf-8")
    assert any("not a mapping" in m for m in faults(toy_files))


def test_alias_bomb_is_refused_before_it_grows(toy_files):
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    (toy_files / "case.yaml").write_text("\n".join(lines), encoding="utf-8")
    assert any("case.yaml:1" in m and "anchors and aliases are not read" in m for m in faults(toy_files))


def test_link_that_leads_back(toy_files):
    (toy_files / "more").symlink_to(toy_files, target_is_directory=True)
    assert any("more" in m and "leads back" in m and "Copy the tables" in m for m in faults(toy_files))


def test_unknown_table(toy_files):
    (toy_files / "asset.csv").write_text("name\n", encoding="utf-8")
    assert any("asset.csv" in m and "is no table" in m and "'assets'" in m for m in faults(toy_files))


def test_no_case_at_all(tmp_path):
    assert "no case.yaml" in faults(tmp_path / "nothing")[0]


def branch(folder, change):
    (folder / "scenarios.csv").write_text("name,opens,probability\nup,2027,0.5\ndown,2027,0.5\n", encoding="utf-8")
    (folder / "changes.csv").write_text(f"scenario,path,value,factor\n{change}\n", encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "parts"),
    [
        ("up,assets.hall.capex,9 MUSD2026/MW,", ("a number without dates", "an index")),
        ("up,demands.train.volume,9 kchip,2", ("either a value or a factor", "one of the two")),
        ("up,demands.tran.volume,,2", ("names no cell", "'train'")),
        ("sideways,demands.train.volume,,2", ("no row of scenarios", "up")),
    ],
)
def test_changes_of_branches(toy_files, change, parts):
    branch(toy_files, change)
    assert any("changes.csv:2" in m and all(part in m for part in parts) for m in faults(toy_files))


@pytest.mark.parametrize(
    ("rows", "parts"),
    [
        ("up,2027,0.5\ndown,2027,0.4", ("'0.9'", "Make it 1")),
        ("up,2027-03,0.5\ndown,2027-03,0.5", ("not the start of a later period",)),
    ],
)
def test_branches_that_do_not_fit(toy_files, rows, parts):
    (toy_files / "scenarios.csv").write_text(f"name,opens,probability\n{rows}\n", encoding="utf-8")
    assert any("scenarios.csv" in m and all(part in m for part in parts) for m in faults(toy_files))
