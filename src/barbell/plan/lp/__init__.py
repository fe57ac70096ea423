"""The one door to the solver: write blocks, freeze a template, tile it over a tree, solve it, verify it."""

from barbell.plan.lp.options import Options, large
from barbell.plan.lp.program import Axis, Program, Rows, Variable
from barbell.plan.lp.solver import Solution, Solver
from barbell.plan.lp.template import Block, Template
from barbell.plan.lp.tile import Change, Problem, Tree, tile
from barbell.plan.lp.verify import Accuracy, verify

__all__ = [
    "Accuracy",
    "Axis",
    "Block",
    "Change",
    "Options",
    "Problem",
    "Program",
    "Rows",
    "Solution",
    "Solver",
    "Template",
    "Tree",
    "Variable",
    "large",
    "tile",
    "verify",
]
