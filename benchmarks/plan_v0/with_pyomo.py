"""The instance in Pyomo, expression by expression, handed to HiGHS by its persistent APPSI interface."""

from __future__ import annotations

import numpy as np
import pyomo.environ as pyo
from pyomo.contrib.appsi.solvers import Highs

from plan_v0.instance import Instance


def hand_over(model: pyo.ConcreteModel) -> Highs:
    """The model in HiGHS; the solver is the one that Barbell would choose."""
    handle = Highs()
    handle.config.load_solution = False
    handle.set_instance(model)
    large = handle._solver_model.getNumNz() > 50_000  # noqa: SLF001
    handle.highs_options["solver"] = "ipm" if large else "simplex"
    return handle


def solve(handle: Highs) -> float:
    """The optimum."""
    return float(handle.solve(handle._model).best_feasible_objective)  # noqa: SLF001


def build(a: Instance) -> pyo.ConcreteModel:
    """The whole extensive form."""
    m = pyo.ConcreteModel()
    k, s, t, d, j, w = (range(count) for count in a.shape)
    b = {n: v.tolist() for n, v in vars(a).items() if isinstance(v, np.ndarray)}  # plain floats are faster in Pyomo

    def block(name, *sets, upper=None):
        bounds = (lambda _, *i: (0, upper(*i))) if upper else (0, None)
        setattr(m, name, pyo.Var(*sets, bounds=bounds))
        return getattr(m, name)

    x = {
        "build": block("build", s, t, upper=lambda i, _: b["max_build"][i]),
        "power": block("power", s, t, upper=lambda i, _: b["max_power"][i]),
        "cool": block("cool", s, t, upper=lambda i, _: b["max_build"][i]),
        **{name: block(name, s, t) for name in ("cap", "pow", "liq")},
    }
    leads, initials = (b["lead_build"], b["lead_power"], [1] * len(s)), (b["cap0"], a.pow0.tolist(), a.liq0.tolist())
    for state, added, lead, initial in zip(("cap", "pow", "liq"), ("build", "power", "cool"), leads, initials, strict=True):
        rule = _state(x[state], x[added], lead, initial)
        setattr(m, f"{state}_state", pyo.Constraint(s, t, rule=rule))

    def capex(time):
        parts = (("cost_build", "build"), ("cost_power", "power"), ("cost_cool", "cool"))
        return sum(b[cost][i] * x[name][i, time] for i in s for cost, name in parts)

    total = a.budget.cumsum().tolist()
    m.budget = pyo.Constraint(t, rule=lambda _, now: sum(capex(past) for past in range(now + 1)) <= total[now])
    y = {
        "buy": block("buy", w, k, s, t),
        "inst": block("inst", w, k, s, t),
        "alloc": block("alloc", w, range(len(a.pairs[0])), s, t),
        "served": block("served", w, d, j, t, upper=lambda *i: float(a.demand[i])),
        "carry": block("carry", w, t),
    }
    _operation(m, a, b, x, y, capex)
    m.cost = pyo.Objective(expr=_cost(a, b, x, y, capex))
    return m


def _state(state, added, lead, initial):
    def rule(_, i, time):
        before = state[i, time - 1] if time else initial[i]
        arrived = added[i, time - lead[i]] if time >= lead[i] else 0.0
        return state[i, time] == before + arrived

    return rule


def _operation(m, a: Instance, b, x, y, capex) -> None:
    k, s, t, d, j, w = (range(count) for count in a.shape)
    pairs = list(enumerate(zip(*(part.tolist() for part in a.pairs), strict=True)))
    of_chip, of_segment = [[p for p, (c, _) in pairs if c == n] for n in k], [[(p, c) for p, (c, g) in pairs if g == n] for n in d]
    mw, pue, keep, lag = b["mw"], b["pue"], b["keep"], b["lag"]
    buy, inst, alloc, served, carry = y.values()
    liquid = [n for n in k if n % 2 == 0]

    def fleet(_, v, c, i, time):
        before = inst[v, c, i, time - 1] if time else b["inst0"][c][i]
        return inst[v, c, i, time] == keep[c] * before + (buy[v, c, i, time - lag[c]] if time >= lag[c] else 0.0)

    def demand(_, v, g, time):
        made = sum(b["perf"][c][g] * alloc[v, p, i, time] for p, c in of_segment[g] for i in s)
        return made >= sum(served[v, g, n, time] for n in j)

    def cash(_, v, time):
        spent = sum(b["price"][v][c][time] * buy[v, c, i, time] for c in k for i in s) + capex(time)
        return spent + carry[v, time] - (carry[v, time - 1] if time else 0.0) == b["budget"][time]

    def power(_, v, i, time):
        return sum(mw[c] * pue[i] * inst[v, c, i, time] for c in k) <= b["delivered"][v][i][time] * x["pow"][i, time]

    m.fleet = pyo.Constraint(w, k, s, t, rule=fleet)
    m.shell = pyo.Constraint(w, s, t, rule=lambda _, v, i, n: sum(mw[c] * inst[v, c, i, n] for c in k) <= x["cap"][i, n])
    m.power_use = pyo.Constraint(w, s, t, rule=power)
    m.cooling = pyo.Constraint(w, s, t, rule=lambda _, v, i, n: sum(mw[c] * inst[v, c, i, n] for c in liquid) <= x["liq"][i, n])
    m.supply = pyo.Constraint(w, k, t, rule=lambda _, v, c, n: sum(buy[v, c, i, n] for i in s) <= b["supply"][v][c][n])
    m.use = pyo.Constraint(w, k, s, t, rule=lambda _, v, c, i, n: sum(alloc[v, p, i, n] for p in of_chip[c]) <= inst[v, c, i, n])
    m.demand = pyo.Constraint(w, d, t, rule=demand)
    m.cash = pyo.Constraint(w, t, rule=cash)


def _cost(a: Instance, b, x, y, capex):
    k, s, t, d, j, w = (range(count) for count in a.shape)
    last, weight, price = len(t) - 1, (a.delta / len(w)).tolist(), b["price"]
    first = sum(b["delta"][n] * (capex(n) + sum(0.03 * x["pow"][i, n] for i in s)) for n in t)
    bought = sum(weight[n] * price[v][c][n] * y["buy"][v, c, i, n] for v in w for c in k for i in s for n in t)
    run = {(c, i, n): b["mw"][c] * b["pue"][i] * b["opex"][i] - (b["salvage"][c] if n == last else 0) for c in k for i in s for n in t}
    running = sum(weight[n] * run[c, i, n] * y["inst"][v, c, i, n] for v in w for c in k for i in s for n in t)
    earned = sum(weight[n] * b["revenue"][g][q] * y["served"][v, g, q, n] for v in w for g in d for q in j for n in t)
    return first + bought + running - earned
