"""The catalogue is an index: what the folders say holds, whatever became of it."""

import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

import polars as pl
import pytest

from barbell.io import catalogue, index, runs
from barbell.io.catalogue import NAME, enter, entries, entry, rebuild, turn
from barbell.io.whole import leftovers, mend, sweep
from tests.crash import kill_at_each_step, kill_at_random

posix = pytest.mark.skipif(os.name == "nt", reason="signals, limits and users of POSIX")
FRAMES = {"tables/orders": pl.DataFrame({"item": ["hall"], "value": [1.0]}), "cost": pl.DataFrame({"chip": ["h100"]})}


def head(case="toy", **more):
    figures = {"case": case, "objective_usd": 2e8, "money": "USD2026", "capex_by_year": {"2026": 1.5e8}, "status": "optimal", **more}
    return {"headline": figures, "plan": {"gap": 0.0}, "case": case, "question": "What?"}


def kept(out, number=1, case="toy"):
    key = f"{number:012x}"
    content = {"key": key, "turn": number, "finished": f"2026-11-{number:02d}T00:00:00+00:00", **head(case)}
    return runs.write(out / f"{case}-{key}", FRAMES, content, {"report.html": "<p>"})


def folders(found):
    return [one.folder for one in found]


def indexed(out):
    """Folders in the index, asked without our own code."""
    with sqlite3.connect(out / NAME) as base:
        found = {folder for (folder,) in base.execute("SELECT folder FROM rows")}
    base.close()
    return found


def silent(message):
    pytest.fail(f"said: {message}")


def test_runs_are_listed_newest_first(tmp_path):
    names = [kept(tmp_path, number).name for number in (3, 1, 2)]
    assert folders(entries(tmp_path, silent)) == [names[0], names[2], names[1]]
    first = entries(tmp_path, silent)[0]
    assert (first.key, first.case, first.question, first.value, first.money) == ("000000000003", "toy", "What?", 2e8, "USD2026")
    assert (first.capex_by_year, first.status, first.gap, first.damage) == ({"2026": 1.5e8}, "optimal", 0.0, "")
    assert first.bytes == runs.size(runs.manifest(tmp_path / first.folder)) and turn(tmp_path) == 4


def test_a_folder_without_runs_gets_no_catalogue(tmp_path):
    (tmp_path / "mine").mkdir()
    assert entries(tmp_path, silent) == [] and not (tmp_path / NAME).exists()
    assert entries(tmp_path / "not" / "there", silent) == [] and turn(tmp_path / "not" / "there") == 1


def test_the_index_follows_the_folders(tmp_path):
    one, two = kept(tmp_path, 1), kept(tmp_path, 2)
    assert folders(entries(tmp_path, silent)) == [two.name, one.name] and indexed(tmp_path) == {one.name, two.name}
    shutil.rmtree(one)
    three = kept(tmp_path, 3)
    assert folders(entries(tmp_path, silent)) == [three.name, two.name] and indexed(tmp_path) == {two.name, three.name}
    two.rename(tmp_path / "my favourite")
    assert folders(entries(tmp_path, silent)) == [three.name, "my favourite"]


def test_a_run_that_was_replaced_is_read_anew(tmp_path):
    folder = kept(tmp_path)
    entries(tmp_path, silent)
    runs.write(folder, FRAMES, {**runs.manifest(folder), **head(objective_usd=3.0)}, {})
    assert [one.value for one in entries(tmp_path, silent)] == [3.0]


def test_what_has_not_changed_is_not_read_again(tmp_path, monkeypatch):
    enter(kept(tmp_path, 1), silent)
    entries(tmp_path, silent)
    monkeypatch.setattr(catalogue, "entry", lambda *_a, **_k: pytest.fail("read again"))
    assert len(entries(tmp_path, silent)) == 1


def test_other_folders_are_none_of_its_business(tmp_path):
    app = tmp_path / "app"
    app.mkdir()
    (app / "manifest.json").write_text('{"name": "an app of the web"}', encoding="utf-8")
    (tmp_path / "notes-0123456789ab").mkdir()
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "manifest.json").write_text("{", encoding="utf-8")
    assert entries(tmp_path, silent) == []


