"""Templates, schema and reference come from the models and can be used as they are."""

import json

from barbell.core.case import TABLES
from barbell.io import reference, schema, templates
from barbell.io.rows import read_header
from tests.conftest import ROOT


def test_reference_page_is_up_to_date():
    page = ROOT / "docs" / "reference" / "tables.md"
    assert page.read_text(encoding="utf-8") == reference(), "write it anew: python -m barbell.io.reference > docs/reference/tables.md"


def test_templates_have_headers_that_are_read_back():
    for name, text in templates().items():
        table, header = name.removesuffix(".csv"), text.splitlines()[-1].split(",")
        faults = []
        columns = read_header(header, table, name, 1, faults)
        assert not faults and [field for field, _ in columns.values()] == list(TABLES[table].model_fields)


def test_schema_is_json_with_every_field_explained():
    text = json.loads(json.dumps(schema()))
    for name, table in text["properties"].items():
        for field, content in table["items"]["properties"].items():
            assert content.get("description"), f"{name}.{field} has no docstring"
