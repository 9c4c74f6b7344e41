"""The environment is read typed and fails with the variable's name."""

import stat

import pytest
from django.core.exceptions import ImproperlyConfigured

from portal import env


def test_text_comes_from_the_variable_or_its_file(monkeypatch, tmp_path):
    (tmp_path / "secret").write_text("from the file\n")
    monkeypatch.setenv("SEAL_KEY_FILE", str(tmp_path / "secret"))
    assert env.text("SEAL_KEY") == "from the file"
    monkeypatch.delenv("SEAL_KEY_FILE")
    monkeypatch.setenv("SEAL_KEY", "from the variable")
    assert env.text("SEAL_KEY") == "from the variable"
    monkeypatch.delenv("SEAL_KEY")
    assert env.text("SEAL_KEY", "otherwise") == "otherwise"


@pytest.mark.parametrize(
    ("variables", "read", "message"),
    [
        ({}, lambda: env.text("SEAL_KEY"), "SEAL_KEY: must be set."),
        (
            {"SEAL_KEY": "a", "SEAL_KEY_FILE": "b"},
            lambda: env.text("SEAL_KEY"),
            "SEAL_KEY: set either SEAL_KEY or SEAL_KEY_FILE, not both.",
        ),
        (
            {"PORTAL_DEMO": "perhaps"},
            lambda: env.flag("PORTAL_DEMO", default=False),
            "PORTAL_DEMO: must be 1 or 0, not 'perhaps'.",
        ),
        (
            {"TRUSTED_PROXIES": "-1"},
            lambda: env.whole_number("TRUSTED_PROXIES", 0),
            "TRUSTED_PROXIES: must be a whole number, not '-1'.",
        ),
        (
            {"REDIS_URL": "memcached://here"},
            lambda: env.url("REDIS_URL", "", ("redis", "unix")),
            "REDIS_URL: must begin with redis or unix and a colon.",
        ),
        (
            {"PORTAL_BASE_URL": "https://portal.example.org/path"},
            lambda: env.base_url("PORTAL_BASE_URL", None),
            "PORTAL_BASE_URL: must be like https://portal.example.org",
        ),
        (
            {"DATABASE_URL": "postgres://portal:word@host:port/portal"},
            lambda: env.database("DATABASE_URL"),
            "DATABASE_URL: is not an address that can be used.",
        ),
        (
            {"EMAIL_URL": "pigeon://post"},
            lambda: env.email("EMAIL_URL", ""),
            "EMAIL_URL: is not an address that can be used.",
        ),
    ],
)
def test_wrong_variable_is_named(monkeypatch, variables, read, message):
    for name in ("SEAL_KEY", "PORTAL_DEMO", "REDIS_URL", "DATABASE_URL", "EMAIL_URL"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured) as caught:
        read()
    assert str(caught.value) == message


def test_file_that_cannot_be_read_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("SEAL_KEY_FILE", str(tmp_path))
    with pytest.raises(ImproperlyConfigured, match=r"^SEAL_KEY_FILE: cannot read "):
        env.text("SEAL_KEY")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("", ""),
        ("redis://host:6379/1", "redis://host:6379/1"),
        ("unix:///run/valkey.sock?db=3", "redis+socket:///run/valkey.sock?virtual_host=3"),
        ("unix:///run/valkey.sock", "redis+socket:///run/valkey.sock?virtual_host=0"),
    ],
)
def test_celery_address_follows_the_redis_address(given, expected):
    assert env.celery_address(given) == expected


def test_kept_secret_is_made_once_for_the_owner_alone(tmp_path):
    path = tmp_path / "deep" / "secret_key"
    first = env.kept_secret(path)
    assert len(first) == 64
    assert env.kept_secret(path) == first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("http://127.0.0.1:8000", True),
        ("http://localhost", True),
        ("http://[::1]:8000", True),
        ("https://portal.example.org", False),
        ("https://127.0.0.1.example.org", False),
    ],
)
def test_loopback_is_this_machine_only(address, expected):
    assert env.is_loopback(address) is expected
