"""Data sheets as training reads them: one record per chip, of any vendor, from facts ``chip-<slug>-*``.

Figures that a data sheet leaves open are filled by stated rules, because a training step needs every one of them: links between
domains (`SCALE_OUT`), domains of a server (`SERVER`), links inside one (`SCALE_UP`).
"""

from __future__ import annotations

import math
import re
import statistics
from collections.abc import Collection
from dataclasses import dataclass, replace

from barbell.core.basis import Basis, Known
from barbell.core.errors import FactError
from barbell.core.spelling import suggestion
from barbell.workloads.chip import SLUGS, Chip, chip

SCALE_OUT = 50e9
"""Bytes/s per chip and direction between domains where no fact says so: 400 Gbit/s, the usual network of a server of eight."""
SCALE_UP_SHARE = 0.1
"""Link inside a domain over memory bandwidth where no fact says so: 0.09 to 0.15 in A100, H100, B200 and MI300X."""
SCANT, AMPLE = 0.8, 1.3
"""Least and most headroom that counts: rows have 0.86 to 1.17, and a clock has limits of its own."""
SERVER = 8
"""Chips in the domain where no fact says so."""
ANNOUNCED = "trainium4"
"""A chip that is announced as multiples of another: `chip.chip` has the rule."""
HALF_DUPLEX = 0.5
"""One direction of a link over the figure as documented, whose direction the maker leaves open."""
GENERATION = {
    "v100": "volta", "a100": "ampere", "h100": "hopper", "h200": "hopper", "h800": "hopper", "h20": "hopper", "gh200": "hopper",
    "b200": "blackwell", "b300": "blackwell", "gb200": "blackwell", "gb300": "blackwell", "vr200": "rubin", "vr300": "rubin",
    "mi300x": "cdna3", "mi325x": "cdna3", "mi350x": "cdna4", "mi355x": "cdna4", "mi455x": "cdna5",
    "tpu_v3": "tpu3", "tpu_v4": "tpu4", "tpu_v5e": "tpu5e", "tpu_v5p": "tpu5p", "tpu_v6e": "tpu6", "tpu_v7": "tpu7",
    "trainium1": "neuron2", "inferentia2": "neuron2", "trainium2": "neuron3", "trainium3": "neuron4", "trainium4": "neuron5",
}  # fmt: skip
"""Chips that share a die or its lineage, and so their constants."""
VENDOR = {
    "volta": "nvidia", "ampere": "nvidia", "hopper": "nvidia", "blackwell": "nvidia", "rubin": "nvidia", "cdna3": "amd", "cdna4": "amd",
    "cdna5": "amd", "tpu3": "google", "tpu4": "google", "tpu5e": "google", "tpu5p": "google", "tpu6": "google", "tpu7": "google",
    "neuron2": "aws", "neuron3": "aws", "neuron4": "aws", "neuron5": "aws",
}  # fmt: skip


@dataclass(frozen=True)
class Silicon:
    """One accelerator in SI units; a peak of 0 says that it does not compute in that precision."""

    name: str
    slug: str
    generation: str
    vendor: str
    bf16: float
    fp8: float
    fp4: float
    """FLOP/s, dense."""
    memory: float
    bandwidth: float
    link: float
    """Bytes/s in one direction inside the scale-up domain."""
    domain: float
    out: float
    """Bytes/s in one direction between domains."""
    watts: float
    """Of the chip; NaN where unknown."""
    headroom: float = 1.0
    """Watts per FLOP/s in BF16 over the median of its generation: chips of one die differ by the power that they may draw."""
    headroom8: float = 1.0
    """The same in FP8."""


def record(sheet: Chip, out: float = SCALE_OUT, room: tuple[float, float] = (1.0, 1.0)) -> Silicon:
    """A chip of serving as training reads it: `out` bytes/s between domains, `room` of its power; a BF16 peak that lacks is half the FP8 peak."""
    peak = {kind: found.value for kind, found in sheet.peak.items()}
    generation = GENERATION.get(sheet.name, sheet.name)
    return Silicon(
        name=sheet.name, slug=SLUGS.get(sheet.name, sheet.name), generation=generation, vendor=VENDOR.get(generation, generation),
        bf16=peak.get("bf16", peak.get("fp8", 0.0) / 2), fp8=peak.get("fp8", 0.0), fp4=peak.get("fp4", 0.0), memory=sheet.memory.value,
        bandwidth=sheet.bandwidth.value, link=sheet.link.value, domain=float(sheet.domain), out=out, watts=math.nan,
        headroom=room[0], headroom8=room[1],
    )  # fmt: skip


