"""Commands: ``barbell new | check | plan | explain | run | compare | alternatives | actuals | report``, ``barbell runs ...``, ``barbell case ...``,
``barbell facts ...`` and ``barbell workloads ...``; each has a file of its own and registers with `cli.app`.

Results go to standard output, progress and errors to standard error; with ``--json`` results and errors alike are one object
on standard output. Exit codes: 0 ok, 1 case or usage error, 2 infeasible or unbounded, 3 solver limit, 4 bug.
"""

from barbell.cli.run import main

__all__ = ["main"]
