"""Six years of 300 enterprises simulated on both engines, with three seeds.

Each run has a private database and checks every invariant every day; it fails when one does not
hold or when a transition of a workflow was never taken. Printed are days a second, acts, rows and
the ways nobody went. Writes var/bench/simulate.json.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(CHECKOUT), str(CHECKOUT / "script")]
ENGINES = ("sqlite", "postgresql")
RESULT = CHECKOUT / "var" / "bench" / "simulate.json"


def main():
    """Simulate on each engine with each seed; print and keep the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--engine", choices=ENGINES, action="append")
    parser.add_argument("--years", type=float, default=6)
    parser.add_argument("--enterprises", type=int, default=300)
    parser.add_argument("--seed", type=int, action="append")
    options = parser.parse_args()
    results = {"load": os.getloadavg()[0], "runs": []}
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        Path(name).chmod(0o755)
        for engine in options.engine or ENGINES:
            for seed in options.seed or (7, 8, 9):
                run = simulate(engine, seed, Path(name), options)
                results["runs"].append({"engine": engine, **run})
                show(results["runs"][-1])
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps(results, indent=1))
    sys.exit(any(run["status"] for run in results["runs"]))


def simulate(engine, seed, folder, options):
    """Run one simulation in a process of its own and return its report."""
    from servers import clean_environment, postgresql  # noqa: PLC0415 -- needs the path above

    report = folder / f"{engine}-{seed}.json"
    with ExitStack() as stack:
        environment = {**clean_environment(), "PORTAL_DATA_DIR": str(folder / "unused")}
        if engine == "postgresql":
            cluster = folder / f"cluster-{seed}"
            cluster.mkdir()
            cluster.chmod(0o755)
            environment["DATABASE_URL"] = stack.enter_context(postgresql(cluster))
            environment["PORTAL_SECRET_KEY"] = "b" * 64
            environment["PORTAL_BASE_URL"] = "http://127.0.0.1:8000"
        command = [sys.executable, CHECKOUT / "manage.py", "simulate", "--covered"]
        command += ["--years", str(options.years), "--enterprises", str(options.enterprises)]
        command += ["--seed", str(seed), "--report", str(report)]
        done = subprocess.run(command, env=environment, check=False, stdout=sys.stderr)
    found = json.loads(report.read_text()) if report.exists() else {}
    return {"status": done.returncode, **found}


def show(run):
    """Print one run as a line."""
    if "days" not in run:
        print(f"{run['engine']}: it did not come to its end")
        return
    print(
        f"{run['engine']:<12} seed {run['seed']}: {run['days']} days in {run['seconds']} s, "
        f"{run['acts']} acts, {run['counts']['foundation.JournalEntry']} journal entries, "
        f"{len(run['never'])} ways never taken, {len(run['faults'])} faults"
    )


if __name__ == "__main__":
    main()
