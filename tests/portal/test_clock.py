"""The clock of a case: every date, how it is counted and by which rule, for each of its parties."""

import csv
import datetime as dt
import io

import pytest
from django.utils import timezone

from audits.enums import Grade
from audits.models import Finding
from audits.services.escalation import escalate_overdue
from certification.enums import AuditKind, Cause
from certification.models import Case
from certification.services.certificates import expire_due
from foundation.formatting import day
from tests.audits.auditwork import accepted, count_queries, fresh, nonconformity
from tests.certification.casework import (
    act,
    audited,
    certified_case,
    decide_as,
    opened_case,
    put_all_in_force,
    travel,
)

pytestmark = pytest.mark.django_db

ISO = "ISO/IEC 17021-1:2015"
AFTER_THE_FIRST = (
    "Within the calendar year 2028, the one after the last day for the first surveillance audit "
    "(12 June 2027)"
)


@pytest.fixture
def page(cast, client):
    """Return a function that opens the clock of a case as a person."""

    def opened(name, case, query=""):
        response = cast.client(client, name).get(f"/cases/{case.pk}/clock/{query}")
        assert response.status_code == 200
        return response

    return opened


def lines(entries) -> list[tuple]:
    return [(entry.title, f"{entry.on:%Y-%m-%d}", entry.counted) for entry in entries]


def shown(response) -> list[tuple]:
    return lines(response.context["open"])


def abroad(cast) -> None:
    cast.enterprise.country = "DE"
    cast.enterprise.save(update_fields=["country"])


@pytest.mark.parametrize("name", ["owner", "member", "reviewer", "certifier", "supervisor"])
def test_the_parties_read_each_date_and_its_arithmetic(cast, page, name):
    with travel(2026, 6, 12):
        case = certified_case(cast)
        assert shown(page(name, case)) == [
            ("First surveillance audit", "2027-06-12",
             "12 months after the issue of the certificate (12 June 2026)"),
            ("Second surveillance audit", "2028-06-12",
             "12 months after the last day for the first surveillance audit (12 June 2027)"),
            ("Recertification audit", "2029-06-11",
             "The audit on site ends before the certificate does"),
            ("Certificate ends", "2029-06-11",
             "3 years from the day it took effect (12 June 2026), that day included"),
        ]  # fmt: skip


def test_elsewhere_other_rules_count(cast, page):
    abroad(cast)
    with travel(2026, 6, 12):
        response = page("owner", certified_case(cast))
        assert [line[1:] for line in shown(response)] == [
            ("2027-06-12", "12 months after the decision (12 June 2026)"),
            ("2028-12-31", AFTER_THE_FIRST),
            ("2029-06-11", "Decided before the certificate ends"),
            ("2029-06-11", "3 years from the day it took effect (12 June 2026), that day included"),
        ]  # fmt: skip
        assert [entry.limit.source for entry in response.context["open"]] == [
            f"{ISO} 9.1.3.3", f"{ISO} 9.1.3.3", f"{ISO} 9.6.3", f"{ISO} 9.1.3"
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("held", "late", "words"),
    [
        ((2027, 6, 12), False, "In time: it was due by 12 June 2027"),
        ((2027, 6, 14), True, "Late: it was due by 12 June 2027"),
    ],
)
def test_what_was_done_says_whether_it_was_in_time(cast, page, held, late, words):
    with travel(2026, 6, 12):
        case = certified_case(cast)
    with travel(2027, 7, 1):
        audited(case, AuditKind.SURVEILLANCE_1, last_day=dt.date(*held))
        response = page("owner", case)
        [done] = response.context["met"]
        assert (done.title, done.met_on, done.is_late) == (
            "First surveillance audit", dt.date(*held), late
        )  # fmt: skip
        assert words in response.content.decode()
        following = shown(response)[0]
    assert following == (
        "Second surveillance audit",
        f"2028-06-{held[2]}",
        f"12 months after the first surveillance audit ({held[2]} June 2027)",
    )


def test_a_suspension_and_a_lapse_have_their_ends(cast, page):
    abroad(cast)
    with travel(2026, 6, 12):
        case = certified_case(cast)
    with travel(2027, 8, 31):
        act(cast, case.certificates.get(), "suspend", cause=Cause.LAW, until=dt.date(2028, 2, 29))
        title, *counted = shown(page("certifier", case))[1]
        assert title.startswith("Suspension ends")
        assert counted == ["2028-02-29", "6 months after the suspension (31 August 2027)"]
    with travel(2027, 10, 1):
        # What changes during a suspension begins no other one.
        act(cast, case.certificates.get(), "reduce", scope_en="Less.", scope_zh="更少。")
        put_all_in_force(case)
        assert shown(page("certifier", case))[1][1:] == tuple(counted)
    with travel(2029, 6, 12):
        assert expire_due() == 1
        assert shown(page("owner", case))[-1] == (
            "Certificate can be restored until",
            "2029-12-11",
            "6 months after the end of the certificate (11 June 2029)",
        )
    with travel(2029, 12, 12):
        assert "Certificate can be restored until" not in [
            line[0] for line in shown(page("owner", case))
        ]


