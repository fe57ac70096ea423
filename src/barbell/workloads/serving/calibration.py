"""A calibration of serving: constants, effects and intervals per quantity, as facts and back.

Facts are named ``serving-<quantity>-constant-<name>``, ``serving-<quantity>-effect-<group>-<labels joined by +>-<n>`` and
``serving-<quantity>-spread-<class>``; effects and spreads are logarithms.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from importlib.resources import files

import numpy as np

from barbell.core.basis import Known
from barbell.core.errors import FactError
from barbell.workloads.serving.effects import FIRST, FULL, STEP, WIDTH, Group, Key, Numbers
from barbell.workloads.serving.physics import Constants

GROUPS: Mapping[str, tuple[Group, ...]] = {"tpot": STEP, "ttft": FIRST, "full": FULL}
"""Effects by fitted quantity: time per token, time to the first token, most throughput."""
FITTED = {
    "tpot": (
        "bandwidth_share", "cache_share", "decode_share", "hop_seconds", "talk_factor", "routed_layer_seconds", "dense_layer_seconds",
        "step_seconds", "sequence_seconds", "prefill_share", "prefill_talk",
    ),
    "ttft": ("first_seconds", "first_layer_seconds", "first_prefill", "first_crowd", "first_steps", "first_queue"),
    "full": ("full_rate", "full_decode", "full_prefill", "full_cache"),
}  # fmt: skip
"""Constants by the quantity that they are fitted to, in this order: the later ones build on the earlier."""
STEM = "serving"
LEAST = 5e-4
"""Effect on a logarithm below which a number is not worth a row."""


@dataclass(frozen=True)
class Fit:
    """What one quantity was fitted to."""

    weights: Mapping[str, Mapping[Key, Numbers]] = field(default_factory=dict)
    spread: Mapping[str, float] = field(default_factory=dict)
    """Half-width of the 80 % interval, in logarithms, by class of `novelty`, and by chip where it is known."""
    rows: int = 0

    @property
    def numbers(self) -> int:
        """How many effects it has."""
        return sum(len(numbers) for group in self.weights.values() for numbers in group.values())


@dataclass(frozen=True)
class Calibration:
    """Constants for all quantities, and a fit for each."""

    constants: Constants
    fits: Mapping[str, Fit]
    fitted: frozenset[str] = frozenset()
    """Marks (`mark`) of the rows that were fitted."""

    @property
    def fingerprint(self) -> str:
        """One short word for the set of fitted rows."""
        return hashlib.sha256(" ".join(sorted(self.fitted)).encode()).hexdigest()[:12]

    @property
    def parameters(self) -> int:
        """Constants and effects that were fitted."""
        return sum(len(names) for names in FITTED.values()) + sum(fit.numbers for fit in self.fits.values())


def mark(row_id: str) -> str:
    """Six characters that stand for a row, so that a calibration can say which it has seen."""
    return hashlib.sha256(row_id.encode()).hexdigest()[:6]


def shipped(known: Known) -> Calibration:
    """The calibration among the facts; raises FactError where there is none."""
    marks = (files("barbell.workloads.serving") / "fitted.txt").read_text(encoding="utf-8").split()
    stems = tuple(f"{STEM}-{quantity}-" for quantity in GROUPS)
    return assembled(((fact.name, float(fact.value)) for fact in known.values() if fact.name.startswith(stems)), frozenset(marks))


def assembled(numbers: Iterable[tuple[str, float]], fitted: frozenset[str]) -> Calibration:
    """The calibration of these facts; raises FactError where a constant lacks."""
    constants: dict[str, float] = {}
    weights: dict[str, dict[str, dict[Key, dict[int, float]]]] = defaultdict(lambda: defaultdict(lambda: defaultdict(dict)))
    spread: dict[str, dict[str, float]] = defaultdict(dict)
    rows: dict[str, int] = {}
    for name, value in numbers:
        _, quantity, kind, *rest = name.split("-")
        if kind == "constant":
            constants[rest[0]] = value
        elif kind == "spread":
            spread[quantity][rest[0]] = value
        elif kind == "rows":
            rows[quantity] = round(value)
        else:
            group, key, at = rest
            weights[quantity][group][() if key == "all" else tuple(key.split("+"))][int(at)] = value
    lacking = sorted({f.name for f in fields(Constants)} - set(constants))
    if lacking:
        raise FactError(f"no calibration of serving is known on this day: {STEM}-*-constant-{lacking[0]} lacks. Ask for a later day")
    fits = {}
    for quantity, groups in GROUPS.items():
        width = {group.name: WIDTH[group.basis] for group in groups}
        made = {
            group: {key: np.array([numbers.get(n, 0.0) for n in range(width[group])]) for key, numbers in found.items()}
            for group, found in weights[quantity].items()
            if group in width
        }
        fits[quantity] = Fit(made, spread[quantity], rows.get(quantity, 0))
    return Calibration(Constants(**constants), fits, fitted)


def told(calibration: Calibration) -> list[tuple[str, float]]:
    """(name, number) of every fact of a calibration, by name; an effect's first number stands always, others from `LEAST` on."""
    found: list[tuple[str, float]] = []
    for quantity, names in FITTED.items():
        fit = calibration.fits[quantity]
        found += [(f"{STEM}-{quantity}-constant-{name}", getattr(calibration.constants, name)) for name in names]
        found += [(f"{STEM}-{quantity}-spread-{name}", value) for name, value in fit.spread.items()]
        found.append((f"{STEM}-{quantity}-rows-fitted", float(fit.rows)))
        for group, members in fit.weights.items():
            for key, numbers in members.items():
                stem = f"{STEM}-{quantity}-effect-{group}-{'+'.join(key) or 'all'}"
                found += [(f"{stem}-{n}", float(value)) for n, value in enumerate(numbers) if not n or abs(value) >= LEAST]
    return sorted(found)
