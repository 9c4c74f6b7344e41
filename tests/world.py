"""A whole case of the cast's enterprise, played through the services, with canaries in it."""

import datetime as dt
from types import SimpleNamespace

import pytest
from django.http import QueryDict
from django.utils import timezone

from audits.enums import Grade
from audits.models import (
    Audit,
    AuditReport,
    ChecklistAnswer,
    Finding,
    FindingAnswer,
    KeptText,
)
from audits.queries.checklists import items_of
from audits.services.absences import absence_enter
from audits.services.schedules import schedule_start
from certification.enums import (
    About,
    ApprovalCause,
    ApprovalChangeKind,
    AuditKind,
    Cause,
    ChangeKind,
    DecisionKind,
    Ground,
    Moment,
    ProposalStatus,
)
from certification.models import (
    Application,
    ApplicationReview,
    Case,
    Certificate,
    ChangeReport,
    Evaluation,
    Merger,
    MonthlyReport,
    Offer,
    Proposal,
)
from certification.services.approvals import change_prepare
from certification.services.changes import report as change_report
from certification.services.mergers import report as merger_report
from certification.services.reports import version_ask, version_make
from foundation import jobs
from foundation.lists import Listing
from foundation.lists.bulk import action_of, bulk_start
from foundation.lists.declared import find
from foundation.lists.exporting import export_start
from foundation.lists.saving import view_save
from foundation.models import Job, Notice, StoredFile
from organisations.services.invitations import invite
from organisations.services.organisations import store_file
from organisations.services.teams import offer_handover
from portal.demo import clock, data, stories
from portal.demo.papers import paper
from portal.demo.parties import Client, Desk
from schemes.enums import CompetenceStatus
from schemes.models import Competence, Entry, Interest, Scheme
from tests.certification import complaintwork
from tests.people import make_enterprise

# Facts of the first enterprise and body that nobody else may ever read.
PRIVATE = "CANARYPRIVATE"
# What the body keeps to itself, from its own client too.
INTERNAL = "CANARYINTERNAL"


def client_of(cast) -> Client:
    """Return the cast's enterprise as a player, with its licence stored."""
    store_file(
        actor=cast.actor("owner"),
        organisation=cast.enterprise,
        upload=paper("licence", "Licence"),
        label="licence",
    )
    works = data.Works(
        name_zh=cast.enterprise.name_zh,
        name_en=cast.enterprise.name_en,
        region="330200",
        area="18",
        people=60,
        scope_zh="精密齿轮箱的设计和生产",
        scope_en="Design and manufacture of precision gearboxes",
        schemes=("QMS",),
    )
    return Client(cast.enterprise, cast.owner, works, cast.member)


def desk_of(cast) -> Desk:
    """Return the cast's body as a player."""
    return Desk(
        cast.body,
        manager=cast.manager,
        reviewer=cast.reviewer,
        planner=cast.planner,
        certifier=cast.certifier,
        auditors=[cast.auditor, cast.auditor2],
    )


def play(cast, story, *, days: int = 200) -> None:
    """Play one story of the cast up to now, beginning some days ago."""
    end = timezone.localtime()
    clock.run((end - dt.timedelta(days=days)).date(), end, [(0, story)])


@pytest.fixture
def world(cast):
    """A certified enterprise with a finding, ratings and files; canaries in private places."""
    parties = stories.Play(client_of(cast), desk_of(cast))
    play(cast, stories.certified(parties, grades=(Grade.MINOR,)))
    found = SimpleNamespace(
        application=Application.objects.get(enterprise=cast.enterprise),
        offer=Offer.objects.get(),
        case=Case.objects.get(),
        audits=list(Audit.objects.order_by("number")),
        finding=Finding.objects.get(grade=Grade.MINOR),
        certificate=Certificate.objects.get(),
        evaluation=Evaluation.objects.filter(moment=Moment.DECISION).first(),
        files=list(StoredFile.objects.order_by("-created_at", "pk")),
        job=Job.objects.filter(organisation_id=cast.body.pk).first(),
        notice=Notice.objects.filter(recipient=cast.owner).first(),
    )
    found.proposal = Proposal.objects.create(
        certificate=found.certificate,
        ground=Ground.SURVEILLANCE,
        about=AuditKind.SURVEILLANCE_1,
        missed_on=timezone.localdate(),
        kind=DecisionKind.SUSPEND,
        cause=Cause.SURVEILLANCE_OVERDUE,
        status=ProposalStatus.DISMISSED,
        dismissal=INTERNAL,
        dismissed_by=cast.certifier,
        not_before=timezone.localdate() + dt.timedelta(days=30),
        cycle=found.case.cycle,
    )
    found.approval_change = _approval_change(cast)
    found.absence = absence_of(cast)
    found.change = change_report(
        case=found.case,
        actor=cast.actor("owner"),
        kind=ChangeKind.MANAGEMENT,
        description="Another head of quality.",
        takes_effect_on=timezone.localdate(),
    )
    found.merger = _merger(cast)
    found.kept_text = _kept_text(found, cast)
    _checklist(found, cast)
    first = timezone.localdate() + dt.timedelta(days=1)
    found.schedule = schedule_start(
        actor=cast.actor("planner"), first=first, last=first + dt.timedelta(days=60)
    )
    found.complaint = complaint_about(cast, found.certificate)
    found.report = _report(cast)
    _profile(cast, found)
    _plant(found)
    owner = cast.actor("owner")
    invite(actor=owner, organisation=cast.enterprise, email=f"{PRIVATE}@x.example", roles=["owner"])
    offer_handover(actor=owner, organisation=cast.enterprise, user=cast.member)
    listed = Listing(find("applications"), owner, QueryDict())
    found.view = view_save(actor=owner, listing=listed, label=PRIVATE, shared=True)
    found.export = export_start(actor=owner, listing=listed, extension="csv")
    found.bulk = taken(cast)
    jobs.run_due()
    return found


