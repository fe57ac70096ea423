"""The command that imports figures: what it prints, writes and answers for machines."""

import json

import pytest

from barbell.cli.run import run as barbell
from barbell.facts import COLUMNS
from tests.facts.filings import GROSS, OCF, document, filing, saved

TOLD = {
    OCF: [filing("2025-03-31", 17015, "2025-01-01"), filing("2025-06-30", 49531, "2025-01-01")],
    GROSS: [filing("2031-03-31", 5, "2031-01-01")],
}


@pytest.fixture
def path(tmp_path):
    return saved(tmp_path, document(TOLD))


def run(*words):
    return barbell(["facts", "import", *(str(word) for word in words)])


def test_import_writes_a_file_to_look_at(tmp_path, path, capsys):
    assert run("--companyfacts", path, "--to", tmp_path / "out") == 0
    out = capsys.readouterr().out
    written = tmp_path / "out" / "amzn-companyfacts.csv"
    assert written.read_text(encoding="utf-8").splitlines()[0] == ",".join(COLUMNS)
    assert "4 figures: 2 names are new, 1 say what the store says, 1 say something else." in out
    assert f"Wrote {written}" in out.replace("\n", "")
    for told in ("Other than in the store", "32515", "32516", "Refused", "amzn-total-capex-net_of_proceeds"):
        assert told in out


def test_a_dry_run_prints_and_writes_nothing(tmp_path, path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run("--companyfacts", path, "--dry-run")
    out = capsys.readouterr().out
    assert "amzn-total-capex-gross_purchases-2031Q1" in out and "Nothing was written." in out
    assert [found.name for found in tmp_path.iterdir()] == ["CIK.json"]


def test_import_for_machines(tmp_path, path, capsys):
    run("--companyfacts", path, "--to", tmp_path / "out", "--json")
    found = json.loads(capsys.readouterr().out)
    assert found["file"].endswith("amzn-companyfacts.csv") and "figures" not in found
    assert (found["count"], found["new"], found["same"], found["differing"]) == (4, 2, 1, 1)
    assert found["differences"] == [{"name": "amzn-total-operating_cash_flow-2025Q2", "store": "32515", "fresh": "32516", "unit": "MUSD2025"}]
    assert all(set(one) == {"subject", "reason", "count"} for one in found["refused"])
    run("--companyfacts", path, "--dry-run", "--json")
    dry = json.loads(capsys.readouterr().out)
    assert dry["file"] is None and len(dry["figures"]) == dry["count"] == 4


def test_import_of_a_csv(tmp_path, path, capsys):
    run("--companyfacts", path, "--to", tmp_path)
    run("--csv", tmp_path / "amzn-companyfacts.csv", "--to", tmp_path)
    assert (tmp_path / "amzn-companyfacts-checked.csv").read_bytes() == (tmp_path / "amzn-companyfacts.csv").read_bytes()
    assert capsys.readouterr().out.count("4 figures") == 2


def test_sums_that_break_are_shown(tmp_path, capsys):
    told = [filing("2025-12-31", 139541, "2025-01-01", form="10-K", filed="2026-02-06")]
    run("--companyfacts", saved(tmp_path, document({OCF: told})), "--dry-run")
    out = capsys.readouterr().out
    assert "Sums that do not hold" in out and "139541" in out


def test_many_differences_are_counted(tmp_path, capsys):
    told = [filing(f"{year}-12-31", 1, f"{year}-01-01", form="10-K") for year in range(2019, 2026)]
    tags = dict.fromkeys(("OperatingIncomeLoss", "NetIncomeLoss", OCF, "DepreciationDepletionAndAmortization"), told)
    run("--companyfacts", saved(tmp_path, document(tags)), "--dry-run")
    assert "and 6 more" in capsys.readouterr().out


def test_one_file_at_a_time(path, capsys):
    for words in ((), ("--companyfacts", path, "--csv", path)):
        assert run(*words) == 1
        assert "Give one file: --companyfacts FILE or --csv FILE" in capsys.readouterr().err


def test_a_wrong_file_leaves_nothing(tmp_path, capsys):
    path = saved(tmp_path, document({OCF: [filing("2031-03-31", 5, "2031-01-01"), filing("2031-06-30", 9, filed="soon")]}))
    assert run("--companyfacts", path, "--to", tmp_path / "out") == 1
    assert "1 fault in CIK.json; nothing was imported" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_faults_of_a_file_reach_machines(tmp_path, capsys):
    (tmp_path / "mine.csv").write_text("name\n", encoding="utf-8")
    assert run("--csv", tmp_path / "mine.csv", "--json") == 1
    found = json.loads(capsys.readouterr().out)
    (fault,) = found["faults"]
    assert found["error"] == "FactError" and fault["line"] == 1 and "missing columns" in fault["problem"]
