"""Data sheets of accelerators, read from facts, with what is only announced or missing derived by stated rules."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from barbell.core.basis import Basis, Interval, Known, product
from barbell.core.errors import FactError

CHIPS = (
    "a100", "h100", "h200", "b200", "b300", "gb200", "gb300", "vr200", "trainium1", "trainium2", "trainium3", "trainium4", "inferentia2",
)  # fmt: skip
"""The chips of Amazon's fleet, by the names that cases use."""
SLUGS = {"a100": "a100_80gb"}
"""Names of the facts where they differ: several memory sizes were sold under one name."""
VENDORS = {"trainium": "AWS", "inferentia": "AWS", "mi": "AMD", "tpu": "Google", "arc": "Intel", "cpu": "Intel"}
"""Who designs a chip, by how its name begins; all others are NVIDIA's."""
PRECISIONS = ("bf16", "fp8", "fp4")

FP8_OF_FP4 = Interval(1 / 2, 1 / 3, 1 / 2)
"""FP8 peak over FP4 peak where only FP4 is published: 1/2 in H200's successors B200 and GB200, 1/3 in B300 and GB300."""
HALF_DUPLEX = Interval(0.5, 0.5, 1.0)
"""One direction of a link over the figure as documented, whose direction the maker leaves open: taken as both together."""
TRAINIUM4 = {"fp8": Interval(3, 2.4, 3.3), "fp4": Interval(6, 4.8, 6.6), "bandwidth": Interval(4, 3.2, 4.4)}
"""Trainium4 over Trainium3. Announced on 2025-12-03: FP4 at least 6 fold, FP8 3 fold, memory bandwidth 4 fold (Next Platform);
the ranges are ours, -20 % to +10 % of a promise."""
PLUGGED = Interval(32e9, 25e9, 64e9)
"""Bytes/s in one direction of a chip without a scale-up link, which talks over PCI Express: own assumption, half a fifth-generation slot."""
HOSTED = 8
"""Chips that talk to each other where no scale-up domain is stated: those of a usual server."""
TRAINIUM4_MEMORY = "hbm-trainium4"
"""Its memory is not announced: an assumption among the facts."""


@dataclass(frozen=True)
class Chip:
    """One accelerator in SI units; each figure with its range, peaks dense and by precision."""

    name: str
    peak: Mapping[str, Interval]
    """FLOP/s."""
    memory: Interval
    """Bytes."""
    bandwidth: Interval
    """Bytes/s."""
    link: Interval
    """Bytes/s in one direction inside the scale-up domain."""
    domain: int
    """Chips in the scale-up domain."""
    announced: bool = False
    """Whether a rule or an announcement stands in for a figure of the data sheet."""

    @property
    def vendor(self) -> str:
        """Who designs it."""
        return vendor(self.name)


def vendor(name: str) -> str:
    """Who designs the chip of this name."""
    return next((maker for stem, maker in VENDORS.items() if name.startswith(stem)), "NVIDIA")


def chip(basis: Basis, name: str) -> Chip:
    """The data sheet of one of `CHIPS`; raises FactError for the fact that lacks."""
    if name not in CHIPS:
        raise FactError(f"the chip '{name}' is not among {', '.join(CHIPS)}")
    if name == "trainium4":
        return _successor(chip(basis, "trainium3"), basis.interval(TRAINIUM4_MEMORY, "byte/chip"))
    return _sheet(basis, name)


def slug(text: str) -> str:
    """A printed name as facts spell it: ``Llama-3.1-405B`` is ``llama_3_1_405b``."""
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")


def accelerators(known: Known) -> tuple[str, ...]:
    """Every chip with a data sheet among the facts, those of `CHIPS` under their names there."""
    found = {name.split("-")[1] for name in known if name.startswith("chip-") and name.endswith("-bandwidth")}
    return tuple(sorted(found | {name for name in CHIPS if SLUGS.get(name, name) in found or name == "trainium4"}))


def accelerator(basis: Basis, name: str) -> Chip:
    """The data sheet of any chip of `accelerators`; one without a link talks over PCI Express. Raises FactError for the fact that lacks."""
    return chip(basis, name) if name in CHIPS else _sheet(basis, name, plugged=True)


def _sheet(basis: Basis, name: str, *, plugged: bool = False) -> Chip:
    stem = f"chip-{SLUGS.get(name, name)}"
    present = [precision for precision in PRECISIONS if basis.has(f"{stem}-dense_{precision}")]
    peak = {precision: basis.interval(f"{stem}-dense_{precision}", "FLOP/s") for precision in present}
    ruled = "fp8" not in peak and "fp4" in peak
    if ruled:
        peak["fp8"] = product(peak["fp4"].value * FP8_OF_FP4.value, peak["fp4"], FP8_OF_FP4)
    if not peak:
        basis.interval(f"{stem}-dense_bf16", "FLOP/s")
    return Chip(
        name=name,
        peak=peak,
        memory=basis.interval(f"{stem}-hbm", "byte"),
        bandwidth=basis.interval(f"{stem}-bandwidth", "byte/s"),
        link=PLUGGED if plugged and not _linked(basis, stem) else _link(basis, stem),
        domain=HOSTED if plugged and not basis.has(f"{stem}-scaleup_domain") else round(basis.number(f"{stem}-scaleup_domain", "chip")),
        announced=ruled,
    )


def _linked(basis: Basis, stem: str) -> bool:
    return basis.has(f"{stem}-scaleup") or basis.has(f"{stem}-scaleup_documented")


def _link(basis: Basis, stem: str) -> Interval:
    if basis.has(f"{stem}-scaleup"):
        return basis.interval(f"{stem}-scaleup", "byte/s")
    documented = basis.interval(f"{stem}-scaleup_documented", "byte/s")
    return product(documented.value * HALF_DUPLEX.value, documented, HALF_DUPLEX)


def _successor(parent: Chip, memory: Interval) -> Chip:
    def grown(figure: Interval, ratio: Interval) -> Interval:
        return product(figure.value * ratio.value, figure, ratio)

    return replace(
        parent,
        name="trainium4",
        peak={precision: grown(parent.peak[precision], TRAINIUM4[precision]) for precision in ("fp8", "fp4")},
        memory=memory,
        bandwidth=grown(parent.bandwidth, TRAINIUM4["bandwidth"]),
        announced=True,
    )
