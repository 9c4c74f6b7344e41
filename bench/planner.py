"""A quarter of 500 audits and 60 auditors placed by the solver, beside the greedy plan.

Quarters are made up from seeds (bench/parts/quarter.py), with the official holidays, leave,
earlier bookings, caps, stages and languages. For each the greedy plan and the one the solver made
of it are printed: audits placed, kilometres, spread of the days among the auditors, seconds, and
seconds of the processor, which say more where other work runs beside. Both
are verified by the checker, which shares no code with what makes plans. Fails when a plan breaks
a constraint, when the solver is worse than the greedy plan, or takes longer than allowed. Writes
var/bench/planner.json.
"""

import argparse
import json
import os
import sys
import time
from dataclasses import asdict
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(CHECKOUT)]
RESULT = CHECKOUT / "var" / "bench" / "planner.json"
ALLOWED = 60

from audits.schedule.checking import faults  # noqa: E402 -- needs the path above
from audits.schedule.greedy import greedy  # noqa: E402
from audits.schedule.problem import figures, value  # noqa: E402
from audits.schedule.search import solve  # noqa: E402
from bench.parts.quarter import quarter  # noqa: E402


def measure(seed: int, options) -> dict:
    """Plan one quarter both ways; return what was found."""
    problem = quarter(seed, audits=options.audits, people=options.people)
    begun, worked = time.monotonic(), time.process_time()
    plain = greedy(problem)
    seconds, cpu = time.monotonic() - begun, time.process_time() - worked
    worked = time.process_time()
    found = solve(problem, seed=seed, seconds=options.seconds)
    cpu_found = time.process_time() - worked
    return {
        "seed": seed,
        "greedy": {
            **asdict(figures(problem, plain)),
            "seconds": round(seconds, 1),
            "cpu": round(cpu, 1),
        },
        "solver": {
            **asdict(found.figures),
            "seconds": round(found.seconds, 1),
            "cpu": round(cpu_found, 1),
            "rounds": found.rounds,
        },
        "faults": faults(problem, plain) + faults(problem, found.plan),
        "never_worse": value(problem, found.plan) >= value(problem, plain),
    }


def main():
    """Measure each seed; print the table, keep it, and fail when something is not as promised."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seed", type=int, action="append")
    parser.add_argument("--audits", type=int, default=500)
    parser.add_argument("--people", type=int, default=60)
    parser.add_argument("--seconds", type=float, default=50, help="what the solver may take")
    options = parser.parse_args()
    heads = ("km", "spread", "cost", "s", "cpu")
    print(f"{'seed':>4} {'plan':<7} {'placed':>9}", *(f"{head:>9}" for head in heads))
    runs = []
    for seed in options.seed or (1, 2, 3):
        run = measure(seed, options)
        runs.append(run)
        for name in ("greedy", "solver"):
            row = run[name]
            placed = f"{row['placed']}/{row['total']}"
            told = (row[key] for key in ("km", "spread", "cost", "seconds", "cpu"))
            print(
                f"{seed:>4} {name:<7} {placed:>9}",
                *(f"{one:>9}" for one in told),
                flush=True,
            )
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps({"load": os.getloadavg()[0], "runs": runs}, indent=1))
    wrong = [
        run["seed"]
        for run in runs
        if run["faults"] or not run["never_worse"] or run["solver"]["seconds"] > ALLOWED
    ]
    if wrong:
        sys.exit(f"Not as promised: {wrong}")


if __name__ == "__main__":
    main()
