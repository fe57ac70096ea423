"""Numbers that JSON knows."""

from __future__ import annotations

import math
from typing import Any


def finite(content: Any) -> Any:
    """The same content with None for every infinity and NaN, of which JSON has none."""
    if isinstance(content, float) and not math.isfinite(content):
        return None
    if isinstance(content, dict):
        return {key: finite(item) for key, item in content.items()}
    return [finite(item) for item in content] if isinstance(content, list | tuple) else content
