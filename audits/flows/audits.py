"""The life of an audit: planned, proposed, confirmed, held, reported, reviewed."""

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from audits.checks.checklists import checklist_blockers
from audits.checks.findings import noted_blockers
from audits.checks.planning import planning_blockers, readiness_blockers
from audits.checks.report import report_blockers
from audits.checks.team import hold_people, team_blockers
from audits.checks.timetable import timetable_blockers
from audits.enums import AuditStatus, Meeting
from audits.flows import closing
from audits.flows.days import DAYS_TRANSITIONS
from audits.models import Audit, Objection, ReportVersion
from audits.rights import ANNOUNCES, DECLARES, EXPLAINS, LEAD, PROPOSES, REVIEWS
from audits.services.meetings import explain, hold_meeting
from audits.services.outcomes import report_outcome
from audits.services.snapshots import plan_snapshot, report_snapshot
from audits.services.telling import client_people, everyone, planners, team_people, tell
from audits.services.ties import CONFLICT
from certification.enums import Part
from certification.services import programme
from certification.services.cases import record_involvement
from certification.services.decisions import deciders
from certification.services.programme import audit_begun
from foundation import files, jobs, timeline
from foundation.actor import Actor
from foundation.workflow import REASON, SAME, Blocker, Flow, Transition
from organisations.enums import Role
from organisations.rights import OWNER, PLANNER
from schemes.queries import book_of
from schemes.queries.interests import reasons_against

REPORT, REPORT_DRAFT, PLAN = "report", "report_draft", "plan"

S = AuditStatus

timeline.register("audit.plan", _("Planning begun"))
timeline.register(CONFLICT, _("A member of the team declared an interest"))


# Planning


def ready_to_propose(audit, actor, data):
    """Dates, time, manner and team, everything at once; nobody is booked twice meanwhile."""
    if data is not None:
        hold_people(audit)
    yield from planning_blockers(audit)
    yield from team_blockers(audit)


def declare(audit, actor, *, no_conflict, conflict="", **data):
    """Keep the member's own word on interests of the last years (ISO/IEC 17021-1:2015 5.2)."""
    member = audit.members.get(user=actor.user)
    member.no_conflict, member.conflict = no_conflict, conflict
    member.declared_at = timezone.now()
    member.save(update_fields=["no_conflict", "conflict", "declared_at", "changed_at"])
    if not no_conflict:
        tell("conflict", audit, planners(audit), person=actor.user)


def _step(audit, *fields):
    """Save with the sequence of the calendar entry moved on."""
    audit.sequence += 1
    audit.save(update_fields=["sequence", "changed_at", *fields])


def propose(audit, actor, answer="", **data):
    if audit.proposed_at is None:
        audit.proposed_at = timezone.now()
    _answer_objections(audit, actor, answer)
    _step(audit, "proposed_at")
    tell("proposed", audit, client_people(audit))


def object_to(audit, actor, reason, people=(), **data):
    objection = Objection.objects.create(audit=audit, reason=reason, raised_by=actor.user)
    objection.people.set(people)
    audit.save(update_fields=["changed_at"])
    tell("objected", audit, planners(audit), reason=reason)


def _answer_objections(audit, actor, answer):
    for objection in audit.objections.filter(answered_at=None):
        objection.answer, objection.answered_by = answer, actor.user
        objection.answered_at = timezone.now()
        objection.save(update_fields=["answer", "answered_by", "answered_at", "changed_at"])


def answer_objection(audit, actor, answer, **data):
    _answer_objections(audit, actor, answer)
    audit.save(update_fields=["changed_at"])
    tell("objection_answered", audit, client_people(audit), answer=answer)


def has_timetable(audit, actor, data):
    if audit.starts_on:
        yield from timetable_blockers(audit)


def team_has_not_decided(audit, actor, data):
    """Whoever decided in the cycle takes no part in its audits (ISO/IEC 17021-1:2015 9.5.1).

    Between proposal and confirmation somebody of the team may have decided on a certificate.
    """
    people = set(audit.members.values_list("user", flat=True))
    if people & deciders(audit.case_id, audit.case.cycle):
        yield Blocker(
            gettext(
                "Somebody of the team has decided on your certification meanwhile. "
                "The body has to propose somebody else."
            ),
            audit.get_absolute_url(),
        )


