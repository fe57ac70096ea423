"""Published statements as rows: what is said, by whom, and the formula over facts that it is checked by."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from barbell.core.errors import CaseError, Fault, Where
from barbell.core.spelling import suggestion
from barbell.facts.formula import Formula, FormulaError, Named, Series, parse
from barbell.facts.store import is_day

COMPARISONS = ("=", "<", "<=", ">", ">=", "in", "judged")
"""How the recomputed value is held against the stated one; `in`: inside a range; `judged`: no formula decides."""
JUDGEMENTS = ("true", "needs care", "false")
"""The verdicts, also those that a person gives."""
_NEEDED = ("id", "day", "publisher", "claim", "comparison")
_ID = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_LINE_OF_CLAIM = re.compile(r"(.*[0-9])[a-z]")
_RANGE = re.compile(r"(\S+)\s+to\s+(\S+)")


@dataclass(frozen=True, slots=True)
class Claim:
    """One line of a published statement, restated in our words."""

    id: str
    """Name of the line; lines of one claim share it but for a small letter at the end: ``C04a``, ``C04b``."""
    day: str
    """Day of the statement: facts are read as they were known then."""
    publisher: str
    """Who published it."""
    where: str
    """Title, page or address."""
    claim: str
    """The statement in our words."""
    formula: str
    """What it comes to from facts; where a line is judged, the figure that is its evidence."""
    comparison: str
    """One of `COMPARISONS`."""
    stated: str
    """The value said: a number in `unit`, ``A to B`` where the comparison is `in`, or a formula."""
    unit: str
    """Unit of the line; money without a year (``GUSD``) is money at the prices of its day."""
    tolerance: str
    """How far off is still true, in `unit`; half of the last digit stated, as a rule. Empty: 0."""
    evidence: str
    """Facts that a judgement rests on, apart by blanks."""
    judgement: str
    """One of `JUDGEMENTS`, where the comparison is `judged`."""
    note: str
    """What to know about it; sources of a judgement that are no facts."""
    file: str = ""
    line: int = 0

    @property
    def of(self) -> str:
        """The claim of which this is a line."""
        found = _LINE_OF_CLAIM.fullmatch(self.id)
        return found[1] if found else self.id

    @property
    def judged(self) -> bool:
        """Whether it can only be judged."""
        return self.comparison == "judged"

    @property
    def within(self) -> float:
        """The tolerance as a number."""
        return float(self.tolerance or 0)

    def fault(self, field: str, problem: str, fix: str, at: int = 0) -> Fault:
        """Something wrong with a cell of this line; `at` is the character of a formula."""
        value = getattr(self, field)
        return Fault(Where(self.file, self.line, f"{field}, character {at}" if at else field), value or self.id, problem, fix)


COLUMNS: tuple[str, ...] = tuple(field.name for field in fields(Claim))[:13]
"""Columns of a table of claims, in any order; all but `id`, `day`, `publisher`, `claim` and `comparison` may be left out."""


def shipped() -> tuple[Claim, ...]:
    """The claims that Barbell ships: what the news of February 2026 said of Amazon's plans."""
    return read(files("barbell.facts") / "claims.csv")


