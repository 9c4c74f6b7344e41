"""Each thing that stands in the way of sending, alone."""

import datetime as dt

import pytest
from django.utils import timezone

from certification.enums import ApplicationKind, DocumentKind, PreviousStatus
from certification.models import ApplicationScheme, Certificate
from certification.queries.completeness import needs_of, tasks_of
from certification.services.applications import application_answer
from foundation.calendar import add_months
from foundation.files import attachments_of
from organisations.enums import BodyStatus
from organisations.models import DishonestyListing, Site
from organisations.queries import LICENCE
from tests.certification.applications import (
    area,
    attach,
    complete_draft,
    edition,
    empty_draft,
    sent_application,
    transfer_answers,
)
from tests.certification.casework import certified

pytestmark = pytest.mark.django_db


def fields(application) -> list[str]:
    application.refresh_from_db()
    return [need.field for need in needs_of(application)]


def only(application):
    """Return the one need there is."""
    application.refresh_from_db()
    (need,) = needs_of(application)
    return need


def change(obj, **values):
    for name, value in values.items():
        setattr(obj, name, value)
    obj.save(update_fields=list(values))


def reply(cast, application, **given):
    application_answer(application=application, actor=cast.actor("owner"), answers=given)


def test_complete_draft_needs_nothing(cast):
    assert fields(complete_draft(cast)) == []


def test_empty_draft_lists_everything_at_once(cast):
    application = empty_draft(cast, body=None)
    application.schemes.all().delete()
    application.sites.all().delete()
    change(application, contact_name="", contact_phone="", contact_email="")
    assert fields(application) == [
        "schemes",
        "body",
        "licence",
        "sites",
        "scope_zh",
        "processes",
        "outsourced",
        "legal_obligations",
        "system_since",
        "consultancy_used",
        "languages",
        "remote_possible",
        "safety_conditions",
        "had_certificate",
        "documents",
        "contact_name",
        "contact_phone",
        "contact_email",
    ]


@pytest.mark.parametrize(
    "field",
    [
        "scope_zh",
        "processes",
        "outsourced",
        "legal_obligations",
        "safety_conditions",
        "contact_name",
        "contact_phone",
        "contact_email",
    ],
)
def test_missing_text_is_named_alone(cast, field):
    application = complete_draft(cast, **{field: ""})
    need = only(application)
    assert (need.field, need.wrong) == (field, False)


@pytest.mark.parametrize(
    "field", ["system_since", "consultancy_used", "remote_possible", "had_certificate"]
)
def test_missing_answer_is_named_alone(cast, field):
    application = complete_draft(cast, **{field: None})
    need = only(application)
    assert (need.field, need.wrong) == (field, False)


def test_languages_are_needed(cast):
    assert fields(complete_draft(cast, languages=[])) == ["languages"]


def test_standards_are_needed(cast):
    application = complete_draft(cast)
    application.schemes.all().delete()
    assert fields(application) == ["schemes"]


def test_edition_must_be_in_force(cast):
    application = complete_draft(cast)
    change(edition(), valid_to=timezone.localdate() - dt.timedelta(days=1))
    need = only(application)
    assert (need.field, need.wrong) == ("schemes", True)


def test_technical_areas_are_needed(cast):
    application = complete_draft(cast)
    ApplicationScheme.objects.get(application=application).areas.clear()
    need = only(application)
    assert (need.field, need.wrong) == ("areas", False)


def test_body_is_needed(cast):
    application = complete_draft(cast)
    change(application, body=None)
    need = only(application)
    assert (need.field, need.wrong) == ("body", False)


@pytest.mark.parametrize(
    "status", [status for status in BodyStatus if status != BodyStatus.APPROVED]
)
def test_body_must_be_admitted(cast, status):
    application = complete_draft(cast)
    change(cast.body.body_profile, status=status)
    need = only(application)
    assert (need.field, need.wrong) == ("body", True)


def test_approval_of_the_body_must_last(cast):
    application = complete_draft(cast)
    change(cast.body.body_profile, approval_valid_until=timezone.localdate())
    assert fields(application) == []
    yesterday = timezone.localdate() - dt.timedelta(days=1)
    change(cast.body.body_profile, approval_valid_until=yesterday)
    assert fields(application) == ["body"]


