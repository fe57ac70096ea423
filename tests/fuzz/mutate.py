"""Changes to files and parts: blind ones of bytes, and ones that know what stands there."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.sax.saxutils import escape

from hypothesis import strategies as st

from tests.fuzz.cases import BOOK, Finding, files, packed, parts

CASES = ("toy", "toy-tree", "small", "neocloud")

WORDS = Path(__file__).parent / "words"


def words(name: str, *long: str) -> list[str]:
    """Pieces that a reader may trip over: those of a file, one a line with Python's escapes, and longer ones."""
    lines = (WORDS / f"{name}.txt").read_text(encoding="utf-8").removesuffix("\n").split("\n")
    return [line.encode("ascii").decode("unicode_escape") for line in lines] + list(long)


CELLS = words("cells", "9" * 400, f"0.{'0' * 400}1", f"12 {'(' * 90}", f"12 {'MW*' * 60}", "x" * 5000)
YAML = words("yaml", "[" * 400, "{a: " * 200, "- " * 200, "x" * 3000, f"base: {'a/' * 500}\n", f"units: {{x: {'(' * 150}}}\n")
XML = words("xml", "x" * 4000, "<a>" * 500, "9" * 400)


@st.composite
def csv_findings(draw: st.DrawFn) -> Finding:
    """Cases with one or two tables changed."""
    case = draw(st.sampled_from(CASES))
    names = [name for name in files(case) if name.endswith(".csv")]
    edits = {}
    for name in draw(st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True)):
        edits[name] = blind(draw, tabled(draw, files(case)[name].decode()).encode())
    return Finding("csv", case, edits)


@st.composite
def yaml_findings(draw: st.DrawFn) -> Finding:
    """Cases with their case file changed, or built of pieces."""
    case = draw(st.sampled_from(CASES))
    text = files(case)["case.yaml"].decode()
    for _ in range(draw(st.integers(1, 3))):
        text = piece(draw, text, YAML + CELLS, r"[^\n]*\n|[^:\n]+(?=:)|(?<=: )[^\n]+")
    return Finding("yaml", case, {"case.yaml": blind(draw, text.encode())})


@st.composite
def xlsx_findings(draw: st.DrawFn) -> Finding:
    """Workbooks with one or two parts changed, or with their bytes changed."""
    case = draw(st.sampled_from(CASES[:2]))
    content = parts(case)
    names = [name for name in content if "theme" not in name and "docProps" not in name]
    edits = {}
    for name in draw(st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True)):
        text = content[name].decode()
        for _ in range(draw(st.integers(1, 3))):
            text = piece(draw, text, XML + CELLS, r'(?<==")[^"]*(?=")|(?<=>)[^<>]+(?=<)|<c [^>]*>.*?</c>|<row.*?</row>|<[a-zA-Z][^<>]*/>')
        edits[name] = text.encode("utf-8", "replace")
    if draw(st.integers(0, 7)) == 0:
        return Finding("xlsx", case, {BOOK: blind(draw, packed({**content, **edits}), always=True)})
    return Finding("xlsx", case, edits)


@st.composite
def cell_findings(draw: st.DrawFn) -> Finding:
    """Cases whose files stay in order: a few cells or settings say something else, so that what is behind the door is reached."""
    case = draw(st.sampled_from(CASES))
    content = {name: data.decode() for name, data in files(case).items()}
    edits: dict[str, str] = {}
    for _ in range(draw(st.integers(1, 3))):
        name = draw(st.sampled_from(sorted(content)))
        text = edits.get(name, content[name])
        word = draw(st.sampled_from(CELLS) | st.text(st.characters(exclude_categories=["Cs"]), max_size=10))
        if name == "case.yaml":
            spots = list(re.finditer(r"(?m)(?<=: )[^\s#{\[][^\n#]*$", text))
            quoted = json.dumps(word)
        else:
            spots = list(re.finditer(r'(?m)(?:(?<=,)|^)[^,"\n]*(?=,|$)', text))
            quoted = '"' + word.replace('"', '""') + '"'
        spot = spots[draw(st.integers(0, len(spots) - 1))]
        edits[name] = text[: spot.start()] + quoted + text[spot.end() :]
    return Finding("csv", case, {name: text.encode() for name, text in edits.items()})


@st.composite
def sheet_findings(draw: st.DrawFn) -> Finding:
    """Workbooks whose parts stay in order: a few cells of their sheets are of another kind or say something else."""
    case = draw(st.sampled_from(CASES[:3]))
    content = parts(case)
    edits: dict[str, str] = {}
    for _ in range(draw(st.integers(1, 3))):
        name = draw(st.sampled_from(sorted(name for name in content if "worksheets/sheet" in name)))
        text = edits.get(name) or content[name].decode()
        spots = list(re.finditer(r'<c r="([A-Z]+[0-9]+)"([^>]*?)(?:/>|>.*?</c>)', text, re.S))
        if spots:
            spot = spots[draw(st.integers(0, len(spots) - 1))]
            edits[name] = text[: spot.start()] + typed(draw, spot[1]) + text[spot.end() :]
    return Finding("xlsx", case, {name: text.encode() for name, text in edits.items()})


