"""Run the faults on both engines and print one table; see tests/faults."""

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REPORT = ROOT / "var" / "faults.json"
ENGINES = ("sqlite", "postgresql")
COLUMNS = (
    ("fault", 44), ("engine", 10), ("injected", 8), ("acknowledged", 12), ("refused", 7),
    ("lost", 4), ("duplicated", 10), ("half_done", 9), ("slowest", 7), ("seconds", 7),
)  # fmt: skip


def line(row):
    """Return a row of the table as text."""
    cells = [str(row[name]).ljust(width) for name, width in COLUMNS]
    return "  ".join([*cells, "passed" if row["passed"] else "FAILED", row["note"]]).rstrip()


def run(engine, level, only, log):
    """Run the faults on one engine, telling each row when it is known."""
    command = [sys.executable, "-W", "ignore", "-m", "tests.faults.run"]
    command += ["--engine", engine, "--level", level, "--only", only, "--keep-log", str(log)]
    rows = []
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        for text in process.stdout:
            row = json.loads(text)
            rows.append(row)
            print(line(row), flush=True)
            for problem in row["problems"]:
                print(f"    {problem}", flush=True)
    return rows, process.returncode


def main(arguments):
    """Print the table and write it to var/faults.json; 1 when anything was not survived."""
    parser = argparse.ArgumentParser(description=__doc__)
    level = parser.add_mutually_exclusive_group()
    level.add_argument("--full", dest="level", action="store_const", const="full")
    level.add_argument("--quick", dest="level", action="store_const", const="quick")
    parser.add_argument("--engine", choices=ENGINES)
    parser.add_argument("--only", default="", help="parts of names of faults, with | between")
    options = parser.parse_args(arguments)
    if os.getuid() != 0 or not shutil.which("strace"):
        sys.exit("The faults need root, to mount disks of their own, and strace.")
    begin, chosen = time.monotonic(), options.level or "normal"
    print(line({name: name.replace("_", " ") for name, _width in COLUMNS}
               | {"passed": True, "note": ""}).replace("  passed", ""), flush=True)  # fmt: skip
    rows, ended = [], True
    REPORT.parent.mkdir(exist_ok=True)
    for engine in [options.engine] if options.engine else ENGINES:
        found, status = run(engine, chosen, options.only, REPORT.with_name(f"faults-{engine}.log"))
        rows += found
        ended &= status == 0
    report = {
        "level": chosen,
        "seconds": round(time.monotonic() - begin),
        "machine": f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}",
        "python": platform.python_version(),
        "rows": rows,
    }
    REPORT.write_text(json.dumps(report, ensure_ascii=False, indent=1), encoding="utf-8")
    summed = ("injected", "acknowledged", "lost", "duplicated", "half_done")
    sums = {name: sum(row[name] for row in rows) for name in summed}
    passed = ended and rows and all(row["passed"] for row in rows)
    print(f"\n{len(rows)} faults, {sums['injected']} times, {sums['acknowledged']} acknowledged: "
          f"{sums['lost']} lost, {sums['duplicated']} duplicated, {sums['half_done']} half done, "
          f"in {report['seconds']} s", flush=True)  # fmt: skip
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
