"""What a body hands in each month: layouts, exact rows, gaps, versions, who may see it."""

import csv
import datetime as dt
import io
import json
from pathlib import Path

import pytest
from openpyxl import load_workbook

from certification import layouts
from certification.enums import AuditKind, Cause, ReportKind
from certification.models import MonthlyReport, MonthlyReportVersion
from certification.queries import report_facts, report_rows
from certification.services import reports
from foundation import jobs, reminders
from foundation.models import JournalEntry, Notice
from organisations.enums import BodyStatus
from tests.certification.casework import act, audited, certified, decide_as, travel

pytestmark = pytest.mark.django_db
JUNE = dt.date(2026, 6, 1)
NAMED = Path(__file__).parent / "cnca_columns.csv"


@pytest.fixture
def certificate(cast):
    with travel(2026, 6, 12):
        return certified(cast)


def table(cast, month, kind=ReportKind.CNCA) -> list[dict]:
    """Return the rows of a month by column."""
    layout = layouts.layout_for(kind, month)
    content = report_rows.content_of(layout, cast.body.pk, month)
    return [dict(zip(content["columns"], row, strict=True)) for row in content["rows"]]


def opened(cast, month=JUNE, kind=ReportKind.CNCA) -> MonthlyReport:
    due = layouts.layout_for(kind, month).due_on(month)
    return MonthlyReport.objects.create(body=cast.body, kind=kind, month=month, due_on=due)


def made(cast, report, **facts) -> MonthlyReportVersion:
    version = reports.version_ask(report=report, actor=cast.actor("manager"), **facts)
    reports.version_make(version)
    version.refresh_from_db()
    return version


# The layouts


@pytest.mark.parametrize("path", sorted(layouts.DATA.glob("*.yaml")), ids=lambda path: path.stem)
def test_each_layout_fits_its_schema_and_names_facts_there_are(path):
    layout = layouts.read(path)
    assert layout.key == path.stem
    assert layout.source
    names = [column.name for column in layout.columns]
    assert len(names) == len(set(names))
    facts = {column.fact for column in layout.columns if column.fact}
    assert facts <= set(report_facts.FACTS)


def test_every_fact_is_used():
    used = {column.fact for row in layouts.all_layouts().values() for column in row.columns}
    assert set(report_facts.FACTS) == used - {""}
    assert set(report_facts.CURES) <= set(report_facts.FACTS)


def test_the_columns_are_those_of_the_sheet_in_its_order():
    with NAMED.open() as handle:
        wanted = [row["name"] for row in csv.DictReader(handle)]
    assert len(wanted) == 59
    layout = layouts.all_layouts()["cnca-certificates-2021"]
    assert [column.name for column in layout.columns] == wanted


def test_a_layout_that_does_not_fit_is_refused(tmp_path):
    text = (
        (layouts.DATA / "certsearch-v1.yaml").read_text().replace("rows: certificates", "rows: x")
    )
    path = tmp_path / "wrong.yaml"
    path.write_text(text)
    with pytest.raises(layouts.LayoutError, match=r"wrong.yaml: 'x' is not one of"):
        layouts.read(path)


def test_no_layout_holds_before_the_first():
    with pytest.raises(LookupError):
        layouts.layout_for(ReportKind.CNCA, dt.date(2020, 1, 1))


@pytest.mark.parametrize(
    ("kind", "month", "due"),
    [
        (ReportKind.CNCA, dt.date(2026, 12, 1), dt.date(2027, 1, 10)),
        (ReportKind.CNCA, dt.date(2027, 1, 1), dt.date(2027, 2, 10)),
        (ReportKind.CERTSEARCH, dt.date(2028, 2, 1), dt.date(2028, 2, 29)),
        (ReportKind.CERTSEARCH, dt.date(2026, 4, 1), dt.date(2026, 4, 30)),
    ],
)
def test_a_month_is_due_as_its_layout_says(kind, month, due):
    assert layouts.layout_for(kind, month).due_on(month) == due


# Rows


def test_a_new_certificate_is_told_in_full(cast, certificate):
    (row,) = table(cast, JUNE)
    filled = {name: value for name, value in row.items() if value != ""}
    content = certificate.revisions.get().content
    assert filled == {
        "body_approval_number": cast.body.body_profile.approval_number,
        "holder_name": cast.enterprise.name_zh,
        "holder_name_en": cast.enterprise.name_en,
        "unified_social_credit_code": cast.enterprise.identifier,
        "accreditation_mark": "01" if "CNAS" in content["issuer"]["accreditation"] else "00",
        "country": "156",
        "region_code": cast.enterprise.region,
        "address": content["holder"]["address_zh"] or content["holder"]["address_en"],
        **({"phone": cast.enterprise.phone} if cast.enterprise.phone else {}),
        "legal_representative": cast.enterprise.legal_representative,
        "staff_in_system": "60",
        "first_certified_on": "2026-06-12",
        "certificate_number": certificate.number.replace(" ", ""),
        "is_sub_certificate": "0",
        "is_multi_site": str(int(len(content["sites"]) > 1)),
        "project_note": str(certificate.edition),
        "business_scope_code": "18",
        "scope_text": certificate.scope_zh,
        "activity": "01",
        "is_reissue": "0",
        "recertification_count": "0",
        "surveillance_count": "0",
        "audit_started_on": "2026-06-05",
        "audit_ended_on": "2026-06-07",
        "audit_person_days": "8.0",
        "is_combined_audit": "0",
        "decision_makers": cast.certifier.name,
        "issued_on": "2026-06-12",
        "expires_on": "2029-06-11",
        "status": "01",
        "changed_on": "2026-06-12",
        "period_from": "2026-06-01",
        "period_to": "2026-06-30",
    }  # fmt: skip