def settle_plan(audit, actor):
    """Fix the plan and bind the team to the case; the PDF of the plan is asked for."""
    audit.plan_snapshot = plan_snapshot(audit)
    _step(audit, "plan_snapshot")
    for member in audit.members.select_related("user"):
        record_involvement(case=audit.case, user=member.user, part=Part.AUDIT)
    jobs.enqueue(
        "audits.render_plan",
        key=f"audit-plan:{audit.pk}:{audit.sequence}",
        subject=audit,
        actor=Actor(user=actor.user, organisation=audit.body),
    )


def confirm(audit, actor, **data):
    """Fix what both parties agreed on and put it into everybody's calendar."""
    settle_plan(audit, actor)
    tell("confirmed", audit, everyone(audit))


def announce(audit, actor, **data):
    """Tell the enterprise of an audit at short notice, its dates and its team (9.6.4.2)."""
    if audit.proposed_at is None:
        audit.proposed_at = timezone.now()
        audit.save(update_fields=["proposed_at", "changed_at"])
    programme.announce(audit.programme_item)
    settle_plan(audit, actor)
    tell("announced", audit, everyone(audit), reason=audit.programme_item.reason)


def replan(audit, actor, reason, **data):
    _step(audit)
    tell("back_in_planning", audit, everyone(audit), reason=reason)


def somebody_is_tied(audit) -> bool:
    """Tell whether a member declared a conflict of interest."""
    return any(member.no_conflict is False for member in audit.members.all())


# The audit itself


def may_open(audit, actor, data):
    if audit.starts_on and timezone.localdate() < audit.starts_on:
        yield Blocker(gettext("The audit has not begun: its first day is still to come."))
    for member in audit.members.select_related("user").filter(no_conflict=False):
        # Why is for planners and managers to read.
        text = gettext("%(person)s may not audit this enterprise: a planner replaces this person.")
        yield Blocker(text % {"person": member.user})
    yield from readiness_blockers(audit)


def has_attendance(audit, actor, data):
    """Both sides are at the meeting (ISO/IEC 17021-1:2015 9.4.2, 9.4.7)."""
    if data is None:
        return
    if not data.get("team"):
        yield Blocker(gettext("Say who of the team was present."), field="team")
    if not data.get("others"):
        yield Blocker(gettext("Say who of the enterprise was present."), field="others")


def open_audit(audit, actor, **data):
    hold_meeting(audit, Meeting.OPENING, actor, **data)
    audit.opened_at = timezone.now()
    audit.save(update_fields=["opened_at", "changed_at"])
    audit_begun(audit.programme_item, timezone.localdate())


def findings_complete(audit, actor, data):
    yield from noted_blockers(audit)
    yield from checklist_blockers(audit)


def close_meeting(audit, actor, *, days_held=None, disagreement="", **data):
    hold_meeting(audit, Meeting.CLOSING, actor, **data)
    audit.closed_at = timezone.now()
    audit.disagreement = disagreement
    audit.days_held = audit.days_planned if days_held is None else days_held
    audit.save(update_fields=["closed_at", "disagreement", "days_held", "changed_at"])
    closing.show_findings(audit)
    report_outcome(audit, actor)
    closing.ask_for_evaluation(audit)
    tell("closed", audit, client_people(audit), count=closing.to_answer(audit))
    return {"days_held": str(audit.days_held)}


def explain_check_in(audit, actor, explanation, **data):
    """What the meeting left open is said later; the case learns that it is."""
    explain(audit, explanation)
    report_outcome(audit, actor)
    return {"explanation": explanation}


# The report


def submit_report(audit, actor, **data):
    report = audit.report
    report.version += 1
    report.submitted_by, report.submitted_at = actor.user, timezone.now()
    report.reviewed_by = report.reviewed_at = report.file = None
    report.snapshot = report_snapshot(audit)
    report.save()
    ReportVersion.objects.create(
        report=report,
        version=report.version,
        snapshot=report.snapshot,
        submitted_by=report.submitted_by,
        submitted_at=report.submitted_at,
    )
    audit.save(update_fields=["changed_at"])
    jobs.enqueue(
        "audits.render_report",
        key=f"audit-report:{audit.pk}:{report.version}",
        subject=audit,
        actor=actor,
        payload={"version": report.version},
    )
    report_outcome(audit, actor)
    reviewers = audit.body.people(Role.REVIEWER)
    team = {person.pk for person in team_people(audit)}
    tell("report_to_review", audit, [r for r in reviewers if r.pk not in team])
    return {"version": report.version}


