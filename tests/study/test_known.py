"""What a case may know on a day, calibrations among it."""

import pytest

from barbell import facts
from barbell.study.known import LATEST, known

EARLY = "2026-02-10"


def test_facts_are_those_of_the_day_but_calibrations_those_of_today():
    early = known(EARLY)
    instruments = {name for name in early if name.startswith("serving-")}
    assert instruments == {name for name in facts.known(LATEST) if name.startswith("serving-")}
    assert {early[name].as_of for name in instruments} != set() and max(early[name].as_of for name in instruments) > EARLY
    assert all(fact.as_of <= EARLY for name, fact in early.items() if name not in instruments and not name.startswith("training-"))


def test_chips_of_an_early_day_serve_and_are_as_young_as_their_data_sheets():
    early = known(EARLY)
    assert float(early["inference-h200"].value) == pytest.approx(float(known(LATEST)["inference-h200"].value), rel=0.05)
    assert early["inference-h200"].as_of <= EARLY
