"""What is said of the tables is made from them, and is true."""

from __future__ import annotations

import json
from pathlib import Path

from barbell.core.case import TABLES
from barbell.core.column import columns
from barbell.io import read, reference, schema, templates

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "tables.md"


def test_reference_page_is_up_to_date():
    assert PAGE.read_text() == reference(), f"write barbell.io.reference() to {PAGE.name}"


def test_every_field_is_explained():
    for table, row in TABLES.items():
        for column in columns(row).values():
            assert column.help, f"{table}.{column.name} has no docstring"


def test_templates_are_tables_that_can_be_read(good):
    plain = read(good.folder)
    for name, text in templates().items():
        good.write(f"templates/{name}", text)
    assert read(good.folder) == plain


def test_template_of_assets_carries_units_and_help():
    text = templates()["assets.csv"]
    assert text.splitlines()[-1].startswith("name,unit,capex [{money}/{unit}],programme,life_months,")
    assert "# fixed_opex [{money}/{unit}/year]: Cost of one unit in service, used or not. (number; at least 0; default 0)" in text


def test_schema_is_json_and_knows_required_fields():
    made = json.loads(json.dumps(schema()))
    assert set(made["$defs"]) == set(TABLES)
    asset = made["$defs"]["assets"]
    assert asset["required"] == ["name", "unit", "capex", "programme", "life_months"]
    assert asset["properties"]["capex"]["x-unit"] == "{money}/{unit}"
    assert asset["properties"]["programme"]["x-table"] == "programmes"
    assert made["$defs"]["limits"]["properties"]["sense"]["enum"] == ["<=", ">=", "="]
    assert made["properties"]["horizon"]["properties"].keys() == {"start", "periods", "report_end"}