def _reviewed(audit, actor, note):
    report = audit.report
    report.reviewed_by, report.reviewed_at, report.review_note = actor.user, timezone.now(), note
    report.save(update_fields=["reviewed_by", "reviewed_at", "review_note", "changed_at"])
    report.versions.filter(version=report.version).update(review_note=note)
    audit.save(update_fields=["changed_at"])


def return_report(audit, actor, reason, **data):
    _reviewed(audit, actor, reason)
    tell(
        "report_returned",
        audit,
        [audit.lead],
        url=reverse("audits:report", args=[audit.pk]),
        reason=reason,
    )


def reviews_impartially(audit, actor, data):
    """Whoever is tied to the enterprise does not judge its audit (ISO/IEC 17021-1:2015 5.2)."""
    rules, today = book_of(audit.case.rule_set), timezone.localdate()
    for reason in reasons_against(actor.user, audit.enterprise, on=today, rules=rules):
        text = gettext("You may not judge this enterprise, so a colleague reviews it. %(reason)s.")
        yield Blocker(text % {"reason": reason})


def report_is_rendered(audit, actor, data):
    if audit.report.file_id is None:
        yield Blocker(gettext("The PDF of the report is not ready yet."), audit.get_absolute_url())


def accept_report(audit, actor, note="", **data):
    """The report becomes the enterprise's to read, and the case may be decided."""
    _reviewed(audit, actor, note)
    files.attach(audit.report.file, audit, REPORT)
    report_outcome(audit, actor)
    tell("report_accepted", audit, client_people(audit))


# The end before its time


def cancel(audit, actor, reason, **data):
    _step(audit)
    if audit.proposed_at is not None:
        tell("cancelled", audit, everyone(audit), reason=reason)


def abort(audit, actor, reason, **data):
    _step(audit)
    audit_begun(audit.programme_item, None)
    tell("aborted", audit, everyone(audit), reason=reason)


