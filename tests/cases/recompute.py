"""Cash, energy, chips and megawatts of a run, from its folder alone: Parquet tables in, plain sums out, nothing of Barbell imported.

python tests/cases/recompute.py runs/amazon-2026-0123456789ab
"""

import json
import sys
from collections import defaultdict
from pathlib import Path

import polars as pl

HOURS = 8760


def table(folder, name):
    return pl.read_parquet(Path(folder) / f"{name}.parquet").to_dicts()


def years_long(period):
    """Length in years of a period by its label."""
    return {"Q": 0.25, "H": 0.5}.get(period[4:5], 1.0) if len(period) != 7 else 1 / 12


def start(period):
    """Months from year 0 to the start of a period by its label."""
    year, part = int(period[:4]), period[4:]
    return 12 * year + {"": 0, "Q": 3, "H": 6}[part[:1]] * (int(part[1:]) - 1 if part else 0)


def energy(folder):
    """TWh drawn from supply by calendar year: mean MW bought, and engines that run at the load factor, times hours."""
    load = next(float(row["value"]) for row in table(folder, "facts") if row["name"] == "load_factor")
    total = defaultdict(float)
    for row in table(folder, "tables/activity"):
        mean = 1.0 if row["item"].startswith(("buy_", "nuclear_")) else load if row["item"] == "bridge" else 0.0
        total[row["period"][:4]] += row["value"] * mean * years_long(row["period"]) * HOURS / 1e6
    return dict(total)


def standing(folder):
    """Units in service by asset and period, from purchases and what stood at the start: arrivals less what is worn out or converted."""
    known = {(row["item"], row["period"]): 0.0 for row in table(folder, "tables/fleet")}
    for row in table(folder, "tables/fleet"):
        known[row["item"], row["period"]] += row["value"]
    return known


def arrivals(folder):
    """Units by asset and period of service of everything bought."""
    total = defaultdict(float)
    for row in table(folder, "statements/projects"):
        total[row["asset"], row["in_service"]] += row["units"]
    return total


def free_cash(folder):
    """Free cash flow of the group by calendar year: the plan's own lines of money, plus base business and interest of the statements."""
    total = defaultdict(float)
    for row in table(folder, "tables/money"):
        if row["line"] in ("revenue", "variable cost", "fixed opex", "penalties", "prepayments received", "prepayments credited", "capex", "tax"):
            total[row["period"][:4]] += row["value"]
    for row in table(folder, "statements/lines"):
        if row["scope"] == "own" and row["line"] in ("base business cash", "return on cash"):
            total[row["period"][:4]] += row["value"]
        if row["scope"] == "own" and row["line"] == "interest":
            total[row["period"][:4]] -= row["value"]
    return dict(total)


def payments(folder):
    """Capex by calendar year from the payments of every purchase."""
    total = defaultdict(float)
    for row in table(folder, "statements/payments"):
        if row["period"] not in ("before", "after"):
            total[row["period"][:4]] += row["value"]
    return dict(total)


if __name__ == "__main__":
    run = sys.argv[1]
    told = json.loads((Path(run) / "manifest.json").read_text(encoding="utf-8"))["headline"]
    for name, found, stated, scale in (
        ("capex", payments(run), told["capex_by_year"], 1e6),
        ("free cash flow", free_cash(run), told["free_cash_flow_by_year"], 1e6),
        ("energy", energy(run), told["energy_twh_by_year"], 1.0),
    ):
        for year, value in stated.items():
            print(f"{name:16}{year}{found[year] * scale:20.6g}{value:20.6g}")
