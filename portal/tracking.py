"""The story of one case, put together for the page that all parties share."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from audits.enums import NONCONFORMITIES, AuditStatus, FindingStatus
from audits.models import Audit, Finding
from certification import appeals
from certification.enums import (
    ApplicationStatus,
    AuditKind,
    CaseStatus,
    CertificateStatus,
    DecisionKind,
)
from certification.models import (
    Application,
    Certificate,
    Complaint,
    Decision,
    Evaluation,
    Offer,
)
from certification.queries.complaints import with_appeals
from certification.services.decisions import due_decision
from foundation import journal
from foundation.formatting import day, short_day
from foundation.models import Attachment, WorkItem
from foundation.models.base import subject_type
from foundation.tracker import DONE, NOW, STOPPED, TODO, tracked
from foundation.workflow import FLOWS
from organisations.enums import Role

OVER = (ApplicationStatus.DECLINED, ApplicationStatus.REJECTED, ApplicationStatus.CANCELLED)


@dataclass
class Story:
    """Everything the page shows of one case in its present cycle, as far as the actor sees it."""

    case: Any
    application: Any
    audits: list
    findings: list
    decisions: list
    certificates: list
    items: list

    @property
    def titles(self):
        """What is certified: the titles of the schemes applied for."""
        return [row.scheme.title for row in self.application.schemes.all()]

    @property
    def nonconformities(self):
        return [finding for finding in self.findings if finding.grade in NONCONFORMITIES]

    @property
    def open_nonconformities(self):
        return [f for f in self.nonconformities if f.is_open]


def story_of(case, actor) -> Story:
    """Gather the case's rows through the actor, with what waits for him or her."""
    application = (
        Application.objects.visible_to(actor)
        .filter(case=case)
        .select_related("enterprise", "body")
        .prefetch_related("schemes__edition", "schemes__scheme")
        .order_by("-submitted_at")
        .first()
    )
    audits = list(
        Audit.objects.visible_to(actor)
        .filter(case=case, cycle=case.cycle)
        .select_related("case", "enterprise", "body")
        .prefetch_related("members__user")
    )
    findings = list(
        Finding.objects.visible_to(actor)
        .filter(audit__in=audits)
        .select_related("audit__case", "clause")
    )
    decisions = list(
        Decision.objects.visible_to(actor).filter(case=case).select_related("decided_by", "case")
    )
    certificates = list(
        Certificate.objects.visible_to(actor)
        .filter(case=case)
        .select_related("edition", "scheme", "case", "enterprise", "body")
    )
    decisions = with_appeals(decisions, actor, appeals.is_against)
    items = list(WorkItem.objects.open().waiting_for(actor).filter(thread=case.thread))
    return Story(case, application, audits, findings, decisions, certificates, items)


def _step(title, state, when=None, who="") -> dict:
    return tracked(title, state, short_day(when) if when else "", who)


def _state(done, now) -> str:
    return DONE if done else NOW if now else TODO


def _last(story, *kinds):
    """Return the last audit of these kinds that takes or took place, or None."""
    off = (AuditStatus.CANCELLED, AuditStatus.ABORTED)
    found = [audit for audit in story.audits if audit.kind in kinds and audit.status not in off]
    return max(found, key=lambda audit: audit.number, default=None)


def _begun(audit):
    return audit.starts_on if audit is not None else ""


def _made(story, main):
    """Return the decision on the certification that the story tells of, or None before it.

    Surveillances and changes come after it; a renewal under way waits for its own.
    """
    kinds = (DecisionKind.GRANT, DecisionKind.REFUSE, DecisionKind.RENEW)
    rows = [row for row in story.decisions if row.kind in kinds]
    last = max(rows, key=lambda row: row.created_at, default=None)
    if last is None or main is None:
        return last
    return last if main.starts_on and main.starts_on <= last.decided_on else None


def _days(entries) -> dict[str, date]:
    """Map each verb of the story to the day it last happened."""
    return {entry.verb: entry.at for entry in reversed(entries)}


def steps(story: Story, entries, actor) -> list[dict]:
    """Return the steps of the way to a certificate, with who owns each and when.

    Eight for a first certification, seven for a renewal, which has one audit instead of two.
    ``entries`` is the journal of the case, newest first.
    """
    case, days = story.case, _days(entries)
    client = _("You") if actor.organisation_id == case.enterprise_id else case.enterprise.name
    body = _("You") if actor.organisation_id == case.body_id else case.body.name
    team = _("Audit team")
    first = _last(story, AuditKind.STAGE_1)
    main = _last(story, AuditKind.STAGE_2, AuditKind.RECERTIFICATION)
    made = _made(story, main)
    decided = made is not None
    renewing = case.cycle > 1 or bool(main and main.kind == AuditKind.RECERTIFICATION)
    first_held = decided or renewing or bool(first and first.closed_at)
    main_held = decided or bool(main and main.closed_at)
    open_left = [] if decided else story.open_nonconformities
    # Without anything to correct the audit goes on until its report is accepted.
    main_done = main_held and (decided or bool(open_left) or main.status == AuditStatus.COMPLETED)
    corrected = main_done and not open_left
    refused = decided and made.kind == DecisionKind.REFUSE
    never_closed = refused and any(f.status != FindingStatus.CLOSED for f in story.nonconformities)
    granted = decided and not refused
    issued = [c for c in story.certificates if granted and c.status != CertificateStatus.ISSUING]
    kind = AuditKind.RECERTIFICATION if renewing else AuditKind.STAGE_2
    due = max((f.due_on for f in open_left if f.due_on), default="")
    mended = STOPPED if never_closed else _state(corrected, main_done)
    ruled = STOPPED if refused else _state(decided, corrected)
    rows = [
        _step(_("Application"), DONE, days.get("application.submit", ""), client),
        _step(_("Review"), DONE, days.get("application.accept", ""), body),
        _step(_("Contract"), DONE, days.get("application.sign", ""), _("Both")),
        _step(AuditKind.STAGE_1.label, _state(first_held, True), _begun(first), team),
        _step(kind.label, _state(main_done, first_held), _begun(main), team),
        _step(_("Corrective actions"), mended, due, client),
        _step(_("Decision"), ruled, made.decided_on if decided else "", body),
        _step(
            _("Certificate"),
            _state(bool(issued), granted),
            issued[0].effective_on if issued else "",
            body,
        ),
    ]
    if renewing:
        del rows[3]
    return rows


