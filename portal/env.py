"""The environment, read once: typed, each variable also as NAME_FILE, loud with its name."""

import json
import os
import re
import secrets
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

from foundation.providers import Provider

BASE_DIR = Path(__file__).resolve().parent.parent
LAST_HOUR = 23
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


def text(name: str, default: str | None = None) -> str:
    """Return the variable, or what stands in the file that NAME_FILE names.

    Raises ImproperlyConfigured with the variable's name when it is missing and has no default,
    when both forms are given, or when the file cannot be read.
    """
    value, file = os.environ.get(name), os.environ.get(f"{name}_FILE")
    if value and file:
        raise ImproperlyConfigured(f"{name}: set either {name} or {name}_FILE, not both.")
    if file:
        try:
            value = Path(file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ImproperlyConfigured(f"{name}_FILE: cannot read {file}: {error}.") from error
    if value:
        return value
    if default is None:
        raise ImproperlyConfigured(f"{name}: must be set.")
    return default


def flag(name: str, *, default: bool) -> bool:
    """Return a yes-or-no variable: 1, true, yes, on or 0, false, no, off."""
    value = text(name, "1" if default else "0").lower()
    if value in ("1", "true", "yes", "on"):
        return True
    if value in ("0", "false", "no", "off"):
        return False
    raise ImproperlyConfigured(f"{name}: must be 1 or 0, not {value!r}.")


def choice(name: str, default: str, choices: tuple[str, ...]) -> str:
    """Return a variable that takes one of a few words."""
    value = text(name, default)
    if value not in choices:
        raise ImproperlyConfigured(f"{name}: must be {' or '.join(choices)}, not {value!r}.")
    return value


def whole_number(name: str, default: int) -> int:
    """Return a variable that counts something, 0 or more."""
    value = text(name, str(default))
    if not value.isascii() or not value.isdigit():
        raise ImproperlyConfigured(f"{name}: must be a whole number, not {value!r}.")
    return int(value)


def secret(name: str, shortest: int) -> str:
    """Return a variable that nobody may guess, or nothing when it is not set."""
    value = text(name, "")
    if value and len(value) < shortest:
        raise ImproperlyConfigured(f"{name}: must have at least {shortest} characters.")
    return value


def one_of(name: str, default: str, choices: tuple[str, ...]) -> str:
    """Return a variable that is one of a few words."""
    value = text(name, default).lower()
    if value not in choices:
        raise ImproperlyConfigured(f"{name}: must be {' or '.join(choices)}, not {value!r}.")
    return value


def hour(name: str, default: int) -> int:
    """Return a variable that names an hour of the day, 0 to 23."""
    value = whole_number(name, default)
    if value > LAST_HOUR:
        raise ImproperlyConfigured(f"{name}: must be an hour from 0 to {LAST_HOUR}, not {value}.")
    return value


def url(name: str, default: str | None = None, schemes: tuple[str, ...] = ()) -> str:
    """Return a variable that holds an address with one of the schemes."""
    value = text(name, default)
    if value and schemes and urlsplit(value).scheme not in schemes:
        raise ImproperlyConfigured(f"{name}: must begin with {' or '.join(schemes)} and a colon.")
    return value


def base_url(name: str, default: str | None) -> str:
    """Return the address of the portal without a closing slash: scheme, host, port, no path."""
    value = url(name, default, ("http", "https"))
    parts = urlsplit(value)
    if not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment:
        raise ImproperlyConfigured(f"{name}: must be like https://portal.example.org")
    return f"{parts.scheme}://{parts.netloc}"


def is_loopback(address: str) -> bool:
    """Tell whether an address names this machine."""
    return urlsplit(address).hostname in ("localhost", "127.0.0.1", "::1")


def parsed(name: str, read: Callable[[str], dict], value: str) -> dict:
    """Return a connection address as Django's settings; errors carry the variable's name."""
    try:
        result = read(value)
    except (ValueError, KeyError, ImproperlyConfigured) as error:
        # The address may hold a password, so the message does not repeat it.
        raise ImproperlyConfigured(f"{name}: is not an address that can be used.") from error
    if not result:
        raise ImproperlyConfigured(f"{name}: is not an address that can be used.")
    return result


def database(name: str) -> dict:
    """Return the database settings of an address, `postgres://` or `sqlite:///`."""
    value = url(name, None, ("postgres", "postgresql", "sqlite"))
    return parsed(name, environ.Env.db_url_config, value)


def email(name: str, default: str) -> dict:
    """Return Django's EMAIL_* settings of an address such as `smtp+tls://user:word@host:587`."""
    return parsed(name, environ.Env.email_url_config, text(name, default))


def names(name: str) -> frozenset[str]:
    """Return a variable that holds names with commas between them."""
    return frozenset(word.strip() for word in text(name, "").split(",") if word.strip())


def demand_encryption(database: dict, redis: str, mail: dict, plain: frozenset[str]) -> None:
    """Refuse connections that others could read: not encrypted, and to another machine.

    ``plain`` are the hosts behind a network of our own. Raises ImproperlyConfigured with the
    variable's name.
    """
    is_checked = database["OPTIONS"].get("sslmode") in ("verify-ca", "verify-full")
    is_smtp = mail["EMAIL_BACKEND"].endswith("smtp.EmailBackend")
    is_sealed = mail.get("EMAIL_USE_TLS") or mail.get("EMAIL_USE_SSL")
    readable = {
        "DATABASE_URL": "" if is_checked else database["HOST"],
        "REDIS_URL": urlsplit(redis).hostname if redis.startswith("redis://") else "",
        "EMAIL_URL": mail["EMAIL_HOST"] if is_smtp and not is_sealed else "",
    }
    for name, host in readable.items():
        is_socket = not host or host.startswith(("/", "%2"))
        if not (is_socket or host in ("localhost", "127.0.0.1", "::1") or host in plain):
            raise ImproperlyConfigured(
                f"{name}: the connection to {host} is not encrypted. Use TLS that checks the "
                f"server's certificate, or name the host in PORTAL_PLAIN_HOSTS if only our "
                f"machines are on the way."
            )


def data_directory(name: str, default: str) -> Path:
    """Return the folder for everything the portal writes; relative paths start at the checkout."""
    return (BASE_DIR / text(name, default)).resolve()


def celery_address(address: str) -> str:
    """Return a Redis address in the form Celery wants: its unix sockets have another scheme."""
    if not address.startswith("unix://"):
        return address
    path, _, query = address.removeprefix("unix://").partition("?")
    fields = dict(field.partition("=")[::2] for field in query.split("&") if field)
    return f"redis+socket://{path}?virtual_host={fields.get('db', '0')}"


def file_storage(name: str, default: Path) -> Path:
    """Return the folder of a `file:` address; other kinds of storage are not there yet."""
    value = url(name, f"file://{default}", ("file",))
    return Path(urlsplit(value).path)


def existing_file(name: str) -> str:
    """Return a variable that names a file to read, or nothing when it is not set."""
    value = text(name, "")
    if value and not Path(value).is_file():
        raise ImproperlyConfigured(f"{name}: there is no file of this name.")
    return value


def oidc_providers(name: str) -> list[Provider]:
    """Return the providers of a JSON list; anything missing, unknown or unsafe stops the start."""
    try:
        rows = json.loads(text(name, "[]"))
        found = [Provider(**row | {"second_factor": frozenset(row.get("second_factor", []))})
                 for row in rows]  # fmt: skip
    except (ValueError, TypeError, AttributeError) as error:
        # The list holds secrets, so the message does not repeat it.
        raise ImproperlyConfigured(
            f"{name}: must be a JSON list of objects with id, name, server, client_id, "
            "client_secret and perhaps second_factor."
        ) from error
    if not isinstance(rows, list):
        raise ImproperlyConfigured(f"{name}: must be a JSON list.")
    for provider in found:
        facts = (provider.id, provider.name, provider.client_id, provider.client_secret)
        if not all(isinstance(fact, str) and fact for fact in facts):
            raise ImproperlyConfigured(f"{name}: a provider lacks one of its facts.")
        if not re.fullmatch(r"[a-z0-9-]{1,40}", provider.id):
            raise ImproperlyConfigured(f"{name}: the id {provider.id!r} is not a short plain word.")
        safe = provider.server.startswith("https://") or is_loopback(provider.server)
        if not safe or provider.server.endswith("/.well-known/openid-configuration"):
            raise ImproperlyConfigured(f"{name}: server must be the issuer, by https.")
    if len({provider.id for provider in found}) < len(found):
        raise ImproperlyConfigured(f"{name}: an id stands twice.")
    return found


def scanner_address(name: str) -> tuple[str, int] | str:
    """Return where the virus scanner listens: `unix:/path` as a path, `host:port` as both.

    Empty without a scanner.
    """
    value = text(name, "")
    if value.startswith("unix:") and value.removeprefix("unix:").startswith("/"):
        return value.removeprefix("unix:")
    host, colon, port = value.removeprefix("tcp://").rpartition(":")
    if value and not (host and colon and port.isascii() and port.isdigit()):
        raise ImproperlyConfigured(f"{name}: must be like unix:/run/clamd.sock or host:3310.")
    return (host.strip("[]"), int(port)) if value else ""


def kept_secret(path: Path) -> str:
    """Return the secret kept in a file of the owner alone; made at the first call."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    if not path.exists():
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(48))
        try:
            # Linking never replaces: of two first starts at once, both use the same secret.
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()
