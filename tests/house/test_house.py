"""Rules of the house, as tests."""

import ast
import re
import subprocess
import sys

import pytest

import barbell
from tests.conftest import ROOT

SOURCES = sorted((ROOT / "src").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
HEAVY = ("pandas", "xarray", "pint", "polars", "highspy", "numpy", "pydantic", "rich", "cyclopts")
WORDS = (".py", ".md", ".csv", ".yaml", ".toml", ".txt", "")
"""Kinds of files that hold the repository's own text."""


def own_files():
    """Files that belong to the repository, as git sees them; everything in the usual folders where there is no git."""
    done = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode == 0 and done.stdout:
        paths = [ROOT / name for name in done.stdout.splitlines()]
    else:
        paths = [p for folder in ("src", "tests", "docs", "cases", "benchmarks") for p in (ROOT / folder).rglob("*")] + list(ROOT.glob("*"))
    return [p for p in paths if p.is_file() and p.suffix in WORDS and "__pycache__" not in p.parts]


def name(path):
    return path.relative_to(ROOT).as_posix()


def test_import_is_lazy():
    code = f"import sys, barbell; print([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_import_loads_few_modules():
    """Twenty more than a bare interpreter with the two standard modules that the facade needs."""
    bare = "import sys, importlib, types, typing; print(len(sys.modules))"
    ours = "import sys, importlib, types, typing, barbell; print(len(sys.modules))"
    counts = [int(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout) for code in (bare, ours)]
    assert counts[1] - counts[0] <= 20


def test_facade_is_small_sorted_and_real():
    assert list(barbell.__all__) == sorted(barbell.__all__) and len(set(barbell.__all__) - {"__version__"}) <= 12
    assert all(getattr(barbell, name) is not None for name in barbell.__all__)
    assert set(dir(barbell)) == set(barbell.__all__)
    with pytest.raises(AttributeError):
        barbell.nothing  # noqa: B018


def test_version_is_that_of_the_project():
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert barbell.__version__ == project["version"]


def statements(path):
    """Lines that are not blank: what a reader reads."""
    return sum(bool(line.strip()) for line in path.read_text(encoding="utf-8").splitlines())


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_a_file_is_one_idea(path):
    assert statements(path) <= 400


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_a_function_is_one_step(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno - node.body[0].lineno < 60, f"{node.name} is too long"


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_public_names_are_documented(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree), "the module has no docstring"
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            assert ast.get_docstring(node), f"{node.name} has no docstring"
            members = node.body if isinstance(node, ast.ClassDef) else []
            for member in members:
                if isinstance(member, ast.FunctionDef) and not member.name.startswith("_"):
                    assert ast.get_docstring(member), f"{node.name}.{member.name} has no docstring"


def test_no_catch_all_modules():
    assert not [name(p) for p in SOURCES + TESTS if p.stem in ("utils", "util", "helpers", "helper", "common", "misc", "shared", "tools")]


@pytest.mark.parametrize("path", [p for p in SOURCES if "cli" not in p.parts], ids=name)
def test_only_the_commands_speak(path):
    """A library that prints spoils the output of whoever calls it; what runs as a script may."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    silent = [node for node in tree.body if not (isinstance(node, ast.If) and "__main__" in ast.unparse(node.test))]
    calls = [n.func for statement in silent for n in ast.walk(statement) if isinstance(n, ast.Call)]
    assert "print" not in [f.id for f in calls if isinstance(f, ast.Name)]


def test_no_paths_of_one_machine():
    wrong = re.compile(r"(?<![\w.:/])/(?:tmp|work|root|home|Users|mnt|opt)/\w|\b[A-Z]:\\\\")
    assert not [name(p) for p in own_files() if wrong.search(p.read_text(encoding="utf-8"))]


def test_every_file_is_plain_text():
    for path in own_files():
        text = path.read_bytes()
        assert b"\r" not in text and (not text or text.endswith(b"\n")), f"{name(path)}: unix line ends, the last one too"
        text.decode("utf-8")


def test_changelog_tells_users_first():
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    heads = re.findall(r"^## (.+)$", text, re.M)
    assert heads and heads[0].split()[0] in ("Unreleased", barbell.__version__, f"[{barbell.__version__}]")
    assert text.index("### For users") < text.index("### Inside")


def test_decisions_are_numbered_and_whole():
    records = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert [p.name[:4] for p in records] == [f"{n:04d}" for n in range(1, len(records) + 1)]
    for path in records:
        text = path.read_text(encoding="utf-8")
        assert text.startswith(f"# {path.name[:4]} "), name(path)
        for part in ("Status:", "**In plain words.**", "**Decision.**"):
            assert part in text, f"{name(path)} has no {part}"


def test_links_between_pages_lead_somewhere():
    for path in [p for p in own_files() if p.suffix == ".md"]:
        for target in re.findall(r"\]\(([^)#\s]+)", path.read_text(encoding="utf-8")):
            assert re.match(r"https?:", target) or (path.parent / target).exists(), f"{name(path)} points to {target}"


def test_every_example_has_its_page_and_its_proof():
    for case in (p.parent.name for p in (ROOT / "cases").glob("*/case.yaml")):
        assert (ROOT / "docs" / "guide" / f"{case}.md").is_file(), f"cases/{case} is explained nowhere"
        assert [p for p in TESTS if f'"{case}"' in p.read_text(encoding="utf-8")], f"cases/{case} is tested nowhere"


def test_equations_are_the_seven_and_documented():
    names = {p.stem for p in (ROOT / "src/barbell/plan/equations").glob("*.py")} - {"__init__", "payment"}
    assert names == {"fleet", "balance", "capacity", "demand", "limit", "cash", "value"}
    text = (ROOT / "docs/guide/equations.md").read_text(encoding="utf-8").lower()
    assert all(re.search(rf"^## \d\. {name}", text, re.M) for name in names)