def history(case, actor) -> list:
    """Return the journal entries of a case that the actor may read, newest first."""
    return list(journal.history(case.thread, actor))


def what_next(story: Story, actor) -> list[dict]:
    """Say in order what comes and who does it."""
    case = story.case
    mine = actor.organisation_id == case.enterprise_id
    if case.status == CaseStatus.AUDITING:
        return [*_audits_to_come(story, mine), *_decision_to_come(case)]
    if case.status == CaseStatus.DECIDING:
        return _decision_to_come(case)
    if case.status == CaseStatus.CERTIFIED:
        return _programme_to_come(case, actor)
    if case.status == CaseStatus.REFUSED:
        return [
            _next(
                _("You may appeal") if mine else _("The enterprise may appeal"),
                _("On this page. People who neither audited nor decided handle it."),
            )
        ]
    return []


def _audits_to_come(story, mine) -> list[dict]:
    proposal = _next(
        _("The body proposes an audit team and dates"),
        _("You may object to the team or the dates before you confirm.")
        if mine
        else _("The enterprise may object before it confirms."),
    )
    begun = any(audit.closed_at for audit in story.audits)
    return [
        *([] if begun else [proposal]),
        _next(
            _("The audit team audits and reports"),
            _("Findings are shown at the closing meeting."),
        ),
        _next(
            _("You answer the findings, the team verifies")
            if mine
            else _("The enterprise answers the findings, the team verifies"),
            _("Cause, correction and corrective action, each with evidence."),
        ),
    ]


def _decision_to_come(case) -> list[dict]:
    decision = _next(
        _("An independent decision"),
        _("By somebody who neither reviewed the application nor audited."),
    )
    if case.status == CaseStatus.DECIDING and due_decision(case) == DecisionKind.MAINTAIN:
        kept = _next(_("The certificate stays valid"), _("Its public page says so at any time."))
        return [decision, kept]
    issue = _next(
        _("The certificate takes effect and is public"),
        _("The PDF, the QR code and the public page are there at once."),
    )
    return [decision, issue]


def _programme_to_come(case, actor) -> list[dict]:
    rows = case.programme.visible_to(actor).to_come().filter(cycle=case.cycle)
    return [
        _next(
            item.title,
            _("Between %(first)s and %(last)s.")
            % {"first": day(item.window_from), "last": day(item.window_to)}
            if item.window_from and item.window_to
            else "",
        )
        for item in rows.order_by("window_to")[:3]
    ]


def _next(title, text="") -> dict:
    return {"title": title, "text": text}


def next_appointment(story: Story):
    """Return the next audit that is agreed and not over, or None."""
    agreed = (AuditStatus.CONFIRMED, AuditStatus.IN_PROGRESS)
    dated = [a for a in story.audits if a.status in agreed and a.starts_on]
    return min(dated, key=lambda audit: audit.starts_on, default=None)


def contacts(story: Story) -> list[dict]:
    """Return whom to talk to: the reviewer of the application and the audit team's leader."""
    people = []
    if story.application is not None and story.application.reviewer:
        people.append({"name": story.application.reviewer.name, "sub": _("Application reviewer")})
    leads = dict.fromkeys(audit.lead for audit in story.audits if audit.lead)
    people += [{"name": lead.name, "sub": _("Lead auditor")} for lead in leads]
    return people


def documents(story: Story, actor) -> list[dict]:
    """Return the documents of the case that the actor may download, oldest first."""
    # Auditors see no fees; the last offer is the one that was signed.
    offers = Offer.objects.visible_to(actor).filter(application__case=story.case)[:1]
    subjects = [story.case, story.application, *offers, *story.audits, *story.decisions]
    wanted = Q(pk__in=[])
    for obj in filter(None, subjects):
        wanted |= Q(subject_type=subject_type(obj), subject_id=obj.pk)
    rows = (
        Attachment.objects.filter(wanted, file__generated=True)
        .filter(Q(internal_to=None) | Q(internal_to=actor.organisation_id))
        .select_related("file")
        .order_by("created_at")
    )
    names = {
        "contract": _("Certification contract"),
        "offer": _("Offer"),
        "plan": _("Audit plan"),
        "report": _("Audit report"),
        "report_draft": _("Audit report, submitted for review"),
    }
    shown = {row.file_id: {"file": row.file, "name": names.get(row.label)} for row in rows}
    return list(shown.values())


def complaints(case, actor) -> list:
    """Return the complaints and appeals about a case that the actor sees, newest first."""
    return list(Complaint.objects.visible_to(actor).filter(case=case))


def evaluation_asked(story: Story, actor):
    """Return the rating the enterprise is still asked for, or None."""
    if Role.OWNER not in actor.roles:
        return None
    return (
        Evaluation.objects.visible_to(actor)
        .filter(case=story.case, given_at=None)
        .order_by("created_at")
        .first()
    )


def case_actions(case, actor) -> list:
    """Return what the actor can do with the case now; what stands in the way of the rest is told
    where it is decided."""
    return [act for act in FLOWS["case"].actions_for(case, actor) if not act.blockers]
