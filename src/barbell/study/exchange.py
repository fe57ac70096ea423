"""A case out into a workbook and back into a folder: whole, checked before it is written, and with what it changed."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from barbell import __version__
from barbell.core.case import TABLES, Case
from barbell.core.errors import CaseError, Fault, Where
from barbell.io import landing
from barbell.io.case import judged
from barbell.io.tables import CASE_FILE, files
from barbell.io.text import read_text
from barbell.io.workbook import Notice, Taken, source, taken, workbook
from barbell.io.workbook.differ import Change, changes
from barbell.study.known import known

PathLike = str | os.PathLike[str]


@dataclass(frozen=True)
class Exported:
    """A workbook that was written: its file, the case, rows by table and how many cells name facts."""

    path: Path
    case: str
    rows: Mapping[str, int]


@dataclass(frozen=True)
class Imported:
    """A case that was written: its folder, itself, what differs from what was exported, and what was mended or left out.

    `changes` is None where the workbook does not remember what it was exported from.
    """

    folder: Path
    case: Case
    changes: tuple[Change, ...] | None
    notices: tuple[Notice, ...]
    written: tuple[str, ...]
    removed: tuple[str, ...]


def export(case: PathLike, to: PathLike | None = None, *, replace: bool = False) -> Exported:
    """Write the case in a folder as a workbook, by default ``NAME.xlsx`` in the working folder; whole or not at all.

    Raises CaseError where the files cannot be read as tables, the file exists and is not to be replaced, or cannot be written.
    """
    found = source(Path(case))
    path = Path(to) if to is not None else Path(re.sub(r"[^\w.+-]+", "-", found.name).strip(".") + ".xlsx")
    if path.suffix.lower() != ".xlsx":
        raise _refused(path, "is no name of a workbook", f"Name it such as {path.with_suffix('.xlsx').name}")
    if path.exists() and (not replace or path.is_dir()):
        raise _refused(path, "exists already, perhaps with changes of yours", "Choose another name with --to, or say --replace")
    data = workbook(found, known, file=path.name, version=__version__)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        landing.put(path, data, replace=replace)
    except OSError as error:
        raise _refused(path, f"cannot be written: {error.strerror or error}", "Choose another place with --to") from error
    rows = {table: len(found.raw.tables[table]) for table in TABLES if found.raw.tables[table]}
    return Exported(path, found.name, rows)


def bring(file: PathLike, *, to: PathLike | None = None, into: PathLike | None = None, replace: bool = False) -> Imported:
    """Read a workbook and write its case into a new folder (`to`) or over the case that it came from (`into`); whole or not at all.

    `into` refuses a case that has changed since the export, unless told to `replace` it. Files of the folder that are no part of the case stay.
    Raises CaseError with every fault, each with its sheet and cell; nothing is then written.
    """
    folder = _target(to, into)
    faults: list[Fault] = []
    found = taken(Path(file), folder, faults)
    case = judged(found.layer, known, faults) if found else None
    gone = _gone(folder, found, faults, replace=replace) if found and into is not None else ()
    if faults or case is None or found is None:
        raise CaseError(found.told(faults) if found else faults, folder=str(file))
    try:
        landing.land(folder, found.files, gone)
    except OSError as error:
        raise _refused(folder, f"cannot be written: {error.strerror or error}", "Choose another folder") from error
    before = found.origin.files if found.origin and found.origin.whole else None
    differences = changes(before, found.files) if before is not None else None
    return Imported(folder, case, differences, tuple(sorted(found.notices)), tuple(found.files), tuple(gone))


def _target(to: PathLike | None, into: PathLike | None) -> Path:
    """The folder to write; raises CaseError for none or two, one in use, or one that is no case."""
    if (to is None) == (into is None):
        raise _refused(Path(), "one folder is needed", "Say --to FOLDER for a new one, or --into FOLDER for a case that is there", where="--to")
    folder = Path(to if to is not None else into or "")
    if folder.exists() and Path.cwd().is_relative_to(folder.resolve()):
        raise _refused(folder, "is the folder you stand in, which would be replaced under your feet", "Go to the folder above it")
    if to is not None and folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise _refused(folder, "exists and is not an empty folder", "Choose another folder, or say --into to change a case that is there")
    if into is not None and (folder.is_symlink() or not (folder / CASE_FILE).is_file()):
        problem = "is a link" if folder.is_symlink() else f"is no case: it has no {CASE_FILE}"
        raise _refused(folder, problem, "Name the folder of the case, or say --to for a new one")
    return folder


def _gone(folder: Path, found: Taken, faults: list[Fault], *, replace: bool) -> tuple[str, ...]:
    """Files of the case in a folder that the workbook has no rows of; faults for what changed since the export, or leads elsewhere."""
    now: dict[str, str] = {}
    for file in (folder / CASE_FILE, *files(folder, folder, faults)):
        label = file.relative_to(folder).as_posix()
        text = read_text(file, label=label, faults=faults)
        now[label] = text if text is not None else ""
    before = found.origin.files if found.origin and found.origin.whole else {}
    gone = tuple(path for path in now if path not in found.files)
    for path in sorted({*now, *before}):
        theirs, ours = now.get(path), found.files.get(path)
        if not replace and theirs not in (before.get(path), ours):
            problem = "has changed since the workbook was exported" if before else "may have changed: the workbook does not remember the case"
            fix = "Import to a new folder and compare, or say --replace to lose what is there"
            faults.append(Fault(Where((folder / path).as_posix()), "", problem, fix))
    linked = [path for path in (*found.files, *gone) if now.get(path) != found.files.get(path) and _linked(folder, path)]
    problem = "is reached by a link and would change elsewhere"
    faults.extend(Fault(Where((folder / path).as_posix()), "", problem, "Import to a new folder") for path in linked)
    return gone


def _linked(folder: Path, path: str) -> bool:
    spots = [folder / part for part in (PurePosixPath(path), *PurePosixPath(path).parents) if part != PurePosixPath()]
    return any(spot.is_symlink() for spot in spots)


def _refused(path: Path, problem: str, fix: str, *, where: str = "") -> CaseError:
    return CaseError([Fault(Where(where or path.as_posix()), "", problem, fix)], folder="the command")
