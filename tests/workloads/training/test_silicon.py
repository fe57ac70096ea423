"""Data sheets: what is open is filled by the stated rules, what is unknown is refused."""

import pytest

from barbell.core.errors import FactError
from barbell.workloads.training.silicon import AMPLE, HALF_DUPLEX, SCALE_OUT, SCALE_UP_SHARE, headroom, silicon
from tests.workloads.training.build import facts


def test_a_sheet_is_read_in_si_units():
    found = silicon(facts(), "GB200")
    assert (found.bf16, found.fp8, found.memory, found.bandwidth, found.link, found.out, found.domain) == (
        2.5e15, 5e15, 186e9, 8e12, 900e9, 100e9, 72,
    )  # fmt: skip
    assert (found.vendor, found.generation) == ("nvidia", "blackwell")


def test_gaps_are_filled_by_rule():
    lite, torus = silicon(facts(), "TPU v5e"), silicon(facts(), "TPU v5p")
    assert lite.link == pytest.approx(SCALE_UP_SHARE * lite.bandwidth) and lite.out == SCALE_OUT
    assert torus.link == pytest.approx(1.2e12 * HALF_DUPLEX)
    assert silicon(facts(), "A100-40GB").domain == 8


def test_a_chip_with_only_an_fp4_peak_halves_it():
    found = silicon(facts(), "VR200")
    assert found.fp4 == 2 * found.fp8 == 4 * found.bf16


def test_headroom_is_power_against_chips_of_the_same_die():
    """By hand: MI300X and MI325X have one peak, 750 and 1,000 W; alone of its kind, or without watts, a chip is its own measure."""
    assert headroom(facts(), "mi325x") / headroom(facts(), "mi300x") == pytest.approx(1000 / 750)
    assert headroom(facts(), "mi300x") == pytest.approx(750 / 875) and headroom(facts(), "h20") == AMPLE
    assert [headroom(facts(), name) for name in ("h100", "tpu_v6e", "trainium1", "inferentia2", "nothing")] == [1.0] * 5


@pytest.mark.parametrize(("name", "words"), [("H101", "Did you mean 'h100'"), ("H800", "Add the facts chip-h800-bandwidth")])
def test_an_unknown_chip_is_refused(name, words):
    with pytest.raises(FactError, match=words):
        silicon(facts(), name)
