"""Let the faults happen on one engine; each line of the output is one row as JSON."""

import argparse
import json
import os
import signal
import sys
import tempfile
from pathlib import Path

from tests.faults.site import Site

# Seconds after which somebody else takes up the job of a worker that died.
LEASE, QUICK_LEASE = 40, 10
MODULES = ("processes", "carriers", "disks", "records", "moments", "browsers")


def main(arguments):
    """Run the faults asked for; the exit status tells whether all were survived."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), required=True)
    parser.add_argument("--level", choices=("quick", "normal", "full"), default="normal")
    parser.add_argument("--only", default="", help="parts of names of faults, with | between")
    parser.add_argument("--keep-log", type=Path)
    options = parser.parse_args(arguments)
    # Leave no disk mounted behind.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    with tempfile.TemporaryDirectory(prefix="portal-faults-", ignore_cleanup_errors=True) as folder:
        lease = QUICK_LEASE if options.level == "quick" else LEASE
        site = Site(options.engine, Path(folder), lease=lease)
        try:
            return _run(site, options)
        finally:
            site.close()
            if options.keep_log:
                options.keep_log.write_bytes((site.folder / "portal.log").read_bytes())


def _run(site, options):
    environment = site.environment(direct=True)
    os.environ.clear()
    os.environ.update(environment)
    site.manage("migrate", "-v0")
    import django

    django.setup()
    from importlib import import_module

    from tests.faults import trial

    for name in MODULES:
        import_module(f"tests.faults.{name}")
    chosen = [
        fault
        for fault in trial.FAULTS
        if options.engine in (fault.quick if options.level == "quick" else fault.engines)
        and any(part in fault.name for part in options.only.split("|"))
    ]
    here = trial.Trial(site, options.level)
    from django.db import connections

    connections.close_all()
    site.start()
    passed = True
    for fault in chosen:
        sys.stderr.write(f"{options.engine}: {fault.name}\n")
        row = here.run(fault)
        passed &= row.passed
        sys.stdout.write(json.dumps(trial.as_facts(row), ensure_ascii=False) + "\n")
        sys.stdout.flush()
    return 0 if passed and chosen else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
