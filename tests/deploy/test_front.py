"""nginx with the shipped configuration in front of gunicorn as the unit starts it."""

import gzip
import json
import os
import signal
import socket
import ssl
import tempfile
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from statistics import median

import pytest

from certification.enums import CertificateStatus
from certification.models import Certificate
from tests.deploy import units

pytestmark = pytest.mark.servers
SLOW = 60


@pytest.fixture
def front(environment, eventually):
    # nginx gives up root's rights, and may not look into pytest's own folder.
    with tempfile.TemporaryDirectory(prefix="portal-front-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with units.front(environment, folder, eventually) as found:
            yield found


def logged(front):
    return [json.loads(line) for line in (front.folder / "nginx.log").read_text().splitlines()]


def request(front, *lines, body=b""):
    """Return the status that a request gets which no library would send."""
    text = "\r\n".join((*lines, f"Host: {units.HOST}:{front.port}", "Connection: close", "", ""))
    answer = front.raw(text.encode("latin-1") + body)
    return int(answer.split()[1]) if answer else 0


def test_what_a_front_must_let_through_and_what_not(front):
    status, headers, page = front.ask("/")
    assert (status, b"Certification Portal" in page) == (200, True)
    assert headers["Server"] == "nginx"
    assert "max-age=31536000" in headers["Strict-Transport-Security"]
    # What the client says of itself is overwritten: the id, the address, the scheme, the host.
    spoofed = {
        "X-Request-ID": "spoofed-by-client", "X-Forwarded-Proto": "http",
        "X-Forwarded-For": "203.0.113.9", "X-Forwarded-Host": "evil.example.org",
        "X-Real-IP": "203.0.113.9", "Forwarded": "for=203.0.113.9;host=evil.example.org",
    }  # fmt: skip
    status, headers, page = front.ask("/accounts/login/", headers=spoofed)
    assert (status, b"evil.example.org" in page) == (200, False)
    assert headers["X-Request-ID"] != "spoofed-by-client"
    # Refused before a thread is asked.
    assert front.ask("/metrics")[0] == 404
    assert front.ask("/readyz")[0] == 404
    assert front.ask("/", "TRACE")[0] == 405
    assert front.ask("/", "BREW")[0] == 405
    assert front.ask("/", headers={"X-Long": "a" * 20_000})[0] in {400, 431}
    assert request(front, "GET /" + "a" * 20_000 + " HTTP/1.1") == 414
    both = ("POST / HTTP/1.1", "Content-Length: 4", "Transfer-Encoding: chunked")
    assert request(front, *both, body=b"0\r\n\r\nGET /admin/ HTTP/1.1\r\n\r\n") == 400
    twice = ("POST / HTTP/1.1", "Content-Length: 4", "Content-Length: 5")
    assert request(front, *twice, body=b"abcd") == 400
    assert request(front, "POST / HTTP/1.1", "Content-Length: 31457281") == 413
    assert request(front, "GET / HTTP/1.1", "Bad Header: x") in {200, 400}
    # Other names get no answer; plain HTTP leads to TLS.
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with (
        socket.create_connection(("127.0.0.1", front.port)) as plain,
        pytest.raises(ssl.SSLError),
    ):
        context.wrap_socket(plain, server_hostname="evil.example.org")
    with socket.create_connection(("127.0.0.1", front.http)) as plain:
        plain.sendall(b"GET /desk/ HTTP/1.1\r\nHost: evil.example.org\r\n\r\n")
        assert b"Location: https://localhost/desk/" in plain.recv(4096)
    # Its log says what happened, and no address that may hold a secret.
    front.ask("/accounts/password/reset/key/CANARY-key/?token=CANARY")
    assert "CANARY" not in (front.folder / "nginx.log").read_text()
    assert {413, 405, 200} <= {line["status"] for line in logged(front)}


def test_static_files_are_kept_for_good_when_their_name_says_what_is_in_them(front):
    folder = front.folder / "static"
    style = b"body { color: black }" * 100
    (folder / "app.0123456789ab.css").write_bytes(style)
    (folder / "app.0123456789ab.css.gz").write_bytes(gzip.compress(style))
    (folder / "plain.css").write_bytes(b"a {}")
    path = "/static/app.0123456789ab.css"
    status, headers, body = front.ask(path, headers={"Accept-Encoding": "gzip"})
    assert (status, gzip.decompress(body)) == (200, style)
    assert headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert front.ask("/static/plain.css")[1]["Cache-Control"] == "public, max-age=3600"
    assert front.ask("/static/../tls/privkey.pem")[0] == 404
    assert front.ask("/static/%2e%2e/tls/privkey.pem")[0] in {400, 404}


def test_sign_in_is_limited_before_a_password_is_hashed(front):
    body = "login=a@b.example&password=x"
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    found = [front.ask("/accounts/login/", "POST", body, headers)[0] for _number in range(40)]
    assert found[-1] == 429
    # Who only looks is not kept out.
    assert front.ask("/accounts/login/")[0] == 200


def test_slow_clients_keep_nobody_waiting(front):
    """Headers that never end and bodies that trickle: nginx holds them, no thread does."""
    head = f"POST /accounts/login/ HTTP/1.1\r\nHost: {units.HOST}\r\n".encode()
    with ExitStack() as stack:
        for number in range(SLOW):
            connection = front.connection()
            stack.callback(connection.close)
            connection.connect()
            connection.sock.sendall(
                head if number % 2 else head + b"Content-Length: 100000\r\n\r\nlogin="
            )
        took = []
        for _number in range(10):
            begin = time.monotonic()
            assert front.ask("/healthz")[0] == 200
            took.append(time.monotonic() - begin)
    # The machine may be busy with something else for a moment; a thread held would be for good.
    assert median(took) <= 1


def test_public_page_is_kept_for_seconds_and_shows_a_new_status_after_them(
    transactional_db, world, front, eventually
):
    certificate = world.certificate
    path = f"/c/{certificate.code}/"

    def ended_with(*kinds):
        # nginx writes its line when the answer has gone already.
        eventually(lambda: tuple(line["cache"] for line in logged(front))[-len(kinds) :] == kinds)

    first = front.ask(path)[2]
    assert front.ask(path)[2] == first
    ended_with("MISS", "HIT")
    # A reader with a cookie or of another language gets a page of his or her own.
    chinese = front.ask(path, headers={"Accept-Language": "zh-CN"})[2]
    assert "有效" in chinese.decode()
    assert chinese != first
    front.ask(path, headers={"Cookie": "language=zh-hans"})
    ended_with("MISS", "BYPASS")
    begin = time.monotonic()
    Certificate.objects.filter(pk=certificate.pk).update(
        status=CertificateStatus.SUSPENDED, suspended_until="2099-01-01"
    )
    eventually(lambda: b"Suspended" in front.ask(path)[2], 15, 0.2)
    assert time.monotonic() - begin < 8


def test_no_request_fails_while_the_web_processes_are_replaced(front, eventually):
    """A deploy under load: SIGTERM to one web process after the other, each started anew."""
    stop = threading.Event()
    answers, errors = [], []

    def visit(path):
        while not stop.is_set():
            try:
                answers.append(front.ask(path)[0])
            except OSError as error:
                errors.append(repr(error))

    paths = ("/healthz", "/help/", "/accounts/login/", "/privacy/")
    visitors = [threading.Thread(target=visit, args=(path,)) for path in paths]
    for visitor in visitors:
        visitor.start()
    with ExitStack() as stack:
        try:
            for port, web in zip(front.web_ports, front.web, strict=True):
                count = len(answers)
                eventually(lambda count=count: len(answers) > count + 20)
                os.kill(web.pid, signal.SIGTERM)
                assert web.wait(25) == 0
                stack.enter_context(units.start_web(front.environment, port))
                eventually(lambda port=port: _listens(port))
            count = len(answers)
            eventually(lambda: len(answers) > count + 20)
        finally:
            stop.set()
            for visitor in visitors:
                visitor.join()
    assert (set(answers), errors) == ({200}, [])


def _listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
