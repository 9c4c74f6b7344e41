"""One way to write JSON that is hashed or signed (RFC 8785)."""

import hashlib
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import rfc8785
from django.utils.functional import Promise


def plain(value):
    """Turn dates, decimals, identifiers and lazy texts into what JSON knows.

    Raises TypeError for anything else, so that nothing is hashed by its accidental repr.
    """
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, Promise | UUID | Decimal):
        return str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        items = sorted(value) if isinstance(value, set | frozenset) else value
        return [plain(item) for item in items]
    raise TypeError(f"{type(value).__name__} has no canonical form")


def canonical(value) -> bytes:
    """Return the RFC 8785 form of a value."""
    return rfc8785.dumps(plain(value))


def digest(value) -> str:
    """Return the SHA-256 of the canonical form, as 64 hexadecimal characters."""
    return hashlib.sha256(canonical(value)).hexdigest()
