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


def pytest_collection_modifyitems(config, items):
    """Oracles need other planners installed; they run when asked for by `-m oracle`."""
    if "oracle" not in config.getoption("-m"):
        kept = [item for item in items if item.get_closest_marker("oracle") is None]
        config.hook.pytest_deselected(items=[item for item in items if item not in kept])
        items[:] = kept
