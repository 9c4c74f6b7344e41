"""The dates of a certification by both rule sets: every limit, at the ends of months and years."""

import datetime as dt

import pytest

from certification import deadlines
from certification.deadlines import Basis, Cycle, Event
from certification.enums import AuditKind
from tests.schemes.shipped import rule_book

ISO, CN = rule_book("iso-17021-1-2015"), rule_book("cnca-2026")
S1, S2, R = AuditKind.SURVEILLANCE_1, AuditKind.SURVEILLANCE_2, AuditKind.RECERTIFICATION


def day(text):
    return dt.date.fromisoformat(text)


def cycle(decided, expires, issued=None, **held):
    return Cycle(
        day(decided),
        issued_on=day(issued or decided),
        expires_on=day(expires),
        held={kind: day(on) for kind, on in held.items()},
    )


# (rules, cycle, kind, first day, last day)
WINDOWS = [
    (ISO, cycle("2026-06-12", "2029-06-11"), S1, "2027-01-01", "2027-06-12"),
    (ISO, cycle("2026-06-12", "2029-06-11"), S2, "2028-01-01", "2028-12-31"),
    (ISO, cycle("2026-06-12", "2029-06-11"), R, "2028-12-13", "2029-06-11"),
    (CN, cycle("2026-06-12", "2029-06-11"), S1, "2027-01-01", "2027-06-12"),
    (CN, cycle("2026-06-12", "2029-06-11"), S2, "2028-01-01", "2028-06-12"),
    (CN, cycle("2026-06-12", "2029-06-11"), R, "2028-12-13", "2029-06-11"),
    # Decided early in a year: the window reaches back into that same year.
    (ISO, cycle("2027-01-12", "2030-01-11"), S1, "2027-10-14", "2028-01-12"),
    (CN, cycle("2027-03-31", "2030-03-30"), S1, "2028-01-01", "2028-03-31"),
    # A leap day ends in February.
    (ISO, cycle("2028-02-29", "2031-02-27"), S1, "2028-11-30", "2029-02-28"),
    (CN, cycle("2028-02-29", "2031-02-27"), S2, "2029-11-30", "2030-02-28"),
    # Only China counts from the issue.
    (ISO, cycle("2026-06-12", "2029-06-11", issued="2026-07-01"), S1, "2027-01-01", "2027-06-12"),
    (CN, cycle("2026-06-12", "2029-06-11", issued="2026-07-01"), S1, "2027-01-01", "2027-07-01"),
    # The second follows the first as it was held, in the calendar year after it.
    (ISO, cycle("2026-06-12", "2029-06-11", surveillance_1="2027-03-31"), S2, "2028-01-01",
     "2028-12-31"),
    (ISO, cycle("2027-01-12", "2030-01-11", surveillance_1="2027-11-30"), S2, "2028-01-01",
     "2028-12-31"),
    (ISO, cycle("2026-06-12", "2029-06-11", surveillance_1="2026-12-20"), S2, "2027-01-01",
     "2027-12-31"),
    (CN, cycle("2026-06-12", "2029-06-11", surveillance_1="2027-03-31"), S2, "2028-01-01",
     "2028-03-31"),
    (CN, cycle("2026-06-12", "2029-06-11", surveillance_1="2027-08-31"), S2, "2028-01-01",
     "2028-08-31"),
    # An interval that ends early in a year leaves too little of it.
    (CN, cycle("2026-03-01", "2029-02-28", surveillance_1="2027-01-05"), S2, "2027-10-07",
     "2028-01-05"),
    # A late first one earns no year.
    (CN, cycle("2026-11-20", "2029-11-19", surveillance_1="2028-02-10"), S2, "2028-01-01",
     "2028-12-31"),
    (ISO, cycle("2026-06-12", "2029-06-11", surveillance_1="2028-02-10"), S2, "2028-01-01",
     "2028-12-31"),
]  # fmt: skip


@pytest.mark.parametrize(("rules", "happened", "kind", "first", "last"), WINDOWS)
def test_each_audit_has_its_window(rules, happened, kind, first, last):
    found = deadlines.programme(rules, happened)[kind]
    assert (found.opens_on, found.on) == (day(first), day(last))


