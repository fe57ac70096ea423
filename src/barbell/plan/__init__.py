"""What to build, when and where, and what each scarce thing is worth."""

from barbell.plan.diagnose import Conflict, Lunch
from barbell.plan.lp import Options
from barbell.plan.model import Model, write
from barbell.plan.prices import Bottleneck, explain
from barbell.plan.solve import Plan, Status, again, solve

__all__ = ["Bottleneck", "Conflict", "Lunch", "Model", "Options", "Plan", "Status", "again", "explain", "solve", "write"]