def test_body_must_be_approved_for_the_scheme(cast):
    application = complete_draft(cast, schemes=("iso-9001-2015", "iso-14001-2015"))
    cast.body.approvals.filter(scheme__code="EMS").delete()
    need = only(application)
    assert (need.field, need.wrong) == ("body", True)
    assert "ISO 14001:2015" in need.message


def test_body_must_be_approved_for_the_area(cast):
    application = complete_draft(cast, areas=[area("18"), area("3")])
    need = only(application)
    assert (need.field, need.wrong) == ("areas", True)
    assert str(area("3")) in need.message


def test_same_application_is_not_sent_twice(cast):
    first = sent_application(cast)
    need = only(complete_draft(cast))
    assert (need.field, need.wrong) == ("body", True)
    assert first.number in need.message


def test_another_standard_at_the_same_body_is_another_application(cast):
    sent_application(cast)
    assert fields(complete_draft(cast, schemes=("iso-14001-2015",))) == []


def test_identifier_must_be_valid(cast):
    application = complete_draft(cast)
    wrong = cast.enterprise.identifier[:-1] + (
        "0" if cast.enterprise.identifier[-1] != "0" else "1"
    )
    change(cast.enterprise, identifier=wrong)
    need = only(application)
    assert (need.field, need.wrong) == ("identifier", True)


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("name_zh", "name"),
        ("region", "region"),
        ("legal_representative", "legal_representative"),
    ],
)
def test_fact_of_the_organisation_is_needed(cast, field, expected):
    application = complete_draft(cast)
    change(cast.enterprise, **{field: ""})
    need = only(application)
    assert (need.field, need.wrong) == (expected, False)


def test_registered_address_is_needed_in_one_language(cast):
    application = complete_draft(cast)
    change(cast.enterprise, address_zh="")
    assert fields(application) == []
    change(cast.enterprise, address_en="")
    assert fields(application) == ["address"]


def test_licence_file_is_needed(cast):
    application = complete_draft(cast)
    attachments_of(cast.enterprise, LICENCE).delete()
    need = only(application)
    assert (need.field, need.wrong) == ("licence", False)


def test_licence_must_be_valid(cast):
    application = complete_draft(cast)
    change(cast.enterprise, licence_valid_until=timezone.localdate())
    assert fields(application) == []
    yesterday = timezone.localdate() - dt.timedelta(days=1)
    change(cast.enterprise, licence_valid_until=yesterday)
    need = only(application)
    assert (need.field, need.wrong) == ("licence_valid_until", True)


def test_long_term_licence_is_valid(cast):
    application = complete_draft(cast)
    change(cast.enterprise, licence_valid_until=None)
    assert fields(application) == []


def test_listed_organisation_cannot_apply_until_it_is_removed(cast):
    application = complete_draft(cast)
    listing = DishonestyListing.objects.create(
        identifier=cast.enterprise.identifier,
        name_zh=cast.enterprise.name_zh,
        reason="示例",
        listed_on=dt.date(2025, 1, 1),
        source="示例名单",
    )
    need = only(application)
    assert (need.field, need.wrong) == ("listing", True)
    change(listing, removed_on=timezone.localdate())
    assert fields(application) == []


def test_sites_are_needed(cast):
    application = complete_draft(cast)
    application.sites.all().delete()
    assert fields(application) == ["sites"]


def test_site_needs_people(cast):
    application = complete_draft(cast)
    change(cast.enterprise.sites.get(), day_shift=0)
    need = only(application)
    assert (need.field, need.wrong) == ("sites", False)


def test_site_must_be_in_use(cast):
    application = complete_draft(cast)
    change(cast.enterprise.sites.get(), active=False)
    need = only(application)
    assert (need.field, need.wrong) == ("sites", True)


