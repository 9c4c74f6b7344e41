"""One object for each flow, with the people of the cast in the places that rights look at."""

import datetime as dt

from django.utils import timezone

from audits.enums import Grade, TeamRole
from audits.models import Audit, Finding
from certification.enums import (
    About,
    AuditKind,
    Cause,
    ChangeKind,
    ComplaintKind,
    DecisionKind,
    Ground,
    Moment,
)
from certification.models import (
    Application,
    ApprovalChange,
    AuditTimeCalculation,
    Case,
    Certificate,
    CertificateRevision,
    ChangeReport,
    Complaint,
    Evaluation,
    Involvement,
    Merger,
    Proposal,
)
from foundation.models import StoredFile
from schemes.enums import CompetenceStatus
from schemes.models import Clause, RuleSet, Scheme, StandardEdition
from tests.people import make_enterprise

TODAY = dt.date(2026, 6, 1)


def application(cast):
    """An application in the hands of the cast's reviewer, who computed a reduced audit time."""
    found = Application.objects.create(
        number="A-2026-9001",
        enterprise=cast.enterprise,
        body=cast.body,
        created_by=cast.member,
        reviewer=cast.reviewer,
        submitted_at=timezone.now(),
    )
    AuditTimeCalculation.objects.create(
        application=found,
        computed_by=cast.reviewer,
        inputs={"version": 0},
        result={"usable": True},
        total_days=4,
        on_site_days=3,
        stage_1_days=1,
        stage_2_days=3,
        sha256="0" * 64,
        table_days=5,
        needs_approval=True,
    )
    return found


def case(cast):
    """A case that the reviewer reviewed and the two auditors audit."""
    row = application(cast)
    found = Case.objects.create(
        number="C-2026-9001",
        enterprise=cast.enterprise,
        body=cast.body,
        thread=row.pk,
        rule_set=RuleSet.objects.get(key="cnca-2026"),
        cycle_starts_on=TODAY,
    )
    Application.objects.filter(pk=row.pk).update(case=found)
    for user, part in (
        (cast.reviewer, "review"),
        (cast.auditor, "audit"),
        (cast.auditor2, "audit"),
    ):
        Involvement.objects.create(case=found, cycle=1, user=user, part=part)
    return found


def audit(cast):
    """An audit on fewer days, led by the auditor, with the second auditor on the team."""
    found = Audit.objects.create(
        number="C-2026-9001-1",
        case=case(cast),
        cycle=1,
        kind=AuditKind.STAGE_2,
        enterprise=cast.enterprise,
        body=cast.body,
        days=3,
        days_planned=2,
        days_reason="Tiny.",
        starts_on=TODAY,
        ends_on=TODAY,
    )
    found.deviations.create(days=3, days_planned=2, reason="Tiny.", asked_by=cast.planner)
    found.members.create(user=cast.auditor, role=TeamRole.LEAD)
    found.members.create(user=cast.auditor2, role=TeamRole.AUDITOR)
    return found


def finding(cast):
    """A minor nonconformity raised by the leader."""
    return Finding.objects.create(
        audit=audit(cast),
        number="NC-01",
        grade=Grade.MINOR,
        clause=Clause.objects.filter(edition__scheme__code="QMS").first(),
        title="Calibration overdue",
        raised_by=cast.auditor,
        shown_at=timezone.now(),
    )


def approval_change(cast):
    """A suspension that is prepared."""
    found = ApprovalChange.objects.create(
        body=cast.body,
        kind="suspend",
        cause="violation",
        reason="Rules were broken.",
        reference="ORDER-9001",
        takes_effect_on=timezone.localdate() + dt.timedelta(days=1),
        prepared_by=cast.operator,
    )
    found.approvals.set(cast.body.approvals.all())
    return found


def certificate(cast):
    """A certificate with its first revision."""
    scheme = Scheme.objects.get(code="QMS")
    found = Certificate.objects.create(
        number="034 26 Q 09001 R0 M",
        code="MATRIXCODE",
        case=case(cast),
        enterprise=cast.enterprise,
        body=cast.body,
        scheme=scheme,
        edition=StandardEdition.objects.filter(scheme=scheme).latest("valid_from"),
        holder_zh=cast.enterprise.name_zh,
        holder_identifier=cast.enterprise.identifier,
        first_issued_on=TODAY,
        effective_on=TODAY,
        expires_on=TODAY + dt.timedelta(days=1094),
        suspended_until=TODAY + dt.timedelta(days=90),
        cancellation_requested_at=timezone.now(),
    )
    revision(cast, found)
    return found


def revision(cast, of=None):
    """A revision of a certificate."""
    if of is None:
        return certificate(cast).revisions.get()
    file = StoredFile.objects.create(
        name="c.pdf",
        content_type="application/pdf",
        storage_name=StoredFile.new_storage_name(),
        generated=True,
    )
    return CertificateRevision.objects.create(
        certificate=of,
        revision=0,
        content={},
        digest="0" * 64,
        reason=Cause.ISSUE,
        issued_on=TODAY,
        file=file,
    )


def evaluation(cast):
    """A rating asked of the enterprise."""
    found = case(cast)
    return Evaluation.objects.create(
        case=found, cycle=1, moment=Moment.DECISION, subject_id=found.pk
    )


def change(cast):
    """A change that the member reported."""
    return ChangeReport.objects.create(
        number="M-2026-9001",
        case=case(cast),
        kind=ChangeKind.MANAGEMENT,
        description="Another head of quality.",
        takes_effect_on=TODAY,
        reported_by=cast.member,
    )


def merger(cast):
    """A merger that a third enterprise reported and the enterprise is asked to confirm."""
    third = make_enterprise(900, "第三方示例企业", "Third Example Works")
    return Merger.objects.create(
        number="MG-2026-9001",
        absorbed=cast.enterprise,
        absorbing=third,
        reporter=third,
        description="They merge.",
        takes_effect_on=TODAY,
        confirm_by=TODAY,
        reported_by=cast.owner,
    )


def proposal(cast):
    """A proposed suspension of a certificate."""
    return Proposal.objects.create(
        certificate=certificate(cast),
        ground=Ground.SURVEILLANCE,
        about=AuditKind.SURVEILLANCE_1,
        missed_on=TODAY,
        kind=DecisionKind.SUSPEND,
        cause=Cause.SURVEILLANCE_OVERDUE,
    )


def complaint(cast):
    """A complaint about the enterprise, passed on to it and brought to the authority."""
    return Complaint.objects.create(
        number="CP-2026-9001",
        kind=ComplaintKind.COMPLAINT,
        about=About.HOLDER,
        body=cast.body,
        enterprise=cast.enterprise,
        authority=cast.authority,
        case=case(cast),
        language="en",
        name="Ma Xiaoming",
        handler=cast.planner,
        acknowledge_by=TODAY,
        decide_by=TODAY,
        due_on=TODAY,
        passed_on_at=timezone.now(),
    )


def body(cast):
    """The profile of the cast's body."""
    return cast.body.body_profile


def competence(cast):
    """What the auditor proposes to be counted for."""
    found = cast.auditor.competences.get(scheme__code="QMS")
    type(found).objects.filter(pk=found.pk).update(status=CompetenceStatus.PROPOSED)
    found.refresh_from_db()
    return found


OBJECTS = {
    "approval_change": approval_change,
    "application": application,
    "audit": audit,
    "body": body,
    "case": case,
    "certificate": certificate,
    "change": change,
    "complaint": complaint,
    "competence": competence,
    "evaluation": evaluation,
    "finding": finding,
    "merger": merger,
    "proposal": proposal,
    "revision": revision,
}
