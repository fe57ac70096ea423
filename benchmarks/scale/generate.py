"""A large planning case of any size, as files: case.yaml and one CSV file per table, as any user could have written them.

    python -m scale.generate FOLDER --sites 200 --chips 6 --quarters 60 [--slices 4] [--forks 2] [--ways 3] [--seed 0]

(from the folder `benchmarks`). The same arguments give the same files. All figures are synthetic, of the size that such things
have: sites with their own price of power, cost, queue and pace; a ladder of grid or engines, shell, halls, racks and chips by
generation; markets of the world and of each region; contracts signed and on offer; what stands and is on order; programmes, payments,
tax, debt, milestones, yearly budgets, crews and transformers that the sites of a region share, packaging and memory that all share.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from scale.draft import START, Draft, Size, written
from scale.ladder import ladder
from scale.silicon import silicon
from scale.trade import futures, slices, trade

HEADERS = {
    "conversions": {"capex": "MUSD2026/MW", "gain": "MW/MW", "limit": "MW/year"},
    "options": {"order_limit": "{asset}/year"},
    "cohorts": {"amount": "{asset}", "price": "MUSD2026/{asset}"},
    "uses": {"use": "{asset}/{process}"},
    "rates": {"rate": "{resource:rate}/{process}"},
    "takes": {"amount": "{resource:amount}/{asset}"},
    "accounts": {"initial": "{resource:amount}", "ceiling": "{resource:amount}", "budget": "{resource:amount}"},
    "demands": {"volume": "{resource}"},
    "price_steps": {"price": "MUSD2026/({demand:resource}*year)"},
    "contracts": {"volume": "{resource}", "price": "MUSD2026/({resource}*year)", "penalty": "MUSD2026/({resource}*year)"},
    "gates": {"amount": "{asset}", "penalty": "MUSD2026/({asset}*year)"},
    "limits": {"bound": "{unit}"},
    "terms": {"coefficient": "{limit}/{measure}"},
    "entities": dict.fromkeys(("cash", "cash_floor"), "MUSD2026") | dict.fromkeys(("base_cash", "base_income", "draws", "pays"), "MUSD2026/year"),
    "debts": {"limit": "MUSD2026", "opening": "MUSD2026"},
    "slices": {"hours": "h"},
}  # fmt: skip
"""Units in the headers of the files."""


def draft(size: Size) -> Draft:
    """The rows of a case of a size."""
    made = Draft(size)
    ladder(made)
    silicon(made)
    slices(made)
    trade(made)
    futures(made)
    return made


def write(folder: Path, size: Size) -> Path:
    """Write a case of a size into a new or empty folder. Raises FileExistsError where something stands there."""
    made = draft(size)
    forks = f", {size.ways}-way forks after each of the first {size.forks} years" if size.forks else ""
    intention = (
        f"# Synthetic, to measure with: {size.sites} sites, {size.chips} chips, {size.quarters} quarters, {size.slices} slices{forks},"
        f" seed {size.seed}.\n"
        "question: What is built where and when, and how long does planning it take?\n"
        "money: MUSD2026\nas_of: 2026-01-01\n"
        "units:\n  transformer:\n"
        f"horizon:\n  start: {START}Q1\n  periods: [{size.quarters} x quarter]\n"
    )
    return written(made, folder, intention, HEADERS)


def arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments that give a size."""
    for name, default in (("sites", 20), ("chips", 4), ("quarters", 24), ("slices", 1), ("forks", 0), ("ways", 3), ("steps", 5), ("seed", 0)):
        parser.add_argument(f"--{name}", type=int, default=default)


def main() -> None:
    """Write a case as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    arguments(parser)
    given = vars(parser.parse_args())
    folder = given.pop("folder")
    made = write(folder, Size(**given))
    rows = sum(text.count("\n") - 1 for text in (file.read_text(encoding="utf-8") for file in made.glob("*.csv")))
    print(f"{made}: {rows} rows in {len(list(made.glob('*.csv')))} tables")


if __name__ == "__main__":
    main()
