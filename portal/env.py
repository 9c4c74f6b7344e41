"""The environment, read once: typed, each variable also as NAME_FILE, loud with its name."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
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


def whole_number(name: str, default: int) -> int:
    """Return a variable that counts something, 0 or more."""
    value = text(name, str(default))
    if not value.isascii() or not value.isdigit():
        raise ImproperlyConfigured(f"{name}: must be a whole number, not {value!r}.")
    return int(value)


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
