"""Whom the calendar reminds of what: every line of the table, each reminder once."""

import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from audits.models import Audit, Finding, FindingExtension
from certification.models import Application, Certificate, MonthlyReport, Offer, ProgrammeItem
from foundation import daily, jobs, reminders
from foundation.models import GivenReminder, Notice, StoredFile
from schemes.models import BodyApproval, Competence, Declaration, Entry, RuleSet
from schemes.queries import book_of
from tests.certification import complaintwork
from tests.certification.casework import signed_application
from tests.matrix import objects

ZONE = timezone.get_default_timezone()
# A Tuesday; no holiday and no make-up day lies within two weeks before and eight weeks after it.
DATE = dt.date(2026, 7, 14)
YEAR_END = dt.date(2026, 12, 31)
NOON = dt.datetime(2026, 7, 1, 12, tzinfo=dt.UTC)

CLIENT = {"owner", "member"}


def update(row, **facts):
    type(row)._base_manager.filter(pk=row.pk).update(**facts)
    return row


def certificate(cast):
    return update(objects.certificate(cast), status="valid", expires_on=DATE)


def to_transfer(cast):
    later = DATE + dt.timedelta(days=900)
    facts = {"transfer_by": DATE, "transfer_since": DATE - dt.timedelta(days=181)}
    return update(objects.certificate(cast), status="valid", expires_on=later, **facts)


def suspended(cast):
    later = DATE + dt.timedelta(days=900)
    return update(
        objects.certificate(cast), status="suspended", suspended_until=DATE, expires_on=later
    )


def finding(cast):
    return update(objects.finding(cast), status="open", due_on=DATE)


def rejected(cast):
    return update(objects.finding(cast), status="evidence_rejected", due_on=DATE)


def extension(cast):
    row = finding(cast)
    return FindingExtension.objects.create(
        finding=row,
        due_before=DATE,
        proposed_on=DATE + dt.timedelta(days=9),
        reason="The supplier is late.",
        asked_by=cast.owner,
    )


def audit(status):
    return lambda cast: update(objects.audit(cast), status=status, starts_on=DATE, ends_on=DATE)


def in_review(cast):
    return update(objects.application(cast), status="in_review", review_due_on=DATE)


def submitted(cast):
    row = objects.application(cast)
    return update(row, status="submitted", review_due_on=DATE, reviewer=None)


def returned(cast):
    row = update(objects.application(cast), status="returned")
    sent = dt.datetime.combine(DATE, dt.time(10), ZONE)
    row.requests.create(
        field="scope_zh", reason="Why?", asked_by=cast.reviewer, version=1, sent_at=sent
    )
    return row


def offer(cast):
    application, row = signed_application(cast)
    update(application, status="offered")
    file = StoredFile.objects.create(
        name="o.pdf",
        content_type="application/pdf",
        storage_name=StoredFile.new_storage_name(),
        generated=True,
    )
    return update(row, valid_until=DATE, file=file)


def window(cast):
    case = objects.case(cast)
    return ProgrammeItem.objects.create(
        case=case, cycle=1, kind="surveillance_1", window_to=DATE, days=2, on_site_days=2
    )


def approval(cast):
    row = BodyApproval.objects.filter(body=cast.body).first()
    return update(row, valid_to=DATE)


def competence(cast):
    return update(Competence.objects.get(user=cast.auditor, scheme__code="QMS"), valid_until=DATE)


def complaint(cast):
    return update(complaintwork.investigated(cast), due_on=DATE)


def change(cast):
    return update(objects.change(cast), assess_by=DATE)


def merger(cast):
    return update(objects.merger(cast), confirm_by=DATE)


def report(cast):
    month = DATE.replace(month=6, day=1)
    return MonthlyReport.objects.create(body=cast.body, kind="cnca", month=month, due_on=DATE)


def entry(cast, kind, **facts):
    usual = {
        "user": cast.auditor,
        "body": cast.body if kind in {"employment", "evaluation"} else None,
        "kind": kind,
        "title": "X",
        "first_day": DATE - dt.timedelta(days=900),
        "last_day": DATE,
        "recorded_by": cast.auditor,
    }
    return Entry.objects.create(**usual | facts)


def registration(cast):
    entry(cast, "registration", scheme_id=scheme_of(cast), issuer="Other", last_day=None)
    return entry(cast, "registration", scheme_id=scheme_of(cast), issuer="CCAA")


def scheme_of(cast):
    return cast.auditor.competences.first().scheme_id


def employment(cast):
    return entry(cast, "employment")


def evaluation(cast):
    """One that another followed is over."""
    entry(cast, "evaluation", last_day=DATE - dt.timedelta(days=3))
    return entry(cast, "evaluation")


def declaration(cast):
    return Declaration.objects.create(user=cast.auditor, due_on=DATE)


def hours(cast):
    """The second auditor has them all, half of them struck off; the first has enough."""
    for user, hours, struck in (("auditor", 16, False), ("auditor2", 8, False),
                                ("auditor2", 8, True)):  # fmt: skip
        entry(
            cast,
            "training",
            user=getattr(cast, user),
            first_day=dt.date(YEAR_END.year, 3, 1),
            last_day=None,
            hours=hours,
            struck_at=timezone.now() if struck else None,
        )
    return cast.auditor2.memberships.get()


