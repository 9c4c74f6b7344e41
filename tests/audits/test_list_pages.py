"""Lists: views, filters, exports, and the same queries for one row and three."""

import csv
import datetime as dt
import io

import pytest
from django.utils import timezone

from audits.enums import AuditStatus
from audits.models import Audit, Finding
from tests.audits.auditwork import (
    answer,
    clause,
    count_queries,
    nonconformity,
    opened_case,
    started,
)
from tests.people import make_enterprise


@pytest.fixture
def as_(cast, client):
    """Return a function that signs somebody in."""
    return lambda who: cast.client(client, who)


def many(cast, number, make):
    """Make the same for several enterprises."""
    for n in range(number):
        enterprise = make_enterprise(3000 + n, f"企业{n}", f"Enterprise {n}")
        make(opened_case(cast, enterprise=enterprise), n)


def audit_with_team(cast):
    def make(case, n):
        audit = started(cast, case=case)
        first = timezone.localdate() + dt.timedelta(days=n)
        Audit.objects.filter(pk=audit.pk).update(starts_on=first, ends_on=first)
        audit.members.create(user=cast.auditor, role="lead")
        audit.members.create(user=cast.auditor2, role="auditor")

    return make


@pytest.mark.parametrize("address", ["/audits/", "/audits/export/", "/findings/",
                                     "/findings/export/", "/audits/to-plan/"])  # fmt: skip
def test_lists_take_the_same_queries_for_one_row_and_three(cast, as_, address):
    def make(case, n):
        if "to-plan" in address:
            return
        audit_with_team(cast)(case, n)
        audit = case.audits.get()
        Finding.objects.create(
            audit=audit, number="NC-01", grade="minor", clause=clause(), title="-",
            raised_by=cast.auditor, due_on=timezone.localdate(),
        )  # fmt: skip

    client = as_("planner")
    many(cast, 1, make)
    one = count_queries(client, address)
    for n in (1, 2):
        enterprise = make_enterprise(3000 + n, f"企业{n}", f"Enterprise {n}")
        make(opened_case(cast, enterprise=enterprise), n)
    assert count_queries(client, address) == one
    assert one <= 25


def test_audit_list_filters_by_view_kind_and_words(cast, as_):
    many(cast, 3, audit_with_team(cast))
    Audit.objects.filter(enterprise__name_en="Enterprise 1").update(status=AuditStatus.CONFIRMED)
    client = as_("planner")

    def names(query):
        return [a.enterprise.name_en for a in client.get(f"/audits/{query}").context["page"]]

    assert names("") == ["Enterprise 2", "Enterprise 1", "Enterprise 0"]
    assert names("?view=coming") == ["Enterprise 1"]
    assert names("?view=planning&sort=date") == ["Enterprise 0", "Enterprise 2"]
    assert names("?q=企业2") == ["Enterprise 2"]
    assert names("?q=李工") == ["Enterprise 2", "Enterprise 1", "Enterprise 0"]
    assert names("?kind=stage_2") == []
    counts = {v["key"]: v["count"] for v in client.get("/audits/").context["views"]}
    assert counts[""] == 3
    assert counts["coming"] == 1


def rows_of(response):
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def test_audit_export_holds_what_the_list_shows(cast, as_):
    many(cast, 2, audit_with_team(cast))
    rows = rows_of(as_("planner").get("/audits/export/?q=Enterprise 1"))
    assert [row[1] for row in rows] == ["Client", "Enterprise 1"]
    assert rows[1][7] == "李工"


def test_finding_export_quotes_formulas(cast, as_):
    finding = nonconformity(cast)
    Finding.objects.filter(pk=finding.pk).update(title="=HYPERLINK(1)")
    rows = rows_of(as_("owner").get("/findings/export/"))
    assert rows[1][6] == "'=HYPERLINK(1)"


def test_finding_list_shows_whose_turn_it_is(cast, as_):
    finding = answer(cast, nonconformity(cast))
    client = as_("auditor")
    assert list(client.get("/findings/?view=auditor").context["page"]) == [finding]
    assert list(client.get("/findings/?view=enterprise").context["page"]) == []
    views = [view["key"] for view in as_("owner").get("/findings/").context["views"]]
    assert "noted" not in views
