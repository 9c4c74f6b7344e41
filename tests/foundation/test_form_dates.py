"""Dates that are typed: real ones, in years in which people count."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError

from foundation.forms import DateField


@pytest.mark.parametrize("text", ["1900-01-01", "2199-12-31"])
def test_years_in_which_people_count_are_taken(text):
    assert DateField().clean(text) == dt.date.fromisoformat(text)


@pytest.mark.parametrize(
    "text", ["1899-12-31", "2200-01-01", "9999-12-31", "2026-02-30", "20260301"]
)
def test_other_dates_are_refused_in_words(text):
    with pytest.raises(ValidationError, match="Enter a real date"):
        DateField().clean(text)
