"""A workbook file as a package of XML parts: opened within limits, or a fault that says what the file is instead."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.parsers import expat

from barbell.core.errors import Fault, Where

MOST_BYTES = 64 << 20
"""Most bytes that the file, or all the parts that are read of it unpacked, may have: a case of ten thousand rows has five million."""
MOST_PARTS = 2000
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SAVE = "Save it as an Excel workbook (.xlsx)"

Start = Callable[[str, dict[str, str]], None]
End = Callable[[str, str], None]


class WorkbookError(Exception):
    """The file is no workbook that can be read; `problem` and `fix` are ready for a fault."""

    def __init__(self, problem: str, fix: str) -> None:
        self.problem, self.fix = problem, fix
        super().__init__(problem)

    def fault(self, label: str) -> Fault:
        """The same as a fault of the whole file."""
        return Fault(Where(label), "", self.problem, self.fix)


class Package:
    """The parts of a workbook file by name, unpacked when asked for and only within `MOST_BYTES` together."""

    def __init__(self, data: bytes) -> None:
        """Open a package; raises WorkbookError."""
        if len(data) > MOST_BYTES:
            raise WorkbookError(
                f"the file is larger than {MOST_BYTES >> 20} MiB", "Remove what does not belong to the case, such as pictures and data"
            )
        if not zipfile.is_zipfile(io.BytesIO(data)) or not data.startswith(b"PK"):
            raise _other(data)
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError) as error:
            raise _damaged(error) from None
        self.names = {name.lstrip("/").lower(): name for name in self._zip.namelist()}
        if len(self.names) > MOST_PARTS:
            raise WorkbookError(f"{len(self.names):,} parts: this is no workbook of a case", "Export the case again")
        self._left = MOST_BYTES

    def __contains__(self, name: str) -> bool:
        return name.lower() in self.names

    def read(self, name: str) -> bytes:
        """Bytes of a part; raises WorkbookError when it lacks, is damaged, or is larger than what is left."""
        try:
            with self._zip.open(self.names[name.lower()]) as part:
                found = part.read(self._left + 1)
        except KeyError:
            raise WorkbookError(f"the part {name} is missing: the file is damaged", f"Open it in Excel, let it repair the file. {_SAVE}") from None
        except RuntimeError:
            raise WorkbookError("the file is locked with a password", "Remove the password in Excel and save it again") from None
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError) as error:
            raise _damaged(error) from None
        self._left -= len(found)
        if self._left < 0:
            raise WorkbookError(f"more than {MOST_BYTES >> 20} MiB unpacked", "Remove what does not belong to the case, such as pictures and data")
        return found

    def parse(self, name: str, start: Start, end: End) -> None:
        """Walk through the XML of a part: `start` sees each element's name and attributes, `end` its name and text.

        Names come without namespace, so that both dialects of the format read the same. Raises WorkbookError.
        """
        _Walk(start, end).through(self.read(name), name)


class _Walk:
    """Hands over elements; text belongs to the innermost one."""

    def __init__(self, start: Start, end: End) -> None:
        self.start, self.end = start, end
        self.text: list[list[str]] = [[]]

    def through(self, data: bytes, name: str) -> None:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler = self.opened
        parser.EndElementHandler = self.closed
        parser.CharacterDataHandler = self.said
        parser.StartDoctypeDeclHandler = _refuse
        try:
            parser.Parse(data, True)  # noqa: FBT003
        except expat.ExpatError as error:
            raise WorkbookError(
                f"the part {name} is not XML ({error}): the file is damaged", f"Open it in Excel, let it repair the file. {_SAVE}"
            ) from None
        except (ValueError, LookupError):  # an encoding that Python does not know
            raise WorkbookError(f"the part {name} has an unknown encoding", _SAVE) from None

    def opened(self, name: str, attributes: dict[str, str]) -> None:
        self.text.append([])
        self.start(name.rpartition(" ")[2], {key.rpartition(" ")[2]: value for key, value in attributes.items()})

    def said(self, text: str) -> None:
        self.text[-1].append(text)

    def closed(self, name: str) -> None:
        self.end(name.rpartition(" ")[2], "".join(self.text.pop()))


def _refuse(*_: Any) -> None:
    raise WorkbookError("it declares a document type, which workbooks do not", _SAVE)


def _damaged(error: Exception) -> WorkbookError:
    return WorkbookError(f"the file is cut off or damaged ({type(error).__name__})", "Copy or download it again, or export the case again")


def _other(data: bytes) -> WorkbookError:
    """What a file is that is no package."""
    if not data:
        return WorkbookError("the file is empty", "Export the case again")
    if data.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            return WorkbookError("the file is locked with a password", "Remove the password in Excel and save it again")
        return WorkbookError("this is a workbook of the old kind (.xls)", _SAVE)
    if data.startswith(b"PK"):
        return WorkbookError("the file is cut off or damaged", "Copy or download it again, or export the case again")
    if b"\x00" not in data[:4096] and any(sign in data[:4096] for sign in (b",", b";", b"\t")):
        return WorkbookError("this is a text file, such as a CSV, and no workbook", "Put CSV files into a case's folder as they are")
    return WorkbookError("this is no workbook", f"{_SAVE}; `barbell case export` makes one of a case")


def opened(path: Path, *, label: str, faults: list[Fault]) -> Package | None:
    """The package at `path`; None, and a fault, when there is none."""
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
        return Package(data)
    except OSError as error:
        faults.append(Fault(Where(label), "", f"the file cannot be read: {error.strerror or error}", "Check that it exists and that you may read it"))
    except WorkbookError as error:
        faults.append(error.fault(label))
    return None


def related(package: Package, part: str) -> Iterator[tuple[str, str, str]]:
    """(id, kind, part) of everything that a part points to; nothing where it points to nothing."""
    folder, _, name = part.rpartition("/")
    rels = f"{folder}/_rels/{name}.rels".lstrip("/")
    found: list[tuple[str, str, str]] = []

    def start(element: str, attributes: dict[str, str]) -> None:
        if element == "Relationship" and attributes.get("TargetMode") != "External":
            target = attributes.get("Target", "")
            whole = target.lstrip("/") if target.startswith("/") else _joined(folder, target)
            found.append((attributes.get("Id", ""), attributes.get("Type", "").rpartition("/")[2], whole))

    if rels in package:
        package.parse(rels, start, lambda _, __: None)
    yield from found


def _joined(folder: str, target: str) -> str:
    parts = folder.split("/") if folder else []
    for step in target.split("/"):
        if step == ".." and parts:
            parts.pop()
        elif step not in ("", ".", ".."):
            parts.append(step)
    return "/".join(parts)