def silicon(known: Known, name: str) -> Silicon:
    """The chip as rows and users name it; raises FactError, with the nearest known names, when its peak, memory or bandwidth lacks."""
    slug = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    slug = SLUGS.get(slug, slug)
    stem = f"chip-{slug}"
    basis = Basis(known)
    if slug == ANNOUNCED:
        return replace(record(chip(basis, slug)), name=name)
    missing = [what for what in ("dense_bf16", "hbm", "bandwidth") if f"{stem}-{what}" not in known]
    if "dense_bf16" in missing and f"{stem}-dense_fp4" in known:
        missing.remove("dense_bf16")
    if missing:
        chips = sorted({fact.split("-")[1] for fact in known if fact.startswith("chip-")} | {ANNOUNCED})
        if slug not in chips:
            raise FactError(f"unknown chip '{name}'. {suggestion(slug, chips, 'chips')}")
        raise FactError(f"the data sheet of {name} lacks {', '.join(missing)}. Add the facts {', '.join(f'{stem}-{what}' for what in missing)}")

    def read(what: str, unit: str, default: float) -> float:
        return basis.number(f"{stem}-{what}", unit) if basis.has(f"{stem}-{what}") else default

    bandwidth = basis.number(f"{stem}-bandwidth", "byte/s")
    documented = read("scaleup_documented", "byte/s", 0.0) * HALF_DUPLEX
    fp4 = read("dense_fp4", "FLOP/s", 0.0)
    generation = lineage(slug)
    fp8 = read("dense_fp8", "FLOP/s", fp4 / 2 if f"{stem}-dense_bf16" not in known else 0.0)
    return Silicon(
        name=name, slug=slug, generation=generation, vendor=VENDOR.get(generation, generation), bf16=read("dense_bf16", "FLOP/s", fp8 / 2), fp8=fp8,
        fp4=fp4, memory=basis.number(f"{stem}-hbm", "byte"), bandwidth=bandwidth,
        link=read("scaleup", "byte/s", documented or SCALE_UP_SHARE * bandwidth), domain=read("scaleup_domain", "chip", float(SERVER)),
        out=read("scaleout", "byte/s", SCALE_OUT), watts=read("tdp", "W", math.nan),
        headroom=headroom(known, slug)[0], headroom8=headroom(known, slug)[1],
    )  # fmt: skip


def lineage(slug: str) -> str:
    """The generation of a chip; one that is not listed is its own."""
    family = next((key for key in sorted(GENERATION, key=len, reverse=True) if slug.startswith(key)), "")
    return GENERATION.get(family, slug)


def headroom(known: Known, slug: str) -> tuple[float, float]:
    """Watts per FLOP/s in BF16 and FP8 of a chip over the median of its generation, `SCANT` to `AMPLE`; 1 where its data sheet gives no watts."""
    kin = {SLUGS.get(key, key) for key, found in GENERATION.items() if found == lineage(slug)} | {slug}
    bf16, fp8 = (_headroom(known, slug, kin, kind) for kind in ("bf16", "fp8"))
    return bf16, fp8


def _headroom(known: Known, slug: str, kin: Collection[str], precision: str) -> float:
    basis = Basis(known)

    def density(one: str) -> float:
        facts = f"chip-{one}-tdp", f"chip-{one}-dense_{precision}"
        return basis.number(facts[0], "W") / basis.number(facts[1], "FLOP/s") if all(map(basis.has, facts)) else math.nan

    own = density(slug)
    if not math.isfinite(own):
        return 1.0
    return min(AMPLE, max(SCANT, own / statistics.median(one for one in map(density, kin) if math.isfinite(one))))
