"""The plain case in linopy, written over labelled arrays (strict `v1` alignment)."""

from __future__ import annotations

import linopy
import numpy as np
import xarray as xr

from scale.measure import SOLVER
from scale.plain import BUILT, CHIP, SHIPPED, Plain


def prepare(plain: Plain) -> Plain:
    """Nothing to prepare but the draws."""
    _ = plain.drawn, plain.draft
    return plain


def build(p: Plain) -> linopy.Model:
    """The whole program."""
    with linopy.options as options:  # PyPSA fails under these semantics: they must not outlast the building
        options.set_value(semantics="v1")
        return _model(p)


def _model(p: Plain) -> linopy.Model:
    s, r, k, t, j = p.shape
    axes = {"s": np.arange(s), "r": np.arange(r), "k": np.arange(k), "t": np.arange(t), "u": np.arange(t), "j": np.arange(j)}
    model = linopy.Model()

    def data(values, dims):
        return xr.DataArray(np.asarray(values, float), coords={dim: axes[dim] for dim in dims}, dims=list(dims))

    def variable(name, dims, upper=np.inf):
        bound = upper if isinstance(upper, xr.DataArray) else data(np.full([len(axes[d]) for d in dims], upper), dims)
        return model.add_variables(0, bound, coords=[axes[dim] for dim in dims], dims=list(dims), name=name)

    new = {name: variable(f"new {name}", "su", data(np.repeat(p.drawn[name][:, None], t, 1), "su")) for name in BUILT}
    run = {name: variable(f"run {name}", "st") for name in BUILT}
    chips, work, ship = variable("new chip", "ksu"), variable("run chip", "kst"), variable("ship", "rt")
    served = variable("served", "rjt", data(np.repeat(p.drawn["volume"][:, None] / j, j, 1), "rjt"))
    abroad = variable("abroad", "jt", data(np.repeat(p.drawn["world"][None] / j, j, 0), "jt"))
    cost = 0
    for name, built in BUILT.items():
        model.add_constraints(run[name] - (new[name] * data(p.alive(built[3]), "ut")).sum("u") <= 0, name=f"capacity {name}")
        cost = cost + (new[name] * data(p.money(*built), "u")).sum()
    model.add_constraints(work - (chips * data(p.alive(CHIP[2]), "ut")).sum("u") <= 0, name="capacity chip")
    cost = cost + (chips * data([p.money(capex, *CHIP) for capex in p.capex], "ku")).sum()
    model.add_constraints(run["grid"] - run["hall"] * data(p.drawn["pue"], "s") == 0, name="power")
    model.add_constraints(run["hall"] - (work * data(p.power, "k")).sum("k") == 0, name="it")
    region = xr.DataArray(p.region, coords={"s": axes["s"]}, dims="s", name="r")
    made = (work * data(p.drawn["made"], "k")).sum("k").groupby(region).sum()
    model.add_constraints(made - ship - served.sum("j") == 0, name="work")
    model.add_constraints((SHIPPED * ship).sum("r") - abroad.sum("j") == 0, name="world")
    model.add_constraints(chips.sum(["s", "u"]) <= data(p.supply, "k"), name="supply")
    cost = cost + (run["grid"] * (data(p.drawn["energy"], "s") * data(p.disc, "t"))).sum()
    pays = data(p.price * p.disc, "jt")
    model.add_objective(cost - (served * pays).sum() - (abroad * pays).sum())
    return model


def solve(model: linopy.Model) -> float:
    """Hand over and solve."""
    highs = linopy.io.to_highspy(model)
    highs.silent()
    for option, value in SOLVER.items():
        highs.setOptionValue(option, value)
    highs.run()
    return -highs.getInfo().objective_function_value
