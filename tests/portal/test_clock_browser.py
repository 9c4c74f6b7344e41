"""The clock of a case in a browser: in order at both widths, in both languages and themes."""

import pytest

from tests.audits.auditwork import nonconformity
from tests.browser import faults
from tests.certification.casework import audited, certified_case

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(
    ("width", "dark", "language"), [(1280, False, "en"), (360, True, "zh-hans")]
)
def test_the_clock_is_in_order(cast, open_page, width, dark, language):
    case = certified_case(cast)
    audited(case, "surveillance_1")
    other = nonconformity(cast).audit.case
    page = open_page(cast.owner, width=width, height=4000, dark=dark, language=language)
    assert faults(page, [f"/cases/{row.pk}/clock/" for row in (case, other)]) == []
