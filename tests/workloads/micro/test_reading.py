"""Files of micro-benchmarks: what is read of them, and what cannot be."""

import pytest

from barbell.core.errors import CaseError
from barbell.workloads.micro import is_micro, read
from tests.workloads.micro.build import table
from tests.workloads.training.build import facts

GOOD = (("gemm-8192", "bf16", 1, 700e12), ("gemm-8192", "fp8", 1, 1300e12), ("copy", "bf16", 1, 2.9e12), ("all-reduce", "bf16", 8, 420e9))


def test_shares_are_of_the_data_sheet(tmp_path):
    found = read([table(tmp_path / "rows.csv", "H100", *GOOD)], facts())
    assert [one.kernel for one in found] == ["gemm", "gemm", "copy", "all_reduce"]
    assert [one.share for one in found] == pytest.approx([700 / 989, 1300 / 1979, 2.9 / 3.35, 420 / 450])
    assert found[0].line == 2 and found[0].date == "2026-11-25" and found[3].chips == 8


def test_files_are_told_apart(tmp_path):
    ordinary = tmp_path / "serving.csv"
    ordinary.write_text("row_id,serving_mode\na,aggregated\n", encoding="utf-8")
    spoilt = tmp_path / "spoilt.csv"
    spoilt.write_bytes(b"\xff\xfe\x00")
    assert is_micro(table(tmp_path / "rows.csv", "H100", *GOOD))
    assert not any(is_micro(path) for path in (ordinary, spoilt, tmp_path / "none.csv"))


@pytest.mark.parametrize(
    ("rate", "words"),
    [
        (
            ("gemm-8192", "bf16", 1, 1200e12),
            "row 3: 1,200 TFLOP/s is above the dense bf16 peak of 989 of the H100. Check the clock or the chip's name",
        ),
        (("gemm-8192", "fp8", 1, 2500e12), "row 3: 2,500 TFLOP/s is above the dense fp8 peak of 1,979 of the H100"),
        (("copy", "bf16", 1, 3.6e12), "row 3: 3,600 GB/s is above the memory bandwidth of 3,350 of the H100"),
        (("all-reduce", "bf16", 8, 750e9), "row 3: 750 GB/s is above the link in one direction of 450 of the H100, also 1.56 times that"),
        (("copy", "bf16", 1, 0.2e12), "row 3: 200 GB/s is 6.0% of the memory bandwidth of 3,350 of the H100"),
        (("gemm-4096", "bf16", 1, 300e12), "gemm-4096 in bf16 is 300 TFLOP/s here and 650 on line 2. Keep the run that you trust"),
        (("sort-4096", "bf16", 1, 300e12), "row 3: is no kernel"),
    ],
)
def test_what_cannot_be_is_refused(tmp_path, rate, words):
    path = table(tmp_path / "rows.csv", "H100", ("gemm-4096", "bf16", 1, 650e12), ("copy", "bf16", 1, 2.9e12), rate)
    if rate[0] == "copy":
        path = table(tmp_path / "rows.csv", "H100", ("gemm-4096", "bf16", 1, 650e12), ("gemm-8192", "bf16", 1, 690e12), rate)
    with pytest.raises(CaseError) as error:
        read([path], facts())
    assert words in str(error.value)


def test_a_switch_that_adds_up_may_pass_the_link(tmp_path):
    """480 GB/s of bus bandwidth on links of 450 are what eight H100 reach."""
    (one,) = read([table(tmp_path / "rows.csv", "H100", ("all-reduce", "bf16", 8, 480e9))], facts())
    assert one.share == pytest.approx(480 / 450)
    with pytest.raises(CaseError, match="above the link"):
        read([table(tmp_path / "two.csv", "H100", ("all-reduce", "bf16", 2, 480e9))], facts())


def test_all_faults_at_once_with_their_lines(tmp_path):
    path = table(tmp_path / "rows.csv", "H100", ("gemm-8192", "bf16", 1, 1200e12), ("copy", "bf16", 1, 9e12))
    text = path.read_text(encoding="utf-8").replace(",micro,", ",aggregated,", 1)
    path.write_text(text, encoding="utf-8")
    other = table(tmp_path / "other.csv", "H101", ("copy", "bf16", 1, 1e12))
    with pytest.raises(CaseError) as error:
        read([path, other], facts())
    told = str(error.value)
    assert "rows.csv:2 serving_mode: 'aggregated' row 1: a serving row among rows of micro-benchmarks" in told
    assert "rows.csv:3 measured_value" in told and "other.csv:2 chip: 'H101' row 1: is no chip of the facts. Did you mean 'h100'" in told


def test_a_processor_says_nothing_of_an_accelerator(tmp_path):
    with pytest.raises(CaseError, match=r"row 1: a processor was measured.*Measure on the accelerator"):
        read([table(tmp_path / "rows.csv", "H100", ("gemm-8192", "bf16", 1, 700e12), kind="cpu")], facts())


def test_a_row_is_given_once(tmp_path):
    path = table(tmp_path / "rows.csv", "H100", *GOOD)
    again = tmp_path / "again.csv"
    again.write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(CaseError, match=r"again.csv:2 row_id: .* stands in rows.csv line 2 already"):
        read([path, again], facts())


def test_a_column_that_lacks_is_told(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("row_id,serving_mode\na,micro\n", encoding="utf-8")
    with pytest.raises(CaseError, match="measured_value: this column is missing"):
        read([path], facts())


def test_what_the_facts_cannot_hold_it_against_has_no_share(tmp_path):
    """Neither a link nor an FP4 peak of the L40S is among the facts, and attention has no figure: no fault, and no use."""
    rates = (("gemm-8192", "fp4", 1, 240e12), ("all-reduce", "bf16", 8, 20e9), ("attention-prefill-8192", "bf16", 1, 90e12))
    found = read([table(tmp_path / "rows.csv", "L40S", *rates)], facts())
    assert all(one.share != one.share for one in found)
