"""The closed form of the break-even, by hand and in its limits."""

import math

import pytest

from barbell.core.errors import FactError
from barbell.core.relations import Fact
from barbell.workloads.custom import HOURS, break_even

PLAIN = {
    "custom-nre": (100, "MUSD2026/unit"), "custom-team": (10, "MUSD2026/unit/year"), "custom-lead": (24, "month"), "custom-life": (48, "month"),
    "life-chip": (60, "month"), "availability-chip": (0.9, "1"), "neo-discount_rate": (0.1, "1"), "neo-campus_capex": (12, "MUSD2026/MW"),
    "neo-campus_life": (240, "month"), "opex-non_energy": (0.3, "MUSD2026/(MW*year)"), "site-us-east-2-energy_price": (80, "USD2026/MWh"),
    "pue-annual-liquid": (1.1, "1"),
    "capex-own": (20, "MUSD2026/kchip"), "capex-vendor": (50, "MUSD2026/kchip"), "inference-own": (2, "Mtok/s/kchip"),
    "inference-vendor": (3, "Mtok/s/kchip"), "it_power-own": (1.0, "MW/kchip"), "it_power-vendor": (2.0, "MW/kchip"),
    "overhead-own": (1, "MUSD2026/kchip/year"), "overhead-vendor": (2, "MUSD2026/kchip/year"),
}  # fmt: skip


def known(spread=1.0, **changes):
    """Facts with a range of `spread` times up and down."""
    values = {name: (changes.get(name.replace("-", "_"), value), unit) for name, (value, unit) in PLAIN.items()}
    return {
        name: Fact(name=name, value=f"{value:.12g}", unit=unit, as_of="2026-01-01", source="given", grade="S", low=f"{value / spread:.12g}",
                   high=f"{value * spread:.12g}")
        for name, (value, unit) in values.items()
    }  # fmt: skip


def annuity(rate, years):
    return sum((1 + rate) ** -n for n in range(1, years + 1))


def test_by_hand():
    found = break_even(known(), "own", "vendor")
    a = annuity(0.1, 5)
    powered = (12 / annuity(0.1, 20) + 0.3 + 80e-6 * HOURS * 1.1) * a
    own, vendor = ((c + o * a + p * powered) / (r * 0.9) for c, o, p, r in ((20, 1, 1.0, 2), (50, 2, 2.0, 3)))
    fixed = 100 * 1.1**2 + 10 * annuity(0.1, 4)
    assert found.cost_own.value == pytest.approx(own) and found.cost_vendor.value == pytest.approx(vendor)
    assert found.fixed.value == pytest.approx(fixed)
    assert found.volume.value == pytest.approx(fixed / ((vendor - own) * 2 * 0.9))
    assert found.never == 0 and found.volume.low == pytest.approx(found.volume.high)
    assert len(found.sources) == len(PLAIN)


def test_a_chip_that_is_no_cheaper_never_pays():
    found = break_even(known(capex_own=200), "own", "vendor")
    assert found.saving.value < 0 and math.isinf(found.volume.value) and found.never == 1


def test_the_volume_grows_with_the_design_and_falls_with_the_saving():
    base = break_even(known(), "own", "vendor").volume.value
    assert break_even(known(custom_nre=200), "own", "vendor").volume.value > base
    assert break_even(known(capex_own=10), "own", "vendor").volume.value < base
    assert break_even(known(custom_nre=0.001, custom_team=0.001), "own", "vendor").volume.value < base / 1e4


def test_wider_ranges_give_a_wider_answer_around_the_same_middle():
    narrow, wide = (break_even(known(spread), "own", "vendor") for spread in (1.1, 1.5))
    assert narrow.volume.value == wide.volume.value
    assert wide.volume.low < narrow.volume.low < narrow.volume.value < narrow.volume.high < wide.volume.high
    assert wide.never > narrow.never


def test_draws_are_the_same_each_time():
    assert break_even(known(1.3), "own", "vendor") == break_even(known(1.3), "own", "vendor")


@pytest.mark.parametrize("missing", ["inference-own", "capex-vendor", "custom-nre"])
def test_what_lacks_is_named(missing):
    facts = known()
    del facts[missing]
    with pytest.raises(FactError, match=missing):
        break_even(facts, "own", "vendor")


def test_both_names_are_told_at_once_with_the_nearest():
    with pytest.raises(FactError) as raised:
        break_even(known(), "owm", "vendir")
    assert "Did you mean 'own'?" in str(raised.value) and "Did you mean 'vendor'?" in str(raised.value)
    with pytest.raises(FactError, match="compared with itself"):
        break_even(known(), "own", "own")
