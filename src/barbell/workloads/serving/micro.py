"""A calibration of serving tightened by micro-benchmarks: how the terms of a step stretch on a chip without rows, as far as they tell it.

With U the variance of a chip's deviation before rows were seen (`effects`; that of its vendor with it where no row of the vendor was), m the
logarithm by which rows of its vendor stretch a term, s the spread from micro to macro (`usual`, of NVIDIA's chips, whose the closed form is) and
d = ln(share / usual share), the seconds of a term stretch by exp(-K (d + m)) beside what is fitted, K = U / (U + s^2 + m^2): how much of m is
the chip's, which a micro-benchmark sees, and how much the engine's, which it does not, nobody told.

Reading weights and caches goes by the copy, multiplying and prefill by the matrix product of their precision, talk by the all-reduce. The interval
of a chip without rows narrows by what is known of the terms, weighted by their shares of a step of `MODEL`. A chip with rows is left as it is.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from barbell.core.basis import Basis, Known
from barbell.workloads.chip import SLUGS, Chip, accelerator
from barbell.workloads.micro.reading import Reading
from barbell.workloads.micro.usual import SLOWER, UNHELD, UNTOLD, Use, Usual, best, usual
from barbell.workloads.model import model
from barbell.workloads.serving.calibration import GROUPS, Calibration, Fit, mark
from barbell.workloads.serving.deployment import FREE, MULTIPLIES, WEIGHT_BYTES, Deployments, Label, assemble
from barbell.workloads.serving.effects import MEASURED, NATIVE, Key, Numbers
from barbell.workloads.serving.physics import TERMS, step
from barbell.workloads.serving.spread import FOREIGN

TOLD = {"gemm": ("multiply", "prefill"), "copy": ("read", "cache"), "all_reduce": ("talk",)}
"""Terms of a step that a kernel tells of."""
MODEL, CHIPS, FLIGHTS = "llama_3_70b", 8, (4.0, 16.0, 64.0)
"""The step whose terms weigh what is known: a dense model of 70 B on up to so many chips with so many requests in flight."""
Z80 = 1.2816


@dataclass(frozen=True)
class _Told:
    """What one kernel tells: the logarithm by which a chip is faster than usual, and the spread of that."""

    deviation: float
    spread: float


def tightened(calibration: Calibration, readings: Sequence[Reading], known: Known) -> tuple[Calibration, tuple[Use, ...]]:
    """The calibration with what `readings` tell of their chips, and what became of each reading.

    Readings of a chip replace what earlier ones told of it.
    """
    chosen = best(readings)
    references = {(one.kernel, one.precision): _usual(known, one) for one in readings}
    told: dict[str, dict[tuple[str, str], _Told]] = {}
    for (chip, kernel, precision), one in chosen.items():
        reference = references[one.kernel, one.precision]
        if reference is not None and math.isfinite(one.share):
            told.setdefault(chip, {})[kernel, precision] = _Told(reference.deviation(one.share), reference.spread)
    fits = dict(calibration.fits)
    moved: dict[str, list[str]] = {chip: [] for chip in told}
    for quantity, fit in calibration.fits.items():
        for chip, kernels in told.items():
            if not _seen(fit, chip):
                fits[quantity] = _with(fits[quantity], quantity, chip, kernels, calibration, known)
                moved[chip].append(quantity)
    uses = [Use(one, _share(references[one.kernel, one.precision]), _words(one, chosen, references, moved)) for one in readings]
    marks = {mark(use.reading.row_id) for use in uses if not use.effect.startswith("not used")}
    return replace(calibration, fits=fits, fitted=calibration.fitted | marks), tuple(uses)


def _usual(known: Known, one: Reading) -> Usual | None:
    """What NVIDIA's chips usually reach: the closed form is taken to be theirs."""
    if one.kernel not in TOLD:
        return None
    chips = sorted({name.split("-")[1] for name in known if name.startswith("micro-")})
    native = [chip for chip in chips if accelerator(Basis(known), chip).vendor.lower() in NATIVE]
    return usual(known, one.kernel, one.precision, dict.fromkeys(native, 0.0))


def _share(reference: Usual | None) -> float:
    return reference.share if reference else math.nan


def _names(chip: str) -> tuple[str, ...]:
    """A chip under all names that it is asked by."""
    return (chip, *(name for name, stem in SLUGS.items() if stem == chip), *(stem for name, stem in SLUGS.items() if name == chip))


def _seen(fit: Fit, chip: str) -> bool:
    return any((name,) in fit.weights.get("chip", {}) for name in _names(chip))


