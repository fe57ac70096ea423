"""A case in the making: rows by table with one stream of random numbers, written as the CSV files that any user could have written."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

START = 2026
"""Year in which every generated case begins."""
REGION_OF = 8
"""Sites in a region."""


@dataclass(frozen=True)
class Size:
    """How large a case is: its sites, chips, quarters, slices of a day, and forks of the future (each into `ways` branches)."""

    sites: int
    chips: int
    quarters: int
    slices: int = 1
    forks: int = 0
    ways: int = 3
    steps: int = 5
    seed: int = 0

    def __post_init__(self) -> None:
        least = {"sites": 1, "chips": 2, "quarters": 8, "slices": 1, "forks": 0, "ways": 2, "steps": 1}
        low = [f"{name} {getattr(self, name)} (at least {most})" for name, most in least.items() if getattr(self, name) < most]
        if low or self.slices > 24 or 4 * self.forks >= self.quarters:
            raise ValueError(f"no such size: {', '.join(low) or 'at most 24 slices, and a fork needs four quarters'}")


@dataclass
class Draft:
    """Rows by table, and what draws their numbers."""

    size: Size
    tables: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.random = np.random.default_rng(self.size.seed)
        count = -(-self.size.sites // REGION_OF)
        self.regions = [f"r{n + 1:02d}" for n in range(count)]
        self.sites = {f"{self.regions[n // REGION_OF]}s{n % REGION_OF + 1}": self.regions[n // REGION_OF] for n in range(self.size.sites)}

    @property
    def years(self) -> list[int]:
        """Calendar years in which periods begin."""
        return [START + n for n in range(-(-self.size.quarters // 4))]

    def add(self, table: str, **cells: Any) -> None:
        """One more row of a table."""
        self.tables.setdefault(table, []).append(cells)

    def draw(self, low: float, high: float) -> float:
        """A number between two others, to four digits."""
        return float(f"{self.random.uniform(low, high):.4g}")

    def path(self, values: Sequence[float], unit: str = "") -> str:
        """A cell with one value for each year."""
        steps = " ".join(f"{year}Q1:{value:.4g}" for year, value in zip(self.years, values, strict=True))
        return f"{steps} {unit}".strip()

    def grown(self, first: float, *rates: float) -> list[float]:
        """Values by year that grow at the first rate, then the second, and so on; the last one goes on."""
        values = [first]
        for n in range(len(self.years) - 1):
            values.append(values[-1] * (1 + rates[min(n, len(rates) - 1)]))
        return values


def written(draft: Draft, folder: Path, intention: str, headers: dict[str, dict[str, str]]) -> Path:
    """Write ``case.yaml`` and a CSV file per table into a new or empty folder; `headers` gives the unit in a column's header."""
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise FileExistsError(f"{folder} is not empty: name another folder")
    (folder / "case.yaml").write_text(intention, encoding="utf-8")
    for table, rows in draft.tables.items():
        names = list(dict.fromkeys(name for row in rows for name in row))
        units = headers.get(table, {})
        with (folder / f"{table}.csv").open("w", newline="", encoding="utf-8") as file:
            out = csv.writer(file, lineterminator="\n")
            out.writerow([f"{name} [{units[name]}]" if name in units else name for name in names])
            out.writerows([[row.get(name, "") for name in names] for row in rows])
    return folder
