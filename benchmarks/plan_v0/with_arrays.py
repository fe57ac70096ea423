"""The instance as bare NumPy, by hand: one scenario as sorted triplets, tiled, with the varying numbers written over.

What a careful person writes who needs no names, no tree and no checks: the yardstick of the others.
"""

from __future__ import annotations

from typing import Any

import highspy
import numpy as np

from plan_v0.instance import Instance


def build(a: Instance) -> tuple[Any, ...]:
    """The arrays that HiGHS takes."""
    n1, m1, n2, m2 = a.counts
    w = a.shape[5]
    first = _sorted(*_sites(a), m1)
    c, p, d = _numbers(a)
    row, column, value, mapped = _operation(a, c, p, d)
    order = np.lexsort((column, row))
    where = np.empty(len(order), np.int64)
    where[order] = np.arange(len(order))
    counts, column, value = np.bincount(row, minlength=m2), column[order].astype(np.int32), value[order]
    nb, n0 = len(column), len(first[1])
    index, values = np.empty(n0 + w * nb, np.int32), np.empty(n0 + w * nb)
    index[:n0], values[:n0] = first[1], first[2]
    block = index[n0:].reshape(w, nb)
    np.multiply(np.arange(w, dtype=np.int32)[:, None] * n2, column >= n1, out=block)
    block += column
    block = values[n0:].reshape(w, nb)
    block[:] = value
    for at, number in mapped:
        block[:, where[at]] = number
    start = np.empty(m1 + w * m2 + 1, np.int32)
    start[: m1 + 1] = first[0]
    start[m1 + 1 :].reshape(w, m2)[:] = n0 + np.arange(w)[:, None] * nb + np.cumsum(counts)
    return (*_vectors(a), start, index, values)


def hand_over(model: tuple[Any, ...]) -> highspy.Highs:
    """The arrays in HiGHS."""
    cost, lower, upper, row_lower, row_upper, start, index, value = model
    highs = highspy.Highs()
    highs.silent()
    kind = np.zeros(len(cost), np.int32)
    highs.passModel(len(cost), len(row_lower), len(value), 2, 1, 0.0, cost, lower, upper, row_lower, row_upper, start, index, value, kind)
    return highs


def solve(highs: highspy.Highs) -> float:
    """The optimum, by the method that Barbell would choose."""
    highs.setOptionValue("solver", "ipm" if highs.getNumNz() > 50_000 else "simplex")
    highs.run()
    return float(highs.getInfo().objective_function_value)


def _sorted(row, column, value, rows):
    order = np.lexsort((column, row))
    start = np.zeros(rows + 1, np.int32)
    np.cumsum(np.bincount(row, minlength=rows), out=start[1:])
    return start, column[order], value[order]


def _join(terms):
    flat = [[np.broadcast_to(part, np.broadcast_shapes(*map(np.shape, term))).ravel() for part in term] for term in terms]
    return [np.concatenate(part) for part in zip(*flat, strict=True)]


def _first(a: Instance) -> np.ndarray:
    """(build, power, cool, cap, pow, liq; s, t)."""
    return np.arange(a.counts[0]).reshape(6, a.shape[1], a.shape[2])


def _sites(a: Instance):
    _, s, t, *_ = a.shape
    x, row, terms = _first(a), np.arange(3 * s * t).reshape(3, s, t), []
    for n, lead in enumerate((a.lead_build, a.lead_power, np.ones(s, int))):
        site, now = np.nonzero(np.arange(t) >= lead[:, None])
        terms += [
            (row[n], x[3 + n], 1.0),
            (row[n, :, 1:], x[3 + n, :, :-1], -1.0),
            (row[n, site, now], x[n, site, now - lead[site]], -1.0),
        ]
    now, past = np.tril_indices(t)
    terms += [(3 * s * t + now, x[n][:, past], cost[:, None]) for n, cost in enumerate((a.cost_build, a.cost_power, a.cost_cool))]
    return _join(terms)


def _numbers(a: Instance):
    """First columns, second columns and second rows, by name."""
    k, s, t, d, j, _ = a.shape
    x = dict(zip(("build", "power", "cool", "cap", "pow", "liq"), _first(a), strict=True))
    columns = {"buy": (k, s, t), "inst": (k, s, t), "alloc": (len(a.pairs[0]), s, t), "served": (d, j, t), "carry": (t,)}
    rows = {
        "fleet": (k, s, t), "shell": (s, t), "power": (s, t), "cool": (s, t),
        "supply": (k, t), "use": (k, s, t), "demand": (d, t), "cash": (t,),
    }  # fmt: skip
    return x, _number(columns, a.counts[0]), _number(rows, 0)


