"""What all tests share."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture
def toy_files(tmp_path):
    """A copy of the toy case that a test may spoil."""
    import shutil

    shutil.copytree(ROOT / "cases" / "toy", tmp_path / "toy")
    os.chdir(tmp_path)
    yield tmp_path / "toy"
    os.chdir(ROOT)


ASKED = ("oracle", "look")
"""Marks of tests that need more installed than the rest; they run when asked for, as by `-m oracle`."""


def pytest_collection_modifyitems(config, items):
    """Leave out what needs other planners or a browser, unless it is asked for."""
    left_out = [mark for mark in ASKED if mark not in config.getoption("-m")]
    kept = [item for item in items if not any(item.get_closest_marker(mark) for mark in left_out)]
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept
