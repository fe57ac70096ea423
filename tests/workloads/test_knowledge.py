"""Every chip and every language model of the knowledge files is among the facts, with what predictions need."""

import csv
import re

import pytest

from barbell.core.basis import Basis
from barbell.facts.store import known
from barbell.workloads.chip import accelerator, accelerators
from barbell.workloads.training.shape import shape
from barbell.workloads.training.silicon import silicon
from tests.conftest import ROOT

KNOWLEDGE = ROOT.parent / "shared" / "facts" / "silicon"
OUT_OF_SCOPE = {"CPU-Xeon6-GNR"}
"""Named in rows that no fit takes; no figure of it is on record."""
ANNOUNCED = ("vr200", "vr300", "mi455x", "trainium4")
pytestmark = pytest.mark.skipif(not KNOWLEDGE.is_dir(), reason="the knowledge files are not here")


def rows(name):
    with (KNOWLEDGE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def slug(text):
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")


def test_every_chip_can_serve_and_train():
    facts = known("9999-12-31")
    names = [row["chip"] for row in rows("chips.csv") if row["chip"] not in OUT_OF_SCOPE]
    assert len(names) > 30 and {slug(name) for name in names} <= set(accelerators(facts))
    for name in names:
        sheet, there = silicon(facts, name), accelerator(Basis(facts), slug(name))
        assert min(sheet.bf16, sheet.memory, sheet.bandwidth, sheet.link, sheet.domain) > 0 and there.peak, name


def test_every_chip_says_when_it_was_to_be_had():
    facts = known("9999-12-31")
    late = [row["chip"] for row in rows("chips.csv") if row["chip"] not in OUT_OF_SCOPE and f"chip-{slug(row['chip'])}-launch" not in facts]
    assert not late


@pytest.mark.parametrize("chip", ANNOUNCED)
def test_what_is_only_announced_has_a_wide_range(chip):
    sheet = accelerator(Basis(known("9999-12-31")), chip)
    peak = sheet.peak["fp8"]
    assert peak.high / peak.low > 1.2
    launch = Basis(known("9999-12-31")).interval(f"chip-{chip}-launch", "year")
    assert 0.4 < launch.high - launch.low < 2


def test_every_language_model_has_a_shape():
    """From facts, from its own name, or from the number of its parameters where the row says no more."""
    facts, lacking = known("9999-12-31"), []
    for row in rows("models.csv"):
        if row["kind"] not in ("dense", "moe"):
            continue
        total, active = (float(row[name] or "nan") * 1e9 for name in ("params_total_b", "params_active_b"))
        described = f"model-{slug(row['model'])}-hidden" in facts
        if row["layers"] and not described and not row["model"].startswith("GPT-h"):
            lacking.append(row["model"])
        if described or total == total:
            found = shape(facts, row["model"]) if described else shape(facts, row["model"], params=total, active=active)
            assert found.total > 0
    assert not lacking
