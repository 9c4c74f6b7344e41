"""Run the suite twice: on the embedded engines, and on PostgreSQL with Redis."""

import signal
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from script.servers import clean_environment, postgresql, redis, say

ROOT = Path(__file__).resolve().parent.parent
NOTHING_SELECTED = 5


def run_pytest(name, arguments, environment, report):
    """Run pytest once and return its exit status and its totals."""
    say(f"\n{name}")
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "loadfile"]
    command += [f"--junit-xml={report}", *arguments]
    with subprocess.Popen(command, cwd=ROOT, env=environment) as process:
        try:
            status = process.wait()
        except BaseException:
            process.send_signal(signal.SIGINT)
            process.wait()
            raise
    return status, totals(report)


def totals(report):
    """Count the outcomes in pytest's report."""
    count = Counter()
    if report.exists():
        for suite in ET.parse(report).getroot():  # noqa: S314 -- written by our own pytest
            tests, failed, errors, skipped = (
                int(suite.get(key)) for key in ("tests", "failures", "errors", "skipped")
            )
            count.update(
                passed=tests - failed - errors - skipped, failed=failed + errors, skipped=skipped
            )
    return count


def stop(number, frame):
    """Turn SIGTERM into an exit that lets every block clean up."""
    sys.exit(128 + number)


def main(arguments):
    """Run both passes and print one line of totals; return the exit status."""
    signal.signal(signal.SIGTERM, stop)
    clean = clean_environment()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="portal-servers-")))
        folder.chmod(0o755)
        first = run_pytest(
            "Pass 1 of 2: SQLite, embedded broker, browser", arguments, clean, folder / "1.xml"
        )
        servers = {
            "DATABASE_URL": stack.enter_context(postgresql(folder)),
            "REDIS_URL": stack.enter_context(redis(folder)),
            "PORTAL_SECRET_KEY": "only-for-tests-only-for-tests-only-for-tests-0123",
            "PORTAL_BASE_URL": "http://localhost",
            "PORTAL_DEMO": "1",
            "PORTAL_TEST_BROWSER": "0",
        }
        second = run_pytest(
            "Pass 2 of 2: PostgreSQL, Redis", arguments, clean | servers, folder / "2.xml"
        )
    count = first[1] + second[1]
    line = f"{count['passed']} passed, {count['failed']} failed"
    if count["skipped"]:
        line += f", {count['skipped']} skipped"
    statuses = {first[0], second[0]}
    if unusual := statuses - {0, 1, NOTHING_SELECTED}:
        line += f", pytest stopped with status {max(unusual)}"
    if statuses == {NOTHING_SELECTED}:
        status = NOTHING_SELECTED
    else:
        status = max(statuses - {NOTHING_SELECTED})
    print(f"\n{line}", flush=True)
    return status


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
