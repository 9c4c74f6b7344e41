import datetime as dt

import pytest
from django.urls import reverse

from foundation.models import JournalEntry
from schemes.models import BodyApproval, Competence, Scheme, TechnicalArea

CATALOGUE = (
    "scheme",
    "standardedition",
    "clause",
    "technicalarea",
    "ruleset",
    "rule",
    "audittimeband",
    "audittimefactor",
)


@pytest.fixture
def operator(cast, client):
    return cast.client(client, "operator")


@pytest.mark.parametrize("model", CATALOGUE)
def test_catalogue_is_listed_searched_and_read_only(operator, model):
    listing = reverse(f"admin:schemes_{model}_changelist")
    assert operator.get(listing, {"q": "a"}).status_code == 200
    assert operator.get(reverse(f"admin:schemes_{model}_add")).status_code == 403


def test_catalogue_row_is_shown_but_not_changed(operator):
    scheme = Scheme.objects.get(code="QMS")
    address = reverse("admin:schemes_scheme_change", args=[scheme.pk])
    assert operator.get(address).status_code == 200
    assert operator.post(address, {"code": "XYZ"}).status_code == 403
    assert (
        operator.post(reverse("admin:schemes_scheme_delete", args=[scheme.pk])).status_code == 403
    )
    scheme.refresh_from_db()
    assert scheme.code == "QMS"


def test_operator_adds_and_changes_an_approval_with_a_journal(operator, cast):
    areas = list(TechnicalArea.objects.filter(code__in=["3", "5"]).values_list("pk", flat=True))
    facts = {
        "body": cast.body.pk,
        "scheme": Scheme.objects.get(code="QMS").pk,
        "areas": areas,
        "reference": "AP-ADMIN",
        "accreditation": "",
        "valid_from": "2026-01-01",
        "valid_to": "",
    }
    operator.post(reverse("admin:schemes_bodyapproval_add"), facts)
    approval = BodyApproval.objects.get(reference="AP-ADMIN")
    change = reverse("admin:schemes_bodyapproval_change", args=[approval.pk])
    operator.post(change, facts | {"valid_to": "2026-12-31"})
    approval.refresh_from_db()
    assert approval.valid_to == dt.date(2026, 12, 31)
    entries = JournalEntry.objects.filter(subject_id=approval.pk).order_by("number")
    assert [(entry.verb, entry.data["changed"]) for entry in entries] == [
        ("approval_recorded", []),
        ("approval_changed", ["valid_to"]),
    ]


@pytest.mark.parametrize("model", [BodyApproval, Competence])
def test_approvals_and_competence_are_never_deleted(operator, model):
    name = model._meta.model_name
    row = model.objects.first()
    assert operator.get(reverse(f"admin:schemes_{name}_changelist"), {"q": "a"}).status_code == 200
    assert operator.get(reverse(f"admin:schemes_{name}_change", args=[row.pk])).status_code == 200
    address = reverse(f"admin:schemes_{name}_delete", args=[row.pk])
    assert operator.post(address, {"post": "yes"}).status_code == 403
