"""More time to act: asked for in time, granted within the rules, never past the hard limit."""

import datetime as dt

import pytest
from django.utils import timezone

from audits.enums import DueFrom, Grade
from audits.models import Audit, Finding
from audits.queries.clock import entries_of
from audits.services.limits import latest_extension
from certification.enums import AuditKind
from foundation.actor import SYSTEM
from foundation.models import JournalEntry, Notice
from foundation.workflow import Incomplete, NotAllowed, WorkflowRefusal
from schemes.queries import book_of
from tests.audits.auditwork import act, fresh, nonconformity, opened_case
from tests.audits.test_audit_races import at_once
from tests.certification.casework import certified

DAY = dt.timedelta(days=1)


@pytest.fixture
def minor(cast, db):
    return nonconformity(cast)


def ask(cast, finding, after=10, who="member", reason="The supplier delivers late."):
    on = fresh(finding).due_on + after * DAY
    return act(finding, "ask_extension", cast.actor(who), proposed_on=on, reason=reason)


def grant(cast, finding, after=10, who="auditor", **facts):
    on = fresh(finding).due_on + after * DAY
    return act(finding, "grant_extension", cast.actor(who), granted_on=on, **facts)


def test_more_time_is_asked_for_and_granted(cast, minor):
    before = minor.due_on
    ask(cast, minor)
    assert fresh(minor).due_on == before
    asked = minor.extensions.get()
    assert (asked.due_before, asked.proposed_on) == (before, before + 10 * DAY)
    granted = grant(cast, minor, 7, note="Seven days are enough.")
    assert (granted.due_on, granted.due_from) == (before + 7 * DAY, DueFrom.EXTENDED)
    assert granted.due_since == timezone.localdate()
    asked.refresh_from_db()
    assert (asked.granted_on, asked.answered_by) == (before + 7 * DAY, cast.auditor)
    kinds = set(Notice.objects.filter(recipient=cast.member).values_list("kind", flat=True))
    assert "audits.extension_granted" in kinds
    entry = JournalEntry.objects.filter(verb="finding.grant_extension").get()
    assert entry.data["due_on"] == (before + 7 * DAY).isoformat()


def test_the_page_of_dates_shows_who_set_the_day(cast, minor):
    ask(cast, minor)
    grant(cast, minor)
    entry = next(entries_of(minor.audit.case, cast.actor("member")))
    assert entry.on == fresh(minor).due_on
    assert entry.counted.startswith("As granted on request (")


def test_a_refusal_leaves_the_limit_and_names_its_reason(cast, minor):
    before = minor.due_on
    ask(cast, minor)
    act(minor, "refuse_extension", cast.actor("planner"), reason="It is one label.")
    assert fresh(minor).due_on == before
    assert minor.extensions.get().answer == "It is one label."
    ask(cast, minor)  # and may be asked again


@pytest.mark.parametrize("after", [0, -1, 31])
def test_a_day_outside_the_bounds_is_refused_at_its_field(cast, minor, after):
    with pytest.raises(Incomplete) as refusal:
        ask(cast, minor, after)
    assert [blocker.field for blocker in refusal.value.blockers] == ["proposed_on"]
    ask(cast, minor, 30)
    with pytest.raises(Incomplete) as refusal:
        grant(cast, minor, after)
    assert [blocker.field for blocker in refusal.value.blockers] == ["granted_on"]


def test_a_limit_is_put_off_twice_at_most(cast, minor):
    for _round in range(2):
        ask(cast, minor)
        grant(cast, minor)
    with pytest.raises(Incomplete, match="no further extension"):
        ask(cast, minor)


def test_nobody_asks_twice_at_once_or_after_the_limit(cast, minor):
    ask(cast, minor)
    with pytest.raises(Incomplete, match="asked already"):
        ask(cast, minor)
    minor.extensions.all().delete()
    Finding.objects.filter(pk=minor.pk).update(due_on=timezone.localdate() - DAY)
    with pytest.raises(Incomplete, match="The limit has passed"):
        ask(cast, minor, 5)


def test_a_major_is_never_put_off_past_half_a_year(cast, db):
    major = nonconformity(cast, Grade.MAJOR)
    closed_on = timezone.localdate(fresh(major).audit.closed_at)
    rules = book_of(major.audit.case.rule_set)
    hard = rules.limit("major_verified_months").last_day(closed_on)
    Finding.objects.filter(pk=major.pk).update(due_on=hard - 5 * DAY)
    assert latest_extension(fresh(major), rules) == hard
    with pytest.raises(Incomplete):
        ask(cast, major, 6)
    ask(cast, major, 5)
    grant(cast, major, 5)
    assert fresh(major).due_on == hard
    assert latest_extension(fresh(major), rules) is None


def test_a_major_of_a_recertification_ends_with_the_certificates(cast, db):
    certificate = certified(cast)
    major = nonconformity(cast, Grade.MAJOR, case=opened_case(cast))
    Audit.objects.filter(pk=major.audit_id).update(
        kind=AuditKind.RECERTIFICATION, case=certificate.case
    )
    major = fresh(major)
    ends = major.due_on + 3 * DAY
    type(certificate).objects.filter(pk=certificate.pk).update(expires_on=ends)
    assert latest_extension(major, book_of(certificate.case.rule_set)) == ends


def test_who_asked_in_time_is_not_escalated_while_nobody_answers(cast, minor):
    ask(cast, minor)
    Finding.objects.filter(pk=minor.pk).update(due_on=timezone.localdate() - 40 * DAY)
    with pytest.raises(Incomplete, match="nobody has answered"):
        act(minor, "escalate", SYSTEM)
    act(minor, "refuse_extension", cast.actor("auditor"), reason="No")
    assert act(minor, "escalate", SYSTEM).grade == Grade.MAJOR


def test_only_the_right_people_ask_and_grant(cast, minor):
    for who in ("auditor", "planner", "rival_owner"):
        with pytest.raises(NotAllowed):
            ask(cast, minor, who=who)
    ask(cast, minor)
    for who in ("owner", "reviewer", "certifier", "rival_manager"):
        with pytest.raises(NotAllowed):
            grant(cast, minor, who=who)


def test_pages_ask_and_answer(cast, client, minor):
    cast.client(client, "member")
    where = f"/findings/{minor.pk}/do/ask_extension/"
    assert client.get(where).status_code == 200
    wrong = client.post(where, {"proposed_on": "2026-02-30", "reason": "Because"})
    assert wrong.status_code == 422
    assert wrong.context["form"]["reason"].value() == "Because"
    on = (minor.due_on + 5 * DAY).isoformat()
    assert client.post(where, {"proposed_on": on, "reason": "Because"}).status_code == 302
    cast.client(client, "auditor")
    page = client.get(f"/findings/{minor.pk}/").content.decode()
    assert "More time asked for" in page
    assert "Because" in page
    form = client.get(f"/findings/{minor.pk}/do/grant_extension/").context["form"]
    assert form["granted_on"].value() == minor.due_on + 5 * DAY


@pytest.mark.django_db(transaction=True)
def test_a_request_is_granted_or_refused_never_both(cast):
    finding = nonconformity(cast)
    ask(cast, finding)
    actor = cast.actor("auditor")
    on = finding.due_on + DAY
    results = at_once(
        lambda: act(finding, "grant_extension", actor, granted_on=on),
        lambda: act(finding, "refuse_extension", actor, reason="No"),
    )
    assert sum(isinstance(one, WorkflowRefusal) for one in results) == 1
    asked = finding.extensions.get()
    assert (asked.granted_on is not None) == (fresh(finding).due_on == on)
