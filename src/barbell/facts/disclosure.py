"""What a company disclosed, one figure of one filing at a time, out of the SEC's file of company facts.

The file is one JSON object: ``cik``, ``entityName`` and ``facts``, which holds taxonomy > tag > ``units`` > unit > a list of
``{"start", "end", "val", "accn", "fy", "fp", "form", "filed", "frame"}``; what stands at a day has no ``start``
(source: the description of the interface on sec.gov). It is read as a stream: only figures under wanted tags are kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO

from barbell.core.errors import FactError, Fault, Where
from barbell.facts.store import is_day

MOST_BYTES = 256 * 1024**2
"""Larger files are refused: the SEC's file of one company has a few megabytes."""
MOST_KEPT = 200_000
"""Figures under wanted tags; a company with twenty years of filings has some ten thousand."""
LONGEST = 1024**2
"""Bytes between two quotes; between those of company facts lie some hundreds."""
_FIELDS = {"start", "end", "val", "accn", "fy", "fp", "form", "filed", "frame"}
_ACCESSION = re.compile(r"[0-9]{10}-[0-9]{2}-[0-9]{6}")
_FORM = re.compile(r"[A-Za-z0-9][A-Za-z0-9 /-]{0,19}")
_SCALARS = ("string", "number", "boolean", "null")
_MARK = b"\xef\xbb\xbf"

Event = tuple[str, Any]


@dataclass(frozen=True, slots=True)
class Disclosure:
    """A value in a filing: of a span from `start` to `end`, or what stands at `end` where `start` is None; `foreign` names fields that
    company facts do not have, such as a dimension."""

    concept: str
    unit: str
    start: date | None
    end: date
    value: Decimal
    accession: str
    form: str
    filed: date
    foreign: tuple[str, ...] = ()


@dataclass
class Filings:
    """What a file of company facts holds: whose it is, every disclosure under the wanted tags, how many tags were passed over."""

    cik: int | None = None
    company: str = ""
    disclosures: list[Disclosure] = field(default_factory=list)
    passed: int = 0
    faults: list[Fault] = field(default_factory=list)


def disclosures(path: Path, wanted: Callable[[str], bool]) -> Filings:
    """Read the figures under the tags (``us-gaap:NetIncomeLoss``) that are `wanted`.

    Memory stays near what is kept, whatever the size of the file. Raises FactError when the file cannot be read, is no JSON (NaN is
    none), has another shape, is larger than `MOST_BYTES`, or holds a wrong type anywhere under a wanted tag: then with every such fault.
    """
    import ijson

    _admit(path)
    found = Filings()
    try:
        with path.open("rb") as file:
            events = iter(ijson.basic_parse(_Text(file, path.name)))
            _document(events, next(events), found, path.name, wanted)
            for _ in events:  # only to hear of what follows the object
                pass
    except ijson.JSONError as error:
        raise FactError(f"{path.name} is not JSON: {_reason(error)}. Download the file again from data.sec.gov") from None
    except ValueError as error:  # a number of thousands of digits
        raise FactError(f"{path.name} has a number that is none: {error}. Download the file again from data.sec.gov") from None
    except OSError as error:
        raise FactError(f"{path.name} cannot be read: {error.strerror}. Give a file that you may read") from None
    if found.cik is None:
        raise FactError(f"{path.name} has no 'cik', so it is not the SEC's file of a company. Download companyfacts/CIK##########.json")
    if found.faults:
        raise FactError(told(found.faults, path.name), found.faults)
    return found


def told(faults: list[Fault], name: str, most: int = 20) -> str:
    """Faults as a message, the first `most` of them in full."""
    shown = [f"  - {fault}" for fault in faults[:most]]
    more = [f"  - and {len(faults) - most} more"] if len(faults) > most else []
    return "\n".join([f"{len(faults)} fault{'s' if len(faults) != 1 else ''} in {name}; nothing was imported", *shown, *more])


def _admit(path: Path) -> None:
    if not path.is_file():
        raise FactError(f"{path.name}: there is no such file. Give the path of a file, as downloaded")
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise FactError(
            f"{path.name} has {size // 1024**2:,} MiB, more than {MOST_BYTES // 1024**2:,}. "
            "The SEC's file of one company has a few; give that file, not a collection"
        )


