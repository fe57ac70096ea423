"""Measured rows: what is read, and every fault with its line."""

from __future__ import annotations

import numpy as np
import pytest

from barbell.core.errors import CaseError
from barbell.workloads.rows import COLUMNS, NEEDED, read

HEAD = "row_id,model,chip,n_chips,tp,serving_mode,weight_precision,in_len,tpot_ms,ttft_ms,ttft_p99_ms,flags,own"
GOOD = "r1,Llama-3-8B,H100,1,1,aggregated,fp8,1024,7.5,30,90,queueing;merged_2_exports,mine"


def written(folder, *rows, head=HEAD):
    path = folder / "rows.csv"
    path.write_text("\n".join((head, *rows)) + "\n", encoding="utf-8")
    return path


def faults(folder, *rows, head=HEAD):
    with pytest.raises(CaseError) as raised:
        read(written(folder, *rows, head=head), "inference")
    return [str(fault) for fault in raised.value.faults]


def test_columns_come_by_name_and_what_is_not_stated_is_nan_or_empty(tmp_path):
    rows = read(written(tmp_path, GOOD, "r2,m,H100,8,,server,fp4,,,,,,"), "inference")
    assert len(rows) == 2 and rows["chip"].tolist() == ["H100", "H100"] and rows["tpot_ms"][0] == 7.5
    assert np.isnan(rows["tpot_ms"][1]) and np.isnan(rows["concurrency"]).all() and rows["engine"].tolist() == ["", ""]
    assert set(rows.columns) == set(COLUMNS["inference"]) and rows.lines.tolist() == [2, 3]


def test_flags_are_whole_words(tmp_path):
    rows = read(written(tmp_path, GOOD, GOOD.replace("r1", "r2").replace("queueing;", "")), "inference")
    assert rows.flagged("queueing").tolist() == [True, False] and not rows.flagged("queue").any()


def test_some_of_the_rows_are_whole_rows(tmp_path):
    rows = read(written(tmp_path, GOOD, GOOD.replace("r1", "r2").replace("7.5", "9")), "inference")
    few = rows.take(rows["tpot_ms"] > 8)
    assert len(few) == 1 and few["row_id"].tolist() == ["r2"] and few.lines.tolist() == [3]


def test_all_faults_come_at_once_each_with_its_line(tmp_path):
    found = faults(
        tmp_path,
        GOOD.replace("7.5", "fast"),
        GOOD.replace("7.5", "-1"),
        GOOD.replace("r1", "r4").replace("aggregated", "agregated"),
        "too,few",
        GOOD.replace("r1", "r5").replace("H100,1,1", "H100,2,4"),
        GOOD.replace("r1", "r6").replace("30,90", "30,20"),
    )
    assert [text.split(":")[1].split()[0] for text in found] == ["2", "3", "3", "4", "5", "6", "7"]
    for told in ("'fast' is not a finite number above 0", "'-1' is not", "stands on line 2 already", "Did you mean 'aggregated'",
                 "2 cells under 13", "'4' is more than the 2 chips", "'20' is less than the median 30"):  # fmt: skip
        assert any(told in text for text in found), told


def test_rows_need_no_id_and_are_known_again_by_their_cells(tmp_path):
    head, row = HEAD.removeprefix("row_id,"), GOOD.removeprefix("r1,")
    ids = read(written(tmp_path, row, row.replace("7.5", "8"), row, head=head), "inference")["row_id"].tolist()
    assert len(set(ids)) == 3 and ids[2] == ids[0] + "-2"
    again = read(written(tmp_path, row.replace("7.5", "8"), head=head), "inference")["row_id"].tolist()
    assert again == ids[1:2]


@pytest.mark.parametrize(("text", "value"), [('"1,024"', 1024), ("1.024e3", 1024), (" 1024 ", 1024), ("1024.0", 1024), ('"1,234,567.5"', 1234567.5)])
def test_numbers_are_read_as_people_write_them(tmp_path, text, value):
    assert read(written(tmp_path, GOOD.replace("1024", text)), "inference")["in_len"].tolist() == [value]


@pytest.mark.parametrize("text", ["", "-", "NA", "n/a", "nan", "NaN", "null", "None"])
def test_a_number_that_is_not_stated_may_be_written_so(tmp_path, text):
    assert np.isnan(read(written(tmp_path, GOOD.replace("1024", text)), "inference")["in_len"]).all()


@pytest.mark.parametrize("text", ["inf", "0", "-3", '"1,02"', "1 024", "8 chips"])
def test_what_is_no_number_is_told(tmp_path, text):
    assert "is not a finite number above 0" in faults(tmp_path, GOOD.replace("1024", text))[0]


@pytest.mark.parametrize(("cells", "told"), [("H100,7.5,1", "'7.5' is not a whole number above 0"), ("H100,8,0.5", "'0.5' is not a whole number")])
def test_chips_and_ranks_are_counted(tmp_path, cells, told):
    assert told in faults(tmp_path, GOOD.replace("H100,1,1", cells))[0]


def test_a_file_of_another_system_reads_the_same(tmp_path):
    plain = read(written(tmp_path, GOOD), "inference")
    path = tmp_path / "other.csv"
    path.write_bytes(b"\xef\xbb\xbf" + "\r\n".join(",".join(f'"{cell}"' for cell in line.split(",")) for line in (HEAD, GOOD)).encode())
    other = read(path, "inference")
    assert all(str(plain[name]) == str(other[name]) for name in plain.columns)


def test_neuron_cores_may_outnumber_chips(tmp_path):
    """Said by a flag, or plain from the numbers on a chip of AWS."""
    row = GOOD.replace("H100,1,1", "Trainium2,16,64")
    other = GOOD.replace("H100,1,1", "Own,16,64").replace("r1", "r2").replace("queueing", "tp_counts_neuroncores")
    assert read(written(tmp_path, row, other), "inference")["tp"].tolist() == [64, 64]
    assert "Count chips, not their cores" in faults(tmp_path, GOOD.replace("H100,1,1", "H100,16,64"))[0]


@pytest.mark.parametrize("name", NEEDED["inference"])
def test_a_missing_column_is_named(tmp_path, name):
    found = faults(tmp_path, ",".join(["x"] * (HEAD.count(","))), head=",".join(column for column in HEAD.split(",") if column != name))
    assert len(found) == 1 and f"{name}: this column is missing" in found[0]


def test_a_column_twice_or_misspelt_is_told(tmp_path):
    assert "two columns have this name" in faults(tmp_path, GOOD + ",1", head=HEAD + ",tp")[0]
    assert "Did you mean 'modell'?" in faults(tmp_path, GOOD, head=HEAD.replace("model", "modell"))[0]


def test_what_cannot_be_read_is_told(tmp_path):
    with pytest.raises(CaseError, match="no such file"):
        read(tmp_path / "none.csv", "inference")
    (tmp_path / "bad.csv").write_bytes(b"row_id\n\xff\n")
    with pytest.raises(CaseError, match="not UTF-8"):
        read(tmp_path / "bad.csv", "inference")
    with pytest.raises(CaseError, match="no row stands below"):
        read(written(tmp_path), "inference")
    with pytest.raises(CaseError, match="no CSV"):
        read(written(tmp_path, '"r1'), "inference")
