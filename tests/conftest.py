"""What all tests share: their own modules are importable, and the oracles run only when asked for by name."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the oracles out unless ``-m`` speaks of them: they need PyPSA and linopy, and some minutes."""
    if "oracle" in (config.getoption("markexpr") or ""):
        return
    oracles = [item for item in items if item.get_closest_marker("oracle")]
    if oracles:
        config.hook.pytest_deselected(items=oracles)
        items[:] = [item for item in items if not item.get_closest_marker("oracle")]
