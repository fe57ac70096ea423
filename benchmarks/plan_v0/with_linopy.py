"""The instance in linopy, written over labelled arrays and handed to HiGHS directly (strict `v1` alignment)."""

from __future__ import annotations

import linopy
import numpy as np
import xarray as xr

from plan_v0.instance import Instance
from plan_v0.with_arrays import solve

linopy.options["semantics"] = "v1"
__all__ = ["build", "hand_over", "solve"]


def hand_over(model: linopy.Model):
    """The model in HiGHS, without names."""
    highs = linopy.io.to_highspy(model)
    highs.silent()
    return highs


def build(a: Instance) -> linopy.Model:
    """The whole extensive form; the axis w makes the scenarios."""
    model = linopy.Model()
    sizes = dict(zip("kstdjw", a.shape, strict=True)) | {"p": len(a.pairs[0])}
    axes = {name: np.arange(count) for name, count in sizes.items()}

    def data(values, dims):
        return xr.DataArray(np.asarray(values, float), coords={dim: axes[dim] for dim in dims}, dims=list(dims))

    def variable(name, dims, upper=np.inf):
        bound = upper if isinstance(upper, xr.DataArray) else data(np.full([sizes[d] for d in dims], upper), dims)
        return model.add_variables(0, bound, coords=[axes[dim] for dim in dims], dims=list(dims), name=name)

    x = _sites(model, a, data, variable)
    capex = sum((x[n] * data(c, "s")).sum("s") for n, c in (("build", a.cost_build), ("power", a.cost_power), ("cool", a.cost_cool)))
    model.add_constraints(capex.cumsum("t") <= data(a.budget.cumsum(), "t"), name="budget")
    operation = _operation(model, a, data, variable, x, capex)
    delta = data(a.delta, "t")
    model.add_objective((capex * delta).sum() + (x["pow"] * (0.03 * delta)).sum() + operation)
    return model


def _groups(values):
    return [(int(value), np.flatnonzero(values == value)) for value in np.unique(values)]


def _sites(model, a: Instance, data, variable):
    top = np.ones((a.shape[1], a.shape[2]))
    x = {
        "build": variable("build", "st", data(a.max_build[:, None] * top, "st")),
        "power": variable("power", "st", data(a.max_power[:, None] * top, "st")),
        "cool": variable("cool", "st", data(a.max_build[:, None] * top, "st")),
        **{name: variable(name, "st") for name in ("cap", "pow", "liq")},
    }
    leads = (a.lead_build, a.lead_power, np.ones(a.shape[1], int))
    for state, added, lead, initial in zip(("cap", "pow", "liq"), ("build", "power", "cool"), leads, (a.cap0, a.pow0, a.liq0), strict=True):
        begin = data(initial[:, None] * (np.arange(a.shape[2]) == 0), "st")
        change = x[state] - x[state].shift(t=1).fillna(0)
        for by, s in _groups(lead):
            arrived = x[added].isel(s=s).shift(t=by).fillna(0)
            model.add_constraints(change.isel(s=s) - arrived == begin.isel(s=s), name=f"{state}_state_{by}")
    return x


def _operation(model, a: Instance, data, variable, x, capex):
    k, s, t, _, _, w = a.shape
    buy, inst = variable("buy", "wkst"), variable("inst", "wkst")
    alloc, served = variable("alloc", "wpst"), variable("served", "wdjt", data(a.demand, "wdjt"))
    carry = variable("carry", "wt")
    chip, segment = a.pairs
    mw, liquid = data(a.mw, "k"), np.flatnonzero(a.liquid)
    begin = np.zeros((k, s, t))
    begin[:, :, 0] = a.keep[:, None] * a.inst0
    begin = data(np.broadcast_to(begin, (w, k, s, t)), "wkst")
    rest = inst - inst.shift(t=1).fillna(0) * data(a.keep, "k")
    for by, at in _groups(a.lag):
        model.add_constraints(rest.isel(k=at) - buy.isel(k=at).shift(t=by).fillna(0) == begin.isel(k=at), name=f"fleet_{by}")
    model.add_constraints((inst * mw).sum("k") - x["cap"] <= 0, name="shell")
    model.add_constraints((inst * (mw * data(a.pue, "s"))).sum("k") - x["pow"] * data(a.delivered, "wst") <= 0, name="power_use")
    model.add_constraints((inst.isel(k=liquid) * mw.isel(k=liquid)).sum("k") - x["liq"] <= 0, name="cooling")
    model.add_constraints(buy.sum("s") <= data(a.supply, "wkt"), name="supply")
    by_chip, by_segment = (xr.DataArray(of, coords={"p": np.arange(len(of))}, dims="p", name=n) for of, n in ((chip, "k"), (segment, "d")))
    model.add_constraints((1 * alloc).groupby(by_chip).sum() - inst <= 0, name="use")
    done = (alloc * data(a.perf[chip, segment], "p")).sum("s").groupby(by_segment).sum()
    model.add_constraints(done - served.sum("j") >= 0, name="demand")
    spent = (buy * data(a.price, "wkt")).sum(["k", "s"]) + capex
    model.add_constraints(spent + carry - carry.shift(t=1).fillna(0) == data(a.budget, "t"), name="cash")
    weight = data(a.delta / w, "t")
    running = data(a.mw[:, None] * a.pue * a.opex, "ks") - data(a.salvage, "k") * data(np.arange(t) == t - 1, "t")
    return (buy * (data(a.price, "wkt") * weight)).sum() + (inst * (running * weight)).sum() - (served * (data(a.revenue, "dj") * weight)).sum()
