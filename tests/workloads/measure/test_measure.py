"""What is measured, how long it takes, and how it is told; PyTorch itself is used where it is installed."""

import csv
import itertools
from datetime import date
from types import SimpleNamespace

import pytest

from barbell.core.errors import CaseError, FactError
from barbell.study.measured import Bench, Reading, measured, save
from barbell.workloads.measure import Device, Kernel, Task, devices, kernels, rows, timed
from barbell.workloads.measure.device import recognised
from barbell.workloads.measure.row import COLUMNS
from barbell.workloads.measure.timing import FEW, MANY

CHIP = Device("cuda", "NVIDIA H100 80GB HBM3", "H100", 1, 80e9)
PRODUCT = Task("gemm-1000", "bf16", 2e9, "FLOP/s")


@pytest.mark.parametrize(
    ("name", "chip"),
    [
        ("NVIDIA H100 80GB HBM3", "H100"),
        ("NVIDIA A100-SXM4-80GB", "A100"),
        ("NVIDIA GB200", "GB200"),
        ("NVIDIA B200", "B200"),
        ("AMD Instinct MI300X OAM", "MI300X"),
        ("NVIDIA GeForce RTX 4090", ""),
    ],
)
def test_drivers_tell_the_chip(name, chip):
    assert recognised(name) == chip


def machine(*names, available=True, hip=None, capability=(9, 0)):
    """What PyTorch tells of a machine with these accelerators."""
    properties = SimpleNamespace(name=names[0] if names else "", total_memory=80e9, major=capability[0], minor=capability[1])
    cuda = SimpleNamespace(
        is_available=lambda: available,
        get_device_properties=lambda _: properties,
        device_count=lambda: len(names),
        get_device_name=lambda n: names[n],
    )
    return SimpleNamespace(cuda=cuda, version=SimpleNamespace(hip=hip))


def test_eight_of_a_kind():
    found = devices(machine(*["NVIDIA H200"] * 8))
    assert (found.chip, found.count, found.float8) == ("H200", 8, True)
    assert not devices(machine("NVIDIA A100-SXM4-80GB", capability=(8, 0))).float8


@pytest.mark.parametrize(
    ("torch", "chip", "message"),
    [
        (machine(available=False), "", "sees no accelerator"),
        (machine("Something New"), "", "no chip of the tables.*--chip"),
        (machine("NVIDIA H100", "NVIDIA A100"), "", "several kinds"),
    ],
)
def test_what_cannot_be_measured_is_told(torch, chip, message):
    with pytest.raises(FactError, match=message):
        devices(torch, None, chip)


def test_a_chip_may_be_named():
    assert devices(machine("Something New"), None, "H100").chip == "H100"


def test_without_pytorch_the_way_to_it_is_told(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "torch", None)
    with pytest.raises(FactError, match=r"barbell-planner\[measure\]"):
        measured("cpu")


class Clock:
    """A clock that only a kernel moves."""

    def __init__(self, *seconds):
        self.now, self.seconds = 0.0, itertools.cycle(seconds)

    def __call__(self):
        return self.now

    def work(self):
        self.now += next(self.seconds)


def test_the_rate_is_work_over_the_median():
    clock = Clock(0.02, 0.02, 0.04)
    found = timed(Kernel(PRODUCT, clock.work), lambda: None, clock)
    assert found.seconds == pytest.approx(0.02) and found.rate == pytest.approx(1e11)
    assert found.low == pytest.approx(0.02) and found.high == pytest.approx(0.04)


def test_short_kernels_are_put_together_and_long_ones_measured_a_few_times():
    short, long = Clock(1e-5), Clock(10.0)
    assert timed(Kernel(PRODUCT, short.work), lambda: None, short).seconds == pytest.approx(1e-5)
    assert timed(Kernel(PRODUCT, long.work), lambda: None, long).repeats == FEW
    assert short.now < 0.01 * MANY


def test_a_wait_counts_once_for_many_short_calls():
    clock = Clock(1e-6)

    def wait():
        clock.now += 1e-5

    assert timed(Kernel(PRODUCT, clock.work), wait, clock).seconds < 2e-6


def reading(share=None):
    clock = Clock(0.02)
    return Reading(PRODUCT, timed(Kernel(PRODUCT, clock.work), lambda: None, clock), share)


def test_rows_have_the_columns_of_measured_serving():
    one = reading()
    (row,) = rows(CHIP, [(one.task, one.timing)], version="2.9", day=date(2026, 11, 25))
    assert tuple(row) == COLUMNS and row["chip"] == "H100" and row["serving_mode"] == "micro" and row["grade"] == "M"
    assert float(row["measured_value"]) == pytest.approx(1e11) and row["unit"] == "FLOP/s" and row["flags"] == ""
    (other,) = rows(Device("cpu", "processor", "CPU", 1, 1e9), [(one.task, one.timing)], version="2.9", day=date(2026, 11, 25))
    assert other["flags"] == "not_an_accelerator" and other["row_id"] != row["row_id"]


def test_a_file_is_written_whole_and_never_over_another(tmp_path):
    path = save(Bench(CHIP, "2.9", (reading(),)), tmp_path / "rows.csv")
    with path.open(encoding="utf-8", newline="") as file:
        assert [row["model"] for row in csv.DictReader(file)] == ["gemm-1000"]
    with pytest.raises(CaseError, match="exists already"):
        save(Bench(CHIP, "2.9", ()), path)
    with pytest.raises(CaseError, match="cannot be written"):
        save(Bench(CHIP, "2.9", ()), tmp_path / "nowhere" / "rows.csv")
    assert [p.name for p in tmp_path.iterdir()] == ["rows.csv"]


def test_kernels_on_the_processor_do_what_they_count():
    torch = pytest.importorskip("torch", reason="PyTorch is not installed (the extra `measure`)")
    found = {kernel.task.name: kernel for kernel in kernels(torch, devices(torch, "cpu"))}
    assert found["gemm-512"].call().shape == (512, 512) and found["gemm-512"].task.work == 2 * 512**3
    assert found["copy"].call().nbytes * 2 == found["copy"].task.work
    attention = found["attention-decode-4x1024"]
    assert attention.call().shape[2] == 1 and attention.task.work == 2 * 4 * 8 * 1024 * 128 * 2
    assert not any(kernel.task.precision == "fp8" or kernel.task.chips > 1 for kernel in found.values())