AUDIT_FLOW = Flow(
    name="audit",
    title=_("Audit"),
    model=Audit,
    states=AuditStatus,
    related=("case__rule_set", "enterprise", "body", "programme_item"),
    asked=("members", "check_ins", "deviations"),
    tags={
        S.PLANNED: "draft",
        S.PROPOSED: "waiting",
        S.OBJECTED: "problem",
        S.CONFIRMED: "info",
        S.IN_PROGRESS: "info",
        S.REPORTING: "waiting",
        S.REPORTED: "waiting",
        S.COMPLETED: "closed",
        S.CANCELLED: "cancelled",
        S.ABORTED: "withdrawn",
    },
    transitions=(
        Transition(
            action="declare",
            sources=(S.PLANNED, S.OBJECTED),
            target=SAME,
            right=DECLARES,
            title=_("Declare interests"),
            past=_("Interests declared by a member of the team"),
            explain=_(
                "Whoever lately advised this enterprise, audited it internally, worked for it or "
                "had a stake in it may not audit it."
            ),
            effect=declare,
            internal=True,
        ),
        Transition(
            action="propose",
            sources=(S.PLANNED, S.OBJECTED),
            target=S.PROPOSED,
            right=PROPOSES,
            title=_("Propose to the enterprise"),
            task=_("Plan dates and team"),
            past=_("Dates and team proposed"),
            explain=_("The enterprise sees dates, team and timetable, and confirms or objects."),
            guards=(ready_to_propose,),
            effect=propose,
        ),
        Transition(
            action="announce",
            sources=(S.PLANNED,),
            target=S.CONFIRMED,
            right=ANNOUNCES,
            title=_("Announce the audit"),
            task=_("Plan dates and team"),
            past=_("Audit at short notice announced"),
            explain=_(
                "The enterprise learns of the audit now: dates, team and timetable. It neither "
                "confirms nor objects. Everybody gets the appointment by e-mail."
            ),
            guards=(ready_to_propose, has_timetable),
            effect=announce,
            serious=True,
        ),
        Transition(
            action="answer_objection",
            sources=(S.OBJECTED,),
            target=S.PROPOSED,
            right=PLANNER,
            title=_("Answer the objection and keep the proposal"),
            past=_("Objection answered, proposal kept"),
            explain=_("The proposal stays as it is; the enterprise reads why."),
            requires=("answer",),
            guards=(ready_to_propose,),
            effect=answer_objection,
            awaited=False,
        ),
        Transition(
            action="confirm",
            sources=(S.PROPOSED,),
            target=S.CONFIRMED,
            right=OWNER,
            title=_("Confirm dates, team and timetable"),
            task=_("Confirm the audit or object"),
            past=_("Audit confirmed"),
            explain=_("Everybody gets the appointment by e-mail. The plan is made as a PDF."),
            guards=(has_timetable, team_has_not_decided),
            effect=confirm,
        ),
        Transition(
            action="object",
            sources=(S.PROPOSED,),
            target=S.OBJECTED,
            right=OWNER,
            title=_("Object to dates or team"),
            past=_("Objection raised"),
            explain=_("The body answers, or proposes other dates or other people."),
            requires=(REASON,),
            effect=object_to,
            awaited=False,
        ),
        Transition(
            action="open",
            sources=(S.CONFIRMED,),
            target=S.IN_PROGRESS,
            right=LEAD,
            title=_("Open the audit"),
            past=_("Opening meeting held"),
            explain=_("Records who was at the opening meeting and checks the team in."),
            guards=(may_open, has_attendance),
            effect=open_audit,
        ),
        Transition(
            action="close_meeting",
            sources=(S.IN_PROGRESS,),
            target=S.REPORTING,
            right=LEAD,
            title=_("Hold the closing meeting"),
            past=_("Closing meeting held"),
            explain=_(
                "The enterprise sees every finding from now on, and its time to answer begins."
            ),
            guards=(findings_complete, has_attendance),
            effect=close_meeting,
            serious=True,
        ),
        Transition(
            action="explain_check_in",
            sources=(S.IN_PROGRESS, S.REPORTING, S.REPORTED, S.COMPLETED),
            target=SAME,
            right=EXPLAINS,
            title=_("Explain the check-in"),
            past=_("Check-in explained"),
            explain=_(
                "The team checked in too late or too far from the sites. Nobody decides on the "
                "certification before it is said why. What you write goes on record."
            ),
            requires=("explanation",),
            effect=explain_check_in,
        ),
        Transition(
            action="submit_report",
            sources=(S.REPORTING,),
            target=S.REPORTED,
            right=LEAD,
            title=_("Submit the report"),
            task=_("Write the report"),
            past=_("Report submitted"),
            explain=_("Somebody outside the team reviews it before the enterprise gets it."),
            guards=(report_blockers,),
            effect=submit_report,
        ),
        Transition(
            action="accept_report",
            sources=(S.REPORTED,),
            target=S.COMPLETED,
            right=REVIEWS,
            title=_("Accept the report"),
            task=_("Review the report"),
            past=_("Report accepted"),
            explain=_("The enterprise can read the report; the case goes on to the decision."),
            guards=(reviews_impartially, report_is_rendered),
            effect=accept_report,
        ),
        Transition(
            action="return_report",
            sources=(S.REPORTED,),
            target=S.REPORTING,
            right=REVIEWS,
            title=_("Return the report"),
            past=_("Report returned"),
            explain=_("The leader of the team changes it and submits it again."),
            requires=(REASON,),
            effect=return_report,
            internal=True,
            awaited=False,
        ),
        Transition(
            action="replan",
            sources=(S.PROPOSED, S.CONFIRMED),
            target=S.PLANNED,
            right=PLANNER,
            title=_("Take back and plan anew"),
            past=_("Taken back to planning"),
            explain=_("Everybody is told that the dates no longer hold."),
            requires=(REASON,),
            effect=replan,
            awaited=somebody_is_tied,
            task=_("Replace somebody of the team who may not audit"),
        ),
        Transition(
            action="cancel",
            sources=(S.PLANNED, S.PROPOSED, S.OBJECTED, S.CONFIRMED),
            target=S.CANCELLED,
            right=PLANNER,
            title=_("Cancel the audit"),
            past=_("Audit cancelled"),
            explain=_("It leaves everybody's calendar; its place in the programme is free again."),
            requires=(REASON,),
            effect=cancel,
            awaited=False,
            # The enterprise does not know of what was not proposed.
            internal=lambda audit: audit.proposed_at is None,
            serious=True,
        ),
        Transition(
            action="abort",
            sources=(S.IN_PROGRESS,),
            target=S.ABORTED,
            right=LEAD,
            title=_("Break the audit off"),
            past=_("Audit broken off"),
            explain=_("For when it cannot go on; it has to be planned anew."),
            requires=(REASON,),
            effect=abort,
            awaited=False,
            serious=True,
        ),
        *DAYS_TRANSITIONS,
    ),
)
