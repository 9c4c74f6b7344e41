"""Identifiers of organisations: the unified social credit code, and free ones elsewhere."""

import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from stdnum.cn import uscc
from stdnum.exceptions import InvalidChecksum
from stdnum.exceptions import ValidationError as NumberError

_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def organisation_code_check(code: str) -> str:
    """Return the check character of an eight-character organisation code (GB 11714)."""
    rest = 11 - sum(w * _ALPHABET.index(c) for w, c in zip(_WEIGHTS, code, strict=True)) % 11
    return {10: "X", 11: "0"}.get(rest, str(rest))


def clean_uscc(value: str) -> str:
    """Return a unified social credit code in compact upper case (GB 32100).

    Full-width characters, spaces and hyphens are forgiven. Raises ValidationError when length,
    characters or one of the two check characters are wrong.
    """
    text = unicodedata.normalize("NFKC", value)
    try:
        code = uscc.validate(text)
    except InvalidChecksum:
        raise ValidationError(
            _("The check character does not match. Compare the code with the licence."),
            code="check",
        ) from None
    except (NumberError, ValueError):
        raise ValidationError(
            _("A unified social credit code has 18 characters: digits and capital letters."),
            code="format",
        ) from None
    if organisation_code_check(code[8:16]) != code[16]:
        raise ValidationError(
            _("The organisation part of the code (characters 9 to 17) does not match."),
            code="check",
        )
    return code


def uscc_region(code: str) -> str:
    """Return the region of the registering authority, digits 3 to 8 of the code (GB 32100)."""
    return code[2:8]


def make_uscc(region: str, serial: int) -> str:
    """Return a valid code for seeds and tests: region of six digits, any serial number."""
    body = f"{serial:08d}"
    front = f"91{region}{body}{organisation_code_check(body)}"
    return front + uscc.calc_check_digit(front)


def clean_identifier(country: str, value: str) -> str:
    """Return the identifier of an organisation; China has its code, others are kept as typed."""
    if country == "CN":
        return clean_uscc(value)
    text = " ".join(unicodedata.normalize("NFKC", value).split()).upper()
    if not text:
        raise ValidationError(_("Enter the registration number."))
    return text