# What, who is told of it, and the days before the date on which that happens.
TABLE = {
    "certificate.expiring": (certificate, CLIENT | {"planner"}, [180, 90, 60, 30, 7]),
    "certificate.transfer_due": (to_transfer, CLIENT, [180, 90, 60, 30, 7]),
    "certificate.suspension_ending": (
        suspended,
        CLIENT | {"certifier", "manager"},
        [60, 30, 7],
    ),
    "audits.finding_due": (finding, CLIENT, [14, 7, 1, -1, -7]),
    "audits.finding_due, evidence": (rejected, CLIENT, [14, 7, 1, -1, -7]),
    "audits.extension_waiting": (extension, {"auditor"}, [14, 7, 1, -1, -7]),
    "audits.unconfirmed": (audit("proposed"), {"owner"}, [14, 7, 4]),
    "audits.soon": (audit("confirmed"), CLIENT | {"auditor", "auditor2", "planner"}, [7, 1]),
    "application.review_due": (in_review, {"reviewer"}, [4, -1]),
    "application.review_due, free": (submitted, {"reviewer"}, [4, -1]),
    "application.waiting": (returned, CLIENT, [-14, -28, -56]),
    "offer.expiring": (offer, {"owner"}, [14, 5, 1]),
    "programme.closing": (window, {"planner"}, [180, 90, 60, 30, 7]),
    "complaint.due": (complaint, {"manager", "planner"}, [5, 1, -1, -7, -14]),
    "change.due": (change, {"manager", "reviewer"}, [4, -1, -7]),
    "merger.due": (merger, {"owner"}, [14, 5]),
    "report.due": (report, {"manager"}, [7, 1]),
    "schemes.approval_ending": (approval, {"manager"}, [180, 90, 60, 30, 7]),
    "schemes.competence_ending": (competence, {"auditor", "manager"}, [180, 90, 60, 30, 7]),
    "schemes.registration_ending": (registration, {"auditor", "manager"}, [180, 90, 60, 30, 7]),
    "schemes.employment_ending": (employment, {"auditor", "manager"}, [180, 90, 60, 30, 7]),
    "schemes.evaluation_due": (evaluation, {"auditor", "manager"}, [180, 90, 60, 30, 7]),
    "schemes.interests_due": (declaration, {"auditor"}, [180, 90, 60, 30, 7]),
    "schemes.hours_missing": (hours, {"auditor2", "manager"}, [180, 90, 60, 30, 7]),
}
# Their date is not in a column.
DATES = {"schemes.hours_missing": YEAR_END}


def key_of(line):
    return line.partition(",")[0]


def at(day):
    return time_machine.travel(dt.datetime.combine(day, dt.time(6, 1), ZONE), tick=False)


def told(cast) -> set[str]:
    names = {getattr(cast, name).pk: name for name in vars(cast) if hasattr(cast, name)}
    kinds = set(reminders.REMINDERS) | {"certificate.suspension_ends"}
    rows = Notice.objects.filter(kind__in=kinds)
    return {names[pk] for pk in rows.values_list("recipient", flat=True)}


def test_the_table_of_this_test_is_the_table_of_the_product():
    assert {key_of(line) for line in TABLE} == set(reminders.REMINDERS)


@pytest.mark.parametrize("line", TABLE)
def test_each_date_is_reminded_of_at_its_times(cast, line):
    make, people, days = TABLE[line]
    with time_machine.travel(dt.datetime(2026, 5, 1, 9, tzinfo=ZONE), tick=False):
        make(cast)
    reminder = reminders.REMINDERS[key_of(line)]
    given = []
    first = max(*days, 0)
    for before in range(first + 3, min(days) - 3, -1):
        day = DATES.get(line, DATE) - dt.timedelta(days=before)
        with at(day):
            if reminders.give(reminder, day):
                given.append(before)
            assert reminders.give(reminder, day) == 0
    assert given == days
    assert told(cast) == people


@pytest.mark.parametrize(
    ("line", "facts"),
    [
        ("certificate.expiring", {"status": "withdrawn"}),
        ("certificate.transfer_due", {"status": "withdrawn"}),
        ("certificate.suspension_ending", {"status": "valid"}),
        ("audits.finding_due", {"status": "answered"}),
        ("audits.extension_waiting", {"answered_at": NOON}),
        ("audits.unconfirmed", {"status": "cancelled"}),
        ("audits.soon", {"status": "cancelled"}),
        ("application.review_due", {"status": "accepted"}),
        ("application.waiting", {"status": "submitted"}),
        ("programme.closing", {"cycle": 7}),
        ("schemes.competence_ending", {"user": "rival_owner"}),
        ("schemes.competence_ending", {"status": "suspended"}),
        ("schemes.registration_ending", {"user": "rival_owner"}),
        ("schemes.registration_ending", {"struck_at": NOON}),
        ("schemes.employment_ending", {"user": "rival_owner"}),
        ("schemes.interests_due", {"user": "rival_owner"}),
    ],
)
def test_what_needs_nobody_any_more_is_not_reminded_of(cast, line, facts):
    row = TABLE[line][0](cast)
    update(row, **{k: getattr(cast, v) if k == "user" else v for k, v in facts.items()})
    day = DATE + dt.timedelta(days=20 if line == "application.waiting" else -1)
    assert reminders.give(reminders.REMINDERS[line], day) == 0


