"""What the README shows is what the commands print."""

import re
import shlex

import pytest

from barbell.cli.run import run
from tests.conftest import ROOT

SHOWN = re.findall(r"`barbell ((?:plan|explain|check) cases/[^`]+)`[^`]*:\n\n```\n(.+?)\n```", (ROOT / "README.md").read_text(encoding="utf-8"), re.S)


def told(text):
    """Lines without trailing blanks; how long the solver took and how exact it was differs between machines."""
    return [line.rstrip() for line in text.rstrip().splitlines() if not line.startswith("Solved by")]


def test_the_readme_shows_the_commands():
    assert len(SHOWN) == 4


@pytest.mark.parametrize(("command", "shown"), SHOWN, ids=[command for command, _ in SHOWN])
def test_the_readme_shows_what_is_printed(command, shown, capsys, monkeypatch):
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("COLUMNS", "120")
    run(shlex.split(command))
    out, err = capsys.readouterr()
    progress = re.compile(r"^\[ *[0-9.]+ s\].*\n", re.M)
    assert told(out + progress.sub("", err)) == told(shown)
