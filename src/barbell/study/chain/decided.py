"""What the plan decides, and why it decides no other: orders, fleet, activity, sales, contracts, debt; and the prices of what is short."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from barbell.core.horizon import Month
from barbell.study.chain import cells
from barbell.study.chain.ground import SEAM, Ground, slug
from barbell.study.chain.node import PRODUCT, SUM, Input, Node

_LEAST = 1e-9
_REASONS = 4
"""Things that bind named beside a decision."""


def orders(ground: Ground, parts: Sequence[str]) -> Node | None:
    """``orders/ASSET@PLACE/TIME``, at all places without one; a year is the sum of its periods.

    Other actions stand after a colon: ``:retire``, ``:convert-by-NAME``, and ``:all`` for everything but retirement.
    """
    if len(parts) != 2:
        return None
    spot, time = parts
    spot, _, action = spot.partition(":")
    item, _, place = spot.partition("@")
    amounts = ground.among("orders", "item", "place", "action", item=item)
    there = {key: v for key, v in amounts.items() if not place or key[1] == place}
    kept = {key: v for key, v in there.items() if slug(key[2]) == (action or "order") or (action == "all" and key[2] != "retire")}
    named = f":{action}" if action else ""
    did = "ordered" if not action else "ordered and converted" if action == "all" else slug(action).replace("-", " ")
    what = f"{item}{f' at {place}' if place else ''} {did} in {time}"
    address = f"orders/{spot}{named}/{time}"
    unit = ground.row("assets", item).unit if item in ground.rows["assets"] else ""
    if place and action != "all" and (item, place, *{key[2] for key in kept}, time) in kept:
        return Node(
            address, what, kept[item, place, next(iter(kept))[2], time], unit, said=f"decided by the plan; {binding(ground, item, place, time)}"
        )
    here = {key: v for key, v in kept.items() if key[3] == time or (time.isdigit() and key[3].startswith(time) and SEAM not in key[3])}
    inputs = [Input(f"{key[1]} {key[3]}", f"orders/{key[0]}@{key[1]}{_action(key[2])}/{key[3]}") for key, v in here.items() if v]
    return Node(address, what, sum(here.values()), unit, SUM, tuple(inputs)) if here else None


def _action(name: str) -> str:
    return "" if name == "order" else f":{slug(name)}"


def binding(ground: Ground, asset: str, place: str, period: str) -> str:
    """What is short and keeps the plan from ordering more of an asset, by the prices of its limits, its capacity and its programme's money."""
    case, found = ground.case, []
    programme = ground.row("assets", asset).programme if asset in ground.rows["assets"] else ""
    limits = {t.limit for t in case.tables.terms if t.item in (asset, programme) and t.measure in ("order", "service", "fleet", "spend")}
    for (kind, item, spot), (price, unit) in _prices(ground).get(period, {}).items():
        if price > 0 and _touches(kind, item, spot, asset, place, programme, limits):
            found.append((price, f"{kind} {item}{f'@{spot}' if spot else ''} ({price:,.4g} {unit})"))
    if not found:
        return "no limit, capacity or budget in which it counts has a price in that period"
    told = [text for _, text in sorted(found, reverse=True)[:_REASONS]]
    return f"short in that period, with the price of one more: {', '.join(told)}"


def _touches(kind: str, item: str, spot: str, asset: str, place: str, programme: str, limits: set[str]) -> bool:
    if kind in ("capacity", "order limit"):
        return item == asset and spot == place
    return item in limits if kind == "limit" else kind == "envelope" and item == programme


def _prices(ground: Ground) -> dict[str, dict[tuple[str, str, str], tuple[float, str]]]:
    """Price of one more (in money of the period) and its unit, by period, then by kind, item and place."""
    memo = ground.memo.setdefault("prices", {})
    if not memo:
        then = ground.values("prices", "kind", "item", "place", "unit", column="price_then")
        for (kind, item, place, unit, period), value in then.items():
            memo.setdefault(period, {})[kind, item, place] = value, unit
    found: dict[str, dict[tuple[str, str, str], tuple[float, str]]] = memo
    return found


def prices(ground: Ground, parts: Sequence[str]) -> Node | None:
    """``prices/KIND:ITEM@PLACE/PERIOD``: value of one more unit, in money of that period (``/today`` behind it: in money of today)."""
    if len(parts) not in (2, 3):
        return None
    kind, _, spot = parts[0].partition(":")
    item, _, place = spot.partition("@")
    asked = (slug(kind), item, place)
    hit = next((key for key in _prices(ground).get(parts[1], {}) if (slug(key[0]), *key[1:]) == asked), None)
    if hit is None:
        return None
    price, unit = _prices(ground)[parts[1]][hit]
    today = parts[2:] == ["today"]
    if today:
        price = ground.values("prices", "kind", "item", "place", column="price")[*hit, parts[1]]
    said = "a dual of the plan, verified: what the value gains with one more unit, to first order; valid for small changes"
    what = f"price {'today' if today else 'then'} of {hit[0]} {spot} in {parts[1]}"
    return Node("/".join(("prices", *parts)), what, price, unit, said=said)