def read(path: Path | Traversable) -> tuple[Claim, ...]:
    """Claims of a CSV file (UTF-8, comma) as its rows stand; raises CaseError with every fault found in them."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise _refused(path, "", "there is no such file", "Name a table of claims") from None
    except (OSError, UnicodeDecodeError) as error:
        raise _refused(path, "", f"cannot be read ({type(error).__name__})", "Save the table as CSV in UTF-8") from None
    rows = csv.reader(text.splitlines(keepends=True), strict=True)
    try:
        claims, faults = _rows(rows, path.name)
    except csv.Error as error:
        raise _refused(path, "", f"is no CSV near line {rows.line_num} ({error})", "Put text with a comma or a quote in double quotes") from None
    faults.extend(fault for claim in claims for fault in _wrong(claim))
    faults.extend(_twice(claims))
    if faults:
        raise CaseError(faults, folder=path.name)
    return tuple(claims)


def evidence(claim: Claim) -> list[Formula]:
    """The facts that a judgement rests on; raises FormulaError for what is no name of facts."""
    found: list[Formula] = []
    for text in claim.evidence.split():
        named = parse(text)
        if not isinstance(named, Named | Series):
            raise FormulaError(f"'{text}' is no name of a fact", "Name facts, apart by blanks, such as amzn-aws-rpo-2025Q4")
        found.append(named)
    return found


def bounds(claim: Claim) -> tuple[float, float] | None:
    """Ends of the stated range as numbers, equal where one number is stated; None where a formula is."""
    found = _RANGE.fullmatch(claim.stated.strip())
    texts = (found[1], found[2]) if found else (claim.stated, claim.stated)
    try:
        low, high = (float(text) for text in texts)
    except ValueError:
        return None
    return (low, high) if math.isfinite(low) and math.isfinite(high) else None


def _refused(path: Path | Traversable, value: str, problem: str, fix: str) -> CaseError:
    return CaseError([Fault(Where(path.name), value, problem, fix)], folder=path.name)


def _rows(rows: Iterator[list[str]], file: str) -> tuple[list[Claim], list[Fault]]:
    header = [cell.strip() for cell in next(rows, [])]
    faults = list(_heads(header, file))
    if faults:
        return [], faults
    claims, start = [], 2
    for cells in rows:
        line, start = start, rows.line_num + 1  # type: ignore[attr-defined]
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            problem = f"{len(cells)} cells under {len(header)} columns"
            faults.append(Fault(Where(file, line), cells[0], problem, "Put text with a comma in double quotes"))
            continue
        told = dict.fromkeys(COLUMNS, "") | {name: cell.strip() for name, cell in zip(header, cells, strict=True)}
        claims.append(_claim(told, file, line))
    return claims, faults


def _claim(told: Mapping[str, str], file: str, line: int) -> Claim:
    return Claim(**told, file=file, line=line)


def _heads(header: list[str], file: str) -> Iterator[Fault]:
    for name in header:
        if name not in COLUMNS:
            yield Fault(Where(file, 1), name, "is no column", suggestion(name, COLUMNS, "columns"))
        elif header.count(name) > 1:
            yield Fault(Where(file, 1), name, "is a column twice", "Name each column once")
    for name in _NEEDED:
        if name not in header:
            yield Fault(Where(file, 1), name, "is missing among the columns", f"The first line names the columns: {', '.join(COLUMNS)}")


def _wrong(claim: Claim) -> Iterator[Fault]:
    """What can be said of a row without any fact."""
    for name in ("publisher", "claim"):
        if not getattr(claim, name):
            yield claim.fault(name, f"has no {name}", "Say who published it, and what it says in your own words")
    if not _ID.fullmatch(claim.id):
        yield Fault(Where(claim.file, claim.line, "id"), claim.id, "is no id", "Use letters, digits, _ and -, a letter first")
    if not is_day(claim.day):
        yield Fault(Where(claim.file, claim.line, "day"), claim.day, "is not a day", "Write it as YYYY-MM-DD, such as 2026-02-05")
    if claim.comparison not in COMPARISONS:
        yield claim.fault("comparison", "is no comparison", f"Write one of {', '.join(COMPARISONS)}")
        return
    yield from _judged(claim) if claim.judged else _computed(claim)


def _judged(claim: Claim) -> Iterator[Fault]:
    if claim.judgement not in JUDGEMENTS:
        yield claim.fault("judgement", "is no judgement", f"Write one of {', '.join(JUDGEMENTS)}")
    if not (claim.formula or claim.evidence or claim.note):
        yield claim.fault("evidence", "is judged without evidence", "Name the facts, give a formula, or name the source in the note")
    if claim.stated or claim.tolerance:
        yield claim.fault("stated", "is judged, so that nothing is compared", "Leave stated and tolerance empty, or write a comparison")
    if claim.formula and not claim.unit:
        yield claim.fault("unit", "has a formula and no unit", "Write the unit in which the figure is shown, 1 for a pure number")


def _computed(claim: Claim) -> Iterator[Fault]:
    for name, fix in (("formula", "Write it over facts"), ("stated", "Write the value said"), ("unit", "Write it, 1 for a pure number")):
        if not getattr(claim, name):
            yield claim.fault(name, f"has no {name}", f"{fix}, or write judged as the comparison")
    if claim.judgement:
        yield claim.fault("judgement", "stands beside a comparison", "Leave it empty: the verdict follows from the tolerance")
    try:
        fits = 0 <= claim.within < math.inf
    except ValueError:
        fits = False
    if not fits:
        yield claim.fault("tolerance", "is no tolerance", "Write a number from 0 up, in the unit of the line")
    ends = bounds(claim)
    if claim.comparison == "in" and (ends is None or ends[0] >= ends[1]):
        yield claim.fault("stated", "is no range", "Write the smaller end first, such as -11 to -7")
    elif claim.comparison != "in" and ends is not None and ends[0] != ends[1]:
        yield claim.fault("stated", "is a range", "Write in as the comparison")


def _twice(claims: list[Claim]) -> Iterator[Fault]:
    first: dict[str, Claim] = {}
    for claim in claims:
        known = first.setdefault(claim.id, claim)
        if known is not claim and claim.id:
            yield claim.fault("id", f"stands already on line {known.line}", "Give each line an id of its own")
