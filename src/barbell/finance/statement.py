"""The statements of a plan, computed from its case and its result tables alone; docs/guide/statements.md defines every line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from barbell.core.branch import TRUNK
from barbell.core.case import Case
from barbell.finance.capital import capital
from barbell.finance.check import check
from barbell.finance.frames import line_frame, payment_frame, project_frame, property_frames, year_frame
from barbell.finance.lines import lines, scopes
from barbell.finance.operations import operations
from barbell.finance.projects import projects
from barbell.finance.view import look

NOT_MODELLED = (
    "earnings per share and net income",
    "operating income of the business outside the case",
    "deferred tax",
    "working capital other than property not yet paid for and prepayments of customers",
    "leases, impairments, and proceeds of what is sold",
)
"""What these statements leave out."""


@dataclass(frozen=True)
class Statements:
    """Statements of one scenario as polars frames; money in the case's unit.

    `lines`: entity, scope (``own`` or ``consolidated``), period, line, value, unit. `years`: the same by calendar year.
    `capital`, `construction` and `payables`: roll-forwards by entity, class and period. `projects`: one row per purchase;
    `payments`: project, period, value.
    """

    scenario: str
    lines: pl.DataFrame
    years: pl.DataFrame
    capital: pl.DataFrame
    construction: pl.DataFrame
    payables: pl.DataFrame
    projects: pl.DataFrame
    payments: pl.DataFrame
    not_modelled: tuple[str, ...] = NOT_MODELLED


def statements(case: Case, tables: Mapping[str, pl.DataFrame], scenario: str = TRUNK) -> Statements:
    """Statements of a plan as one scenario sees it, over the periods that it lives to see.

    `tables` are the plan's: orders, fleet, activity, served, contracts, money and, with facilities, debts. Raises KeyError for an
    unknown scenario and LedgerError when capex, free cash flow or cash do not tie with the plan's own, or a roll-forward does not close.
    """
    view = look(case, tables, scenario)
    bought = projects(view)
    property_ = capital(view, bought)
    own = lines(view, operations(view), property_)
    check(view, own, property_)
    found = scopes(view, own)
    shown = line_frame(view, found), year_frame(view, found)
    return Statements(scenario, *shown, *property_frames(view, property_), project_frame(view, bought), payment_frame(view, bought))