def fleet(ground: Ground, parts: Sequence[str]) -> Node | None:
    """``fleet/ASSET@PLACE/PERIOD``, of one batch after a colon, or at all places without one."""
    if len(parts) != 2:
        return None
    spot, period = parts
    spot, _, batch = spot.partition(":")
    item, _, place = spot.partition("@")
    amounts = ground.among("fleet", "item", "place", "batch", item=item, period=period)
    here = {key: v for key, v in amounts.items() if not place or key[1] == place}
    if not here or item not in ground.rows["assets"]:
        return None
    unit, address = ground.row("assets", item).unit, "/".join(("fleet", *parts))
    if not place:
        places = list(dict.fromkeys(key[1] for key in here))
        inputs = tuple(Input(p, f"fleet/{item}@{p}/{period}") for p in places if sum(v for k, v in here.items() if k[1] == p))
        return Node(address, f"{item} in service in {period}", sum(here.values()), unit, SUM, inputs)
    names = {key[2]: v for key, v in here.items()}
    if not batch and list(names) != [spot]:
        inputs = tuple(Input(name, f"fleet/{spot}:{name.removeprefix(spot).strip()}/{period}") for name, v in names.items() if v)
        return Node(address, f"{item} in service at {place} in {period}", sum(names.values()), unit, SUM, inputs)
    label = f"{spot} {batch}" if batch else spot
    if label not in names:
        return None
    inputs = tuple(_moves(ground, item, place, label, period))
    return Node(address, f"{label} in service in {period}", names[label], unit, SUM, inputs)


def _moves(ground: Ground, item: str, place: str, label: str, period: str) -> Iterator[Input]:
    """What stood before, what entered service, and what left."""
    spot, batch = f"{item}@{place}", label.removeprefix(f"{item}@{place}").strip()
    named = f"fleet/{spot}:{batch}" if batch else f"fleet/{spot}"
    before = earlier(ground, ground.values("fleet", "item", "place", "batch"), (item, place, label), period)
    if before:
        yield Input("stood before", f"{named}/{before}")
    for one in entered(ground, item, place, batch, period):
        yield Input(one.rsplit("/", 2)[-1] if one.startswith("orders") else one, one)
    gone = _gone(ground, item, place, label, period)
    if gone > _LEAST * 1e3 and _may_leave(ground, item, place):
        yield Input("left", f"left/{spot}{f':{batch}' if batch else ''}/{period}", -1.0)


def _may_leave(ground: Ground, item: str, place: str) -> bool:
    """Whether units of an asset can leave within the horizon: by attrition, retirement, conversion or age."""
    asset, span = ground.row("assets", item), round(12 * ground.case.horizon.length)
    cohorts = [c for c in ground.case.tables.cohorts if (c.asset, c.place) == (item, place)]
    aged = asset.life_months < span or any(c.remaining_months is None or c.remaining_months < span for c in cohorts)
    return bool(asset.attrition or asset.retirable or aged or any(c.source == item for c in ground.case.tables.conversions))


def entered(ground: Ground, item: str, place: str, batch: str, period: str) -> Iterator[str]:
    """Addresses of what enters service in a period: orders, cohorts that arrive or (in the first period) stand."""
    case, n = ground.case, ground.number[period.partition(SEAM)[0]]
    horizon = case.horizon
    for cohort in case.tables.cohorts:
        if (cohort.asset, cohort.place) == (item, place) and batch in ("", cohort.name):
            month = Month.parse(cohort.service)
            if (horizon.arrival(month) if month >= horizon.start else 0) == n:
                yield cells.at("cohorts", cohort.id, "amount")
    if batch and batch != ground.labels[n]:
        return
    amounts = ground.values("orders", "item", "place", "action")
    option = ground.view.options.get((item, place))
    asset = ground.view.assets[item]
    for t, span in enumerate(horizon.periods[: n + 1]):
        if option and horizon.arrival(span.start + asset.lead_months + option.extra_lead_months) == n:
            when = _lived(ground, amounts, (item, place, "order"), ground.labels[t], period)
            if when and amounts[item, place, "order", when]:
                yield f"orders/{item}@{place}/{when}"
    for conversion in case.tables.conversions:
        if conversion.target == item:
            for t, span in enumerate(horizon.periods[: n + 1]):
                if horizon.arrival(span.start + conversion.months) == n:
                    key = (conversion.source, place, f"convert by {conversion.name}")
                    when = _lived(ground, amounts, key, ground.labels[t], period)
                    if when and amounts[*key, when]:
                        yield f"converted/{conversion.name}@{place}/{when}"


