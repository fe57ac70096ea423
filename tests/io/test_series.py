"""A series of actual figures: read in the case's units, or refused with every fault and its line."""

import pytest

from barbell.core.errors import CaseError
from barbell.io import series
from barbell.study import check
from tests.conftest import ROOT

HEAD = "metric,item,place,entity,period,value,unit,source\n"


@pytest.fixture(scope="module")
def toy():
    return check(ROOT / "cases" / "toy")


def written(tmp_path, text):
    path = tmp_path / "happened.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_units_are_converted_and_names_are_known(tmp_path, toy):
    text = HEAD + "capex,,,,2026,0.15,GUSD2026,board\nin_service,hall,va,,2026,5000,kW,\nserved,train,,,2026,1.5,kchip,\n"
    capex, hall, train = series(written(tmp_path, text), toy)
    assert (capex.value, capex.unit, capex.entity, capex.first, capex.stop) == (pytest.approx(150.0), "MUSD2026", "company", 0, 1)
    assert (hall.value, hall.unit, hall.place, hall.name) == (pytest.approx(5.0), "MW", "va", "hall@va in service")
    assert train.value == 1.5 and capex.source == "board" and capex.where.line == 2


def test_columns_may_be_left_out_and_stand_in_any_order(tmp_path, toy):
    (found,) = series(written(tmp_path, "value,unit,period,metric\n140,MUSD2026,2026,revenue\n"), toy)
    assert found.metric == "revenue" and found.entity == "company"


def test_every_fault_at_once_with_its_line(tmp_path, toy):
    rows = [
        "capeks,,,,2026,1,MUSD2026,",
        "capex,,,nobody,2026,1,MUSD2026,",
        "capex,,,,2031,1,MUSD2026,",
        "capex,,,,2026Q1,1,MUSD2026,",
        "capex,,,,soon,1,MUSD2026,",
        "capex,,,,2026,much,MUSD2026,",
        "capex,,,,2026,1,MUSD2025,",
        "in_service,hal,va,,2026,1,MW,",
        "in_service,hall,mars,,2026,1,MW,",
        "in_service,hall,va,,2026,1,kchip,",
        "capex,,va,,2026,1,MUSD2026,",
    ]
    with pytest.raises(CaseError) as caught:
        series(written(tmp_path, HEAD + "\n".join(rows) + "\n"), toy)
    assert [fault.where.line for fault in caught.value.faults] == list(range(2, 13))
    text = str(caught.value)
    for told in ("Did you mean 'capex'?", "no entity", "outside the horizon", "not made of whole periods", "not a number", "Did you mean 'hall'?",
                 "no place", "money of USD2025", "does not fit 'MW'", "by entity, not by place"):  # fmt: skip
        assert told in text


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "no header"),
        (HEAD, "no figure"),
        ("metric,period,value\ncapex,2026,1\n", "the column 'unit' is missing"),
        ("metric,period,value,unit,colour\ncapex,2026,1,MUSD2026,red\n", "is no column"),
        (HEAD + "capex,,,,2026,1,MUSD2026,\ncapex,,,,2026,2,MUSD2026,\n", "given in line 2"),
    ],
)
def test_what_is_no_series(tmp_path, toy, text, told):
    with pytest.raises(CaseError, match=told):
        series(written(tmp_path, text), toy)


def test_a_file_that_is_not_there(toy):
    with pytest.raises(CaseError, match="cannot be read"):
        series("nowhere.csv", toy)
