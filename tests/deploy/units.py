"""Read the shipped units and start what they start."""

import os
import shlex
import ssl
import subprocess
import sys
from configparser import RawConfigParser
from contextlib import ExitStack, contextmanager
from http.client import HTTPSConnection
from pathlib import Path
from types import SimpleNamespace

from tests.conftest import ROOT, process
from tests.ports import free_port

DEPLOY = ROOT / "deploy"
HOST = "localhost"


class _Many(dict):
    """Options of a section; one that stands several times keeps all its values."""

    def __setitem__(self, key, value):
        if isinstance(value, list) and key in self:
            self[key].extend(value)
        else:
            super().__setitem__(key, value)


def unit(name: str) -> RawConfigParser:
    """Return a unit as sections of options, each with all its lines."""
    parser = RawConfigParser(strict=False, dict_type=_Many, interpolation=None)
    parser.optionxform = str
    parser.read_string((DEPLOY / "systemd" / name).read_text())
    return parser


def command_of(name: str, instance: str = "") -> list[str]:
    """Return the command line of a unit, run from this checkout."""
    line = unit(name)["Service"]["ExecStart"].replace("%i", instance)
    words = [word.replace("/opt/portal/.venv/bin", str(Path(sys.executable).parent))
             for word in shlex.split(line)]  # fmt: skip
    return [word.replace("/opt/portal", str(ROOT)) for word in words]


def make_certificate(folder: Path) -> None:
    """Make a certificate for the tests' host, signed by itself."""
    folder.mkdir()
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    command += ["-nodes", "-days", "2", "-subj", f"/CN={HOST}", "-addext"]
    command += [f"subjectAltName=DNS:{HOST}", "-keyout", folder / "privkey.pem"]
    subprocess.run([*command, "-out", folder / "fullchain.pem"], check=True, capture_output=True)


class Front(SimpleNamespace):
    """nginx before two web processes: ``port`` outside, ``web`` the two ports and processes."""

    def connection(self, timeout=15) -> HTTPSConnection:
        """Return a connection that trusts the certificate of the tests alone."""
        context = ssl.create_default_context(cafile=self.folder / "tls" / "fullchain.pem")
        return HTTPSConnection(HOST, self.port, context=context, timeout=timeout)

    def ask(self, path, method="GET", body=None, headers=None):
        """Return (status, headers, body) of one request; redirects are not followed."""
        connection = self.connection()
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def raw(self, data: bytes, timeout=15) -> bytes:
        """Send bytes as they are and return all that is answered."""
        connection = self.connection(timeout)
        connection.connect()
        found = b""
        try:
            connection.sock.sendall(data)
            while part := connection.sock.recv(65536):
                found += part
        except (ConnectionError, TimeoutError):
            pass
        finally:
            connection.close()
        return found


def start_web(environment, port: int):
    """Run the web process of the unit on a port for the time of a block."""
    return process(command_of("portal-web@.service", str(port)), environment, patience=25)


@contextmanager
def front(environment, folder: Path, eventually, **settings):
    """Run nginx with the shipped configuration before two processes of the web unit."""
    make_certificate(folder / "tls")
    (folder / "static").mkdir()
    ports = {name: free_port() for name in ("http", "https", "web1", "web2")}
    environment = environment | {
        "PORTAL_BASE_URL": f"https://{HOST}:{ports['https']}",
        "TRUSTED_PROXIES": "1",
        "PORTAL_LOG": "json",
    }
    own = {
        "PATH": os.environ["PATH"] + ":/usr/sbin",
        "PORTAL_HOST": HOST,
        "PORTAL_RUN": str(folder / "run"),
        "PORTAL_TLS": str(folder / "tls"),
        "PORTAL_STATIC": str(folder / "static"),
        "PORTAL_LOG_TO": str(folder / "nginx.log"),
        "PORTAL_HTTP": f"127.0.0.1:{ports['http']}",
        "PORTAL_HTTPS": f"127.0.0.1:{ports['https']}",
        "PORTAL_WEB_1": f"127.0.0.1:{ports['web1']}",
        "PORTAL_WEB_2": f"127.0.0.1:{ports['web2']}",
        "PORTAL_CONNECTIONS": "300",
    }
    with ExitStack() as stack:
        web = [stack.enter_context(start_web(environment, ports[n])) for n in ("web1", "web2")]
        stack.enter_context(process([str(DEPLOY / "nginx" / "start.sh")], own | settings))
        found = Front(
            port=ports["https"], http=ports["http"], folder=folder, web=web,
            web_ports=(ports["web1"], ports["web2"]), environment=environment,
        )  # fmt: skip
        eventually(lambda: answers(found))
        yield found


def answers(found: Front) -> bool:
    """Tell whether the portal answers through nginx, from either web process."""
    try:
        return all(found.ask("/healthz")[2] == b"ok" for _time in range(4))
    except OSError:
        return False
