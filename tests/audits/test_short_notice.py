"""Audits at short notice: announced instead of agreed, with special care in the team."""

import datetime as dt
from decimal import Decimal

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from audits.enums import AuditStatus, TeamRole
from audits.flows.audits import AUDIT_FLOW
from audits.models import Audit
from audits.services import planning
from certification.enums import AuditKind
from certification.flows.cases import CASE_FLOW
from certification.models import Involvement, ProgrammeItem
from foundation import journal, work
from foundation.models import Notice, WorkItem
from foundation.workflow import Incomplete, NotAllowed, perform
from portal import dates
from tests.audits.auditwork import act, fresh, proposed, with_timetable
from tests.certification.casework import certified_case

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(cast):
    found = certified_case(cast)
    # So that another audit can be proposed today.
    surveillance = found.programme.filter(kind=AuditKind.SURVEILLANCE_1)
    surveillance.update(window_from=timezone.localdate())
    return found


def started(cast, case, *, short_notice=True) -> Audit:
    """Return a special audit that a planner has just begun to plan."""
    today = timezone.localdate()
    action = "plan_short_notice" if short_notice else "plan_special"
    facts = {
        "purpose": "complaint",
        "reason": "Complaint 17 about deliveries.",
        "days": Decimal(1),
        "window_from": today,
        "window_to": today + dt.timedelta(days=30),
    }
    perform(CASE_FLOW, case, action, cast.actor("planner"), **facts)
    item = ProgrammeItem.objects.get(kind=AuditKind.SPECIAL)
    return planning.start_planning(item, cast.actor("planner"))


def ready(cast, case, team=("auditor", "auditor2"), **facts) -> Audit:
    """Return one from which nothing is missing."""
    audit = started(cast, case, **facts)
    actor, today = cast.actor("planner"), timezone.localdate()
    planning.change_planning(audit=audit, actor=actor, starts_on=today, ends_on=today)
    for name in team:
        role = TeamRole.LEAD if name == team[0] else TeamRole.AUDITOR
        planning.add_member(audit=audit, actor=actor, user=getattr(cast, name), role=role)
        act(audit, "declare", cast.actor(name), no_conflict=True)
    return with_timetable(cast, fresh(audit))


def refusals(cast, audit) -> list[str]:
    with pytest.raises(Incomplete) as refusal:
        act(audit, "announce", cast.actor("planner"))
    return [str(one) for one in refusal.value.blockers]


def seen(cast, case, who="owner") -> set[str]:
    """Return what a party can know of an audit: its verbs, rows, dates and notices."""
    actor = cast.actor(who)
    return {
        *(row.verb for row in journal.history(case.thread, actor) if row.verb.startswith("audit")),
        *(row.kind for row in Audit.objects.visible_to(actor)),
        *(row.kind for row in Notice.objects.filter(recipient=actor.user, kind__startswith="aud")),
        *(row.title for row in dates.entries_of(actor.user, timezone.localdate())
          if "audit" in row.title.lower() and "surveillance" not in row.title.lower()),
    }  # fmt: skip


def test_the_enterprise_learns_of_it_when_it_is_announced(cast, case):
    before = seen(cast, case)
    audit = ready(cast, case)
    assert seen(cast, case) == before
    done = act(audit, "announce", cast.actor("planner"))
    assert done.status == AuditStatus.CONFIRMED
    assert done.proposed_at is not None
    assert done.programme_item.announced_at is not None
    assert done.plan_snapshot
    team = Involvement.objects.filter(case=case, part="audit").values_list("user", flat=True)
    assert {cast.auditor.pk, cast.auditor2.pk} <= set(team)
    found = seen(cast, case) - before
    assert {"audit.announce", "special", "audits.announced"} <= found
    assert not any(verb in found for verb in ("audit.plan", "audit.declare"))
    notice = Notice.objects.get(kind="audits.announced", recipient=cast.owner)
    assert notice.params["reason"] == "Complaint 17 about deliveries."


def test_each_audit_shows_its_own_way_only(cast, case):
    planner = cast.actor("planner")
    audit = ready(cast, case)
    acts = {row.transition.action for row in AUDIT_FLOW.actions_for(fresh(audit), planner)}
    assert acts == {"announce", "ask_fewer_days", "cancel"}
    with pytest.raises(NotAllowed, match="announced at short notice"):
        act(audit, "propose", planner)
    agreed = Audit.objects.get(pk=audit.pk)
    ProgrammeItem.objects.update(short_notice=False)
    acts = {row.transition.action for row in AUDIT_FLOW.actions_for(fresh(agreed), planner)}
    assert acts == {"propose", "ask_fewer_days", "cancel"}
    with pytest.raises(NotAllowed, match="agrees or objects"):
        act(agreed, "announce", planner)