def test_several_sites_need_a_central_function(cast):
    second = Site.objects.create(
        organisation=cast.enterprise, name_zh="二厂", address_zh="宁波市示例路2号", day_shift=10
    )
    application = complete_draft(cast)
    assert application.sites.count() == 2
    assert fields(application) == []
    change(cast.enterprise.sites.exclude(pk=second.pk).get(), is_central=False)
    assert fields(application) == ["sites"]


def test_site_needs_an_address_in_one_language(cast):
    application = complete_draft(cast)
    site = cast.enterprise.sites.get()
    change(site, address_zh="", address_en="2 Example Road, Ningbo")
    assert fields(application) == []
    change(site, address_en="")
    assert only(application).message == f"State the address of “{site.name}”."


def test_scope_in_english_is_enough_outside_china(cast):
    change(cast.enterprise, country="DE", identifier="HRB 12345")
    application = complete_draft(cast, scope_zh="")
    assert fields(application) == []
    reply(cast, application, scope_en="")
    assert fields(application) == ["scope_en"]


def test_system_must_have_run_for_three_months_in_china(cast):
    today = timezone.localdate()
    ready = add_months(today, -3)
    application = complete_draft(cast, system_since=ready)
    assert fields(application) == []
    reply(cast, application, system_since=ready + dt.timedelta(days=4))
    need = only(application)
    assert (need.field, need.wrong) == ("system_since", True)


def test_system_needs_no_time_outside_china(cast):
    change(cast.enterprise, country="DE", identifier="HRB 12345")
    assert fields(complete_draft(cast, system_since=timezone.localdate())) == []


def test_wished_month_must_lie_ahead(cast):
    this_month = timezone.localdate().replace(day=1)
    application = complete_draft(cast, wished_month=this_month)
    assert fields(application) == []
    reply(cast, application, wished_month=add_months(this_month, -1))
    need = only(application)
    assert (need.field, need.wrong) == ("wished_month", True)


def test_consultancy_must_be_named(cast):
    application = complete_draft(cast, consultancy_used=True)
    need = only(application)
    assert (need.field, need.wrong) == ("consultancy_by", False)


def test_fault_of_ones_own_asks_for_twelve_months_in_china(cast):
    today = timezone.localdate()
    application = complete_draft(
        cast,
        had_certificate=True,
        previous_number="1",
        previous_body="Yuanshan",
        previous_expires_on=today,
        previous_status=PreviousStatus.WITHDRAWN,
        previous_own_fault=True,
    )
    need = only(application)
    assert (need.field, need.wrong) == ("withdrawn_on", False)
    reply(cast, application, withdrawn_on=add_months(today, -12))
    assert fields(application) == []
    reply(cast, application, withdrawn_on=add_months(today, -11))
    need = only(application)
    assert (need.field, need.wrong) == ("withdrawn_on", True)


def test_fault_of_ones_own_has_no_period_outside_china(cast):
    change(cast.enterprise, country="DE", identifier="HRB 12345")
    application = complete_draft(
        cast,
        had_certificate=True,
        previous_number="1",
        previous_body="Yuanshan",
        previous_expires_on=timezone.localdate(),
        previous_status=PreviousStatus.WITHDRAWN,
        previous_own_fault=True,
        withdrawn_on=timezone.localdate(),
    )
    assert fields(application) == []


def test_body_that_lost_its_approval_asks_for_three_months_in_china(cast):
    today = timezone.localdate()
    application = complete_draft(cast, **transfer_answers())
    attach(cast, application, kind=DocumentKind.CERTIFICATE, name="certificate.pdf")
    attach(cast, application, kind=DocumentKind.REPORT, name="report.pdf")
    reply(cast, application, previous_body_lost_on=add_months(today, -3))
    assert fields(application) == []
    reply(cast, application, previous_body_lost_on=today)
    assert fields(application) == ["previous_body_lost_on"]


def test_answers_about_a_certificate_that_never_was_do_not_count(cast):
    application = complete_draft(
        cast, had_certificate=False, previous_own_fault=True, withdrawn_on=timezone.localdate()
    )
    assert fields(application) == []


