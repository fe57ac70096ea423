"""The plain case in PyPSA: investment periods of a year, all components of a kind added in one call.

Overnight money becomes PyPSA's cost per period by dividing it by the weights of the periods in which the vintage stands.
"""

from __future__ import annotations

import logging
import warnings

import numpy as np
import pandas as pd
import pypsa

from scale.draft import START
from scale.measure import SOLVER
from scale.plain import BUILT, CHIP, SHIPPED, Plain

pypsa.options.api.legacy_string_dtype = False
warnings.filterwarnings("ignore")
for noisy in ("pypsa", "linopy"):
    logging.getLogger(noisy).setLevel(logging.ERROR)


def prepare(plain: Plain) -> Plain:
    """Nothing to prepare but the draws."""
    _ = plain.drawn, plain.draft
    return plain


def build(p: Plain):
    """The network and its linopy model."""
    n = _network(p)
    n.optimize.create_model(multi_investment_periods=True, include_objective_constant=False)
    return n


def solve(n) -> float:
    """Hand over and solve."""
    n.optimize.solve_model(solver_name="highs", io_api="direct", solver_options=SOLVER | {"output_flag": False}, assign_all_duals=False)
    return -float(n.objective)


def _network(p: Plain):
    years = [START + t for t in range(p.shape[3])]
    sites, regions = list(p.draft.sites), p.draft.regions
    n = pypsa.Network()
    n.set_snapshots(pd.MultiIndex.from_product([years, ["z0"]], names=["period", "timestep"]))
    n.investment_periods = years
    n.investment_period_weightings["objective"] = p.disc
    n.investment_period_weightings["years"] = 1.0
    n.add("Carrier", ["grid", "hall", "free", *(f"chip{k}" for k in range(p.shape[2]))])
    n.add("Bus", [*(f"power@{s}" for s in sites), *(f"it@{s}" for s in sites), *(f"work@{r}" for r in regions), "work@world"])
    for asset, scale in (("grid", np.ones(len(sites))), ("hall", p.drawn["pue"])):
        cells = {"bus0": [f"power@{s}" for s in sites], "bus1": [f"it@{s}" for s in sites], "efficiency": 1 / scale}
        cells = {"bus": cells["bus0"], "marginal_cost": p.drawn["energy"]} if asset == "grid" else cells
        _vintages(n, p, "Generator" if asset == "grid" else "Link", asset, BUILT[asset], scale, cells | {"p_nom_max": p.drawn[asset] * scale})
    for k, capex in enumerate(p.capex):
        cells = {"bus0": [f"it@{s}" for s in sites], "bus1": [f"work@{regions[r]}" for r in p.region]}
        cells |= {"efficiency": np.full(len(sites), p.drawn["made"][k] / p.power[k])}
        _vintages(n, p, "Link", f"chip{k}", (capex, *CHIP), np.full(len(sites), p.power[k]), cells)
        most = float(p.supply[k] * p.power[k])
        n.add("GlobalConstraint", f"supply{k}", type="tech_capacity_expansion_limit", carrier_attribute=f"chip{k}", sense="<=", constant=most)
    ends = {"bus0": [f"work@{r}" for r in regions], "bus1": "work@world"}
    n.add("Link", [f"ship {r}" for r in regions], **ends, efficiency=SHIPPED, p_nom=1e6, carrier="free", build_year=START, lifetime=1e3)
    _buyers(n, p, [*regions, "world"], np.vstack([p.drawn["volume"], p.drawn["world"]]))
    return n


def _vintages(n, p: Plain, kind: str, asset: str, built: tuple, scale: np.ndarray, cells: dict) -> None:
    """A vintage of an asset in each year at each site."""
    sites, years = list(p.draft.sites), p.shape[3]
    weight = p.alive(built[3]) @ p.disc
    cost = p.money(*built) / weight
    n.add(
        kind, [f"{asset}@{site} {START + u}" for site in sites for u in range(years)],
        **{name: np.repeat(np.asarray(values), years) for name, values in cells.items()}, carrier=asset, p_nom_extendable=True,
        capital_cost=(cost[None, :] / scale[:, None]).reshape(-1), build_year=np.tile(START + np.arange(years), len(sites)), lifetime=float(built[3]),
    )  # fmt: skip


def _buyers(n, p: Plain, places: list[str], volume: np.ndarray) -> None:
    """Buyers who each pay their own price: generators that take and cost less than nothing; prices change by year."""
    steps = p.shape[4]
    names = [f"{place} {step}" for place in places for step in range(steps)]
    most = pd.DataFrame(np.repeat(volume / steps, steps, axis=0).T, index=n.snapshots, columns=names)
    pays = pd.DataFrame(np.tile(-p.price, (len(places), 1)).T, index=n.snapshots, columns=names)
    n.add(
        "Generator", names, bus=[f"work@{place}" for place in places for _ in range(steps)], sign=-1.0, p_nom=1.0, p_max_pu=most, marginal_cost=pays,
        carrier="free", build_year=START, lifetime=1e3,
    )  # fmt: skip
