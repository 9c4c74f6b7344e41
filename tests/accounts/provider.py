"""A small provider of identities on loopback: discovery, keys, a page to say yes, tokens.

A test may make it lie: ``claims`` change its ID token, ``algorithm`` and ``kid`` its signature.
"""

import base64
import hashlib
import json
import secrets
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

CLIENT, SECRET = "portal", "the secret of the portal"
KEYS = {
    "RS256": rsa.generate_private_key(public_exponent=65537, key_size=2048),
    "ES256": ec.generate_private_key(ec.SECP256R1()),
}
STRANGER = rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Provider(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self.server_port}"
        self.codes, self.claims = {}, {}
        self.person = {"sub": "person-1", "email": "someone@provider.example", "name": "Someone"}
        self.algorithm, self.kid, self.key, self.names_itself = "RS256", "RS256", None, self.issuer

    def id_token(self, nonce):
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": nonce}
        claims = {k: v for k, v in (claims | self.person | self.claims).items() if v is not None}
        key = self.key or KEYS.get(self.algorithm, "")
        return jwt.encode(claims, key or None, algorithm=self.algorithm, headers={"kid": self.kid})


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_line):
        """Say nothing on the test's output."""

    def _answer(self, status, body, kind="application/json", **headers):
        data = (body if isinstance(body, str) else json.dumps(body)).encode()
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": len(data), **headers}.items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        provider, parts = self.server, urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/.well-known/openid-configuration":
            base = provider.issuer
            self._answer(200, {
                "issuer": provider.names_itself, "authorization_endpoint": f"{base}/authorize",
                "token_endpoint": f"{base}/token", "jwks_uri": f"{base}/keys",
            })  # fmt: skip
        elif parts.path == "/keys":
            rows = [RSAAlgorithm.to_jwk(KEYS["RS256"].public_key(), as_dict=True)]
            rows.append(ECAlgorithm.to_jwk(KEYS["ES256"].public_key(), as_dict=True))
            names = zip(KEYS, rows, strict=True)
            self._answer(200, {"keys": [row | {"kid": kid} for kid, row in names]})
        elif parts.path == "/authorize":
            code = secrets.token_urlsafe(16)
            provider.codes[code] = asked
            back = urlencode({"code": code, "state": asked["state"]})
            link = f"{asked['redirect_uri']}?{back}".replace("&", "&amp;")
            head = '<!doctype html><title>Provider</title><link rel="icon" href="data:,">'
            page = f'{head}<a href="{link}">Yes, it is me</a>'
            self._answer(200, page, "text/html")
        else:
            self._answer(404, {})

    def do_POST(self):
        length = int(self.headers["Content-Length"])
        sent = {k: v[0] for k, v in parse_qs(self.rfile.read(length).decode()).items()}
        begun = self.server.codes.pop(sent.get("code"), None)
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        hashed = hashlib.sha256(sent.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(hashed).rstrip(b"=").decode()
        good = (
            begun is not None
            and self.headers.get("Authorization") == f"Basic {basic}"
            and begun["code_challenge"] == challenge
            and begun["code_challenge_method"] == "S256"
            and begun["redirect_uri"] == sent["redirect_uri"]
        )
        if not good:
            self._answer(400, {"error": "invalid_grant"})
            return
        token = self.server.id_token(begun["nonce"])
        self._answer(200, {"access_token": "x", "token_type": "Bearer", "id_token": token})


@contextmanager
def running():
    """Run the provider for the time of a block."""
    server = Provider()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
