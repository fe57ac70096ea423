"""A folder is whole or absent: at any kill, under a full disk, beside others that write the same."""

import errno
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from barbell.io import whole
from barbell.io.whole import leftovers, mend, remove, replacing, spare, sweep
from tests.crash import kill_at_each_step, kill_at_random

posix = pytest.mark.skipif(os.name == "nt", reason="signals and locks of POSIX")
SIZE = 2


def fill(made, word):
    for n in range(SIZE):
        (made / f"part{n}").mkdir()
        (made / f"part{n}" / "text").write_text(f"{word}\n" * 500, encoding="utf-8")


def content(folder):
    """The one word that every file of the folder repeats."""
    words = {line for path in sorted(folder.rglob("text")) for line in path.read_text(encoding="utf-8").splitlines()}
    assert len(list(folder.rglob("text"))) == SIZE and len(words) == 1
    return words.pop()


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def put(folder, word):
    with replacing(folder) as made:
        fill(made, word)


@pytest.fixture(params=["exchange", "two steps"])
def way(request, monkeypatch):
    """Both ways of putting a folder in place."""
    if request.param == "two steps":
        monkeypatch.setattr(whole, "_exchange", lambda *_: False)
    elif sys.platform != "linux":
        pytest.skip("only Linux exchanges folders")


def test_a_folder_is_made_and_replaced(tmp_path, way):
    put(tmp_path / "below" / "one", "old")
    put(tmp_path / "below" / "one", "new")
    assert content(tmp_path / "below" / "one") == "new" and names(tmp_path / "below") == ["one"]


def test_an_error_changes_nothing(tmp_path, way):
    put(tmp_path / "one", "old")
    with pytest.raises(TypeError), replacing(tmp_path / "one") as made:
        (made / "half").write_bytes("no bytes")
    assert content(tmp_path / "one") == "old" and names(tmp_path) == ["one"]


def test_what_cannot_be_put_in_place_leaves_the_old(tmp_path, monkeypatch):
    monkeypatch.setattr(whole, "_exchange", lambda *_: False)
    put(tmp_path / "one", "old")
    rename = Path.rename

    def refuses(self, target):
        if "new" in self.parts and not (tmp_path / "one").exists():
            raise PermissionError(errno.EACCES, "Permission denied")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refuses)
    with pytest.raises(PermissionError):
        put(tmp_path / "one", "new")
    assert content(tmp_path / "one") == "old" and names(tmp_path) == ["one"]


def test_a_file_in_the_way_is_kept(tmp_path):
    (tmp_path / "one").write_text("mine", encoding="utf-8")
    with pytest.raises(FileExistsError, match="in the way"):
        put(tmp_path / "one", "new")
    assert (tmp_path / "one").read_text(encoding="utf-8") == "mine" and names(tmp_path) == ["one"]


def test_another_that_was_quicker_is_replaced(tmp_path, way):
    with replacing(tmp_path / "one") as made:
        fill(made, "slow")
        put(tmp_path / "one", "quick")
    assert content(tmp_path / "one") == "slow" and names(tmp_path) == ["one"]


def test_all_of_it_is_flushed_before_it_is_seen(tmp_path, monkeypatch):
    flushed, sync, seen = [], os.fsync, []
    monkeypatch.setattr(os, "fsync", lambda handle: (flushed.append(os.fstat(handle).st_ino), seen.append((tmp_path / "one").exists()), sync(handle)))
    put(tmp_path / "one", "new")
    inside = {path.stat().st_ino for path in [tmp_path / "one", *(tmp_path / "one").rglob("*")]}
    assert inside == set(flushed[:-1]) and not any(seen[:-1])
    assert flushed[-1] == tmp_path.stat().st_ino and seen[-1], "then the folder that holds it"


def test_a_removed_folder_is_gone(tmp_path):
    put(tmp_path / "one", "old")
    remove(tmp_path / "one")
    assert names(tmp_path) == []


@posix
def test_work_under_way_is_no_leftover_and_what_a_killed_process_left_is(tmp_path):
    code = f"""
import time
from pathlib import Path
from barbell.io.whole import spare
with spare(Path({str(tmp_path)!r})) as room:
    (room / "half").write_text("half")
    print(room.name, flush=True)
    time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as other:
        room = tmp_path / other.stdout.readline().strip()
        assert leftovers(tmp_path) == [] and not sweep(room) and (room / "half").exists()
        other.kill()
        other.wait()
    assert leftovers(tmp_path) == [room] and sweep(room) and names(tmp_path) == []


def test_without_locks_only_what_is_old_was_left(tmp_path, monkeypatch):
    monkeypatch.setattr(whole, "fcntl", None)
    with spare(tmp_path) as room:
        assert leftovers(tmp_path) == [] and not sweep(room)
        for days in (2, -2):  # the clock may have been set back
            os.utime(room, (time.time() - days * 86400,) * 2)
            assert leftovers(tmp_path) == [room]
        assert sweep(room)


def test_what_was_only_moved_away_comes_back(tmp_path):
    """As a process killed between two steps leaves it."""
    with spare(tmp_path) as room:
        fill_at = room / "old0" / "one"
        fill_at.mkdir(parents=True)
        fill(fill_at, "old")
        mend(tmp_path)
        assert not (tmp_path / "one").exists(), "its process lives, and will do so itself"
        room.rename(tmp_path / ".barbell-left")
    mend(tmp_path)
    assert content(tmp_path / "one") == "old"
    assert leftovers(tmp_path) == [tmp_path / ".barbell-left"] and sweep(tmp_path / ".barbell-left") and names(tmp_path) == ["one"]


def test_a_sweep_gives_back_before_it_removes(tmp_path):
    (tmp_path / ".barbell-left" / "old0" / "one").mkdir(parents=True)
    fill(tmp_path / ".barbell-left" / "old0" / "one", "old")
    assert sweep(tmp_path / ".barbell-left") and names(tmp_path) == ["one"] and content(tmp_path / "one") == "old"


def test_what_was_moved_away_does_not_replace_what_came_since(tmp_path):
    put(tmp_path / "one", "new")
    (tmp_path / ".barbell-left" / "old0" / "one").mkdir(parents=True)
    mend(tmp_path)
    assert content(tmp_path / "one") == "new" and sweep(tmp_path / ".barbell-left") and content(tmp_path / "one") == "new"


def replace(folder, seed):
    """Begin each time with what stood there."""
    put(folder / "one", str(seed))


def replace_in_two(folder, seed):
    whole._exchange = lambda *_: False
    replace(folder, seed)


def look(folder, _seed):
    mend(folder)
    assert content(folder / "one")
    assert all(sweep(room) for room in leftovers(folder)) and names(folder) == ["one"]


@posix
@pytest.mark.parametrize("action", [replace, replace_in_two])
def test_a_kill_at_any_step_leaves_the_old_or_the_new(action, tmp_path):
    put(tmp_path / "one", "first")
    assert kill_at_each_step(action, look, folder=tmp_path) > 20


@posix
def test_a_kill_at_any_moment_leaves_the_old_or_the_new(tmp_path):
    put(tmp_path / "one", "first")
    assert kill_at_random(replace, look, range(40), folder=tmp_path) >= 4
