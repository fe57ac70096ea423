"""`read`: a folder in, a case out, or every fault at once."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from typing import Any

from barbell.core.case import TABLES, Case, Tables
from barbell.core.check import check
from barbell.core.errors import CaseError, Fault, LedgerError, Where
from barbell.core.horizon import Horizon, Month, Period, Slice
from barbell.core.spelling import suggestion
from barbell.io import horizon as settle
from barbell.io.facts import Resolver, book
from barbell.io.overrides import Override, apply
from barbell.io.raw import Raw
from barbell.io.rows import Origins, Reader
from barbell.io.settings import OVERRIDABLE, Layer, Setting, layers

COMMAND_LINE = "--set"
_STAND_IN = Horizon((Period(Month.parse("2026"), 12),), (Slice("all", "all", 24.0, 1.0),), Month.parse("2027"))


def read(path: str | PathLike[str], changes: Mapping[str, str] | None = None, known: Resolver | None = None) -> Case:
    """The case in a folder (or at its ``case.yaml``), with `changes` put over everything, as ``set:`` would.

    `known` gives the facts beyond the case's own that were known on its day; those in use become rows of its table `facts`.
    `changes` maps paths such as ``assets.hall.capex`` or ``horizon.periods`` to the text of a cell; ``*1.2`` multiplies.
    Values of the case are in canonical units: money as `Case.money`, time in years, things in the units that the tables give.

    Raises CaseError with every fault of the files, in their order.
    """
    faults: list[Fault] = []
    given = [Override(name, text.strip(), Where(COMMAND_LINE, 0, name)) for name, text in (changes or {}).items()]
    with _no_garbage():
        chain = layers(Path(path), faults)
        case = _case(chain, given, known or (lambda _: {}), faults) if chain else None
    if faults or case is None:
        raise CaseError(faults, folder=str(path))
    return case


def judged(top: Layer, known: Resolver | None, faults: list[Fault]) -> Case | None:
    """The case that a layer makes whose content does not come from its folder, with everything it is based on; None after a fault."""
    chain = layers(top.folder, faults, top)
    case = _case(chain, [], known or (lambda _: {}), faults)
    return None if faults else case


@contextmanager
def _no_garbage() -> Iterator[None]:
    """Nothing that reading makes is garbage: searching it for some again and again took a third of the time."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def _case(chain: list[Layer], given: list[Override], known: Resolver, faults: list[Fault]) -> Case | None:
    settings: dict[str, Setting] = {}
    raw = Raw()
    for layer in chain:
        settings |= layer.settings
        raw = layer.raw.over(raw)
        apply(_kept(layer.overrides, settings, faults), raw, faults)
    apply(_kept(given, settings, faults), raw, faults)
    if not all(layer.readable for layer in chain):
        return None
    money, day, own = settle.money(settings, faults), settle.day(settings, faults), settle.own_units(chain, faults)
    today = day or "9999-12-31"
    facts = book(raw.tables["facts"], known, as_of=today, own=own, faults=faults)
    tables, origins = Tables(), Origins()
    if money is not None:  # without it every amount of money would seem faulty
        reader = Reader(raw, money, own, facts)
        made: dict[str, Any] = {table: reader.rows(table, origins, faults) for table in TABLES}
        made["facts"] += tuple(facts.quotes.values())
        tables = Tables(**made)
    horizon, risk = settle.horizon(settings, tables.slices, faults), settle.risk(settings, faults)
    if money is None:
        return None
    skip = frozenset(raw.broken | (set() if horizon else {"horizon"}))
    text = {key: setting.text for key, setting in settings.items()}
    name = text.get("name") or chain[-1].folder.resolve().name
    case = Case(name, text.get("question", ""), money, day or "", horizon or _STAND_IN, risk, tables, origins)
    faults.extend(check(case, skip=skip))
    if skip and not faults:
        raise LedgerError(f"rows of {', '.join(sorted(skip))} were left out without a word")
    return case


def _kept(overrides: list[Override], settings: dict[str, Setting], faults: list[Fault]) -> list[Override]:
    """Overrides of tables; those of settings are put in place here."""
    kept: list[Override] = []
    for override in overrides:
        top = override.path.partition(".")[0]
        if override.path in OVERRIDABLE:
            settings[override.path] = Setting(override.text, override.where)
        elif top in ("horizon", "blocks", "risk", "as_of", "question", "name", "base", "money", "units"):
            fix = suggestion(override.path, OVERRIDABLE, "settings that can be overridden")
            faults.append(Fault(override.where, override.path, "no setting that can be overridden", fix))
        else:
            kept.append(override)
    return kept
