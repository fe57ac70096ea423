"""The algebra of the toy case, equation by equation, as a reviewer reads it: tests/golden/*.txt.

Rewrite the files after a change that was meant: BARBELL_GOLDEN=1 pytest tests/plan/test_golden.py
"""

import os

import pytest

from barbell import study
from barbell.plan import write
from tests.conftest import ROOT

EQUATIONS = {
    "fleet": ("fleet",),
    "balance": ("balance",),
    "capacity": ("capacity",),
    "demand": ("demand",),
    "limit": ("limit",),
    "cash": ("margin", "spend", "envelope", "placed", "tax", "free", "cash"),
    "value": ("closing", "worth"),
}


@pytest.fixture(scope="module")
def template():
    return write(study.check(ROOT / "cases" / "toy")).template


@pytest.mark.parametrize("equation", EQUATIONS)
def test_algebra(template, equation):
    text = "\n".join(template.text(block) for block in EQUATIONS[equation])
    file = ROOT / "tests" / "golden" / f"{equation}.txt"
    if os.environ.get("BARBELL_GOLDEN"):
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")
