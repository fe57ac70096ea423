"""Run folders are whole or absent, and say what is wrong with them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from barbell.core.errors import CaseError
from barbell.io import runs

FRAMES = {"tables/orders": pl.DataFrame({"item": ["hall"], "value": [1.0]}), "cost": pl.DataFrame({"chip": ["h100"]})}


def own(manifest):
    """The manifest without what `runs` adds."""
    return {name: value for name, value in manifest.items() if name not in (runs.FILES, runs.SEAL)}


def test_what_is_written_is_read(tmp_path):
    folder = runs.write(tmp_path / "runs" / "one", FRAMES, {"key": "one"}, {"report.html": "<p>"})
    frames, manifest = runs.read(folder)
    assert own(manifest) == {"key": "one"} and frames.keys() == FRAMES.keys()
    assert all(frames[name].equals(FRAMES[name]) for name in FRAMES)
    assert (folder / "report.html").read_text(encoding="utf-8") == "<p>"


def test_a_run_is_replaced_whole(tmp_path):
    runs.write(tmp_path / "one", FRAMES, {"key": 1}, {"old.txt": "old"})
    runs.write(tmp_path / "one", {}, {"key": 2}, {})
    assert [path.name for path in (tmp_path / "one").iterdir()] == [runs.MANIFEST]
    assert [path.name for path in tmp_path.iterdir()] == ["one"]


class Broken(pl.DataFrame):
    def write_parquet(self, *_args, **_kwargs):
        raise OSError(28, "No space left on device")


def test_a_full_disk_leaves_the_old_run_and_nothing_else(tmp_path):
    runs.write(tmp_path / "one", FRAMES, {"key": 1}, {})
    with pytest.raises(CaseError, match="No space left on device"):
        runs.write(tmp_path / "one", {**FRAMES, "last": Broken({"a": [1]})}, {"key": 2}, {})
    assert own(runs.read(tmp_path / "one")[1]) == {"key": 1}
    assert [path.name for path in tmp_path.iterdir()] == ["one"]


def test_a_file_in_the_way_is_named(tmp_path):
    (tmp_path / "runs").write_text("", encoding="utf-8")
    with pytest.raises(CaseError, match="cannot be written"):
        runs.write(tmp_path / "runs" / "one", FRAMES, {}, {})


def test_no_run_is_said_so(tmp_path):
    with pytest.raises(CaseError, match="holds no run"):
        runs.read(tmp_path)


class Refused(pl.DataFrame):
    def write_parquet(self, *_args, **_kwargs):
        raise pl.exceptions.ComputeError("parquet: underlying IO error: No space left on device (os error 28)")


def test_what_the_writer_of_tables_refuses_is_told_too(tmp_path):
    with pytest.raises(CaseError, match="underlying IO error"):
        runs.write(tmp_path / "one", {"last": Refused({"a": [1]})}, {}, {})
    assert list(tmp_path.iterdir()) == []


def test_a_file_of_the_name_of_a_run_is_kept(tmp_path):
    (tmp_path / "one").write_text("mine", encoding="utf-8")
    with pytest.raises(CaseError, match="in the way"):
        runs.write(tmp_path / "one", FRAMES, {}, {})
    assert (tmp_path / "one").read_text(encoding="utf-8") == "mine" and len(list(tmp_path.iterdir())) == 1


def test_texts_may_lie_in_folders_and_a_manifest_has_no_infinity(tmp_path):
    folder = runs.write(tmp_path / "one", {}, {"high": float("inf"), "ends": [float("nan"), 1.5], "at": Path("here")}, {"texts/a.txt": "Zürich"})
    assert (folder / "texts" / "a.txt").read_text(encoding="utf-8") == "Zürich"
    assert own(json.loads((folder / runs.MANIFEST).read_text(encoding="utf-8"))) == {"high": None, "ends": [None, 1.5], "at": "here"}


def test_the_manifest_lists_every_file_with_size_and_hash(tmp_path):
    folder = runs.write(tmp_path / "one", FRAMES, {"key": 1}, {"report.html": "<p>"})
    listed = runs.manifest(folder)[runs.FILES]
    assert listed.keys() == {"tables/orders.parquet", "cost.parquet", "report.html"}
    sums = subprocess.run(["sha256sum", *listed], cwd=folder, capture_output=True, text=True, check=True) if sys.platform == "linux" else None
    if sums:  # another program's opinion
        assert {line.split()[1]: line.split()[0] for line in sums.stdout.splitlines()} == {name: entry["sha256"] for name, entry in listed.items()}
    assert runs.size(runs.manifest(folder)) == sum((folder / name).stat().st_size for name in listed)


def cut(path):
    path.write_bytes(path.read_bytes()[:-20])


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("name", ["cost.parquet", "tables/orders.parquet"])
@pytest.mark.parametrize(("harm", "said"), [(os.unlink, "is missing"), (cut, "bytes, not"), (flip, "is not as it was written")])
def test_a_damaged_table_is_named(name, harm, said, tmp_path):
    folder = runs.write(tmp_path / "one", FRAMES, {}, {"report.html": "<p>"})
    harm(folder / name)
    with pytest.raises(CaseError, match=said) as raised:
        runs.read(folder)
    (fault,) = raised.value.faults
    assert fault.where.file == str(folder / name) and "barbell runs prune --damaged" in fault.fix
    assert runs.damage(folder) == [fault]
    assert runs.damage(folder, thorough=False) == ([] if harm is flip else [fault]), "a look at sizes alone sees no changed byte"


@pytest.mark.parametrize("harm", [cut, flip, lambda path: path.write_bytes(b"\xff\xfe"), lambda path: path.write_text("[]", encoding="utf-8")])
def test_a_damaged_manifest_is_named(harm, tmp_path):
    folder = runs.write(tmp_path / "one", FRAMES, {"key": "one", "seconds": 0.1 + 0.2}, {})
    assert runs.damage(folder) == []
    harm(folder / runs.MANIFEST)
    with pytest.raises(CaseError, match="manifest"):
        runs.read(folder)
    assert len(runs.damage(folder)) == 1


def test_a_seal_that_is_taken_off_is_missed(tmp_path):
    folder = runs.write(tmp_path / "one", FRAMES, {"key": "one"}, {})
    content = json.loads((folder / runs.MANIFEST).read_text(encoding="utf-8"))
    del content[runs.SEAL]
    (folder / runs.MANIFEST).write_text(json.dumps(content), encoding="utf-8")
    assert runs.damage(folder)


def test_every_damage_is_told_at_once_and_texts_count(tmp_path):
    folder = runs.write(tmp_path / "one", FRAMES, {}, {"report.html": "<p>"})
    for name in ("report.html", "cost.parquet"):
        (folder / name).unlink()
    assert {fault.where.file for fault in runs.damage(folder)} == {str(folder / "report.html"), str(folder / "cost.parquet")}
    (folder / "note.txt").write_text("my own", encoding="utf-8")
    assert len(runs.damage(folder)) == 2, "what somebody laid beside it is no damage"


def test_a_file_that_lies_elsewhere_is_not_looked_at(tmp_path):
    folder = runs.write(tmp_path / "one", {}, {}, {"a/../../beside.txt": "outside"})
    (fault,) = runs.damage(folder)
    assert "lies elsewhere" in fault.problem


def test_a_run_of_an_earlier_version_is_read(tmp_path):
    folder = runs.write(tmp_path / "one", FRAMES, {"key": "one"}, {})
    (folder / runs.MANIFEST).write_text('{"key": "one"}', encoding="utf-8")
    frames, manifest = runs.read(folder)
    assert manifest == {"key": "one"} and frames.keys() == FRAMES.keys() and runs.damage(folder) == []
    cut(folder / "cost.parquet")
    with pytest.raises(CaseError, match="cannot be read as a table"):
        runs.read(folder)


def test_a_run_replaced_while_it_is_read_is_read_anew(tmp_path, monkeypatch):
    folder = runs.write(tmp_path / "one", FRAMES, {"key": 1}, {})
    look, looks = runs._look, []

    def once(path):
        found = look(path)
        if not looks:
            looks.append(runs.write(folder, {"cost": pl.DataFrame({"chip": ["b200"]})}, {"key": 2}, {}))
        return found

    monkeypatch.setattr(runs, "_look", once)
    frames, manifest = runs.read(folder)
    assert own(manifest) == {"key": 2} and frames["cost"]["chip"].to_list() == ["b200"]


LIMITED = """
import resource, sys
from pathlib import Path
import polars as pl
from barbell.core.errors import CaseError
from barbell.io import runs
frames = {f"tables/t{n}": pl.DataFrame({"a": [float(k * k) for k in range(50 * 4**n)]}) for n in range(4)}
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
try:
    runs.write(Path(sys.argv[1]), frames, {"key": 2}, {"report.html": "<p>" * 9000})
except CaseError as error:
    print(error)
"""


@pytest.mark.skipif(os.name == "nt", reason="limits of POSIX")
@pytest.mark.parametrize("limit", [0, 1500, 9000, 26000])
def test_a_file_that_the_system_cuts_short_leaves_the_old_run(limit, tmp_path):
    """The limit stops the first table, a later one, the report: as a full disk would."""
    runs.write(tmp_path / "one", FRAMES, {"key": 1}, {})
    done = subprocess.run([sys.executable, "-c", LIMITED, str(tmp_path / "one"), str(limit)], capture_output=True, text=True, check=True)
    assert "cannot be written: File too large. Choose another folder with --out" in done.stdout and done.stderr == ""
    assert own(runs.read(tmp_path / "one")[1]) == {"key": 1} and [path.name for path in tmp_path.iterdir()] == ["one"]