def test_damage_is_told(tmp_path):
    whole, cut, headless = (kept(tmp_path, number) for number in (1, 2, 3))
    (cut / "cost.parquet").write_bytes(b"")
    (headless / runs.MANIFEST).unlink()
    damage = {one.folder: one.damage for one in entries(tmp_path, silent)}
    assert damage[whole.name] == "" and damage[cut.name].startswith("cost.parquet has 0 bytes") and "holds no run" in damage[headless.name]
    assert {one.folder: (one.case, one.key) for one in entries(tmp_path, silent)}[headless.name] == ("toy", "000000000003")


def test_a_changed_byte_is_found_when_the_catalogue_is_rebuilt(tmp_path):
    folder = kept(tmp_path)
    content = bytearray((folder / "cost.parquet").read_bytes())
    content[30] ^= 1
    (folder / "cost.parquet").write_bytes(content)
    assert [one.damage for one in entries(tmp_path, silent)] == [""], "sizes alone do not show it"
    assert [one.damage for one in rebuild(tmp_path, silent)] == ["cost.parquet is not as it was written"]
    assert [one.damage for one in entries(tmp_path, silent)] == ["cost.parquet is not as it was written"], "and it is remembered"


def test_a_run_of_an_earlier_version_is_listed(tmp_path):
    folder = kept(tmp_path)
    (folder / runs.MANIFEST).write_text(json.dumps({"key": "0" * 12, "headline": {"case": "toy"}}), encoding="utf-8")
    (found,) = entries(tmp_path, silent)
    assert (found.case, found.value, found.gap, found.damage) == ("toy", None, None, "") and found.bytes > 0


# Trouble with the index


@pytest.mark.parametrize("harm", ["nothing in it", "no database", "cut short", "of another form", "a table of another form"])
def test_a_catalogue_that_is_damaged_is_built_anew(harm, tmp_path):
    names = {kept(tmp_path, number).name for number in range(1, 30)}
    entries(tmp_path, silent)
    path = tmp_path / NAME
    if harm == "nothing in it":
        path.write_bytes(b"")
    elif harm == "no database":
        path.write_bytes(b"rubbish " * 4000)
    elif harm == "cut short":
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    else:
        with sqlite3.connect(path) as base:
            base.execute("PRAGMA user_version = 99" if "table" not in harm else "ALTER TABLE rows DROP COLUMN stamp")
        base.close()
    said = []
    assert set(folders(entries(tmp_path, said.append))) == names
    assert len(said) == (harm != "nothing in it") and all("built anew" in message for message in said)
    assert set(folders(entries(tmp_path, silent))) == names == indexed(tmp_path)


def test_no_flipped_bit_reaches_a_reader(tmp_path):
    """Whatever a bit of the file becomes, the list is that of the folders."""
    names = {kept(tmp_path, number).name for number in range(1, 4)}
    truth = entries(tmp_path, silent)
    path, chance = tmp_path / NAME, random.Random(7)
    good = path.read_bytes()
    for _ in range(150):
        content = bytearray(good)
        for spot in chance.sample(range(len(content)), 3):
            content[spot] ^= 1 << chance.randrange(8)
        path.write_bytes(content)
        assert entries(tmp_path) == truth
    path.write_bytes(good)
    assert indexed(tmp_path) == names


def test_a_catalogue_that_is_gone_is_built_anew(tmp_path):
    folder = kept(tmp_path)
    entries(tmp_path, silent)
    (tmp_path / NAME).unlink()
    assert folders(entries(tmp_path, silent)) == [folder.name] and indexed(tmp_path) == {folder.name}


