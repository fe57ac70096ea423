"""Text that a page carries packed, and unpacks when it opens: deflated, in letters that may stand anywhere in a page."""

from __future__ import annotations

import base64
import zlib


def packed(text: str) -> str:
    """Text deflated, in base 64."""
    return base64.b64encode(zlib.compress(text.encode("utf-8"), 9)).decode("ascii")


def unpacked(text: str) -> str:
    """The text again."""
    return zlib.decompress(base64.b64decode(text)).decode("utf-8")
