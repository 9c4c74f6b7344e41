"""Audits on their way, made through the services and flows that people use."""

import datetime as dt
import io

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from PIL import Image

from audits.enums import Grade, TeamRole
from audits.flows.audits import AUDIT_FLOW, REPORT_DRAFT
from audits.flows.findings import FINDING_FLOW
from audits.models import Audit, AuditReport, Finding
from audits.services import findings, planning, timetable
from audits.services.reports import save_report
from certification.enums import AuditKind
from certification.services.cases import open_case
from foundation import files
from foundation.workflow import perform
from schemes.models import Clause
from tests.certification.casework import signed_application

CANARY = "CANARY-AUDIT-5177"


def opened_case(cast, **facts):
    """Return a case just opened, with nobody involved but the reviewer of the application."""
    application, offer = signed_application(cast, **facts)
    return open_case(application=application, offer=offer, actor=cast.actor("owner"))


def item_of(case, kind):
    return case.programme.get(cycle=case.cycle, kind=kind)


def fresh(obj):
    """Fetch a record anew."""
    return type(obj)._base_manager.get(pk=obj.pk)


def act(obj, action, actor, **data):
    """Take an action on an audit or a finding and return it as it is afterwards."""
    flow = AUDIT_FLOW if isinstance(obj, Audit) else FINDING_FLOW
    return perform(flow, fresh(obj), action, actor, **data)


def started(cast, kind=AuditKind.STAGE_1, case=None, **facts) -> Audit:
    """Return an audit that a planner has just begun to plan."""
    case = case or opened_case(cast, **facts)
    return planning.start_planning(item_of(case, kind), cast.actor("planner"))


def planned(
    cast,
    kind=AuditKind.STAGE_1,
    *,
    first=None,
    days=1,
    declared=True,
    team=("auditor", "auditor2"),
    **facts,
) -> Audit:
    """Return an audit in planning from which nothing is missing but the proposal.

    The first of the ``team`` leads it.
    """
    audit = started(cast, kind, **facts)
    first = first or timezone.localdate()
    actor = cast.actor("planner")
    planning.change_planning(
        audit=audit, actor=actor, starts_on=first, ends_on=first + dt.timedelta(days=days - 1)
    )
    for name in team:
        role = TeamRole.LEAD if name == team[0] else TeamRole.AUDITOR
        planning.add_member(audit=audit, actor=actor, user=getattr(cast, name), role=role)
    if declared:
        for name in team:
            act(audit, "declare", cast.actor(name), no_conflict=True)
    return fresh(audit)


def with_timetable(cast, audit) -> Audit:
    """Write the suggested timetable."""
    timetable.save_timetable(
        audit=audit, actor=cast.actor("planner"), lines=timetable.suggest(fresh(audit))
    )
    return fresh(audit)


def proposed(cast, kind=AuditKind.STAGE_1, **facts) -> Audit:
    audit = planned(cast, kind, **facts)
    act(audit, "propose", cast.actor("planner"))
    return with_timetable(cast, audit)


def confirmed(cast, kind=AuditKind.STAGE_1, **facts) -> Audit:
    return act(proposed(cast, kind, **facts), "confirm", cast.actor("owner"))


def present(audit, **facts) -> dict:
    """Return what the form of a meeting gives: the whole team, one of the enterprise.

    Tests run at any time of the day, so a check-in may be late; it is explained.
    """
    return {
        "team": list(audit.members.select_related("user")),
        "others": [("沈若溪", "总经理")],
        "explanation": "Traffic.",
        **facts,
    }


def running(cast, kind=AuditKind.STAGE_1, **facts) -> Audit:
    audit = confirmed(cast, kind, **facts)
    return act(audit, "open", cast.actor("auditor"), **present(audit))


def clause(number="8.5.1", edition="iso-9001-2015") -> Clause:
    return Clause.objects.get(edition__key=edition, number=number)