def test_it_needs_its_timetable_as_any_audit(cast, case):
    audit = ready(cast, case)
    audit.plan.all().delete()
    assert refusals(cast, audit)
    assert seen(cast, case) == seen(cast, case, "member")


def test_a_declaration_must_be_fresh(cast, case):
    audit = ready(cast, case)
    assert not AUDIT_FLOW.may(fresh(audit), "declare", cast.actor("auditor"))
    later = timezone.now() + dt.timedelta(days=15)
    with time_machine.travel(later, tick=False):
        day = timezone.localdate()
        planning.change_planning(
            audit=audit, actor=cast.actor("planner"), starts_on=day, ends_on=day
        )
        with_timetable(cast, fresh(audit))
        names = [cast.auditor, cast.auditor2]
        assert refusals(cast, audit) == [
            f"{name} declared too long ago for an audit at short notice." for name in names
        ]
        for name in ("auditor", "auditor2"):
            act(audit, "declare", cast.actor(name), no_conflict=True)
        done = act(audit, "announce", cast.actor("planner"))
    assert done.status == AuditStatus.CONFIRMED


def test_nobody_comes_to_whom_the_enterprise_objected(cast, case):
    earlier = proposed(cast, AuditKind.SURVEILLANCE_1, case=case)
    act(earlier, "object", cast.actor("owner"), reason="Rude.", people=[cast.auditor2])
    act(earlier, "cancel", cast.actor("planner"), reason="Later.")
    audit = ready(cast, case)
    assert refusals(cast, audit) == [
        (
            f"{cast.auditor2}: the enterprise objected to this person in this cycle, and cannot "
            "object to an audit at short notice (ISO/IEC 17021-1:2015 9.6.4.2)"
        )
    ]
    planning.remove_member(
        audit=audit, actor=cast.actor("planner"), member=audit.members.get(user=cast.auditor2)
    )
    with_timetable(cast, fresh(audit))
    assert act(audit, "announce", cast.actor("planner")).status == AuditStatus.CONFIRMED


def test_the_same_person_may_be_proposed_in_the_ordinary_way(cast, case):
    earlier = proposed(cast, AuditKind.SURVEILLANCE_1, case=case)
    act(earlier, "object", cast.actor("owner"), reason="Rude.", people=[cast.auditor2])
    act(earlier, "cancel", cast.actor("planner"), reason="Later.")
    audit = ready(cast, case, short_notice=False)
    assert act(audit, "propose", cast.actor("planner")).status == AuditStatus.PROPOSED


def test_what_was_never_announced_ends_in_silence(cast, case):
    before = seen(cast, case)
    audit = ready(cast, case)
    act(audit, "cancel", cast.actor("planner"), reason="The complaint was withdrawn.")
    assert seen(cast, case) == before
    verbs = [row.verb for row in journal.history(case.thread, cast.actor("planner"))]
    assert "audit.cancel" in verbs


def test_it_waits_for_nobody_but_the_body(cast, case):
    audit = ready(cast, case)
    work.rebuild()
    assert not WorkItem.objects.waiting_for(cast.actor("owner")).filter(subject_id=audit.pk)
    waiting = WorkItem.objects.waiting_for(cast.actor("planner")).filter(subject_id=audit.pk)
    assert [row.action for row in waiting] == ["announce"]


def test_the_planner_announces_it_on_a_page(cast, client, case):
    audit = ready(cast, case)
    cast.client(client, "planner")
    page = client.get(reverse("audits:planning", args=[audit.pk])).content.decode()
    address = reverse("audits:audit_do", args=[audit.pk, "announce"])
    assert address in page
    assert reverse("audits:audit_do", args=[audit.pk, "propose"]) not in page
    assert client.get(address).status_code == 200
    assert client.post(address).status_code == 302
    assert fresh(audit).status == AuditStatus.CONFIRMED
    cast.client(client, "owner")
    page = client.get(audit.get_absolute_url()).content.decode()
    assert "Complaint 17 about deliveries." in page


def test_the_enterprise_names_whom_it_objects_to(cast, client, case):
    audit = proposed(cast, AuditKind.SURVEILLANCE_1, case=case)
    cast.client(client, "owner")
    address = reverse("audits:audit_do", args=[audit.pk, "object"])
    assert cast.auditor2.name in client.get(address).content.decode()
    assert client.post(address, {"reason": "x", "people": [cast.owner.pk]}).status_code == 422
    done = client.post(address, {"reason": "Rude.", "people": [cast.auditor2.pk]})
    assert done.status_code == 302
    objection = audit.objections.get()
    assert (objection.reason, list(objection.people.all())) == ("Rude.", [cast.auditor2])