def test_changes_of_status_are_rows_of_their_own_in_their_month(cast, certificate):
    with travel(2026, 7, 3):
        act(cast, certificate, "suspend", cause=Cause.MISUSE, until=dt.date(2026, 12, 1))
    with travel(2026, 7, 20):
        act(cast, certificate, "withdraw", cause=Cause.MISUSE)
    rows = table(cast, dt.date(2026, 7, 1))
    names = ("activity", "status", "changed_on", "suspension_reason", "suspended_from",
             "suspended_to", "withdrawal_reason", "withdrawn_on", "audit_ended_on")  # fmt: skip
    why = "Misuse of the certificate or mark"
    assert [[row[name] for name in names] for row in rows] == [
        ["04", "02", "2026-07-03", why, "2026-07-03", "2026-12-01", "", "", ""],
        ["04", "03", "2026-07-20", "", "", "", why, "2026-07-20", ""],
    ]
    assert [row["decision_makers"] for row in rows] == [cast.certifier.name] * 2
    assert len(table(cast, JUNE)) == 1
    assert table(cast, dt.date(2026, 8, 1)) == []


def test_a_surveillance_that_changed_nothing_is_a_row(cast, certificate):
    with travel(2027, 5, 20):
        audited(certificate.case, AuditKind.SURVEILLANCE_1)
        certificate.case.refresh_from_db()
        decide_as(cast, certificate.case, "maintain")
    (row,) = table(cast, dt.date(2027, 5, 1))
    assert (row["activity"], row["surveillance_count"], row["audit_person_days"]) == (
        "0301", "1", "4.0"
    )  # fmt: skip
    assert (row["status"], row["changed_on"]) == ("01", "2027-05-20")


def test_another_body_has_nothing_of_it(cast, certificate):
    layout = layouts.layout_for(ReportKind.CNCA, JUNE)
    assert report_rows.content_of(layout, cast.rival_body.pk, JUNE)["rows"] == []


def test_certsearch_tells_every_certificate_as_it_stands(cast, certificate):
    with travel(2026, 7, 3):
        act(cast, certificate, "suspend", cause=Cause.MISUSE, until=dt.date(2026, 12, 1))
    june, july = (
        table(cast, month, ReportKind.CERTSEARCH)[0] for month in (JUNE, dt.date(2026, 7, 1))
    )
    assert (june["certification_status"], july["certification_status"]) == ("active", "suspended")
    assert july["certification_issue_date"] == "20260612"
    assert july["certification_expiry_date"] == "20290611"
    assert july["certificate_number"] == certificate.number
    assert july["standards_name"] == "ISO 9001:2015"
    assert july["certification_type"] == "Management System"
    assert july["certified_entity_country"] == "CN"
    assert all(site["street"] for site in json.loads(july["sites"] or "[]"))
    assert table(cast, dt.date(2026, 5, 1), ReportKind.CERTSEARCH) == []


def test_what_is_missing_is_named_with_the_place_that_cures_it(cast, certificate):
    cast.enterprise.legal_representative = ""
    cast.enterprise.save(update_fields=["legal_representative"])
    layout = layouts.layout_for(ReportKind.CNCA, JUNE)
    content = report_rows.content_of(layout, cast.body.pk, JUNE)
    gaps = {gap["column"]: gap for gap in content["gaps"]}
    assert gaps["legal_representative"] == {
        "row": 1, "number": certificate.number, "column": "legal_representative",
        "url": cast.enterprise.get_absolute_url(),
    }  # fmt: skip
    # Only the code of one scheme is known; nothing is invented for the others.
    assert gaps["project_code"]["url"] == certificate.get_absolute_url()
    assert "registered_capital" in content["unrecorded"]


def test_rows_cost_the_same_for_one_and_three(cast, django_assert_max_num_queries):
    with travel(2026, 6, 12):
        for _ in range(3):
            certified(cast)
    with django_assert_max_num_queries(20):
        assert len(table(cast, JUNE)) == 3


# Versions


def test_a_version_is_frozen_with_its_files(cast, certificate):
    with travel(2026, 7, 2):
        version = made(cast, opened(cast))
        again = version.sha256
        reports.version_make(version)
    version.refresh_from_db()
    assert version.sha256 == again
    assert MonthlyReportVersion.objects.count() == 1
    text = version.csv.path.read_bytes()
    assert text.startswith("\ufeff".encode())
    lines = list(csv.reader(io.StringIO(text.decode("utf-8-sig"))))
    assert lines[0] == version.content["columns"]
    assert lines[1:] == version.content["rows"]
    sheet = load_workbook(io.BytesIO(version.xlsx.path.read_bytes())).active
    cells = [[cell or "" for cell in row] for row in sheet.iter_rows(values_only=True)]
    assert cells == lines
    entry = JournalEntry.objects.get(verb="report.made")
    assert (entry.data["sha256"], entry.internal_to) == (version.sha256, cast.body.pk)


