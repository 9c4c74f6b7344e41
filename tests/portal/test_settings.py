"""What the environment makes of an installation, asked of a fresh process."""

import json
import os
import subprocess
import sys

import pytest

PRODUCTION = {
    "DATABASE_URL": "postgres://portal@db.example.org/portal?sslmode=verify-full",
    "PORTAL_SECRET_KEY": "a-secret-of-production-a-secret-of-production-0123",
    "PORTAL_BASE_URL": "https://portal.example.org",
}
PLAIN = (
    "Use TLS that checks the server's certificate, or name the host in PORTAL_PLAIN_HOSTS if only "
    "our machines are on the way."
)
ASK = """
import json, sys
from django.core.exceptions import ImproperlyConfigured
try:
    from portal import settings
except ImproperlyConfigured as error:
    print(json.dumps(str(error)))
else:
    print(json.dumps({name: getattr(settings, name) for name in sys.argv[1:]}))
"""


@pytest.fixture
def ask(tmp_path):
    """Return a function that reads settings in a process with exactly these variables."""

    def asked(variables, *names):
        base = {"PATH": os.environ["PATH"], "PORTAL_DATA_DIR": str(tmp_path)}
        answer = subprocess.run(
            [sys.executable, "-c", ASK, *names],
            env=base | variables,
            capture_output=True,
            check=True,
        )
        return json.loads(answer.stdout)

    return asked


def test_nothing_set_is_the_demo_on_loopback(ask):
    names = ("DEMO", "PRODUCTION", "DEBUG", "BROKER", "SECURE", "ALLOWED_HOSTS", "EMAIL_BACKEND")
    assert ask({}, *names) == {
        "DEMO": True,
        "PRODUCTION": False,
        "DEBUG": False,
        "BROKER": False,
        "SECURE": False,
        "ALLOWED_HOSTS": ["127.0.0.1", "localhost", "[::1]"],
        "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
    }


def test_public_address_turns_the_demo_off(ask):
    answer = ask({"PORTAL_BASE_URL": "https://portal.example.org"}, "DEMO", "SECURE")
    assert answer == {"DEMO": False, "SECURE": True}


def test_database_address_makes_it_production(ask):
    names = ("DEMO", "PRODUCTION", "DEBUG", "SECURE", "ALLOWED_HOSTS", "SESSION_COOKIE_NAME")
    assert ask(PRODUCTION, *names) == {
        "DEMO": False,
        "PRODUCTION": True,
        "DEBUG": False,
        "SECURE": True,
        "ALLOWED_HOSTS": ["portal.example.org"],
        "SESSION_COOKIE_NAME": "__Host-session",
    }


def test_production_binds_browsers_to_tls_and_cookies_to_the_host(ask):
    cookies = ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "CSRF_COOKIE_NAME")
    names = (*cookies, "SECURE_HSTS_SECONDS", "SECURE_HSTS_INCLUDE_SUBDOMAINS")
    assert ask(PRODUCTION, *names) == {
        "SESSION_COOKIE_SECURE": True,
        "CSRF_COOKIE_SECURE": True,
        "CSRF_COOKIE_NAME": "__Host-csrf",
        "SECURE_HSTS_SECONDS": 31_536_000,
        "SECURE_HSTS_INCLUDE_SUBDOMAINS": True,
    }


def test_older_secret_keys_still_read_what_they_signed(ask):
    older = PRODUCTION | {"PORTAL_SECRET_KEY_FALLBACKS": "the-one-before, the-one-before-that"}
    assert ask(PRODUCTION, "SECRET_KEY_FALLBACKS") == {"SECRET_KEY_FALLBACKS": []}
    assert ask(older, "SECRET_KEY_FALLBACKS") == {
        "SECRET_KEY_FALLBACKS": ["the-one-before", "the-one-before-that"]
    }


@pytest.mark.parametrize("name", ["PORTAL_SECRET_KEY", "PORTAL_BASE_URL"])
def test_production_without_a_needed_variable_names_it(ask, name):
    variables = {key: value for key, value in PRODUCTION.items() if key != name}
    assert ask(variables) == f"{name}: must be set."


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"PORTAL_DEMO": "1"},
            "PORTAL_DEMO: demo accounts have a published password; refused.",
        ),
        (
            {"PORTAL_BASE_URL": "http://portal.example.org"},
            "PORTAL_BASE_URL: must begin with https:// in production.",
        ),
        *(
            ({name: address}, f"{name}: the connection to {host} is not encrypted. {PLAIN}")
            for name, address, host in [
                ("DATABASE_URL", "postgres://portal@db.example.org/portal", "db.example.org"),
                ("DATABASE_URL", "postgres://u@10.0.0.7/p?sslmode=require", "10.0.0.7"),
                ("REDIS_URL", "redis://cache.example.org:6379/0", "cache.example.org"),
                ("EMAIL_URL", "smtp://mail.example.org:25", "mail.example.org"),
            ]
        ),
    ],
)
def test_production_refuses_what_is_not_safe(ask, change, message):
    assert ask(PRODUCTION | change) == message


@pytest.mark.parametrize(
    "change",
    [
        {"DATABASE_URL": "postgres://portal@localhost/portal", "REDIS_URL": "redis://127.0.0.1"},
        {"REDIS_URL": "rediss://cache.example.org", "EMAIL_URL": "smtp+tls://u:p@mail.example.org"},
        {"REDIS_URL": "unix:///run/redis.sock", "EMAIL_URL": "smtp+ssl://mail.example.org"},
        {
            "DATABASE_URL": "postgres://portal@postgresql/portal",
            "REDIS_URL": "redis://redis",
            "PORTAL_PLAIN_HOSTS": "postgresql, redis",
        },
    ],
)
def test_production_takes_connections_that_nobody_else_reads(ask, change):
    assert ask(PRODUCTION | change, "PRODUCTION") == {"PRODUCTION": True}


def test_database_options_bound_every_wait(ask):
    answer = ask(PRODUCTION, "DATABASES")["DATABASES"]["default"]["OPTIONS"]
    assert answer == {
        "sslmode": "verify-full",
        "connect_timeout": 3,
        "tcp_user_timeout": 4000,
        "keepalives_idle": 3,
        "keepalives_interval": 2,
        "keepalives_count": 2,
        "options": "-c statement_timeout=30000 -c lock_timeout=3000 -c synchronous_commit=on "
        "-c idle_in_transaction_session_timeout=15000",
        "pool": {"min_size": 1, "max_size": 12, "timeout": 4},
    }