def converted(ground: Ground, parts: Sequence[str]) -> Node | None:
    """``converted/NAME@PLACE/PERIOD``: units of the target that a conversion begun in a period brings."""
    name, _, place = parts[0].partition("@")
    if len(parts) != 2 or name not in ground.rows["conversions"]:
        return None
    row = ground.row("conversions", name)
    begun = f"orders/{row.source}@{place}:convert-by-{slug(name)}/{parts[1]}"
    value = ground.values("orders", "item", "place", "action").get((row.source, place, f"convert by {name}", parts[1]))
    if value is None:
        return None
    inputs = (Input("begun", begun), Input("gain", cells.at("conversions", name, "gain")))
    unit = ground.row("assets", row.target).unit
    return Node("/".join(("converted", *parts)), f"{row.target} that {name} brings at {place}", value * row.gain, unit, PRODUCT, inputs)


def earlier(ground: Ground, amounts: dict[tuple[str, ...], float], key: tuple[str, ...], period: str) -> str:
    """The period before, in the branch that this one came from; empty where nothing is known of it."""
    n = ground.number[period.partition(SEAM)[0]]
    return _lived(ground, amounts, key, ground.labels[n - 1], period) if n else ""


def _lived(ground: Ground, amounts: dict[tuple[str, ...], float], key: tuple[str, ...], label: str, period: str) -> str:
    """A period as the branch of another period lived it: its own, or that of the branches it came from."""
    branch = period.partition(SEAM)[2]
    while branch:
        if (*key, f"{label}{SEAM}{branch}") in amounts:
            return f"{label}{SEAM}{branch}"
        parent = ground.row("scenarios", branch).parent
        branch = "" if parent not in ground.rows["scenarios"] else parent
    return label if (*key, label) in amounts else ""


def _gone(ground: Ground, item: str, place: str, label: str, period: str) -> float:
    amounts = ground.values("fleet", "item", "place", "batch")
    before = earlier(ground, amounts, (item, place, label), period)
    batch = label.removeprefix(f"{item}@{place}").strip()
    came = sum(_amount(ground, one) for one in entered(ground, item, place, batch, period))
    return (amounts[item, place, label, before] if before else 0.0) + came - amounts[item, place, label, period]


def _amount(ground: Ground, address: str) -> float:
    """Units behind an address that `entered` gives."""
    if address.startswith("cohorts."):
        found = cells.cell(ground, address)
        return found.value if found else 0.0
    head, *parts = address.split("/")
    made = (orders if head == "orders" else converted)(ground, parts)
    return made.value if made else 0.0


def left(ground: Ground, parts: Sequence[str]) -> Node | None:
    """``left/ASSET@PLACE/PERIOD``: what no longer stands, of one batch after a colon."""
    if len(parts) != 2:
        return None
    spot, _, batch = parts[0].partition(":")
    item, _, place = spot.partition("@")
    label = f"{spot} {batch}" if batch else spot
    if (item, place, label, parts[1]) not in ground.values("fleet", "item", "place", "batch"):
        return None
    asset = ground.row("assets", item)
    amounts = ground.among("orders", "item", "place", "action", item=item, period=parts[1])
    inputs = [Input(key[2], f"orders/{spot}:{slug(key[2])}/{key[3]}") for key, v in amounts.items()
              if key[1] == place and key[2] != "order" and v > _LEAST]  # fmt: skip
    inputs += [Input(name, cells.at("assets", item, name)) for name in ("life_months", "attrition") if getattr(asset, name)]
    said = "worn out at the end of life, lost, retired or taken for conversion, as the plan has it"
    what = f"{label} that left service in {parts[1]}"
    return Node("/".join(("left", *parts)), what, _gone(ground, item, place, label, parts[1]), asset.unit, inputs=tuple(inputs), said=said)


def activity(ground: Ground, parts: Sequence[str]) -> Node | None:
    """``activity/PROCESS@PLACE/PERIOD``, mean over the slices of the period; of one slice after a colon, or at all places without one."""
    if len(parts) != 2:
        return None
    (spot, period), horizon = parts, ground.case.horizon
    spot, _, slice_ = spot.partition(":")
    item, _, place = spot.partition("@")
    amounts = ground.among("activity", "item", "place", "slice", item=item, period=period)
    here = {key: v for key, v in amounts.items() if not place or key[1] == place}
    if not here:
        return None
    share = dict(zip((s.name for s in horizon.slices), horizon.shares, strict=True))
    unit, address = ground.row("processes", item).unit, "/".join(("activity", *parts))
    mean = sum(v * share[key[2]] for key, v in here.items() if not slice_ or key[2] == slice_)
    what, said = f"activity of {item}{f' at {place}' if place else ''} in {period}", "decided by the plan: what runs, within capacity and balances"
    if not place:
        places = [p for p in dict.fromkeys(key[1] for key in here) if any(v for key, v in here.items() if key[1] == p)]
        return Node(address, what, mean, unit, SUM, tuple(Input(p, f"activity/{item}@{p}/{period}") for p in places))
    if slice_ or len(here) == 1:
        return Node(address, what, mean / (share[slice_] if slice_ else 1.0), unit, said=said) if not slice_ or slice_ in share else None
    inputs = tuple(Input(key[2], f"activity/{spot}:{key[2]}/{period}", share[key[2]]) for key in here)
    return Node(address, what, mean, unit, SUM, inputs)
