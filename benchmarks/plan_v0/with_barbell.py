"""The instance as equations of `barbell.plan.lp`: one scenario is written, frozen, and laid onto a fan."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barbell.plan.lp import Axis, Change, Options, Program, Solver, Template, Tree, Variable, tile
from plan_v0.instance import Instance


def build(a: Instance, *, seconds: float = 1e4) -> tuple[Template, Options]:
    """The extensive form as arrays."""
    template = write(a)
    problem = tile(Tree.fan(a.shape[5]), template, changes(a, template))
    return problem.arrays, Options(seconds=seconds)


def hand_over(model: tuple[Template, Options]) -> Solver:
    """The arrays in HiGHS."""
    return Solver(*model)


def solve(handle: Solver) -> float:
    """The optimum, verified."""
    return handle.solve().objective


def _axis(name: str, count: int) -> Axis:
    return Axis(name, [str(n) for n in range(count)])


@dataclass(frozen=True)
class _Axes:
    chip: Axis
    site: Axis
    time: Axis
    segment: Axis
    step: Axis
    pair: Axis


def write(a: Instance) -> Template:
    """One scenario, the first: decisions on sites at stage 0, all others at stage 1."""
    k, s, t, d, j, _ = a.shape
    named = {"chip": k, "site": s, "time": t, "segment": d, "step": j, "pair": len(a.pairs[0])}
    axes = _Axes(**{name: _axis(name, count) for name, count in named.items()})
    program = Program(2)
    site, spend = _sites(program, a, axes)
    _operation(program, a, axes, site, spend)
    return program.freeze()


def _earlier(variable: Variable, by: np.ndarray | int) -> np.ndarray:
    """The variable as it was some quarters ago (last axis); absent before the start."""
    time = np.arange(variable.index.shape[-1])
    past = time - np.asarray(by)[..., None]
    block = np.broadcast_to(variable.index, (*variable.index.shape[:-1], len(time)))
    found = np.take_along_axis(block, np.broadcast_to(np.maximum(past, 0), block.shape), axis=-1)
    return np.where(past >= 0, found, -1)


def _sites(program: Program, a: Instance, x: _Axes) -> tuple[dict[str, Variable], list[tuple[np.ndarray, Variable]]]:
    delta, site_time = a.delta, (x.site, x.time)
    build = program.variable("build", site_time, upper=a.max_build[:, None], cost=a.cost_build[:, None] * delta)
    power = program.variable("power", site_time, upper=a.max_power[:, None], cost=a.cost_power[:, None] * delta)
    cool = program.variable("cool", site_time, upper=a.max_build[:, None], cost=a.cost_cool[:, None] * delta)
    state = {
        "cap": program.variable("cap", site_time),
        "pow": program.variable("pow", site_time, cost=0.03 * delta),
        "liq": program.variable("liq", site_time),
    }
    start = np.arange(a.shape[2]) == 0
    for name, added, lead, initial in (
        ("cap", build, a.lead_build, a.cap0),
        ("pow", power, a.lead_power, a.pow0),
        ("liq", cool, 1, a.liq0),
    ):
        row = program.rows(f"{name}_state", site_time, equal=initial[:, None] * start)
        row.add(1.0, state[name]).add(-1.0, _earlier(state[name], 1)).add(-1.0, _earlier(added, lead))
    spend = [(a.cost_build, build), (a.cost_power, power), (a.cost_cool, cool)]
    row = program.rows("budget", (x.time,), upper=a.budget.cumsum())
    now, past = np.tril_indices(a.shape[2])
    for cost, variable in spend:
        row.add(cost[:, None], variable[:, past], at=now)
    return state, spend


def _operation(program: Program, a: Instance, x: _Axes, site: dict[str, Variable], spend: list[tuple[np.ndarray, Variable]]) -> None:
    every, delta = {"stage": 1}, a.delta
    last = np.arange(a.shape[2]) == a.shape[2] - 1
    chip_site_time = (x.chip, x.site, x.time)
    running = (a.mw[:, None] * a.pue * a.opex)[:, :, None] * delta - (a.salvage[:, None] * last)[:, None, :] * delta
    buy = program.variable("buy", chip_site_time, cost=(a.price[0] * delta)[:, None, :], **every)
    inst = program.variable("inst", chip_site_time, cost=running, **every)
    alloc = program.variable("alloc", (x.pair, x.site, x.time), **every)
    served_axes = (x.segment, x.step, x.time)
    served = program.variable("served", served_axes, upper=a.demand[0], cost=-a.revenue[:, :, None] * delta, **every)
    carry = program.variable("carry", (x.time,), **every)
    chip, segment = a.pairs
    mw, liquid = a.mw[:, None, None], a.liquid

    fleet = program.rows("fleet", chip_site_time, equal=(a.keep[:, None] * a.inst0)[:, :, None] * (np.arange(a.shape[2]) == 0), **every)
    fleet.add(1.0, inst).add(-a.keep[:, None, None], _earlier(inst, 1)).add(-1.0, _earlier(buy, a.lag[:, None]))
    program.rows("shell", (x.site, x.time), upper=0.0, **every).add(mw, inst).add(-1.0, site["cap"])
    program.rows("power_use", (x.site, x.time), upper=0.0, **every).add(mw * a.pue[:, None], inst).add(-a.delivered[0], site["pow"])
    program.rows("cooling", (x.site, x.time), upper=0.0, **every).add(mw[liquid], inst[liquid]).add(-1.0, site["liq"])
    program.rows("supply", (x.chip, x.time), upper=a.supply[0], **every).add(1.0, buy.index.swapaxes(0, 1))
    program.rows("use", chip_site_time, upper=0.0, **every).add(1.0, alloc, at=chip).add(-1.0, inst)
    demand = program.rows("demand", (x.segment, x.time), lower=0.0, **every)
    demand.add(a.perf[chip, segment][:, None, None], alloc, at=np.s_[segment[:, None], :])
    demand.add(-1.0, served.index.swapaxes(0, 1))
    cash = program.rows("cash", (x.time,), equal=a.budget, **every)
    cash.add(a.price[0][:, None, :], buy).add(1.0, carry).add(-1.0, _earlier(carry, 1))
    for cost, variable in spend:
        cash.add(cost[:, None], variable)


def changes(a: Instance, template: Template) -> list[Change]:
    """What differs between scenarios: demand, prices (as cost and as cash), supply, delivered power."""
    w = a.shape[5]
    columns, rows = ({name: block.index for name, block in part.items()} for part in (template.columns, template.rows))
    price = np.broadcast_to(a.price[:, :, None, :], (w, *a.shape[:3])).reshape(w, -1)
    cash = template.entries(rows["cash"], columns["buy"])
    power = template.entries(rows["power_use"], columns["pow"])
    return [
        Change(1, "upper", columns["served"].ravel(), a.demand.reshape(w, -1)),
        Change(1, "cost", columns["buy"].ravel(), price * np.tile(a.delta, a.shape[0] * a.shape[1])),
        Change(1, "value", cash.ravel(), price),
        Change(1, "row_upper", rows["supply"].ravel(), a.supply.reshape(w, -1)),
        Change(1, "value", power.ravel(), -a.delivered.reshape(w, -1)),
    ]
