"""Rules of the house, as tests."""

import ast
import re
import subprocess
import sys

import pytest

import barbell
from tests.conftest import ROOT

SOURCES = sorted((ROOT / "src").rglob("*.py"))
HEAVY = ("pandas", "xarray", "pint", "polars", "highspy", "numpy", "pydantic")


def test_import_is_lazy():
    code = f"import sys, barbell; print([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_facade_is_small_sorted_and_real():
    assert list(barbell.__all__) == sorted(barbell.__all__) and len(barbell.__all__) <= 12
    assert all(getattr(barbell, name) is not None for name in barbell.__all__)
    with pytest.raises(AttributeError):
        barbell.nothing  # noqa: B018


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_files_and_functions_are_small(path):
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= 420, "a file is one idea"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            assert node.end_lineno - node.lineno <= 60, f"{node.name} is too long"


def test_no_catch_all_modules():
    assert not [p for p in SOURCES if p.stem in ("utils", "util", "helpers", "common", "misc")]


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_public_names_are_documented(path):
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            assert ast.get_docstring(node), f"{node.name} has no docstring"


def test_repository_speaks_of_barbell_alone():
    wrong = re.compile(r"(?<![\w.])/(?:tmp|work|root|home)/\w")
    files = [p for d in ("src", "docs", "cases", "benchmarks") for p in (ROOT / d).rglob("*") if p.suffix in (".py", ".md", ".csv", ".yaml")]
    assert not [p for p in files if wrong.search(p.read_text(encoding="utf-8"))]


def test_equations_are_the_seven_and_documented():
    names = {p.stem for p in (ROOT / "src/barbell/plan/equations").glob("*.py")} - {"__init__", "payment"}
    assert names == {"fleet", "balance", "capacity", "demand", "limit", "cash", "value"}
    text = (ROOT / "docs/guide/equations.md").read_text(encoding="utf-8").lower()
    assert all(re.search(rf"^## \d\. {name}", text, re.M) for name in names)