def _number(shapes, at):
    numbers = {}
    for name, shape in shapes.items():
        size = int(np.prod(shape))
        numbers[name] = np.arange(at, at + size).reshape(shape)
        at += size
    return numbers


def _operation(a: Instance, x, p, r):
    k, s, t, _, _, w = a.shape
    chip, segment = a.pairs
    late, now = np.nonzero(np.arange(t) >= a.lag[:, None])
    mw, liquid, keep = a.mw[:, None, None], a.liquid, a.keep[:, None, None]
    terms = [
        (r["cash"], p["buy"], a.price[0][:, None, :]),
        (r["power"], x["pow"], -a.delivered[0]),
        (r["fleet"], p["inst"], 1.0),
        (r["fleet"][:, :, 1:], p["inst"][:, :, :-1], -keep),
        (r["fleet"][late, :, now], p["buy"][late, :, now - a.lag[late]], -1.0),
        (r["shell"], p["inst"], mw),
        (r["shell"], x["cap"], -1.0),
        (r["power"], p["inst"], mw * a.pue[:, None]),
        (r["cool"], p["inst"][liquid], mw[liquid]),
        (r["cool"], x["liq"], -1.0),
        (r["supply"][:, None, :], p["buy"], 1.0),
        (r["use"][chip], p["alloc"], 1.0),
        (r["use"], p["inst"], -1.0),
        (r["demand"][segment][:, None, :], p["alloc"], a.perf[chip, segment][:, None, None]),
        (r["demand"][:, None, :], p["served"], -1.0),
        (r["cash"], p["carry"], 1.0),
        (r["cash"][1:], p["carry"][:-1], -1.0),
        (r["cash"], x["build"], a.cost_build[:, None]),
        (r["cash"], x["power"], a.cost_power[:, None]),
        (r["cash"], x["cool"], a.cost_cool[:, None]),
    ]
    prices, powers = k * s * t, s * t
    price = np.broadcast_to(a.price[:, :, None, :], (w, k, s, t)).reshape(w, -1)
    mapped = ((np.arange(prices), price), (np.arange(prices, prices + powers), -a.delivered.reshape(w, -1)))
    return *_join(terms), mapped


def _vectors(a: Instance):
    k, s, t, d, j, w = a.shape
    n1, m1, n2, m2 = a.counts
    cost, lower, upper = np.zeros(n1 + w * n2), np.zeros(n1 + w * n2), np.full(n1 + w * n2, np.inf)
    first, second = cost[:n1].reshape(6, s, t), cost[n1:].reshape(w, n2)
    for n, each in enumerate((a.cost_build, a.cost_power, a.cost_cool)):
        first[n] = each[:, None] * a.delta
    first[4] = 0.03 * a.delta
    upper[: 3 * s * t].reshape(3, s, t)[:] = np.array([a.max_build, a.max_power, a.max_build])[:, :, None]
    cut = np.cumsum([k * s * t, k * s * t, len(a.pairs[0]) * s * t, d * j * t])
    last = np.arange(t) == t - 1
    running = (a.mw[:, None] * a.pue * a.opex)[:, :, None] - (a.salvage[:, None] * last)[:, None, :]
    second[:, : cut[0]].reshape(w, k, s, t)[:] = (a.price * (a.delta / w))[:, :, None, :]
    second[:, cut[0] : cut[1]] = (running * (a.delta / w)).ravel()
    second[:, cut[2] : cut[3]] = -(a.revenue[:, :, None] * (a.delta / w)).ravel()
    upper[n1:].reshape(w, n2)[:, cut[2] : cut[3]] = a.demand.reshape(w, -1)

    row_lower, row_upper = np.empty(m1 + w * m2), np.empty(m1 + w * m2)
    start = np.zeros((3, s, t))
    start[:, :, 0] = a.cap0, a.pow0, a.liq0
    row_lower[:m1] = np.append(start, np.full(t, -np.inf))
    row_upper[:m1] = np.append(start, a.budget.cumsum())
    fleet = np.zeros((k, s, t))
    fleet[:, :, 0] = a.keep[:, None] * a.inst0
    low, high = row_lower[m1:].reshape(w, m2), row_upper[m1:].reshape(w, m2)
    uses = 3 * s * t + k * t + k * s * t
    low[:] = np.concatenate([fleet.ravel(), np.full(uses, -np.inf), np.zeros(d * t), a.budget])
    high[:] = np.concatenate([fleet.ravel(), np.zeros(uses), np.full(d * t, np.inf), a.budget])
    high[:, k * s * t + 3 * s * t :][:, : k * t] = a.supply.reshape(w, -1)
    return cost, lower, upper, row_lower, row_upper