@pytest.mark.parametrize(
    ("expires", "kinds"),
    [("2027-03-01", [R]), ("2027-12-01", [S1, R]), ("2029-06-11", [S1, S2, R])],
)
@pytest.mark.parametrize("rules", [ISO, CN], ids=["ISO", "CN"])
def test_after_the_end_of_an_earlier_cycle_there_is_no_surveillance(rules, expires, kinds):
    assert list(deadlines.programme(rules, cycle("2026-06-12", expires))) == kinds


@pytest.mark.parametrize(
    ("rules", "held", "counted"),
    [
        (ISO, {}, ("surveillance_each_calendar_year", Basis.YEAR, Event.FIRST_SURVEILLANCE_DUE)),
        (CN, {}, ("surveillance_interval_months", Basis.PERIOD, Event.FIRST_SURVEILLANCE_DUE)),
        (CN, {S1: "2027-04-28"},
         ("surveillance_interval_months", Basis.PERIOD, Event.FIRST_SURVEILLANCE)),
    ],
)  # fmt: skip
def test_a_deadline_says_how_it_was_counted(rules, held, counted):
    found = deadlines.programme(rules, cycle("2026-06-12", "2029-06-11", **held))[S2]
    assert (found.limit.key, found.basis, found.event) == counted
    assert found.since == day(held.get(S1, "2027-06-12"))


def test_the_first_surveillance_names_what_it_is_counted_from():
    happened = cycle("2026-06-12", "2029-06-11", issued="2026-07-01")
    found = [deadlines.programme(rules, happened)[S1] for rules in (ISO, CN)]
    assert [(one.event, one.since) for one in found] == [
        (Event.DECISION, day("2026-06-12")),
        (Event.ISSUE, day("2026-07-01")),
    ]


@pytest.mark.parametrize(
    ("effective", "expires", "former", "basis", "event"),
    [
        ("2026-06-12", "2029-06-11", None, Basis.SPAN, Event.EFFECT),
        ("2028-02-29", "2031-02-27", None, Basis.SPAN, Event.EFFECT),
        ("2029-05-20", "2032-06-11", "2029-06-11", Basis.PERIOD, Event.FORMER_END),
        ("2026-06-12", "2028-03-01", None, Basis.AT_MOST, Event.EFFECT),
        ("2029-05-20", "2030-01-01", "2029-06-11", Basis.AT_MOST, Event.EFFECT),
    ],
)
def test_a_certificate_ends_with_its_cycle(effective, expires, former, basis, event):
    found = deadlines.validity(
        CN,
        effective_on=day(effective),
        expires_on=day(expires),
        former_end=former and day(former),
    )
    assert (found.on, found.basis, found.event) == (day(expires), basis, event)
    assert found.since == day(former if event == Event.FORMER_END else effective)


@pytest.mark.parametrize(
    ("rules", "expired", "until"),
    [
        (ISO, "2029-06-11", "2029-12-11"),
        (ISO, "2029-08-31", "2030-02-28"),
        (CN, "2029-06-11", None),
    ],
)
def test_only_the_international_rules_restore(rules, expired, until):
    found = deadlines.restoration(rules, expired_on=day(expired))
    assert (found and found.on) == (until and day(until))


@pytest.mark.parametrize(
    ("since", "expires", "until", "on"),
    [
        ("2027-08-31", "2029-06-11", None, "2028-02-29"),
        ("2029-03-01", "2029-06-11", None, "2029-06-11"),
        ("2027-08-31", "2029-06-11", "2027-10-01", "2027-10-01"),
    ],
)
def test_a_suspension_ends_within_half_a_year_and_with_the_certificate(since, expires, until, on):
    found = deadlines.suspension(
        CN, since=day(since), expires_on=day(expires), until=until and day(until)
    )
    assert (found.on, found.since) == (day(on), day(since))


@pytest.mark.parametrize("rules", [ISO, CN], ids=["ISO", "CN"])
def test_a_major_is_verified_within_half_a_year_of_stage_2(rules):
    found = deadlines.major_verification(rules, stage_2_on=day("2026-08-31"))
    assert (found.on, found.limit.key) == (day("2027-02-28"), "major_verified_months")
