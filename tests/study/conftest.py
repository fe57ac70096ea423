"""Runs of the toys, made once, and copies of the toy that a test may change."""

import shutil

import pytest

from barbell.study import run
from tests.conftest import ROOT


@pytest.fixture(scope="session")
def toy():
    return run(ROOT / "cases" / "toy")


@pytest.fixture(scope="session")
def tree():
    return run(ROOT / "cases" / "toy-tree")


@pytest.fixture
def own(tmp_path):
    """A copy of the toy."""
    return shutil.copytree(ROOT / "cases" / "toy", tmp_path / "own")
