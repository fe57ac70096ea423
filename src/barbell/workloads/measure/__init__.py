"""Micro-benchmarks of the accelerator at hand, through PyTorch: what a chip reaches of its data sheet."""

from barbell.workloads.measure.device import Device, devices
from barbell.workloads.measure.kernel import Kernel, Task, kernels
from barbell.workloads.measure.row import rows
from barbell.workloads.measure.timing import Timing, timed

__all__ = ["Device", "Kernel", "Task", "Timing", "devices", "kernels", "rows", "timed"]