def _merger(cast):
    """A merger with a third enterprise, reported and not yet answered."""
    third = make_enterprise(901, "第三方示例企业", "Third Example Works")
    return merger_report(
        actor=cast.actor("owner"),
        absorbed=third,
        absorbing=cast.enterprise,
        description="They merge.",
        takes_effect_on=timezone.localdate(),
        uploads=[paper("notice", "Notice of the merger")],
    )


def _approval_change(cast):
    """An order about the body that is prepared, with its reason."""
    return change_prepare(
        actor=cast.actor("operator"),
        body=cast.body,
        approvals=cast.body.approvals.all(),
        kind=ApprovalChangeKind.SUSPEND,
        cause=ApprovalCause.VIOLATION,
        reason=INTERNAL,
        reference="ORDER-1",
        takes_effect_on=timezone.localdate() + dt.timedelta(days=1),
    )


def _kept_text(found, cast):
    """What a colleague wrote into an answer at the same time."""
    return KeptText.objects.create(
        answer=found.finding.answers.first(),
        part="root_cause",
        text=PRIVATE,
        written_by=cast.member,
        settled_at=timezone.now(),
    )


def _checklist(found, cast):
    """What the team noted for itself while it audited."""
    item = items_of(found.audits[-1])[0]
    ChecklistAnswer.objects.create(
        audit=found.audits[-1],
        item=item.key,
        question=item.question,
        site=item.site,
        department=item.department,
        position=1,
        verdict="conform",
        note=INTERNAL,
        answered_by=cast.auditor,
    )


def complaint_about(cast, certificate):
    """A complaint whose writer and words stay with the body; the holder reads something else."""
    writer = {"text": INTERNAL, "name": INTERNAL, "email": f"{INTERNAL}@x.example"}
    found = complaintwork.investigated(cast, About.HOLDER, certificate=certificate, **writer)
    return complaintwork.act(cast, found, "pass_on", "planner", text=f"{PRIVATE} is said.")


def _report(cast):
    """A monthly report of the body, made once and with an internal word in it."""
    month = timezone.localdate().replace(day=1)
    report = MonthlyReport.objects.create(body=cast.body, kind="cnca", month=month, due_on=month)
    version = version_ask(report=report, actor=cast.actor("manager"), reason=INTERNAL)
    version_make(version)
    return report


def _profile(cast, found) -> None:
    """The profile of the auditor: of the person, of the body, a proposal and an interest."""
    facts = {"user": cast.auditor, "recorded_by": cast.auditor, "first_day": timezone.localdate()}
    found.entries = [
        Entry.objects.create(kind="registration", title=INTERNAL, scheme=_quality(), **facts),
        Entry.objects.create(kind="evaluation", title=INTERNAL, body=cast.body, **facts),
    ]
    found.competence = Competence.objects.create(
        user=cast.auditor,
        body=cast.body,
        scheme=_quality(),
        role="certifier",
        valid_from=timezone.localdate(),
        valid_until=timezone.localdate() + dt.timedelta(days=365),
        status=CompetenceStatus.RETURNED,
        grounds=INTERNAL,
        answer=INTERNAL,
    )
    found.interest = Interest.objects.create(
        user=cast.auditor,
        identifier="91330200MA00000000",
        name=INTERNAL,
        kind="consultancy",
        began_on=timezone.localdate(),
        text=INTERNAL,
        declared_by=cast.auditor,
    )


def _quality() -> Scheme:
    return Scheme.objects.get(code="QMS")


def taken(cast):
    """A bulk action of the reviewer on what the queue shows."""
    actor = cast.actor("reviewer")
    listed = Listing(find("work"), actor, QueryDict())
    action = action_of(listed.page, "take", actor)
    keys = list(listed.rows.values_list("pk", flat=True))
    return bulk_start(actor=actor, listing=listed, action=action, keys=keys, facts={})


def absence_of(cast):
    """Days on which the auditor of the first body is not available, with a note."""
    first = timezone.localdate() + dt.timedelta(days=40)
    return absence_enter(
        actor=cast.actor("auditor"),
        user=cast.auditor,
        starts_on=first,
        ends_on=first + dt.timedelta(days=2),
        kind="leave",
        note=f"{INTERNAL} note",
    )[0]


def _plant(found) -> None:
    Application.objects.update(
        processes=f"{PRIVATE} processes", contact_name=f"{PRIVATE} contact", outsourced=PRIVATE
    )
    Offer.objects.update(terms=f"{PRIVATE} terms")
    Finding.objects.update(title=f"{PRIVATE} finding", statement=PRIVATE)
    FindingAnswer.objects.update(root_cause=f"{PRIVATE} cause")
    AuditReport.objects.update(summary=f"{PRIVATE} summary")
    ChangeReport.objects.update(description=f"{PRIVATE} change")
    Merger.objects.update(description=f"{PRIVATE} merger")
    Evaluation.objects.update(comment=f"{PRIVATE} comment")
    # The PDF of a certificate in force is public, its name too.
    StoredFile.objects.exclude(sha256=found.certificate.current_revision.file.sha256).update(
        name=f"{PRIVATE}.pdf"
    )
    review = ApplicationReview.objects.get()
    for kept in review.verdicts.values():
        kept["note"] = INTERNAL
    ApplicationReview.objects.update(verdicts=review.verdicts, justification=INTERNAL)
