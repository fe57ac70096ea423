"""A user's own CSV: the columns of the store, every fault at once, nothing half-imported."""

import csv
import os

import pytest

from barbell.core.errors import FactError
from barbell.facts import COLUMNS, figures
from barbell.facts import sheet as room
from barbell.facts.intake import Intake, table
from barbell.facts.sheet import sheet
from barbell.facts.store import read
from tests.facts.build import ROW

HEADER = ",".join(COLUMNS)
NEW = {name: ROW[name] for name in COLUMNS} | {"name": "amzn-aws-revenue-2031Q1", "period": "2031Q1", "as_of": "2031-04-28", "unit": "MUSD2031"}


def saved(folder, *rows, header=HEADER, name="mine.csv"):
    path = folder / name
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(f"{header}\n")
        writer = csv.writer(file, lineterminator="\n")
        writer.writerows([row[column] for column in COLUMNS] if isinstance(row, dict) else row for row in rows)
    return path


def faults(path):
    with pytest.raises(FactError) as caught:
        sheet(path)
    return [(fault.where.line, fault.where.field, fault.problem) for fault in caught.value.faults]


def test_figures_come_sorted_and_as_they_stand(tmp_path):
    later = NEW | {"as_of": "2031-06-01", "value": "7"}
    other = NEW | {"name": "amzn-aws-revenue-2031Q2", "period": "2031Q2", "note": 'with "quotes", and commas'}
    intake = sheet(saved(tmp_path, other, later, NEW))
    assert [(f.name, f.as_of) for f in intake.figures] == sorted((row["name"], row["as_of"]) for row in (NEW, later, other))
    assert intake.name == "mine-checked"
    path = tmp_path / "out.csv"
    path.write_text(table(intake.figures), encoding="utf-8", newline="")
    assert [[getattr(f, c) for c in COLUMNS] for f in read(path)] == [[getattr(f, c) for c in COLUMNS] for f in intake.figures]


def test_rows_of_the_store_are_left_out(tmp_path):
    first = figures()[0]
    intake = sheet(saved(tmp_path, {column: getattr(first, column) for column in COLUMNS}, NEW))
    assert [f.name for f in intake.figures] == [NEW["name"]]
    assert [(r.subject, r.count) for r in intake.refusals] == [("mine.csv", 1)]


def test_every_fault_at_once_with_its_line(tmp_path):
    path = saved(
        tmp_path,
        NEW | {"value": "many"},
        NEW | {"name": "amzn-aws-revenue-2031Q2", "value": "nan", "as_of": "2031-4-28"},
        ["too", "short"],
        NEW | {"name": "amzn-aws-revenue-2031Q3", "unit": "BUSD", "grade": "A+"},
        NEW | {"name": "amzn-aws-revenue-2031Q4", "grade": "S"},
        NEW | {"name": "bad name", "source": " here "},
        NEW | {"name": "amzn-x-1", "low": "40000"},
    )
    found = faults(path)
    assert {(line, field) for line, field, _ in found} == {
        (2, "value"), (3, "value"), (3, "as_of"), (4, ""), (5, "unit"), (5, "grade"), (6, "low"), (7, "name"), (7, "source"), (8, "value"),
    }  # fmt: skip
    assert [line for line, _, _ in found] == sorted(line for line, _, _ in found)
    with pytest.raises(FactError, match=r"^10 faults in mine\.csv; nothing was imported\n"):
        sheet(path)


def test_the_same_figure_twice_and_the_same_as_in_the_store(tmp_path):
    taken = figures()[0]
    clash = {column: getattr(taken, column) for column in COLUMNS} | {"note": "another"}
    found = faults(saved(tmp_path, NEW, NEW | {"value": "8"}, clash))
    assert [(line, field) for line, field, _ in found] == [(3, "name"), (4, "name")]
    assert f"stands already at {taken.file}:{taken.line}" in found[1][2]


def test_an_alternative_may_stand_beside_a_figure_of_the_store(tmp_path):
    beside = {column: getattr(figures()[0], column) for column in COLUMNS}
    beside |= {"name": f"{beside['name']}-alt9", "as_of": "2031-01-01"}
    assert len(sheet(saved(tmp_path, beside)).figures) == 1
    alone = NEW | {"name": "nobody-alt2"}
    assert [field for _, field, _ in faults(saved(tmp_path, alone))] == ["name"]


@pytest.mark.parametrize(
    ("header", "problem"),
    [
        (HEADER.replace("value", "amount"), "unknown columns amount; missing columns value"),
        (HEADER.replace("value,unit", "unit,value"), "columns in another order"),
        ("", "missing columns name"),
        (HEADER.replace(",", ";"), "unknown columns name;value"),
    ],
)
def test_headers(tmp_path, header, problem):
    (found,) = faults(saved(tmp_path, NEW, header=header))
    assert found[0] == 1 and problem in found[2]


def test_a_file_with_the_name_of_one_of_the_store_is_still_the_user_s(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = saved(tmp_path, NEW | {"value": ""}, name="amazon.csv").relative_to(tmp_path)
    with pytest.raises(FactError, match=r"1 fault in amazon\.csv(.|\n)*\./amazon\.csv:2 value"):
        sheet(path)


def test_marks_of_editors_and_of_other_systems(tmp_path):
    path = saved(tmp_path, NEW)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert len(sheet(path).figures) == 1


@pytest.mark.parametrize(
    ("content", "problem"),
    [(b"name\nv\xe9rit\xe9\n", "not UTF-8"), (HEADER.encode() + b'\n"open', "no CSV"), (HEADER.encode() + b'\n"a"b,', "no CSV")],
)
def test_what_is_no_csv(tmp_path, content, problem):
    path = tmp_path / "mine.csv"
    path.write_bytes(content)
    (found,) = faults(path)
    assert found[0] == 2 and problem in found[2]


def test_an_empty_file_and_a_header_alone(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_bytes(b"")
    assert "missing columns" in faults(path)[0][2]
    assert sheet(saved(tmp_path)).figures == ()


def test_files_that_are_none_or_too_large(tmp_path, monkeypatch):
    with pytest.raises(FactError, match="there is no such file"):
        sheet(tmp_path / "none.csv")
    path = saved(tmp_path, NEW)
    os.truncate(path, 500 * 10**6)
    with pytest.raises(FactError, match="more than 64 MiB"):
        sheet(path)
    assert room.MOST_BYTES == 64 * 1024**2


def test_standing_beside_the_store(tmp_path):
    taken = next(f for f in figures() if f.name == "amzn-aws-revenue-2025Q4")
    again = {column: getattr(taken, column) for column in COLUMNS} | {"as_of": "2031-01-01"}
    other = NEW | {"name": "amzn-aws-revenue-2025Q3", "period": "2025Q3", "unit": "MUSD2025", "value": "1"}
    intake = sheet(saved(tmp_path, again | {"value": f"{taken.value}.0"}, other, NEW))
    assert intake.standing == {"new": 1, "same": 1, "differing": 1}
    assert [(d.name, d.fresh) for d in intake.differing] == [("amzn-aws-revenue-2025Q3", "1")]
    assert {i.kind for i in intake.untied} >= {"quarters = year", "segments = total"}
    assert Intake("x", (), ()).untied == ()