def _with(fit: Fit, quantity: str, chip: str, kernels: Mapping[tuple[str, str], _Told], calibration: Calibration, known: Known) -> Fit:
    """The fit of one quantity with the terms of one chip stretched, and its interval narrowed, as far as `kernels` tell."""
    sheet = accelerator(Basis(known), chip)
    doubt, vendor = _prior(fit, quantity, sheet)
    wide = fit.spread.get("chip", FOREIGN)
    wide = max(wide, FOREIGN) if _foreign(fit, sheet) else wide
    added: dict[Key, Numbers] = {}
    spread = dict(fit.spread)
    for precision in WEIGHT_BYTES:
        stretch, kept = _stretch(kernels, sheet, precision, doubt, vendor)
        left = float(_shares(sheet, precision, calibration, known) @ kept)
        half = math.sqrt(max(wide**2 - Z80**2 * doubt * (1 - left**2), fit.spread.get("known", 0.0) ** 2))
        for name in _names(chip):
            added[name, precision] = -stretch if quantity == "full" else stretch
            spread[f"{MEASURED.name}_{name}+{precision}"] = half
    return replace(fit, spread=spread, weights={**fit.weights, MEASURED.name: {**fit.weights.get(MEASURED.name, {}), **added}})


def _stretch(kernels: Mapping[tuple[str, str], _Told], sheet: Chip, precision: str, doubt: float, vendor: Numbers) -> tuple[Numbers, Numbers]:
    """By how much each term's seconds stretch, in logarithms, and the share of the deviation's standard deviation that is left of each."""
    kind = MULTIPLIES.get(precision, "bf16")
    kind = kind if kind in sheet.peak else "bf16"
    stretch, kept = np.zeros(len(TERMS)), np.ones(len(TERMS))
    for n, term in enumerate(TERMS):
        found = _of(kernels, term, kind)
        if found is not None:
            weight = doubt / (doubt + found.spread**2 + vendor[n] ** 2)
            stretch[n] = -weight * (found.deviation + vendor[n])
            kept[n] = math.sqrt(1 - weight)
    return stretch, kept


def _prior(fit: Fit, quantity: str, sheet: Chip) -> tuple[float, Numbers]:
    """Variance of a chip's deviation where no row told it, and the logarithm by which its vendor's seconds stretch already, term by term."""
    groups = {group.name: group for group in GROUPS[quantity]}
    doubt = groups["chip"].spread ** 2 + (groups["vendor"].spread ** 2 if _foreign(fit, sheet) else 0.0)
    key = (sheet.vendor.lower(),)
    terms = fit.weights.get("vendor_terms", {}).get(key, np.zeros(len(TERMS)))
    stretched = np.asarray(fit.weights.get("vendor", {}).get(key, np.zeros(1))[0] + terms, dtype=np.float64)
    return doubt, -stretched if quantity == "full" else stretched


def _foreign(fit: Fit, sheet: Chip) -> bool:
    vendor = sheet.vendor.lower()
    return vendor not in NATIVE and (vendor,) not in fit.weights.get("vendor", {})


def _of(kernels: Mapping[tuple[str, str], _Told], term: str, precision: str) -> _Told | None:
    kernel = next((kernel for kernel, terms in TOLD.items() if term in terms), "")
    return kernels.get((kernel, precision if kernel == "gemm" else ""))


def _shares(sheet: Chip, precision: str, calibration: Calibration, known: Known) -> Numbers:
    """Shares of the terms in a step of the reference model, in the middle of `FLIGHTS`."""
    shares: Numbers = step(_reference(sheet, precision, known), calibration.constants).shares.mean(axis=0)
    return shares


def _reference(sheet: Chip, precision: str, known: Known) -> Deployments:
    count = len(FLIGHTS)
    ones = np.ones(count)

    def label(word: str) -> Label:
        return Label.of([word] * count)

    return assemble(
        [sheet] * count, [model(Basis(known), MODEL)] * count, [precision] * count, engine=label("any"), generation=label("any"),
        layout=label("tp"), mode=label("closed"), campaign=label("table"), chips=min(CHIPS, sheet.domain) * ones, split=ones, helpers=0 * ones,
        flight=np.array(FLIGHTS), tokens_in=1024 * ones, tokens_out=1024 * ones, level=FREE * ones, drafted=0 * ones,
    )  # fmt: skip


def _words(
    one: Reading,
    chosen: Mapping[tuple[str, str, str], Reading],
    references: Mapping[tuple[str, str], Usual | None],
    moved: Mapping[str, Iterable[str]],
) -> str:
    """What became of a reading."""
    if references[one.kernel, one.precision] is None:
        return UNTOLD
    if not math.isfinite(one.share):
        return UNHELD
    if one is not chosen[one.chip, one.kernel, one.precision if one.kernel == "gemm" else ""]:
        return SLOWER
    if not list(moved.get(one.chip, ())):
        return "not used: serving rows of this chip say more"
    names = {"tpot": "time per token", "ttft": "time to first token", "full": "most throughput"}
    terms = {"gemm": f"multiplying and prefill in {one.precision}", "copy": "reading weights and caches", "all_reduce": "talk between chips"}
    return f"{terms[one.kernel]}: {', '.join(names[quantity] for quantity in moved[one.chip])}"
