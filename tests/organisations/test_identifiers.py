import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from organisations.identifiers import clean_identifier, clean_uscc, make_uscc

GOOD = make_uscc("330200", 1001)


def test_a_code_is_made_compact_and_upper_case():
    spaced = f" {GOOD[:2].lower()} {GOOD[2:8]}-{GOOD[8:]} "
    assert clean_uscc(spaced) == GOOD


def test_full_width_characters_are_forgiven():
    wide = "".join(chr(ord(c) + 0xFEE0) for c in GOOD)
    assert clean_uscc(wide) == GOOD


@pytest.mark.parametrize("value", ["", "123", GOOD + "0", "I" * 18, "９" * 3])
def test_a_wrong_form_is_refused(value):
    with pytest.raises(ValidationError, match="18 characters"):
        clean_uscc(value)


@given(position=st.integers(0, 17), other=st.sampled_from("0123456789ABCDEFGHJKLMNPQRTUWXY"))
def test_any_single_wrong_character_is_found(position, other):
    wrong = GOOD[:position] + other + GOOD[position + 1 :]
    if wrong == GOOD:
        return
    with pytest.raises(ValidationError):
        clean_uscc(wrong)


@given(serial=st.integers(0, 99_999_999))
def test_codes_for_seeds_are_valid(serial):
    assert clean_uscc(make_uscc("330100", serial)) == make_uscc("330100", serial)


def test_other_countries_keep_their_number():
    assert clean_identifier("DE", "  hrb  12345 ") == "HRB 12345"
    with pytest.raises(ValidationError, match="registration number"):
        clean_identifier("DE", "  ")