def noted(cast, audit, grade=Grade.MINOR, **facts) -> Finding:
    """Note a finding from which nothing is missing."""
    usual = {
        "grade": grade,
        "clause": clause(),
        "title": "Work instruction out of date",
        "department": "Assembly",
        "requirement": "Documents in use are current.",
        "statement": f"An old edition is in use. {CANARY}",
        "evidence": "Station 3 shows WI-0317 edition B; the list names edition D.",
    }
    return findings.note_finding(audit=audit, actor=cast.actor("auditor"), **usual | facts)


def closed(cast, kind=AuditKind.STAGE_1, *, grades=(), **facts) -> Audit:
    """Return an audit after its closing meeting, with findings of these grades."""
    audit = running(cast, kind, **facts)
    for grade in grades:
        noted(cast, audit, grade)
    return act(audit, "close_meeting", cast.actor("auditor"), **present(audit))


def report_facts(audit, **changed) -> dict:
    """Return a report from which nothing is missing."""
    first = audit.kind == AuditKind.STAGE_1
    return {
        "summary": "The documents, the site and the records of a year were looked at.",
        "concerns": "None" if first else "",
        "not_audited": "" if first else "The checklist was kept on paper.",
        "deviations": "None",
        "issues": "None",
        "changes": "None",
        "unresolved": "None",
        "previous_findings": "None",
        "remote_statement": "None",
        "conforms": "yes",
        "effective": "yes",
        "scope_fits": "yes",
        "objectives_met": "yes",
        "internal_audit_ok": "yes",
        "marks_controlled": "yes",
        "recommendation": "ready" if first else "conditional",
    } | changed


def written(cast, kind=AuditKind.STAGE_1, *, grades=(), report=None, **facts) -> Audit:
    """Return an audit whose report is written and not yet submitted."""
    audit = closed(cast, kind, grades=grades, **facts)
    save_report(audit=audit, actor=cast.actor("auditor"), **report_facts(audit, **report or {}))
    return fresh(audit)


def reported(cast, kind=AuditKind.STAGE_1, **facts) -> Audit:
    """Return an audit whose report was submitted; a stand-in takes the place of its PDF."""
    audit = act(written(cast, kind, **facts), "submit_report", cast.actor("auditor"))
    file = files.write_document(b"%PDF-1.4 report", "report.pdf", organisation_id=audit.body_id)
    files.attach(file, audit, REPORT_DRAFT, internal_to=audit.body_id)
    AuditReport.objects.filter(audit=audit).update(file=file)
    return fresh(audit)


def completed(cast, kind=AuditKind.STAGE_1, **facts) -> Audit:
    return act(reported(cast, kind, **facts), "accept_report", cast.actor("reviewer"))


def ready_for_stage_2(cast):
    """Return a case whose stage 1 is completed."""
    return completed(cast, first=timezone.localdate()).case


def nonconformity(cast, grade=Grade.MINOR, **facts) -> Finding:
    """Return a nonconformity that the enterprise has just been shown."""
    return closed(cast, grades=[grade], **facts).findings.get()


def answer(cast, finding, who="member", **facts):
    """Write an answer from which nothing is missing, and send it."""
    parts = {
        "containment": "Old copies collected.",
        "root_cause": "The list is not passed on to the stations.",
        "correction": "Edition D is posted.",
        "corrective_action": "The list goes out with each change.",
        "done_by": timezone.localdate() + dt.timedelta(days=20),
    }
    findings.save_answer(finding=fresh(finding), actor=cast.actor(who), **parts | facts)
    return act(finding, "answer", cast.actor(who))


def accepted(cast, finding):
    """Bring a nonconformity to an accepted plan."""
    answer(cast, finding)
    return act(finding, "accept_plan", cast.actor("auditor"))


def evidence(cast, finding, note="Photos of all stations.", who="member"):
    """Send evidence."""
    findings.save_answer(finding=fresh(finding), actor=cast.actor(who), evidence_note=note)
    return act(finding, "submit_evidence", cast.actor(who))


def count_queries(client, address):
    """Return how many queries a page takes the second time it is asked for."""
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def picture(name="photo.png", colour="navy") -> SimpleUploadedFile:
    """Return a small picture."""
    out = io.BytesIO()
    Image.new("RGB", (32, 24), colour).save(out, "PNG")
    return SimpleUploadedFile(name, out.getvalue(), "image/png")