def test_an_audit_counts_from_the_day_it_was_held_and_a_renewal_from_its_decision(cast, page):
    abroad(cast)
    with travel(2026, 6, 12):
        case = certified_case(cast)
    with travel(2027, 6, 20):
        audited(case, AuditKind.SURVEILLANCE_1, last_day=dt.date(2027, 6, 10),
                report_reviewed=False)  # fmt: skip
        [done] = page("owner", case).context["met"]
        assert (done.met_on, done.is_late) == (dt.date(2027, 6, 10), False)
    with travel(2029, 5, 20):
        audited(case, AuditKind.RECERTIFICATION, last_day=dt.date(2029, 5, 10))
        assert "Recertification audit" in [line[0] for line in shown(page("owner", case))]


def test_a_renewed_certificate_counts_from_the_end_it_had(cast, page):
    with travel(2026, 6, 12):
        case = certified_case(cast)
    with travel(2029, 5, 20):
        audited(case, AuditKind.RECERTIFICATION, last_day=dt.date(2029, 5, 10))
        case.refresh_from_db()
        decide_as(cast, case, "renew")
        put_all_in_force(case)
        case = Case.objects.get()
        assert shown(page("owner", case))[-1] == (
            "Certificate ends", "2032-06-11", "3 years after the end it had before (11 June 2029)"
        )  # fmt: skip


def test_a_major_of_stage_2_is_to_be_verified_in_half_a_year(cast, page):
    with travel(2026, 8, 31):
        case = opened_case(cast)
        audited(case, AuditKind.STAGE_2, open_majors=1, last_day=dt.date(2026, 8, 31))
        assert shown(page("planner", case)) == [
            ("Major nonconformities verified, or else another stage 2", "2027-02-28",
             "6 months after the last day of stage 2 (31 August 2026)"),
        ]  # fmt: skip


def test_an_answer_is_due_by_the_rule_and_then_as_promised(cast, page):
    major = "Becomes a major nonconformity unless the enterprise acts"
    with travel(2026, 9, 1):
        finding = nonconformity(cast, Grade.MINOR)
        case = finding.audit.case
    shown_on, due_on = timezone.localdate(finding.shown_at), finding.due_on
    with travel(2026, 9, 2):
        assert shown(page("owner", case)) == [
            (finding.title, f"{shown_on + dt.timedelta(days=30):%Y-%m-%d}",
             f"30 days after the day it was shown ({day(shown_on)})"),
            (major, f"{due_on + dt.timedelta(days=14):%Y-%m-%d}",
             f"14 days after the last day for it ({day(due_on)})"),
        ]  # fmt: skip
        accepted(cast, finding)
        promised = fresh(finding).due_on
        assert shown(page("owner", case)) == [
            (finding.title, f"{promised:%Y-%m-%d}", "As promised in the accepted plan"),
            (major, f"{promised + dt.timedelta(days=14):%Y-%m-%d}",
             f"14 days after the last day for it ({day(promised)})"),
        ]  # fmt: skip
    with travel(2026, 11, 1):
        assert escalate_overdue() == 1
        assert shown(page("owner", case)) == [
            (finding.title, "2026-12-31",
             "60 days after the day it became a major nonconformity (1 November 2026)"),
        ]  # fmt: skip


def test_before_the_decision_there_may_be_no_date(cast, page):
    response = page("owner", opened_case(cast))
    assert shown(response) == []
    assert "Nothing in this case has a date at the moment." in response.content.decode()


def test_the_dates_are_a_sheet_too(cast, page):
    with travel(2026, 6, 12):
        answer = page("owner", certified_case(cast), "?format=csv")
        text = b"".join(answer.streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["Last day"] for row in rows] == [
        "2027-06-12", "2028-06-12", "2029-06-11", "2029-06-11"
    ]  # fmt: skip
    assert rows[0]["How it is counted"].startswith("12 months after the issue")
    assert rows[0]["Source"] == "CNCA-QMS-01:2025 5.4.1.4"


def test_chinese_readers_read_it_in_chinese(cast, client):
    with travel(2026, 6, 12):
        case = certified_case(cast)
        cast.client(client, "owner")
        page = client.get(f"/cases/{case.pk}/clock/", headers={"Accept-Language": "zh"})
    text = page.content.decode()
    assert "第一次监督审核" in text
    assert "证书签发（2026年6月12日）后 12 个月" in text


@pytest.mark.parametrize("name", ["rival_owner", "rival_manager"])
def test_strangers_find_nothing(cast, client, name):
    case = opened_case(cast)
    assert cast.client(client, name).get(f"/cases/{case.pk}/clock/").status_code == 404


def test_more_certificates_cost_no_more_questions(cast, client):
    counts = []
    for schemes in (["QMS"], ["QMS", "EMS", "OHSMS"]):
        case = certified_case(cast, schemes=schemes)
        counts.append(count_queries(cast.client(client, "owner"), f"/cases/{case.pk}/clock/"))
    assert counts[0] == counts[1]


def test_more_findings_cost_no_more_questions(cast, client):
    address = f"/cases/{nonconformity(cast).audit.case_id}/clock/"
    cast.client(client, "owner")
    one = count_queries(client, address)
    for number in ("NC-02", "NC-03"):
        finding = Finding.objects.get(number="NC-01")
        finding.pk, finding.number = None, number
        finding._state.adding = True
        finding.save()
    assert len(client.get(address).context["open"]) == 6  # each with the day it becomes a major
    assert count_queries(client, address) == one
