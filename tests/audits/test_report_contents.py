"""The report takes over what was entered once, says what it lacks, and keeps its versions."""

import pytest

from audits.checks.report import contents_of, report_blockers
from audits.documents.report import build_context
from audits.enums import Grade
from audits.models import Audit, ReportVersion
from audits.queries.checklists import items_of
from audits.queries.coverage import audited_of
from audits.queries.versions import differences
from audits.services.reports import save_report
from certification.enums import AuditKind
from tests.audits.auditwork import (
    act,
    closed,
    count_queries,
    fresh,
    noted,
    present,
    report_facts,
    running,
    written,
)
from tests.audits.test_checklists import item_about, say


@pytest.fixture
def audited(cast, db):
    """A stage 2 after its closing meeting, with some of its checklist answered."""
    audit = running(cast)
    Audit.objects.filter(pk=audit.pk).update(kind=AuditKind.STAGE_2)
    audit = fresh(audit)
    say(cast, audit, "documents", note="Twelve records.")
    say(cast, audit, "scope", "minor", "Site missing")
    noted(cast, audit, item=item_about(audit, "scope").key, title="Scope too narrow")
    return act(audit, "close_meeting", cast.actor("auditor"), **present(audit))


def contents(audit):
    items = items_of(audit)
    return contents_of(audit, items, audited_of(audit, items))


def write(cast, audit, **changed):
    save_report(audit=audit, actor=cast.actor("auditor"), **report_facts(audit, **changed))
    return fresh(audit)


def test_clauses_nobody_looked_at_need_a_reason(cast, audited):
    audit = write(cast, audited, not_audited="")
    (blocker,) = report_blockers(audit)
    assert "the report has to say why" in str(blocker)
    assert blocker.url.endswith("#div_id_not_audited")
    assert "7.5" not in str(blocker)
    assert list(report_blockers(write(cast, audited))) == []


def test_the_report_carries_what_was_looked_at_and_found(cast, audited):
    audit = act(write(cast, audited), "submit_report", cast.actor("auditor"))
    snapshot = audit.report.snapshot
    seen = {row["question_en"]: row for row in snapshot["checklist"]}
    assert len(seen) == 2
    documents = next(row for row in seen.values() if row["note"] == "Twelve records.")
    assert documents["clauses"] == {"ISO 9001:2015": ["7.5"]}
    assert (documents["verdict"], documents["by"]) == ("conform", cast.auditor.name)
    failed = next(row for row in seen.values() if row["verdict"] == "minor")
    assert failed["findings"] == ["NC-01"]
    (coverage,) = snapshot["coverage"]
    assert 0 < coverage["seen"] < coverage["required"]
    sections = [str(section.heading) for section in build_context(snapshot)["sections"]]
    assert {"Clauses covered", "Checklist"} <= set(sections)


def test_a_report_of_an_earlier_release_is_still_printed(cast, audited):
    audit = act(write(cast, audited), "submit_report", cast.actor("auditor"))
    old = {k: v for k, v in audit.report.snapshot.items()
           if k not in ("checklist", "coverage", "earlier")}  # fmt: skip
    for row in old["findings"]:
        del row["site_zh"], row["site_en"]
    assert build_context(old)["sections"]


def test_contents_are_named_by_letter_and_lead_to_their_cure(cast, audited):
    audit = write(cast, audited, summary="", issues="", not_audited="")
    rows = {row.letter: row for row in contents(audit)}
    assert set(rows) == set("abcdefghijkmnopqr") - set("qr")
    missing = {letter for letter, row in rows.items() if not row.is_there}
    assert missing == {"f", "h", "k"}
    assert rows["h"].url.endswith("#div_id_issues")
    whole = write(cast, audited)
    assert all(row.is_there for row in contents(whole))


def test_each_submission_is_a_version_and_differences_are_told(cast, audited):
    actor = cast.actor("auditor")
    audit = act(write(cast, audited), "submit_report", actor)
    act(audit, "return_report", cast.actor("reviewer"), reason="More about design.")
    write(cast, audited, summary="With a word about design.")
    audit = act(audited, "submit_report", actor)
    first, second = ReportVersion.objects.filter(report__audit=audit)
    assert (first.version, first.review_note, second.version) == (1, "More about design.", 2)
    (change,) = differences(first.snapshot, second.snapshot)
    assert (change["label"], change["after"]) == ("Summary", "With a word about design.")
    assert differences(first.snapshot, first.snapshot) == []


def test_versions_are_for_the_body_and_show_what_changed(cast, client, audited):
    actor = cast.actor("auditor")
    act(write(cast, audited), "submit_report", actor)
    where = f"/audits/{audited.pk}/report/versions/"
    cast.client(client, "reviewer")
    one = count_queries(client, where)
    act(audited, "return_report", cast.actor("reviewer"), reason="More about design.")
    write(cast, audited, summary="With a word about design.")
    act(audited, "submit_report", actor)
    page = client.get(where).content.decode()
    assert "<ins>With a word about design.</ins>" in page
    assert "More about design." in page
    assert count_queries(client, where) <= one + 1
    cast.client(client, "owner")
    assert client.get(where).status_code == 403
    cast.client(client, "rival_manager")
    assert client.get(where).status_code == 404


def test_versions_of_a_report_nobody_wrote(cast, client, db):
    audit = closed(cast, grades=[Grade.MINOR])
    cast.client(client, "reviewer")
    page = client.get(f"/audits/{audit.pk}/report/versions/")
    assert "No version yet" in page.content.decode()


def test_the_page_shows_checklist_contents_and_coverage(cast, client, audited):
    cast.client(client, "auditor")
    page = client.get(f"/audits/{audited.pk}/report/")
    text = page.content.decode()
    assert "ISO/IEC 17021-1 9.4.8.2" in text
    assert "Nobody looked at" in text
    assert count_queries(client, f"/audits/{audited.pk}/report/") <= 25


def test_stage_1_owes_no_clause(cast, db):
    audit = written(cast)
    assert "not_audited" not in audit.report.snapshot
    assert list(report_blockers(audit)) == []
