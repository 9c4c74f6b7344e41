"""Plan and report as PDF: made by jobs, with the facts attached, in both languages."""

import io
import json

import pikepdf
import pytest
from django.utils import translation

from audits.documents import plan, report
from audits.documents.common import languages_of
from audits.enums import Grade
from audits.flows.audits import REPORT_DRAFT
from audits.models import AuditReport
from certification.enums import AuditKind
from foundation import files, jobs
from foundation.canonical import digest
from foundation.documents import document_html
from foundation.models import Job
from foundation.models.jobs import JobState
from tests.audits.auditwork import CANARY, act, confirmed, fresh, written

TEMPLATE = "foundation/pdf/document.html"


def html(module, snapshot, made_on="2030-05-13"):
    """Return the page of a document before it becomes a PDF."""
    language = "zh-hans" if languages_of(snapshot)[0] == "zh" else "en"
    with translation.override(language):
        context = module.build_context(snapshot)
    body = snapshot["body"]
    context |= {"issuer": body, "reference": snapshot["number"], "issued_on": None}
    return document_html(TEMPLATE, context, language=language)


def attached(data: bytes) -> dict:
    """Return the facts inside a PDF."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        (name,) = pdf.attachments
        return json.loads(pdf.attachments[name].get_file().read_bytes())


def test_confirmation_makes_the_plan_once(cast):
    audit = confirmed(cast)
    job = Job.objects.get(kind="audits.render_plan")
    assert jobs.run(job.pk) is True
    audit = fresh(audit)
    data = files.read(audit.plan_file)
    assert data.startswith(b"%PDF-")
    assert attached(data) == audit.plan_snapshot
    Job.objects.update(state=JobState.QUEUED)
    jobs.run(job.pk)
    assert files.attachments_of(audit, "plan").count() == 1
    assert job.organisation_id == cast.body.pk


def test_plan_shows_team_timetable_and_both_languages(cast):
    audit = confirmed(cast, AuditKind.STAGE_1)
    page = html(plan, audit.plan_snapshot)
    for words in ("李工", "2021-N1QMS-", "08:30–09:00", "4.1", "GB/T 19001-2016", "宁波蓝海"):
        assert words in page
    assert 'lang="en"' in page


def test_submission_makes_the_report_for_the_body_alone(cast):
    audit = act(written(cast, grades=[Grade.MINOR]), "submit_report", cast.actor("auditor"))
    job = Job.objects.get(kind="audits.render_report")
    assert jobs.run(job.pk) is True
    made = AuditReport.objects.get(audit=audit)
    data = files.read(made.file)
    assert attached(data) == made.snapshot
    row = files.attachments_of(audit, REPORT_DRAFT).get()
    assert (row.file, row.internal_to) == (made.file, cast.body.pk)


def test_report_contains_what_the_standard_asks_for(cast):
    audit = act(written(cast, grades=list(Grade)), "submit_report", cast.actor("auditor"))
    snapshot = audit.report.snapshot
    page = html(report, snapshot)
    for words in (
        CANARY,
        "NC-01",
        "OFI-01",
        "8.5.1",
        "沈若溪",
        "The documents, the site and the records",
        "WI-0317",
        snapshot["client"]["identifier"],
    ):
        assert words in page


def test_a_report_returned_meanwhile_is_not_made(cast):
    audit = act(written(cast), "submit_report", cast.actor("auditor"))
    act(audit, "return_report", cast.actor("reviewer"), reason="Thin.")
    act(audit, "submit_report", cast.actor("auditor"))
    first, second = Job.objects.filter(kind="audits.render_report").order_by("created_at")
    jobs.run(first.pk)
    assert AuditReport.objects.get().file is None
    jobs.run(second.pk)
    assert AuditReport.objects.get().file.name == f"report-{audit.number}-2.pdf"


@pytest.mark.parametrize("module", [plan, report])
def test_the_same_facts_give_the_same_bytes(cast, module):
    audit = act(written(cast), "submit_report", cast.actor("auditor"))
    if module is plan:
        first, second = (plan.plan_pdf(fresh(audit).plan_snapshot, "2030-05-13") for _ in range(2))
    else:
        first, second = (report.report_pdf(audit.report.snapshot) for _ in range(2))
    assert first == second
    assert digest(attached(first))
