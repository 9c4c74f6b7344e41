"""A body's own figures: counted by hand in a small world, kept, exported, closed to others."""

import datetime as dt
import io
from decimal import Decimal

import pytest
from django.utils import timezone
from openpyxl import load_workbook

from audits.enums import Grade
from certification.enums import AuditKind, Cause
from certification.models import BodyFigures, MonthlyReport, ProgrammeItem, Signature
from organisations.enums import BodyStatus
from portal import figures
from tests.audits.auditwork import closed, noted, running
from tests.certification.casework import act, certified, certified_case, signed_application, travel

pytestmark = pytest.mark.django_db
YEAR = 2027


def counted(cast, name, year=YEAR, today=dt.date(2027, 12, 1)):
    return figures.compute(cast.body, year, today)[name]


def test_what_was_kept_and_what_was_missed_is_counted_per_step(cast):
    with travel(2026, 6, 12):
        kept, missed, open_ = (certified(cast) for _ in range(3))
    items = ProgrammeItem.objects.filter(kind=AuditKind.SURVEILLANCE_1)
    items.filter(case=kept.case).update(done_on=dt.date(2027, 6, 12))
    items.filter(case=open_.case).update(window_to=dt.date(2027, 12, 20))
    for number, done in enumerate((dt.date(2027, 2, 10), dt.date(2027, 3, 11), None), 1):
        MonthlyReport.objects.create(
            body=cast.body, kind="cnca", month=dt.date(2027, number, 1),
            due_on=dt.date(2027, number + 1, 10), handed_in_on=done,
        )  # fmt: skip
    assert counted(cast, "on_time") == [
        {"step": "review", "on_time": 0, "count": 0},
        {"step": "surveillance_1", "on_time": 1, "count": 2},
        {"step": "surveillance_2", "on_time": 0, "count": 0},
        {"step": "recertification", "on_time": 0, "count": 0},
        {"step": "report", "on_time": 1, "count": 3},
    ]
    assert missed.case_id


def test_the_load_of_each_auditor_is_in_days_of_each_month(cast):
    audit = closed(cast)
    audit.starts_on, audit.ends_on = dt.date(2027, 3, 31), dt.date(2027, 4, 1)
    audit.save(update_fields=["starts_on", "ends_on"])
    names = sorted({member.user.name for member in audit.members.all()})
    assert counted(cast, "load") == [
        {"person": name, "month": month, "planned": 1, "held": 1}
        for name in names
        for month in (3, 4)
    ]
    assert counted(cast, "load", year=2026) == []
    audit.closed_at = None
    audit.save(update_fields=["closed_at"])
    assert {row["held"] for row in counted(cast, "load")} == {0}


def test_nonconformities_are_counted_by_clause_and_grade(cast):
    audit = running(cast)
    found = [noted(cast, audit, grade) for grade in (Grade.MAJOR, Grade.MINOR, Grade.MINOR)]
    noted(cast, audit, Grade.OPPORTUNITY)
    audit.findings.update(shown_at=dt.datetime(2027, 5, 1, 4, tzinfo=dt.UTC))
    clause = found[0].clause
    assert counted(cast, "findings") == [
        {"edition": clause.edition.designation, "clause": clause.number, "major": 1, "minor": 2}
    ]
    assert counted(cast, "findings", year=2026) == []


def test_revenue_is_that_of_the_offers_signed_in_the_month(cast):
    for total, day in ((1000, (2027, 2, 1)), (500, (2027, 2, 20)), (9, (2026, 12, 31))):
        _application, offer = signed_application(cast)
        type(offer).objects.filter(pk=offer.pk).update(total=Decimal(total))
        row = Signature.objects.create(
            offer=offer, signed_by=cast.owner, name_typed="x", sha256="0" * 64
        )
        at = dt.datetime(*day, 2, tzinfo=dt.UTC)
        Signature.objects.filter(pk=row.pk).update(created_at=at)
    rows = counted(cast, "revenue")
    assert [row["month"] for row in rows] == list(range(1, 13))
    assert rows[1] == {"month": 2, "currency": "CNY", "contracts": 2, "total": "1500.00"}
    assert {row["total"] for row in rows if row["month"] != 2} == {"0"}


def test_certificates_are_counted_by_scheme_and_status(cast):
    with travel(2026, 6, 12):
        case = certified_case(cast, schemes=("QMS", "EMS"))
        certified(cast)
    with travel(2026, 7, 1):
        one = case.certificates.get(scheme__code="EMS")
        act(cast, one, "suspend", cause=Cause.MISUSE, until=dt.date(2026, 12, 1))
    assert counted(cast, "certificates") == [
        {"scheme": "EMS", "status": "suspended", "count": 1},
        {"scheme": "QMS", "status": "valid", "count": 2},
    ]
    assert figures.compute(cast.rival_body, YEAR, dt.date(2027, 12, 1))["certificates"] == []


def test_it_is_counted_once_and_again_each_night(cast):
    cast.body.body_profile.status = BodyStatus.APPROVED
    cast.body.body_profile.save(update_fields=["status"])
    today = timezone.localdate()
    assert figures.renew_all(today) >= 2
    before = BodyFigures.objects.get(body=cast.body, year=today.year).computed_at
    figures.renew_all(today)
    after = BodyFigures.objects.get(body=cast.body, year=today.year).computed_at
    assert after > before


def test_the_page_shows_and_exports_what_was_counted(cast, client, django_assert_max_num_queries):
    for _ in range(3):
        certified(cast)
    year = timezone.localdate().year
    client = cast.client(client, "manager")
    assert "not counted yet" in client.get("/figures/").content.decode()
    assert client.post("/figures/count/", {"year": year}).status_code == 302
    with django_assert_max_num_queries(15):
        page = client.get("/figures/").content.decode()
    assert page.count('<svg class="chart"') == page.count("<desc") >= 2
    assert 'style="' not in page
    lines = b"".join(client.get("/figures/certificates/csv/").streaming_content).decode("utf-8-sig")
    assert lines.splitlines() == ["Scheme,Status,Certificates", "QMS,Valid,3"]
    file = b"".join(client.get("/figures/revenue/xlsx/").streaming_content)
    rows = list(load_workbook(io.BytesIO(file)).active.values)
    assert rows[0] == ("Month", "Currency", "Contracts", "Total")
    assert len(rows) == 13
    for wrong in ("/figures/?year=1999", "/figures/weather/csv/", "/figures/load/exe/"):
        assert client.get(wrong).status_code == 404


def test_counting_asks_the_same_for_one_and_three(cast, django_assert_max_num_queries):
    for _ in range(3):
        certified(cast)
    with django_assert_max_num_queries(25):
        figures.compute(cast.body, timezone.localdate().year, timezone.localdate())


@pytest.mark.parametrize("who", ["certifier", "owner", "supervisor", "operator", "rival_manager"])
def test_nobody_else_sees_them(cast, client, who):
    year = timezone.localdate().year
    certified(cast)
    figures.renew(cast.body, year, timezone.localdate())
    client = cast.client(client, who)
    answers = [client.get("/figures/"), client.get("/figures/certificates/csv/")]
    assert [answer.status_code for answer in answers] == (
        [200, 404] if who == "rival_manager" else [403, 403]
    )
    assert "chart" not in answers[0].content.decode()