def test_a_catalogue_in_use_is_passed_by(tmp_path, monkeypatch):
    folder = kept(tmp_path)
    entries(tmp_path, silent)
    monkeypatch.setattr(index, "BUSY", 0.05)
    other = sqlite3.connect(tmp_path / NAME, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    said = []
    assert folders(entries(tmp_path, said.append)) == [folder.name]
    enter(kept(tmp_path, 2), said.append)
    assert len(said) == 2 and all("database is locked" in message for message in said)
    other.close()
    assert len(entries(tmp_path, silent)) == 2


def test_a_folder_in_its_place_is_passed_by(tmp_path):
    folder = kept(tmp_path)
    (tmp_path / NAME).mkdir()
    said = []
    assert folders(entries(tmp_path, said.append)) == [folder.name] and len(said) == 1


@contextmanager
def somebody():
    """Somebody who may read and not write."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


@posix
def test_a_place_that_may_not_be_written_is_read():
    with tempfile.TemporaryDirectory() as name:
        out = Path(name)
        folder = kept(out)
        for path in (out, *out.rglob("*")):
            path.chmod(0o555 if path.is_dir() else 0o444)
        try:
            said = []
            with somebody():
                assert folders(entries(out, said.append)) == [folder.name]
            assert len(said) == 1 and "does not serve" in said[0] and not (out / NAME).exists()
            out.chmod(0o755)
            entries(out, silent)
            out.chmod(0o555)
            (out / NAME).chmod(0o444)
            with somebody():
                assert folders(entries(out, silent)) == [folder.name], "a catalogue that is up to date need not be written"
        finally:
            out.chmod(0o755)
            for path in out.rglob("*"):
                if path.is_dir():
                    path.chmod(0o755)


@posix
def test_a_disk_that_is_full_for_the_catalogue_alone(tmp_path):
    folder = kept(tmp_path)
    code = f"""
import resource
from pathlib import Path
from barbell.io.catalogue import entries
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))
said = []
print([one.folder for one in entries(Path({str(tmp_path)!r}), said.append)], len(said), "does not serve" in said[0])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == f"[{folder.name!r}] 1 True"
    assert folders(entries(tmp_path, silent)) == [folder.name]


# Several at once, and killed


def keep(folder, seed):
    """What a command does: look, write, enter. Every third replaces one that is there."""
    number = abs(seed) + 1 if seed % 3 else 1
    found = turn(folder)
    content = {"key": f"{number:012x}", "turn": found, "finished": "2026-11-25T00:00:00+00:00", "seed": seed, **head()}
    enter(runs.write(folder / f"toy-{number:012x}", {**FRAMES, "seed": pl.DataFrame({"seed": [seed]})}, content, {"report.html": f"<p>{seed}" * 99}))


def whole(folder, _seed):
    """Every visible run is whole and of one piece; the catalogue opens and lists exactly these."""
    mend(folder)
    visible = {path.name for path in folder.iterdir() if path.is_dir() and not path.name.startswith(".")}
    for name in visible:
        frames, manifest = runs.read(folder / name)
        assert runs.damage(folder / name) == [] and frames["seed"]["seed"].to_list() == [manifest["seed"]]
    assert f"toy-{1:012x}" in visible, "what was to be replaced stands as it was or is replaced"
    assert set(folders(entries(folder, silent))) == visible == indexed(folder)
    assert all(sweep(room) for room in leftovers(folder))
    if len(visible) > 6:  # so that the looks stay short
        for name in sorted(visible)[2:]:
            shutil.rmtree(folder / name)


@posix
def test_killed_at_two_hundred_random_moments(tmp_path):
    keep(tmp_path, 0)
    assert kill_at_random(keep, whole, range(200), folder=tmp_path) >= 20


@posix
def test_killed_before_each_step(tmp_path):
    keep(tmp_path, 0)
    assert kill_at_each_step(keep, whole, folder=tmp_path) > 30


AT_ONCE = """
import sys
from pathlib import Path
from tests.io.test_catalogue import keep
sys.stdin.read()
for seed in map(int, sys.argv[2:]):
    keep(Path(sys.argv[1]), seed)
"""


@posix
@pytest.mark.parametrize("seeds", [[[0] * 8, [3] * 8, [6] * 8], [range(1, 20, 3), range(2, 20, 3), range(101, 120, 3)]], ids=["same", "other"])
def test_several_processes_at_once(seeds, tmp_path):
    """The same key again and again, or each its own."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[2]), *sys.path])}
    commands = [[sys.executable, "-c", AT_ONCE, str(tmp_path), *map(str, numbers)] for numbers in seeds]
    tasks = [subprocess.Popen(command, stdin=subprocess.PIPE, env=env) for command in commands]
    for task in tasks:
        task.stdin.close()
    assert [task.wait() for task in tasks] == [0, 0, 0]
    wanted = {f"toy-{abs(seed) + 1 if seed % 3 else 1:012x}" for numbers in seeds for seed in numbers}
    assert set(folders(entries(tmp_path, silent))) == wanted == indexed(tmp_path)
    assert all(runs.damage(tmp_path / name) == [] for name in wanted) and leftovers(tmp_path) == []
    assert {path.name for path in tmp_path.iterdir()} == wanted | {NAME}


def test_an_entry_is_read_from_the_folder_alone(tmp_path):
    assert entry(kept(tmp_path)).folder == f"toy-{1:012x}" and not (tmp_path / NAME).exists()
