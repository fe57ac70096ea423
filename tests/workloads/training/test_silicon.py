"""Data sheets: what is open is filled by the stated rules, what is unknown is refused."""

import pytest

from barbell.core.basis import Basis
from barbell.core.errors import FactError
from barbell.workloads.chip import PLUGGED, accelerator
from barbell.workloads.training.silicon import AMPLE, HALF_DUPLEX, SCALE_OUT, SCALE_UP_SHARE, headroom, silicon
from tests.workloads.training.build import facts


def without(*starts):
    return {name: fact for name, fact in facts().items() if not name.startswith(starts)}


def test_a_sheet_is_read_in_si_units():
    found = silicon(facts(), "GB200")
    assert (found.bf16, found.fp8, found.memory, found.bandwidth, found.link, found.out, found.domain) == (
        2.5e15, 5e15, 186e9, 8e12, 900e9, 100e9, 72,
    )  # fmt: skip
    assert (found.vendor, found.generation) == ("nvidia", "blackwell")


def test_gaps_are_filled_by_rule():
    known = without("chip-tpu_v5e-scaleup", "chip-tpu_v5p-scaleup", "chip-tpu_v5e-scaleout") | {
        "chip-tpu_v5p-scaleup_documented": facts()["chip-tpu_v5p-scaleup_documented"]
    }
    lite, torus = silicon(known, "TPU v5e"), silicon(known, "TPU v5p")
    assert lite.link == pytest.approx(SCALE_UP_SHARE * lite.bandwidth) and lite.out == SCALE_OUT
    assert torus.link == pytest.approx(1.2e12 * HALF_DUPLEX)
    assert silicon(facts(), "A100-40GB").domain == 8


def test_a_chip_with_only_an_fp4_peak_halves_it():
    found = silicon(facts(), "VR200")
    assert found.fp4 == 2 * found.fp8 == 4 * found.bf16


def test_headroom_is_power_against_chips_of_the_same_die():
    """By hand: MI300X and MI325X have one peak, 750 and 1,000 W; alone of its kind, or without watts, a chip is its own measure."""
    for small, large in zip(headroom(facts(), "mi300x"), headroom(facts(), "mi325x"), strict=True):
        assert large / small == pytest.approx(1000 / 750) and small == pytest.approx(750 / 875)
    assert headroom(facts(), "h20")[0] == AMPLE
    assert [headroom(facts(), name) for name in ("h100", "tpu_v6e", "trainium1", "inferentia2", "nothing")] == [(1.0, 1.0)] * 5


def test_a_chip_announced_as_multiples_of_another_has_them():
    later, now = silicon(facts(), "Trainium4"), silicon(facts(), "Trainium3")
    assert later.fp8 == 3 * now.fp8 and later.bandwidth == pytest.approx(4 * now.bandwidth)
    assert (later.name, later.slug, later.vendor, later.generation) == ("Trainium4", "trainium4", "aws", "neuron5")


@pytest.mark.parametrize(("name", "words"), [("H101", "Did you mean 'h100'"), ("H800", "Add the facts chip-h800-bandwidth")])
def test_an_unknown_chip_or_one_that_lacks_a_figure_is_refused(name, words):
    with pytest.raises(FactError, match=words):
        silicon(without("chip-h800-bandwidth"), name)


@pytest.mark.parametrize("slug", ["tpu_v5e", "tpu_v5p", "tpu_v6e", "tpu_v7", "mi350x", "mi455x", "h20", "h800", "gh200", "vr300"])
def test_serving_and_training_read_one_data_sheet(slug):
    """No chip that has a link of its own is taken for one that talks over PCI Express."""
    here, there = silicon(facts(), slug), accelerator(Basis(facts()), slug)
    assert here.link == there.link.value > 2 * PLUGGED.value and here.domain == there.domain
    assert (here.memory, here.bandwidth) == (there.memory.value, there.bandwidth.value)
