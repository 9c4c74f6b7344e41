"""Patterns of certificate numbers: what passes makes numbers that cannot be mistaken."""

from collections import defaultdict

import pytest
from django.core.exceptions import ValidationError
from hypothesis import assume, given
from hypothesis import strategies as st

from organisations.patterns import check_pattern, fill_pattern

SERIALS = ("{serial}", "{serial:05}")
OTHERS = ("{short}", "{yy}", "{cycle}", "{size}")
LITERALS = (" ", "-", ".", "/", " R", "C", "0", "9", "")


@st.composite
def patterns(draw):
    """Draw what a body might try: the needed parts in any order, with anything between them."""
    parts = ["{letter}", draw(st.sampled_from(SERIALS)), draw(st.sampled_from(["{yy}", "{yyyy}"]))]
    parts += draw(st.lists(st.sampled_from(OTHERS), max_size=4))
    order = draw(st.permutations(parts))
    return "".join(part + draw(st.sampled_from(LITERALS)) for part in order)


facts = st.fixed_dictionaries(
    {
        "letter": st.sampled_from(["Q", "E", "S", "IS", "F"]),
        "year": st.integers(2020, 2060),
        "serial": st.integers(1, 250_000),
        "cycle": st.integers(0, 12),
        "size": st.sampled_from("SML"),
    }
)


def number(pattern, values):
    return fill_pattern(
        pattern,
        short="034",
        yy=f"{values['year'] % 100:02}",
        yyyy=values["year"],
        letter=values["letter"],
        serial=values["serial"],
        cycle=values["cycle"],
        size=values["size"],
    )


def accepted(pattern):
    try:
        return check_pattern(pattern)
    except ValidationError:
        return None


@given(patterns(), st.lists(facts, min_size=2, max_size=40))
def test_an_accepted_pattern_never_gives_one_number_to_two_serials(pattern, rows):
    pattern = accepted(pattern)
    assume(pattern is not None)
    meant = defaultdict(set)
    for values in rows:
        key = (values["letter"], values["year"], values["serial"])
        meant[number(pattern, values)].add(key)
    assert {text: keys for text, keys in meant.items() if len(keys) > 1} == {}


@given(patterns(), facts)
def test_a_number_holds_no_brace_and_is_not_too_long(pattern, values):
    pattern = accepted(pattern)
    assume(pattern is not None)
    made = number(pattern, values)
    assert not set("{}") & set(made)
    assert len(made) <= 60


@given(st.text(max_size=40))
def test_any_text_is_refused_or_counts(text):
    pattern = accepted("{yy}{letter}" + text)
    if pattern is not None:
        values = {"letter": "Q", "year": 2026, "serial": 1, "cycle": 0, "size": "S"}
        assert number(pattern, values) != number(pattern, values | {"serial": 2})


@pytest.mark.parametrize(
    "pattern",
    [
        "{short.__class__} {yy} {letter} {serial}",
        "{short[0]} {yy} {letter} {serial}",
        "{short!r} {yy} {letter} {serial}",
        "{serial:>20} {yy} {letter}",
        "{0} {yy} {letter} {serial}",
        "{} {yy} {letter} {serial}",
        "{serial} {letter}",
        "{yy} {serial}",
        "{yy} {letter}",
        "{yy} {letter} {serial} {serial}",
        "{yy} {letter} {serial",
        "<b>{yy} {letter} {serial}</b>",
        "{yy}{letter}{serial}{cycle}",
        "{letter}{cycle}{serial}{yy}",
    ],
)
def test_a_pattern_that_could_mislead_is_refused(pattern):
    with pytest.raises(ValidationError):
        check_pattern(pattern)


def test_the_usual_pattern_gives_the_usual_number():
    values = {"letter": "Q", "year": 2025, "serial": 10286, "cycle": 0, "size": "M"}
    assert number("{short} {yy} {letter} {serial:05} R{cycle} {size}", values) == (
        "034 25 Q 10286 R0 M"
    )
