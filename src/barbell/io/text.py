"""Bytes to text: UTF-8 or a fault that names the line, never a guess at another encoding."""

from __future__ import annotations

from pathlib import Path

from barbell.core.errors import Fault, Where

_BOM = b"\xef\xbb\xbf"
_WIDE = (b"\xff\xfe", b"\xfe\xff")
_UTF8 = "Save the file as UTF-8 (in Excel: 'CSV UTF-8')"


def read_text(file: Path, *, label: str, faults: list[Fault]) -> str | None:
    """Text of a file, without a byte order mark; None, and a fault, when it cannot be read."""
    try:
        data = file.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        faults.append(Fault(Where(label), "", f"the file cannot be read: {reason}", "Check that it exists and that you may read it"))
        return None
    return decoded(data, label=label, faults=faults)


def decoded(data: bytes, *, label: str, faults: list[Fault]) -> str | None:
    """Text of bytes. A UTF-8 byte order mark is dropped, because Excel writes one; everything that is no UTF-8 is a fault."""
    if data.startswith(_WIDE):
        faults.append(Fault(Where(label, 1), "", "the file is UTF-16", _UTF8))
        return None
    data = data.removeprefix(_BOM)
    if b"\x00" in data:
        line = data[: data.index(b"\x00")].count(b"\n") + 1
        faults.append(Fault(Where(label, line), "", "a NUL byte: this is no text file", "Replace the file by text; it may be damaged"))
        return None
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        byte = data[error.start]
        shown = bytes([byte]).decode("latin-1")
        problem = f"byte 0x{byte:02x} is not UTF-8 (Latin-1 would read it as '{shown}')"
        faults.append(Fault(Where(label, line), "", problem, _UTF8))
        return None
    if not text.strip():
        faults.append(Fault(Where(label), "", "the file is empty", "Give it content or delete it"))
        return None
    return text.replace("\r\n", "\n")
