"""What is fuzzed: small cases as files and as parts of a workbook, and the property that reading them has."""

from __future__ import annotations

import base64
import io
import json
import shutil
import signal
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from barbell.core.errors import BarbellError, LedgerError
from barbell.io.workbook import source, workbook
from barbell.study import check
from barbell.study.exchange import bring
from barbell.study.known import known
from tests.conftest import ROOT
from tests.io.conftest import GOOD

PATIENCE = 20
"""Seconds that reading a small case may take, ever."""
BOOK = "case.xlsx"


@dataclass(frozen=True)
class Finding:
    """A changed case: which, and the bytes of the files (or of the parts of its workbook, or of the whole workbook) that were changed."""

    kind: str
    case: str
    edits: Mapping[str, bytes]

    def text(self) -> str:
        """As kept in the corpus: readable where the bytes are text."""
        edits = {name: _told(data) for name, data in self.edits.items()}
        return json.dumps({"kind": self.kind, "case": self.case, "edits": edits}, indent=1) + "\n"

    @classmethod
    def of(cls, text: str) -> Finding:
        """From the corpus."""
        said = json.loads(text)
        return cls(said["kind"], said["case"], {name: _heard(edit) for name, edit in said["edits"].items()})


def _told(data: bytes) -> dict[str, str]:
    try:
        return {"text": data.decode("utf-8")}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(data).decode()}


def _heard(edit: Mapping[str, str]) -> bytes:
    return edit["text"].encode() if "text" in edit else base64.b64decode(edit["base64"])


@cache
def files(case: str) -> Mapping[str, bytes]:
    """Files of a case by path; `small` is that of the tests of reading, which has all tables."""
    if case == "small":
        return {name: text.encode() for name, text in GOOD.items()}
    folder = ROOT / "cases" / case
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.suffix in (".csv", ".yaml")}


@cache
def parts(case: str) -> Mapping[str, bytes]:
    """Parts of the workbook of a case, without notes and drawings."""
    with tempfile.TemporaryDirectory() as place:
        lay(Path(place), files(case))
        data = workbook(source(Path(place)), known, file=BOOK, version="fuzz")
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return {name: package.read(name) for name in package.namelist() if not any(word in name for word in ("comments", "drawing", "sheets/_rels"))}


def packed(content: Mapping[str, bytes]) -> bytes:
    """Parts as a workbook."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in content.items():
            package.writestr(name, data)
    return out.getvalue()


def lay(folder: Path, content: Mapping[str, bytes]) -> None:
    """Files into a folder."""
    for name, data in content.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)


def holds(found: Finding) -> None:
    """The property: a case is read, or told to be wrong, soon; everything else is raised."""
    place = Path(tempfile.mkdtemp(prefix="barbell-fuzz-"))
    try:
        with patience():
            if found.kind == "xlsx":
                whole = found.edits.get(BOOK) or packed({**parts(found.case), **found.edits})
                (place / BOOK).write_bytes(whole)
                bring(place / BOOK, to=place / found.case)
            lay(place / found.case, {**files(found.case), **found.edits} if found.kind != "xlsx" else {})
            check(place / found.case)
    except LedgerError:
        raise
    except BarbellError as error:
        str(error).encode()
    finally:
        shutil.rmtree(place, ignore_errors=True)


@contextmanager
def patience() -> Iterator[None]:
    """Raise TimeoutError in whatever takes too long."""

    def over(*_: object) -> None:
        raise TimeoutError(f"more than {PATIENCE} s")

    before = signal.signal(signal.SIGALRM, over)
    signal.alarm(PATIENCE)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
