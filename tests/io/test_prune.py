"""What may go is what was meant, and nothing else goes."""

import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from barbell.core.errors import CaseError
from barbell.io import prune, runs
from barbell.io.catalogue import entries
from barbell.io.prune import DAMAGED, LEFT, doomed, remove
from barbell.io.whole import spare

FRAMES = {"tables/orders": pl.DataFrame({"item": ["hall"]})}


def kept(out, number, case="toy", days=0.0):
    """The run of that number, which ended so many days ago."""
    key = f"{number:012x}"
    finished = (datetime.now(UTC) - timedelta(days=days)).isoformat()
    content = {"key": key, "case": case, "turn": number, "finished": finished, "headline": {"case": case}}
    return runs.write(out / f"{case}-{key}", FRAMES, content, {"report.html": "<p>"})


def cut(folder):
    (folder / "report.html").write_bytes(b"")
    return folder


def folders(marked):
    return {one.folder for one in marked}


def test_the_newest_of_each_case_are_kept(tmp_path):
    toys = [kept(tmp_path, number) for number in (1, 2, 3)]
    trees = [kept(tmp_path, number, "tree") for number in (4, 5)]
    assert folders(doomed(tmp_path, keep=2)) == {toys[0]}
    assert folders(doomed(tmp_path, keep=1)) == {*toys[:2], trees[0]}
    assert folders(doomed(tmp_path, keep=0)) == {*toys, *trees} and doomed(tmp_path, keep=3) == []


def test_a_damaged_run_does_not_count_among_the_newest(tmp_path):
    first, _ = kept(tmp_path, 1), cut(kept(tmp_path, 2))
    assert first not in folders(doomed(tmp_path, keep=1))


def test_what_is_older_may_go_and_both_rules_keep(tmp_path):
    old, older, new = (kept(tmp_path, number, days=days) for number, days in ((1, 40), (2, 50), (3, 1)))
    assert folders(doomed(tmp_path, older=30)) == {old, older}
    assert folders(doomed(tmp_path, older=30, keep=2)) == {old}, "the two that were kept last stay, one of them old"
    assert folders(doomed(tmp_path, older=0.5)) == {old, older, new}


def test_a_clock_that_was_set_back_makes_nothing_old(tmp_path):
    kept(tmp_path, 1, days=-400)
    assert doomed(tmp_path, older=0) == []


def test_a_run_that_does_not_say_when_is_as_old_as_its_folder(tmp_path):
    folder = kept(tmp_path, 1)
    (folder / runs.MANIFEST).write_text('{"key": "0", "headline": {}}', encoding="utf-8")
    assert doomed(tmp_path, older=1) == []
    os.utime(folder, (0, 0))
    assert folders(doomed(tmp_path, older=1)) == {folder}


def test_damage_is_looked_for_in_every_byte(tmp_path):
    kept(tmp_path, 1)
    changed = kept(tmp_path, 2)
    (changed / "report.html").write_text("<q>", encoding="utf-8")
    (mark,) = doomed(tmp_path, damaged=True)
    assert (mark.folder, mark.why) == (changed, DAMAGED)


def test_what_may_not_be_read_is_not_damaged(tmp_path, monkeypatch):
    kept(tmp_path, 1)

    def refuses(*_args, **_more):
        raise CaseError([])

    monkeypatch.setattr(runs, "damage", refuses)
    assert doomed(tmp_path, damaged=True) == []


def test_what_is_marked_goes_and_nothing_else(tmp_path):
    good, bad = kept(tmp_path, 1), cut(kept(tmp_path, 2))
    (tmp_path / "mine").mkdir()
    (tmp_path / "note.txt").write_text("mine", encoding="utf-8")
    gone = remove(doomed(tmp_path, damaged=True, leftovers=True))
    assert folders(gone) == {bad} and gone[0].bytes > 0
    assert {path.name for path in tmp_path.iterdir()} == {good.name, "mine", "note.txt", "catalogue.sqlite"}
    assert [one.folder for one in entries(tmp_path)] == [good.name]


def test_a_run_that_was_mended_meanwhile_stays(tmp_path):
    folder = cut(kept(tmp_path, 1))
    marked = doomed(tmp_path, damaged=True)
    kept(tmp_path, 1)
    assert remove(marked) == [] and runs.damage(folder) == []


def test_what_went_meanwhile_is_no_trouble(tmp_path):
    marked = doomed(tmp_path, keep=0) if kept(tmp_path, 1) else []
    shutil.rmtree(marked[0].folder)
    assert remove(marked) == []


def test_what_cannot_be_removed_is_told_after_the_rest_has_gone(tmp_path, monkeypatch):
    one, two = kept(tmp_path, 1), kept(tmp_path, 2)
    away = prune.whole.remove

    def refuses(folder):
        if folder == two:
            raise PermissionError(13, "Permission denied")
        away(folder)

    monkeypatch.setattr(prune.whole, "remove", refuses)
    with pytest.raises(CaseError, match="cannot be removed: Permission denied"):
        remove(doomed(tmp_path, keep=0))
    assert two.is_dir() and not one.exists()


def test_work_under_way_stays(tmp_path):
    kept(tmp_path, 1)
    with spare(tmp_path) as room:
        assert doomed(tmp_path, leftovers=True) == []
    assert not room.exists()


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_what_a_killed_process_left_goes(tmp_path):
    code = (
        f"import os, pathlib; from barbell.io.whole import spare; s = spare(pathlib.Path({str(tmp_path)!r})); s.__enter__(); os.kill(os.getpid(), 9)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -9
    (mark,) = doomed(tmp_path, leftovers=True)
    assert mark.why == LEFT and remove([mark]) == [mark] and list(tmp_path.iterdir()) == []
