"""One measurement per process, printed as JSON on the last line.

python -m scale.measure path FOLDER [ARRAYS.npz]    the whole path from files to tables, by stage
python -m scale.measure bare ARRAYS.npz METHOD      the same arrays handed to bare HiGHS
python -m scale.measure peer NAME SIZE              the plain case in Barbell, linopy or PyPSA; SIZE as JSON
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from dataclasses import asdict

from scale.stages import Stages, peak, settled

PARTS = ("cost", "lower", "upper", "row_lower", "row_upper", "start", "index", "value")
SECONDS = 3600.0
SOLVER = {
    "solver": "ipm", "run_crossover": "on", "threads": 1, "primal_feasibility_tolerance": 1e-9, "dual_feasibility_tolerance": 1e-9,
}  # fmt: skip
"""What every peer asks of HiGHS."""


def path(folder: str, keep: str = "", method: str = "") -> dict:
    """From files to result tables, prices and statements; `keep` is where the program's arrays go, for `bare`."""
    clock = Stages()
    with clock.stage("import"):
        import highspy  # noqa: F401  (loaded by the first solve otherwise)

        import barbell.finance
        import barbell.study
        from barbell.plan import Options, solve, tables, tree
        from barbell.plan.lp import program, solver
    from barbell.io import case as files
    from barbell.plan import worth

    clock.wrap(files, "check", "check")
    for home, name, stage in (
        (tree, "write", "sets and equations"), (program.Program, "freeze", "template"), (tree, "tile", "tile over the tree"),
        (solver.Solver, "_pass", "hand-over"), (solver.Solver, "_run", "solve"), (solver, "verify", "verify"), (worth, "parts", "verify"),
        (tables, "prices", "prices"),
    ):  # fmt: skip
        clock.wrap(home, name, stage)
    with clock.stage("read"):
        case = barbell.study.check(folder)
    with clock.stage("sets and equations"):
        plan = solve(case, options=Options(seconds=SECONDS, method=method))
    with clock.stage("tables"):
        made = plan.tables
    with clock.stage("statements"):
        barbell.finance.statements(case, made)
    clock.found.pop("other", None)
    arrays, status = plan.forest.problem.arrays, asdict(plan.status)
    if keep:
        import numpy as np

        np.savez(keep, **{part: getattr(arrays, part) for part in PARTS})
    rows = {name: frame.height for name, frame in made.items()}
    return {"stages": {name: asdict(stage) for name, stage in clock.found.items()}, "status": status, "value": plan.value, "rows": rows}


def bare(file: str, method: str) -> dict:
    """Hand the arrays to HiGHS with the options that Barbell gives it, and run: CPU and wall seconds, and memory above the libraries."""
    import highspy
    import numpy as np

    from barbell.plan.lp.options import Options, settings

    before = settled()
    with np.load(file) as stored:
        arrays = {part: stored[part] for part in PARTS}
    n, m = len(arrays["cost"]), len(arrays["row_lower"])
    highs = highspy.Highs()
    highs.silent()
    for option, value in settings(method, Options()).items():
        highs.setOptionValue(option, value)
    highs.passModel(n, m, len(arrays["value"]), 2, 1, 0.0, *(arrays[part] for part in PARTS), np.zeros(n, np.int32))
    highs.setOptionValue("time_limit", SECONDS)
    wall, cpu = time.perf_counter(), time.process_time()
    highs.run()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    info = highs.getInfo()
    return {
        "wall_s": wall, "cpu_s": cpu, "own_mb": peak() - before, "status": highs.getModelStatus().name, "value": -info.objective_function_value,
        "ipm": info.ipm_iteration_count, "crossover": info.crossover_iteration_count, "simplex": info.simplex_iteration_count,
    }  # fmt: skip


def peer(name: str, size: str) -> dict:
    """Build and solve the plain case: CPU seconds, and the peak above what stood before. A tiny one comes first."""
    from scale.draft import Size
    from scale.plain import Plain

    module = importlib.import_module(f"scale.with_{name}")
    module.build(module.prepare(Plain(Size(sites=2, chips=2, quarters=8))))
    ready = module.prepare(Plain(Size(**json.loads(size))))
    before = settled()
    begun = time.process_time()
    model = module.build(ready)
    built = time.process_time()
    value = module.solve(model)
    return {"build_s": built - begun, "solve_s": time.process_time() - built, "peak_mb": peak() - before, "value": value}


if __name__ == "__main__":
    kind, *rest = sys.argv[1:]
    print(json.dumps({"path": path, "bare": bare, "peer": peer}[kind](*rest)))