def test_a_cell_that_looks_like_a_formula_is_quoted(cast, certificate):
    cast.enterprise.phone = "=1+1"
    cast.enterprise.save(update_fields=["phone"])
    with travel(2026, 7, 2):
        version = made(cast, opened(cast))
    assert "'=1+1" in version.csv.path.read_text()
    values = [
        cell
        for row in load_workbook(io.BytesIO(version.xlsx.path.read_bytes())).active.values
        for cell in row
    ]
    assert "'=1+1" in values


def test_what_was_handed_in_is_corrected_with_a_reason(cast, client, certificate):
    report = opened(cast)
    page = f"/reports/{report.pk}/"
    with travel(2026, 7, 2):
        client = cast.client(client, "manager")
        assert client.post(f"{page}make/").status_code == 302
        assert client.get(page).context["job"] is not None
        assert client.post(f"{page}make/").status_code == 422
        jobs.run_due()
        assert client.post(f"{page}hand-in/", {"on": "2026-07-03"}).status_code == 422
        assert client.post(f"{page}hand-in/", {"on": "2026-07-02"}).status_code == 302
        report.refresh_from_db()
        assert (report.handed_in_on, report.handed_in_by, report.handed_in.number) == (
            dt.date(2026, 7, 2), cast.manager, 1
        )  # fmt: skip
        assert client.post(f"{page}make/", {"reason": ""}).status_code == 422
        assert client.post(f"{page}make/", {"reason": "Region was missing."}).status_code == 302
        jobs.run_due()
        text = client.get(page).content.decode()
        file = client.get(f"{page}files/1/csv/")
    assert "Region was missing." in text
    assert "Registered capital" in text
    assert file["Content-Type"].startswith("text/csv")
    assert [row.number for row in report.versions.all()] == [2, 1]
    verbs = JournalEntry.objects.filter(thread=report.pk).order_by("number")
    assert [row.verb for row in verbs] == ["report.made", "report.handed_in", "report.made"]


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("manager", 200),
        ("certifier", 403),
        ("owner", 403),
        ("supervisor", 403),
        ("rival_manager", 404),
    ],
)
def test_only_the_managers_of_the_body_see_it(cast, client, certificate, who, status):
    report = opened(cast)
    with travel(2026, 7, 2):
        made(cast, report)
        client = cast.client(client, who)
        for page in ("", "files/1/csv/", "files/1/xlsx/"):
            assert client.get(f"/reports/{report.pk}/{page}").status_code == status
        listed = client.get("/reports/")
    assert listed.status_code == (200 if "manager" in who else 403)
    if who == "rival_manager":
        assert str(report.pk) not in listed.content.decode()


def test_a_page_costs_the_same_for_one_and_three(cast, client, django_assert_max_num_queries):
    report = opened(cast)
    with travel(2026, 7, 2):
        for _ in range(3):
            made(cast, report)
        client = cast.client(client, "manager")
        for page in ("/reports/", f"/reports/{report.pk}/"):
            with django_assert_max_num_queries(15):
                assert client.get(page).status_code == 200


# The calendar


def test_months_are_opened_once_for_approved_bodies(cast):
    cast.body.body_profile.status = BodyStatus.APPROVED
    cast.body.body_profile.save(update_fields=["status"])
    with travel(2026, 7, 2):
        assert reports.open_months(dt.date(2026, 7, 2)) > 0
        assert reports.open_months(dt.date(2026, 7, 2)) == 0
    rows = MonthlyReport.objects.filter(body=cast.body).values_list("kind", "month", "due_on")
    assert sorted(rows) == [
        ("certsearch", JUNE, dt.date(2026, 6, 30)),
        ("certsearch", dt.date(2026, 7, 1), dt.date(2026, 7, 31)),
        ("cnca", JUNE, dt.date(2026, 7, 10)),
        ("cnca", dt.date(2026, 7, 1), dt.date(2026, 8, 10)),
    ]


def test_managers_are_reminded_in_working_days_until_it_is_handed_in(cast):
    report = opened(cast)
    reminder = reminders.REMINDERS["report.due"]
    assert reminders.give(reminder, dt.date(2026, 7, 2)) == 0
    # 10 July 2026 is a Friday: five working days before it is the Friday before.
    assert reminders.give(reminder, dt.date(2026, 7, 3)) == 1
    assert reminders.give(reminder, dt.date(2026, 7, 3)) == 0
    (notice,) = Notice.objects.filter(kind="report.due")
    assert notice.recipient == cast.manager
    report.handed_in_on = dt.date(2026, 7, 6)
    report.save(update_fields=["handed_in_on"])
    assert reminders.give(reminder, dt.date(2026, 7, 9)) == 0