def typed(draw: st.DrawFn, at: str) -> str:
    """A cell of some kind that says something."""
    kind = draw(st.sampled_from(["str", "inlineStr", "n", "n", "b", "e", "d", "s"]))
    word = escape(draw(st.sampled_from(CELLS) | st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=10)))
    plain = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "?", word)
    value = plain if kind in ("str", "e", "d", "inlineStr") else str(draw(st.integers(0, 90) | st.floats()))
    formula = f"<f>{plain}</f>" if draw(st.integers(0, 4)) == 0 else ""
    style = draw(st.integers(0, 12))
    inside = f"<is><t>{value}</t></is>" if kind == "inlineStr" else f"{formula}<v>{value}</v>"
    return f'<c r="{at}" s="{style}" t="{kind}">{inside}</c>'


def tabled(draw: st.DrawFn, text: str) -> str:
    """A table with cells, rows and columns changed."""
    rows = [line.split(",") for line in text.split("\n")]
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(rows) - 1))
        column = draw(st.integers(0, max(1, *map(len, rows)) - 1))
        step = draw(
            st.sampled_from(["cell", "quoted", "cell", "cell", "drop row", "twin row", "swap rows", "drop column", "twin column", "swap columns"])
        )
        if step in ("cell", "quoted") and column < len(rows[at]):
            cell = draw(st.sampled_from(CELLS) | st.text(max_size=8))
            rows[at][column] = '"' + cell.replace('"', '""') + '"' if step == "quoted" else cell
        elif step == "drop row" and len(rows) > 1:
            del rows[at]
        elif step == "twin row":
            rows.insert(at, list(rows[at]))
        elif step == "swap rows":
            rows[at], rows[0] = rows[0], rows[at]
        else:
            rows = [_columns(row, column, step) for row in rows]
    return "\n".join(",".join(row) for row in rows).encode("utf-8", "replace").decode()


def _columns(row: list[str], at: int, step: str) -> list[str]:
    if at >= len(row):
        return row
    if step == "drop column":
        return row[:at] + row[at + 1 :]
    if step == "twin column":
        return [*row, row[at]]
    return [row[at], *row[1:at], row[0], *row[at + 1 :]] if step == "swap columns" and at else row


def piece(draw: st.DrawFn, text: str, words: list[str], pattern: str) -> str:
    """A text with one of its pieces replaced, dropped, doubled, or with a word put beside it."""
    spots = list(re.finditer(pattern, text, re.S)) or [re.search(r"", text)]
    spot = spots[draw(st.integers(0, len(spots) - 1))]
    word = draw(st.sampled_from(words) | st.text(max_size=6))
    step = draw(st.sampled_from(["replace", "before", "after", "drop", "double", "many"]))
    new = {"replace": word, "before": word + spot[0], "after": spot[0] + word, "drop": "", "double": spot[0] * 2, "many": spot[0] * 50}[step]
    return (text[: spot.start()] + new + text[spot.end() :]).encode("utf-8", "replace").decode()


def blind(draw: st.DrawFn, data: bytes, *, always: bool = False) -> bytes:
    """Bytes changed without knowing what they are; mostly not at all."""
    step = draw(
        st.sampled_from(
            ["no"] * (0 if always else 8) + ["flip", "insert", "cut", "drop", "twin", "crlf", "cr", "bom", "utf-16", "latin-1", "nul", "empty"]
        )
    )
    at = draw(st.integers(0, len(data)))
    end = min(len(data), at + draw(st.integers(1, 64)))
    flipped = bytes([data[at] ^ (1 << draw(st.integers(0, 7)))]) if step == "flip" and at < len(data) else b""
    return {
        "no": data,
        "flip": data[:at] + flipped + data[at + 1 :],
        "insert": data[:at] + (draw(st.binary(min_size=1, max_size=6)) if step == "insert" else b"") + data[at:],
        "cut": data[:at],
        "drop": data[:at] + data[end:],
        "twin": data[:end] + data[at:end] + data[end:],
        "crlf": data.replace(b"\n", b"\r\n"),
        "cr": data.replace(b"\n", b"\r"),
        "bom": b"\xef\xbb\xbf" + data,
        "utf-16": data.decode("utf-8", "replace").encode("utf-16", "surrogatepass"),
        "latin-1": data.decode("utf-8", "replace").encode("latin-1", "replace"),
        "nul": data[:at] + b"\x00" + data[at:],
        "empty": b"",
    }[step]


KINDS = {"csv": csv_findings(), "yaml": yaml_findings(), "cell": cell_findings(), "xlsx": xlsx_findings(), "sheet": sheet_findings()}
