"""Files that are no workbook of a case, or one made elsewhere, or one made to do harm."""

from __future__ import annotations

import io
import zipfile

import pytest

from barbell.io.workbook import grid, package, taken
from tests.conftest import ROOT
from tests.io.workbook.conftest import small, written
from tests.io.workbook.damage import NAME, edited

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


def zipped(**parts):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as target:
        for name, text in parts.items():
            target.writestr(name.replace("__", "/").replace("_dot_", "."), text)
    return out.getvalue()


def toy():
    """The toy as it is exported: its words shared, as editors other than the one of these tests keep them."""
    return written(ROOT / "cases" / "toy")


def without(name, data=None):
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data or small())) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for part in source.namelist():
            if part != name:
                target.writestr(part, source.read(part))
    return out.getvalue()


def sheet(old, new, number=6):
    return edited(small(), f"xl/worksheets/sheet{number}.xml", old, new)


def other():
    from openpyxl import Workbook

    out = io.BytesIO()
    Workbook().save(out)
    return out.getvalue()


FILES = [
    ("empty", lambda: b"", "the file is empty", "Export"),
    ("old workbook renamed", lambda: OLE, "old kind (.xls)", ".xlsx"),
    ("locked", lambda: OLE + "EncryptedPackage".encode("utf-16-le"), "locked with a password", "Remove the password"),
    ("CSV renamed", lambda: b"name,kind\nva,site\n", "a text file, such as a CSV", "as they are"),
    ("picture renamed", lambda: b"\x89PNG\r\n\x1a\n\0\0", "this is no workbook", "barbell case export"),
    ("cut off", lambda: small()[:5000], "cut off or damaged", "again"),
    ("first bytes only", lambda: small()[:3], "cut off or damaged", "again"),
    ("a byte flipped", lambda: flipped(small()), "damaged", "again"),
    ("zip of something", lambda: zipped(readme="hello"), "a zip file without a workbook", "workbook itself"),
    ("binary workbook", lambda: zipped(xl__workbook_dot_bin="x"), "binary workbook (.xlsb)", ".xlsx"),
    ("OpenDocument", lambda: zipped(mimetype="application/vnd.oasis.opendocument.spreadsheet"), "OpenDocument", ".xlsx"),
    ("document", lambda: zipped(word__document_dot_xml="<a/>"), "a document or a presentation", "workbook of a case"),
    ("another workbook", other, "holds no case", "barbell case export"),
    ("words missing", lambda: without("xl/sharedStrings.xml", toy()), "sharedStrings.xml is missing", "repair"),
    ("sheet missing", lambda: without("xl/worksheets/sheet6.xml"), "sheet6.xml is missing", "repair"),
    ("not XML", lambda: sheet("<sheetData>", "<sheetData"), "is not XML", "repair"),
    ("document type", lambda: sheet("<worksheet", '<!DOCTYPE x [<!ENTITY a "b">]><worksheet'), "document type", ".xlsx"),
    ("cell nowhere", lambda: sheet('r="C2"', 'r="XFE2"'), "where no sheet has one", "repair"),
    ("row nowhere", lambda: sheet('r="C2"', 'r="C1048577"'), "where no sheet has one", "repair"),
    (
        "word nowhere",
        lambda: edited(toy(), "xl/worksheets/sheet6.xml", '(<c r="A2"[^>]*><v>)[0-9]+', r"\g<1>99999"),
        "a word that is not there",
        "repair",
    ),
    ("number that is none", lambda: sheet('(<c r="C2"[^>]*><v>)12', r"\g<1>1x2"), "where a number is due", "repair"),
]


def flipped(data):
    at = data.index(b"xl/worksheets/sheet6.xml") + 200
    return data[:at] + bytes([data[at] ^ 255]) + data[at + 1 :]


def told(tmp_path, data, name=NAME):
    (tmp_path / name).write_bytes(data)
    faults = []
    return taken(tmp_path / name, tmp_path / "out", faults), faults


