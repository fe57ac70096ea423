"""What a chip does: training and serving rates from facts about chips and models."""

from barbell.workloads.derive import derive
from barbell.workloads.table import Rate, Table, rates, serve, table

__all__ = ["Rate", "Table", "derive", "rates", "serve", "table"]