class _Text:
    """The file behind the mark that some editors put in front, and without words that no filing has: the parser would gather them."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        self._file, self._name, self._run = file, name, 0
        if file.read(len(_MARK)) != _MARK:
            file.seek(0)

    def read(self, size: int) -> bytes:
        """The next bytes; raises FactError where `LONGEST` bytes pass without a quote."""
        found = self._file.read(size)
        last = found.rfind(b'"')
        self._run = self._run + len(found) if last < 0 else len(found) - last
        if self._run > LONGEST:
            raise FactError(f"{self._name} has more than {LONGEST // 1024**2} MiB without a name or a word in it. Give the SEC's file of one company")
        return found


def _reason(error: Exception) -> str:
    """The first line of what the parser says, without the excerpt below it."""
    return str(error.args[0] if error.args else error).removeprefix("b'").split("\\n")[0].splitlines()[0].strip().rstrip(".")


def _document(events: Iterator[Event], first: Event, found: Filings, name: str, wanted: Callable[[str], bool]) -> None:
    for key in _members(events, first, f"{name}: the file"):
        value = next(events)
        if key == "cik":
            found.cik = _number(value, name)
        elif key == "entityName" and value[0] == "string":
            found.company = value[1]
        elif key == "facts":
            _facts(events, value, found, name, wanted)
        else:
            _skip(events, value)


def _number(event: Event, name: str) -> int:
    text = str(event[1]) if event[0] in ("string", "number") else ""
    if not re.fullmatch(r"[0-9]{1,10}", text):
        raise FactError(f"{name} cik: '{_shown(event[1])}' is not the number of a company. Write it as digits, such as 1018724")
    return int(text)


def _facts(events: Iterator[Event], first: Event, found: Filings, name: str, wanted: Callable[[str], bool]) -> None:
    for taxonomy in _members(events, first, f"{name} facts"):
        for tag in _members(events, next(events), f"{name} facts.{taxonomy}"):
            concept = f"{taxonomy}:{tag}"
            value = next(events)
            if wanted(concept):
                _tag(events, value, concept, found, name)
            else:
                _skip(events, value)
                found.passed += 1


def _tag(events: Iterator[Event], first: Event, concept: str, found: Filings, name: str) -> None:
    place = f"facts.{concept.replace(':', '.', 1)}"
    for key in _members(events, first, f"{name} {place}"):
        value = next(events)
        if key != "units":
            _skip(events, value)
            continue
        for unit in _members(events, value, f"{name} {place}.units"):
            opening = next(events)
            if opening[0] != "start_array":
                raise FactError(f"{name} {place}.units.{unit}: not a list of figures. Download the file again from data.sec.gov")
            for n, item in enumerate(_items(events)):
                _figure(events, item, concept, unit, found, Where(name, 0, f"{place}.units.{unit}[{n}]"))


def _figure(events: Iterator[Event], first: Event, concept: str, unit: str, found: Filings, where: Where) -> None:
    cells: dict[str, Event] = {}
    for key in _members(events, first, str(where)):
        value = next(events)
        cells[key] = value
        if value[0] not in _SCALARS:
            _skip(events, value)
    faults = [Fault(Where(where.file, 0, f"{where.field}.{key}"), *fault) for key, *fault in _faults(cells)]
    if faults:
        found.faults.extend(faults)
        return
    if len(found.disclosures) >= MOST_KEPT:
        raise FactError(f"{where.file} has more than {MOST_KEPT:,} figures under tags of the table. Give the file of one company")
    get = {key: value for key, (_, value) in cells.items()}
    start = date.fromisoformat(get["start"]) if get.get("start") else None
    end, filed = date.fromisoformat(get["end"]), date.fromisoformat(get["filed"])
    foreign = tuple(sorted(cells.keys() - _FIELDS))
    found.disclosures.append(Disclosure(concept, unit, start, end, Decimal(get["val"]), get["accn"], get["form"], filed, foreign))


def _faults(cells: dict[str, Event]) -> Iterator[tuple[str, str, str, str]]:
    """(field, value, problem, fix) of everything wrong with the cells of a figure."""
    again = "Download the file again from data.sec.gov"
    event, value = cells.get("val", ("missing", ""))
    if event != "number":
        yield "val", _shown(value), "missing" if event == "missing" else "not a number", again
    elif value and not -12 <= Decimal(value).adjusted() < 18:
        yield "val", _shown(value), "out of any reason for an amount", again
    for key in ("start", "end", "filed"):
        event, value = cells.get(key, ("null", None))
        if event == "null" and key == "start":
            continue
        if event != "string" or not is_day(value):
            yield key, _shown(value), "not a day, YYYY-MM-DD", again
    for key, right in (("accn", _ACCESSION.fullmatch), ("form", _FORM.fullmatch)):
        event, value = cells.get(key, ("null", None))
        if event != "string" or not right(value):
            yield key, _shown(value), f"not {'an accession number' if key == 'accn' else 'the name of a form'}", again


def _shown(value: object) -> str:
    return "" if value is None else str(value)[:40]


def _members(events: Iterator[Event], first: Event, place: str) -> Iterator[str]:
    """Keys of the object that opens with `first`; the caller takes each one's value before it asks for the next key."""
    if first[0] != "start_map":
        raise FactError(f"{place}: not an object with names and values. Download the file again from data.sec.gov")
    for event, value in events:
        if event == "end_map":
            return
        yield value


def _items(events: Iterator[Event]) -> Iterator[Event]:
    """Opening events of the items of a list that has opened; the caller takes the rest of each."""
    for event in events:
        if event[0] == "end_array":
            return
        yield event


def _skip(events: Iterator[Event], first: Event) -> None:
    """Pass over the rest of the value that opens with `first`."""
    depth = _STEPS.get(first[0], 0)
    while depth:
        depth += _STEPS.get(next(events)[0], 0)


_STEPS = {"start_map": 1, "start_array": 1, "end_map": -1, "end_array": -1}