def test_an_offer_that_was_answered_or_replaced_is_not_reminded_of(cast):
    row = offer(cast)
    reminder = reminders.REMINDERS["offer.expiring"]
    day = DATE - dt.timedelta(days=1)
    Application.objects.update(status="signed")
    assert reminders.give(reminder, day) == 0
    Application.objects.update(status="offered")
    Offer.objects.create(
        application=row.application,
        version=row.version + 1,
        calculation=row.calculation,
        lines=[],
        total=1,
        valid_until=DATE + dt.timedelta(days=60),
        made_by=cast.manager,
    )
    assert reminders.give(reminder, day) == 0


def test_missed_nights_are_caught_up_with_the_nearest_alone(cast):
    certificate(cast)
    reminder = reminders.REMINDERS["certificate.expiring"]
    with at(DATE - dt.timedelta(days=200)):
        daily.ask()  # and then nothing runs for half a year
    with at(DATE - dt.timedelta(days=20)):
        daily.ask()
        jobs.run_due()
    assert [row.step for row in GivenReminder.objects.filter(key=reminder.key)] == [30]
    assert Notice.objects.filter(kind=reminder.key, recipient=cast.owner).count() == 1


def test_a_date_that_moves_is_reminded_of_anew(cast):
    row = finding(cast)
    reminder = reminders.REMINDERS["audits.finding_due"]
    day = DATE - dt.timedelta(days=1)
    assert reminders.give(reminder, day) == 1
    update(row, due_on=DATE + dt.timedelta(days=1))
    assert reminders.give(reminder, day) == 1
    assert reminders.give(reminder, day) == 0


def test_a_crash_in_the_middle_repeats_nothing(cast):
    Competence.objects.update(status="withdrawn")  # so that nobody is short of hours
    finding(cast)
    update(Audit.objects.get(), status="proposed", starts_on=DATE, ends_on=DATE)
    day = DATE - dt.timedelta(days=7)
    lines = iter(range(99))

    def crash():
        if next(lines) == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        reminders.run(day, crash)
    assert GivenReminder.objects.count() == 1
    assert reminders.run(day) == 1
    assert Notice.objects.filter(recipient=cast.owner).count() == 2


def test_nobody_is_reminded_who_belongs_there_no_more(cast):
    finding(cast)
    cast.owner.memberships.update(ended_at=timezone.now())
    cast.member.is_active = False
    cast.member.save(update_fields=["is_active"])
    reminders.run(DATE - dt.timedelta(days=7))
    assert not Notice.objects.filter(recipient__in=[cast.owner, cast.member]).exists()


def test_the_text_says_the_day_and_the_working_days_left(cast):
    finding(cast)
    with at(DATE - dt.timedelta(days=7)):
        reminders.run(timezone.localdate())
        jobs.run_due()
    notice = Notice.objects.get(recipient=cast.owner)
    assert notice.params["date_en"] == "Tuesday 14 July 2026"
    assert notice.params["left_zh"] == "还有 5 个工作日"


@pytest.mark.parametrize("count", [1, 3])
def test_the_job_asks_the_same_for_one_record_and_three(cast, count, django_assert_num_queries):
    row = finding(cast)
    for number in range(2, count + 1):
        Finding.objects.create(
            audit=row.audit, number=f"NC-0{number}", grade="minor", clause=row.clause, title="T",
            raised_by=cast.auditor, status="open", due_on=DATE,
        )  # fmt: skip
    reminder = reminders.REMINDERS["audits.finding_due"]
    day = DATE - dt.timedelta(days=7)
    assert reminders.give(reminder, day) == count
    sets = RuleSet.objects.count()
    with django_assert_num_queries(1 + 2 * sets):
        assert reminders.give(reminder, day) == 0


def test_every_reminder_has_its_source(cast):
    for rule_set in RuleSet.objects.all():
        book = book_of(rule_set)
        for key in (key for key, _scheme in book.limits if "reminder" in key):
            limit = book.limit(key)
            assert limit.source, key
            assert bool(limit.calendar) == ("working_days" in key), key


def test_a_certificate_is_found_by_its_own_rule_set(cast):
    row = certificate(cast)
    other = RuleSet.objects.get(key="iso-17021-1-2015")
    other.rules.filter(key="reminder_days").update(value=[3])
    reminder = reminders.REMINDERS["certificate.expiring"]
    day = DATE - dt.timedelta(days=30)
    update(row.case, rule_set=other)
    assert reminders.give(reminder, day) == 0
    assert Certificate.objects.filter(pk=row.pk, case__rule_set=other).exists()
    assert reminders.give(reminder, DATE - dt.timedelta(days=3)) == 1