@pytest.mark.parametrize(("data", "problem", "fix"), [row[1:] for row in FILES], ids=[row[0] for row in FILES])
def test_what_is_no_workbook_says_what_it_is(tmp_path, data, problem, fix):
    found, faults = told(tmp_path, data())
    assert found is None and len(faults) == 1
    assert faults[0].where.file == NAME and problem in faults[0].problem and fix in faults[0].fix


def test_no_file_and_a_folder_are_told(tmp_path):
    for name in ("gone.xlsx", "."):
        faults = []
        assert taken(tmp_path / name, tmp_path / "out", faults) is None
        assert "cannot be read" in faults[0].problem


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(package, "MOST_BYTES", 1 << 20)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr("xl/workbook.xml", b"<workbook>" + b" " * (2 << 20) + b"</workbook>")
    found, faults = told(tmp_path, out.getvalue())
    assert len(out.getvalue()) < 10_000 and found is None and "more than 1 MiB unpacked" in faults[0].problem


def test_too_many_cells_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(grid, "MOST_CELLS", 100)
    assert "more than 100 filled cells" in told(tmp_path, small())[1][0].problem


def test_too_many_parts_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(package, "MOST_PARTS", 5)
    assert "parts: this is no workbook" in told(tmp_path, small())[1][0].problem


def test_a_cell_in_the_last_corner_costs_one_cell(tmp_path):
    found, faults = told(tmp_path, sheet("</sheetData>", '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'))
    assert not faults and any("column XFD: 1 cell" in str(notice) for notice in found.notices)


def test_macros_are_left_out_with_a_notice(tmp_path):
    out = io.BytesIO(small())
    with zipfile.ZipFile(out, "a") as target:
        target.writestr("xl/vbaProject.bin", b"macro")
    found, faults = told(tmp_path, out.getvalue())
    assert not faults and "macros" in str(found.notices[0])


MAIN = "http://purl.oclc.org/ooxml/spreadsheetml/main"
RELATIONS = "http://purl.oclc.org/ooxml/officeDocument/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def by_hand(sheets):
    """A workbook in the strict dialect, words inside their cells, no styles, no addresses: the least that the format allows."""
    names = "".join(f'<sheet name="{name}" sheetId="{n}" r:id="r{n}"/>' for n, name in enumerate(sheets, start=1))
    links = "".join(f'<Relationship Id="r{n}" Type="{RELATIONS}/worksheet" Target="sheets/{n}.xml"/>' for n in range(1, len(sheets) + 1))
    parts = {
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Type="{RELATIONS}/officeDocument" Target="/book/b.xml"/></Relationships>',
        "book/b.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets>{names}</sheets></workbook>',
        "book/_rels/b.xml.rels": f'<Relationships xmlns="{PACKAGE}">{links}</Relationships>',
    }
    for number, rows in enumerate(sheets.values(), start=1):
        cells = "".join("<row>" + "".join(f'<c t="inlineStr"><is><t>{cell}</t></is></c>' for cell in row) + "</row>" for row in rows)
        parts[f"book/sheets/{number}.xml"] = f'<worksheet xmlns="{MAIN}"><sheetData>{cells}</sheetData></worksheet>'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as target:
        for name, text in parts.items():
            target.writestr(name, text)
    return out.getvalue()


def test_a_workbook_made_by_hand_becomes_a_case(tmp_path):
    data = by_hand({"case": [["path", "value"], ["money", "MUSD2026"], ["units.pod", "16 * chip"]], "places": [["name", "kind"], ["earth", "world"]]})
    found, faults = told(tmp_path, data, "hand.xlsx")
    assert not faults
    assert found.files == {"case.yaml": "money: MUSD2026\nunits:\n  pod: 16 * chip\n", "places.csv": "name,kind\nearth,world\n"}
    assert "hidden sheet _barbell is missing" in str(found.notices[0])