@pytest.fixture
def transfer(cast):
    application = complete_draft(cast, **transfer_answers())
    attach(cast, application, kind=DocumentKind.CERTIFICATE, name="certificate.pdf")
    attach(cast, application, kind=DocumentKind.REPORT, name="report.pdf")
    return application


def test_transfer_can_be_complete(transfer):
    assert fields(transfer) == []


@pytest.mark.parametrize(
    ("field", "value", "wrong"),
    [
        ("previous_number", "", False),
        ("previous_body", "", False),
        ("previous_expires_on", None, False),
        ("previous_expires_on", dt.date(2020, 1, 1), True),
        ("previous_status", "", False),
        ("previous_status", PreviousStatus.SUSPENDED, True),
        ("previous_status", PreviousStatus.WITHDRAWN, True),
        ("previous_status", PreviousStatus.EXPIRED, True),
        ("previous_accredited", None, False),
        ("previous_accredited", False, True),
        ("previous_open_majors", None, False),
        ("previous_open_majors", True, True),
        ("previous_own_fault", None, False),
    ],
)
def test_transfer_needs_a_sound_certificate(cast, transfer, field, value, wrong):
    reply(cast, transfer, **{field: value})
    need = only(transfer)
    assert (need.field, need.wrong) == (field, wrong)


@pytest.mark.parametrize("kind", [DocumentKind.CERTIFICATE, DocumentKind.REPORT])
def test_transfer_needs_the_papers(transfer, kind):
    attachments_of(transfer, kind).delete()
    assert fields(transfer) == ["documents"]


@pytest.fixture
def recertification(cast):
    application = complete_draft(
        cast, **transfer_answers() | {"kind": ApplicationKind.RECERTIFICATION}
    )
    attach(cast, application, kind=DocumentKind.CERTIFICATE, name="certificate.pdf")
    attach(cast, application, kind=DocumentKind.REPORT, name="report.pdf")
    return application


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("previous_expires_on", dt.date(2020, 1, 1)),
        ("previous_status", PreviousStatus.WITHDRAWN),
        ("previous_status", PreviousStatus.CANCELLED),
    ],
)
def test_what_is_over_asks_for_an_initial_certification(cast, recertification, field, value):
    assert fields(recertification) == []
    reply(cast, recertification, **{field: value})
    need = only(recertification)
    assert (need.field, need.wrong) == (field, True)
    assert "initial certification" in need.message


def test_the_certificate_of_another_body_is_transferred(cast, recertification):
    held = certified(cast)
    Certificate.objects.update(body=cast.rival_body)
    reply(cast, recertification, previous_number=held.number)
    assert "apply for a transfer" in only(recertification).message


@pytest.mark.parametrize(
    "kind",
    [ApplicationKind.RECERTIFICATION, ApplicationKind.EXTENSION, ApplicationKind.CHANGE],
)
def test_holder_names_the_certificate(cast, kind):
    application = complete_draft(cast, kind=kind)
    assert fields(application) == [
        "previous_number",
        "previous_body",
        "previous_expires_on",
        "previous_status",
        "previous_own_fault",
    ]


def test_manual_is_needed(cast):
    application = complete_draft(cast)
    attachments_of(application).delete()
    need = only(application)
    assert (need.field, need.wrong) == ("documents", False)


def test_tasks_tell_how_far_each_step_is(cast):
    application = empty_draft(cast)
    today = timezone.localdate()
    reply(cast, application, scope_zh="范围", system_since=today, had_certificate=False)
    states = {task.step.slug: task.state for task in tasks_of(application)}
    assert states == {
        "certification": "started",
        "organisation": "started",
        "sites": "done",
        "scope": "started",
        "system": "problem",
        "history": "done",
        "documents": "todo",
        "contact": "done",
    }


def test_needs_cost_the_same_number_of_queries_for_one_and_three_standards(
    cast, django_assert_num_queries
):
    one = complete_draft(cast)
    three = complete_draft(
        cast, schemes=("iso-9001-2015", "iso-14001-2015", "iso-45001-2018"), areas=[area("17")]
    )
    for application in (one, three):
        application.refresh_from_db()
        with django_assert_num_queries(14):
            needs_of(application)
