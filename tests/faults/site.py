"""A whole portal with its servers, each of which can be killed, stopped or cut off."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager, suppress
from pathlib import Path

from script.servers import Cluster, clean_environment, end, free_port, launch, redis_command
from tests.faults.mail import MailServer
from tests.faults.proxy import Proxy

ROOT = Path(__file__).resolve().parents[2]
SECRET = "only-for-faults-only-for-faults-only-for-faults-0123"
WEB_WORKERS = 4


class Disk:
    """A folder that is a file system of its own: an image file, mounted."""

    def __init__(self, folder: Path, name: str, megabytes: int):
        self.image = folder / f"{name}.img"
        self.path = folder / name
        with self.image.open("wb") as handle:
            handle.truncate(megabytes * 1024 * 1024)
        run("mkfs.ext4", "-q", "-F", "-m", "0", self.image)
        self.path.mkdir()
        self._mount(self.image, self.path)
        self.path.chmod(0o755)

    def _mount(self, image, path):
        # Direct: what the file system has not written to its device is not in the image.
        device = run("losetup", "--find", "--show", "--direct-io=on", image).strip()
        # The file system writes by itself only every five minutes: not while a copy is made.
        run("mount", "-o", "noatime,commit=300", device, path)
        # Freed when it is unmounted.
        run("losetup", "--detach", device)

    def cut(self, folder: Path) -> None:
        """Keep in a folder what a power cut at this moment would leave of the disk."""
        run("cp", "--sparse=always", self.image, folder / self.image.name)

    @contextmanager
    def full(self):
        """Leave no room on the disk for the time of a block."""
        ballast = self.path / "ballast"
        free = shutil.disk_usage(self.path).free
        with suppress(OSError), ballast.open("wb") as handle:
            os.posix_fallocate(handle.fileno(), 0, max(free - 65536, 1))
        with suppress(OSError), (self.path / "ballast2").open("wb") as handle:
            while True:
                os.write(handle.fileno(), b"\0" * 4096)
        try:
            yield
        finally:
            ballast.unlink(missing_ok=True)
            (self.path / "ballast2").unlink(missing_ok=True)

    def remove(self):
        run("umount", "--lazy", self.path)
        self.image.unlink()


class Copy(Disk):
    """What a power cut left of a disk, mounted again."""

    def __init__(self, folder: Path, name: str):
        self.image = folder / f"{name}.img"
        self.path = folder / name
        self.path.mkdir()
        self._mount(self.image, self.path)


def run(*command) -> str:
    """Run a program and return what it prints; its failure ends the run with its words."""
    program = shutil.which(command[0], path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    if program is None:
        raise RuntimeError(f"{command[0]} is missing on this machine")
    done = subprocess.run(
        [program, *map(str, command[1:])], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed: {done.stderr.strip()}")
    return done.stdout


class Site:
    """Web, worker, scheduler, broker, database and mail server of one engine.

    The portal reaches broker and database through proxies; whoever tests reaches the database
    directly.
    """

    def __init__(self, engine: str, folder: Path, *, disks: bool = True, lease: int = 40):
        self.engine, self.folder, self.lease = engine, folder, lease
        folder.chmod(0o755)
        if disks:
            self.database_disk = Disk(folder, "db", 420)
            self.files_disk = Disk(folder, "store", 160)
            self.database_folder, self.files = folder / "db", folder / "store" / "files"
        else:
            self.database_folder, self.files = folder / "db", folder / "store" / "files"
            self.database_folder.mkdir()
        self.files.mkdir(parents=True)
        self.data = self.database_folder / "data"
        self.data.mkdir()
        self.mail = MailServer()
        self.redis_port = free_port()
        self.redis = None
        self.redis_proxy = Proxy(self.redis_port)
        self.cluster = self.database_proxy = None
        if engine == "postgresql":
            self.cluster = Cluster(
                self.database_folder, safe=True, settings=("max_connections=60",)
            )
            self.cluster.log = folder / "postgresql.log"
            self.cluster.create()
            self.cluster.start()
            self.database_proxy = Proxy(self.cluster.port)
        self.listener = socket.socket()
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(256)
        self.port = self.listener.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self.web, self.worker, self.beat = None, None, None
        self.extra = {}
        self.log = (folder / "portal.log").open("ab")

    # Environments.

    def environment(self, *, direct: bool) -> dict:
        """Return the environment of a process; ``direct`` ones go past the proxies."""
        found = clean_environment() | {
            "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
            "FAULTS_LEASE": str(self.lease),
            "PORTAL_DATA_DIR": str(self.data),
            "PORTAL_FONT_DIR": str(ROOT / "var" / "fonts"),
            "PORTAL_BASE_URL": self.address,
            "PORTAL_DEMO": "1",
            "PORTAL_SECRET_KEY": SECRET,
            "PORTAL_STATIC_BUILT": "0",
            "STORAGE_URL": f"file://{self.files}",
            "EMAIL_URL": f"smtp://127.0.0.1:{self.mail.port}",
            "REDIS_URL": f"redis://127.0.0.1:{self.redis_proxy.port}/0",
            "PYTHONUNBUFFERED": "1",
        }
        if self.cluster:
            port = self.cluster.port if direct else self.database_proxy.port
            found["DATABASE_URL"] = f"postgres://portal@127.0.0.1:{port}/postgres"
        return found | self.extra

    @contextmanager
    def configured(self, **extra):
        """Run everything with other variables for the time of a block."""
        try:
            self._start_with(extra)
            yield
        finally:
            self._start_with({})

    def _start_with(self, extra):
        self.kill_everything()
        self.extra = extra
        self.start()

    def manage(self, *arguments, check=True, environment=None):
        """Run a command of manage.py on this portal."""
        command = [sys.executable, "-W", "ignore", "manage.py", *map(str, arguments)]
        return subprocess.run(
            command, cwd=ROOT, env=environment or self.environment(direct=True),
            capture_output=True, text=True, check=check,
        )  # fmt: skip

    # Processes.

    def start(self):
        """Start everything that does not run, and wait until the portal is ready."""
        self.start_redis()
        if self.web is None or self.web.poll() is not None:
            self.web = self.new_web()
        if self.worker is None or self.worker.poll() is not None:
            self.start_worker()
        if self.beat is None or self.beat.poll() is not None:
            self.start_beat()
        self.wait_ready()

    def start_redis(self):
        """Start the broker, empty."""
        if self.redis is None or self.redis.poll() is not None:
            command = redis_command(self.folder, self.redis_port)
            self.redis = launch(command, self.redis_port, self.folder / "redis.log")

    def stop_redis(self):
        """Stop the broker."""
        end(self.redis, signal.SIGKILL)

    def _launch(self, *command, extra=(), **options):
        return subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", *command], cwd=ROOT, stdout=self.log,
            stderr=self.log, env=self.environment(direct=False) | dict(extra),
            start_new_session=True, **options,
        )  # fmt: skip

    def new_web(self):
        """Start a web server on the shared listener: a second one takes over without a gap."""
        os.set_inheritable(self.listener.fileno(), True)
        options = ["--workers", str(WEB_WORKERS), "--threads", "4", "--timeout", "60"]
        options += ["--graceful-timeout", "15", "--log-level", "warning", "--keep-alive", "2"]
        return self._launch(
            "gunicorn", "portal.wsgi", "--preload", "--bind", f"fd://{self.listener.fileno()}",
            *options, pass_fds=[self.listener.fileno()],
        )  # fmt: skip

    def start_worker(self, **extra):
        """Start a Celery worker with two children; ``extra`` goes into its environment."""
        options = ["--concurrency", "2", "--loglevel", "WARNING", "--without-gossip"]
        options += ["--without-mingle", "--without-heartbeat"]
        command = ("celery", "-q", "-A", "portal", "worker", *options)
        self.worker = self._launch(*command, extra=extra)

    def new_beat(self, name="schedule"):
        """Start a scheduler."""
        options = ["--loglevel", "WARNING", "--schedule", str(self.folder / name), "--pidfile", ""]
        return self._launch("celery", "-q", "-A", "portal", "beat", *options)

    def start_beat(self):
        """Start the scheduler of this portal."""
        self.beat = self.new_beat()

    def children(self, process) -> list[int]:
        """Return the processes that a process has started."""
        path = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        return [int(number) for number in path.read_text().split()] if path.exists() else []

    def kill_everything(self, number=signal.SIGKILL):
        """Kill web, worker and scheduler with all they started."""
        for process in (self.web, self.worker, self.beat):
            if process is not None:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, number)
                if number == signal.SIGKILL:
                    process.wait()

    def wait_ready(self, seconds=180):
        """Return when the portal says that it is ready."""
        stop = time.monotonic() + seconds
        while time.monotonic() < stop:
            try:
                with urllib.request.urlopen(f"{self.address}/readyz", timeout=10) as answer:  # noqa: S310
                    if answer.status == 200:
                        return
            except OSError:
                # A server that was hit may need some time to die of it.
                self._raise_database()
                time.sleep(0.2)
        raise RuntimeError("The portal does not become ready.")

    def _raise_database(self):
        if self.cluster and self.cluster.process.poll() is not None:
            # It does not start as long as a process of the one before lives.
            with suppress(SystemExit):
                self.cluster.start()

    def heal(self):
        """Bring back whatever a fault has taken away."""
        self.redis_proxy.set("up")
        self.mail.mode = "up"
        if self.database_proxy:
            self.database_proxy.set("up")
        self._raise_database()
        self.start()

    def close(self):
        """End everything and remove the disks."""
        self.kill_everything()
        if self.redis:
            end(self.redis, signal.SIGKILL)
        if self.cluster and self.cluster.process.poll() is None:
            self.cluster.stop(signal.SIGINT)
        for disk in ("database_disk", "files_disk"):
            if hasattr(self, disk):
                getattr(self, disk).remove()
