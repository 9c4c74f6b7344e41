"""Sixty people for five minutes: apply, upload 10 MB, review, decide, verify; memory stays flat.

For each engine a private portal as operators run it: gunicorn with its own settings, a worker, a
scheduler, broker and database. Each person has an account and pauses as people do. Printed are
the requests of each kind with median, 95th percentile and slowest; the memory of web and worker
every 30 seconds (proportional: what processes share counts once) with its slope, the first
minute left out; and what doctor --strict says afterwards. Writes var/bench/load.json. Ends with 1
when any request failed, memory grew or the doctor found something.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(CHECKOUT)]
ENGINES = ("sqlite", "postgresql")
RESULT = CHECKOUT / "var" / "bench" / "load.json"


def main():
    """Measure on each engine in a process of its own; print and keep what was found."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--engine", choices=ENGINES, action="append")
    parser.add_argument("--seconds", type=int, default=300)
    parser.add_argument("--megabytes", type=int, default=10)
    parser.add_argument("--inner", choices=ENGINES, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inner:
        print(json.dumps(inner(options)))
        return
    results = {}
    for engine in options.engine or ENGINES:
        command = [sys.executable, "-W", "ignore", __file__, "--inner", engine]
        command += ["--seconds", str(options.seconds), "--megabytes", str(options.megabytes)]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        results[engine] = json.loads(done.stdout.splitlines()[-1])
        show(engine, results[engine])
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps(results, indent=1))
    passed = all(
        found["flat"] and found["sound"] and not found["errors"] for found in results.values()
    )
    sys.exit(0 if passed else 1)


def show(engine, found):
    """Print what was found on one engine."""
    before, after = found["load"]
    print(f"\n{engine}: {found['people']} people for {found['seconds']} s, {found['requests']} "
          f"requests, {found['errors']} errors; load {before:.1f} to {after:.1f}")  # fmt: skip
    print(f"{'request':<16}{'count':>7}{'p50 ms':>9}{'p95 ms':>9}{'max ms':>9}")
    for row in found["answers"]:
        print(f"{row['what']:<16}{row['count']:>7}{row['p50']:>9}{row['p95']:>9}{row['max']:>9}")
    print(f"{'second':<16}{'web MB':>7}{'worker MB':>11}")
    for row in found["memory"]:
        print(f"{row['second']:<16}{row['web']:>7}{row['worker']:>11}")
    slope = found["slope"]
    print(f"slope per minute: web {slope['web']:+.2f} MB, worker {slope['worker']:+.2f} MB")
    print("doctor --strict:", *found["doctor"], sep="\n  ")
    for text, count in found["faults"].items():
        print(f"  {count} × {text}")


def inner(options):
    """Start a portal, let sixty people work in it, and return what was measured."""
    from bench.parts.portal import Portal  # noqa: PLC0415 -- needs the path above

    # Leave no server behind.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as name:
        site = Portal(options.inner, Path(name), disks=False)
        try:
            os.environ.update(site.environment(direct=True))
            site.manage("migrate", "-v0")
            import django  # noqa: PLC0415 -- needs the environment

            django.setup()
            from bench.parts.rush import measure  # noqa: PLC0415 -- the same

            return measure(site, options.seconds, options.megabytes * 1024**2)
        finally:
            site.close()


if __name__ == "__main__":
    main()
