"""The commands as processes: what reaches which stream, and what happens when a reader leaves."""

import json
import os
import subprocess
import sys

import pytest

from tests.conftest import ROOT

TOY = str(ROOT / "cases" / "toy")


def barbell(*tokens, env=None, **more):
    # Without its width a test would depend on the terminal that it runs in.
    clean = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "NO_COLOR", "FORCE_COLOR")}
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **more}
    return subprocess.run([sys.executable, "-m", "barbell", *tokens], text=True, check=False, env=clean | (env or {}), **streams)


def test_json_alone_reaches_standard_output():
    """The solver's own banner would break it, and so would progress."""
    done = barbell("plan", TOY, "--json")
    assert done.returncode == 0 and done.stderr == ""
    assert done.stdout.startswith("{") and json.loads(done.stdout)["case"] == "toy"


def test_json_in_any_encoding(tmp_path):
    barbell("new", str(tmp_path / "mine"))
    done = barbell("check", str(tmp_path / "mine"), "--json", "--set", "question=Où bâtir — 電力?", env={"PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0 and json.loads(done.stdout)["question"] == "Où bâtir — 電力?"
    done = barbell("check", str(tmp_path / "mine"), "--set", "question=Où bâtir — 電力?", env={"PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0 and "No faults found" in done.stdout


def test_no_colour_off_a_terminal():
    assert "\x1b" not in barbell("plan", TOY, "--quiet").stdout


def test_no_color_is_honoured():
    done = barbell("plan", "--help", env={"FORCE_COLOR": "1", "NO_COLOR": "1"})
    assert "\x1b[3" not in done.stdout, "codes 30 to 37 are colours"


def test_columns_set_the_width():
    done = barbell("plan", TOY, "--quiet", "--set", "horizon.periods=12 x quarter", env={"COLUMNS": "60"})
    assert done.returncode == 0 and "Fleet (continued)" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 60


def test_quiet_is_quiet():
    assert barbell("explain", TOY, "--quiet").stderr == ""


def test_long_work_tells_of_progress_and_short_work_does_not():
    slow = """
import sys, time
import barbell.cli.progress as p
with p.progress(quiet=False, machine=False) as say:
    say("first"); say("second")
    time.sleep(float(sys.argv[1]))
    say("third")
"""
    long = subprocess.run([sys.executable, "-c", slow, "1.3"], capture_output=True, text=True, check=True)
    assert "second" in long.stderr and "third" in long.stderr and "first" not in long.stderr and long.stdout == ""
    short = subprocess.run([sys.executable, "-c", slow, "0"], capture_output=True, text=True, check=True)
    assert short.stderr == ""


@pytest.mark.skipif(os.name == "nt", reason="pipes of POSIX")
@pytest.mark.parametrize(
    ("tokens", "code"),
    [(["plan", TOY, "--quiet"], 0), (["plan", TOY, "--json"], 0), (["--help"], 0), (["check", "nowhere", "--json"], 1)],
    ids=lambda value: " ".join(value[:1]) if isinstance(value, list) else "",
)
def test_a_reader_who_left_is_no_error(tokens, code):
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = barbell(*tokens, stdout=writing)
    finally:
        os.close(writing)
    assert done.returncode == code and done.stderr == ""


def test_errors_reach_standard_error_and_the_exit_code():
    done = barbell("check", TOY, "--set", "limits.grid.bound=NaN MW")
    assert done.returncode == 1 and done.stdout == "" and "NaN" in done.stderr and "Traceback" not in done.stderr


def test_help_is_light():
    """Help must not load what plans need."""
    heavy = ("numpy", "polars", "pint", "pydantic", "highspy")
    code = f"import sys; from barbell.cli.run import run; run(['--help']); print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
