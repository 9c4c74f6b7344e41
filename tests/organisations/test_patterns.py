import pytest
from django.core.exceptions import ValidationError

from organisations.models import BodyProfile
from organisations.patterns import check_pattern, fill_pattern

PARTS = {
    "short": "034", "yy": "25", "yyyy": "2025", "letter": "Q",
    "serial": 286, "cycle": 0, "size": "M",
}  # fmt: skip


def test_the_default_pattern_makes_the_usual_number():
    pattern = check_pattern(BodyProfile._meta.get_field("number_pattern").default)
    assert fill_pattern(pattern, **PARTS) == "034 25 Q 00286 R0 M"


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("{yy} {letter}", "serial"),
        ("{serial} {serial} {yy} {letter}", "once"),
        ("{serial} {yy}", "letter"),
        ("{serial} {letter}", "yyyy"),
        ("{serial} {yy} {letter} {name}", "Unknown part"),
        ("{serial.__class__} {yy} {letter}", "Use letters"),
        ("{serial} {yy} {letter} {", "brace"),
        ("{serial} {yy} {letter} 号", "Use letters"),
    ],
)
def test_a_pattern_that_cannot_count_is_refused(pattern, message):
    with pytest.raises(ValidationError, match=message):
        check_pattern(pattern)
