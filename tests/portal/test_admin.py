"""The admin site: for operators, to look everything up; what the process writes stays as it is."""

import datetime as dt
import re
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import AccountEvent, Connection, SignInSession
from audits.models import Audit, AuditReport, Finding
from audits.services import planning
from certification.enums import AuditKind
from certification.models import (
    ApplicationReview,
    Case,
    CertificateEvent,
    ChangeReport,
    Evaluation,
    FormerHolder,
    Merger,
    Proposal,
)
from foundation import files, journal, notices, refusals, triggers
from foundation.models import (
    Digest,
    GivenReminder,
    Job,
    JournalChain,
    JournalEntry,
    Notice,
    Restoration,
)
from foundation.models.jobs import JobState
from foundation.workflow import FLOW_OF
from organisations.enums import BodyStatus, Role
from organisations.models import ApiKey, BodyProfile, DishonestyListing, Membership, Organisation
from organisations.services.invitations import invite
from organisations.services.organisations import store_file
from organisations.services.teams import offer_handover
from schemes.models import Clause, Declaration, Entry, Interest
from tests.certification import complaintwork
from tests.certification.applications import pdf
from tests.certification.casework import granted_case
from tests.matrix import objects
from tests.people import PEOPLE, make_enterprise

OURS = ("accounts", "foundation", "organisations", "schemes", "certification", "audits")
ADMINS = {
    model._meta.label_lower: model_admin
    for model, model_admin in admin.site._registry.items()
    if model._meta.app_label in OURS
}
STAFF = ("manager", "reviewer", "planner", "certifier", "rival_manager")
INLINE = re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)|<style|\sstyle=|\son\w+=")


def _address(label, page, *args):
    return reverse(f"admin:{label.replace('.', '_')}_{page}", args=args)


def _case_with_everything(cast, number):
    """Make one row at least of each kind that the process writes."""
    case = granted_case(cast)
    item = case.programme.get(kind=AuditKind.STAGE_1)
    certificate = case.certificates.get()
    CertificateEvent.objects.create(
        certificate=certificate, on=certificate.effective_on, after="valid", cause="issue"
    )
    Proposal.objects.create(
        certificate=certificate, ground="surveillance", about=AuditKind.SURVEILLANCE_1,
        missed_on=certificate.expires_on, kind="suspend", cause="surveillance_overdue",
    )  # fmt: skip
    complaintwork.filed(cast, body=case.body, certificate=certificate)
    ChangeReport.objects.create(
        number=f"M-2026-90{number:02}", case=case, kind="sites", reported_by=cast.owner,
        takes_effect_on=certificate.effective_on,
    )  # fmt: skip
    merger = Merger.objects.create(
        number=f"MG-2026-90{number:02}", absorbed=make_enterprise(700 + number, "第三", "Third"),
        absorbing=case.enterprise, reporter=case.enterprise, description="They merge.",
        takes_effect_on=certificate.effective_on, confirm_by=certificate.effective_on,
        reported_by=cast.owner,
    )  # fmt: skip
    FormerHolder.objects.create(
        case=case, enterprise=merger.absorbed, merger=merger, until=case.created_at
    )
    audit = planning.start_planning(item, cast.actor("planner"))
    planning.add_member(audit=audit, actor=cast.actor("planner"), user=cast.auditor, role="lead")
    Finding.objects.create(
        audit=audit,
        number="NC-01",
        grade="minor",
        clause=Clause.objects.first(),
        title="Old copy",
        raised_by=cast.auditor,
    )
    AuditReport.objects.create(audit=audit, submitted_by=cast.auditor)
    ApplicationReview.objects.create(
        application=case.applications.get(), reviewer=cast.reviewer, verdicts={}
    )
    Evaluation.objects.create(
        case=case, cycle=1, moment="audit", subject_id=audit.pk, mean=Decimal(4)
    )
    store_file(
        actor=cast.actor("owner"),
        organisation=cast.enterprise,
        upload=pdf(f"licence{number}.pdf"),
        label="licence",
    )
    owner = cast.actor("owner")
    invite(
        actor=owner, organisation=cast.enterprise, email=f"x{number}@x.example", roles=["member"]
    )
    offer_handover(actor=owner, organisation=cast.enterprise, user=cast.member)
    ApiKey.objects.create(
        user=cast.owner, organisation=cast.enterprise, name="x", prefix=f"cpk_{number}",
        secret_hash=f"{number}", scopes=["identity"], expires_at=timezone.now(),
    )  # fmt: skip
    Connection.objects.create(user=cast.owner, provider="x", issuer="x", subject=f"{number}")
    AccountEvent.objects.create(user=cast.owner, kind="signed_in", device="Firefox · Linux")
    SignInSession.objects.create(
        user=cast.owner, session_key=f"key{number}", seen_at=timezone.now(), device="Firefox"
    )
    DishonestyListing.objects.create(
        identifier=f"X{number}", name_zh="某公司", reason="…", listed_on=dt.date(2026, 1, 1),
        source="example",
    )  # fmt: skip
    objects.approval_change(cast)
    Restoration.objects.create(backup_made_at=timezone.now())
    Digest.objects.create(recipient=cast.owner, day=dt.date(2026, 1, 1 + number))
    refusals.mark(f"gone{number}@demo.example", code="550", reason="No such user")
    person = (cast.auditor, cast.auditor2)[number % 2]
    said = {"user": person, "recorded_by": person, "first_day": dt.date(2026, 1, 1)}
    Entry.objects.create(kind="experience", title="x", **said)
    Interest.objects.create(
        user=person, identifier="91330200MA00000000", name="x", kind="family",
        began_on=dt.date(2026, 1, 1), declared_by=person,
    )  # fmt: skip
    Declaration.objects.get_or_create(user=person, defaults={"due_on": dt.date(2027, 1, 1)})
    GivenReminder.objects.create(
        key="certificate.expiring", subject_type="certification.case", subject_id=case.pk,
        date=dt.date(2026, 1, 1), step=7,
    )  # fmt: skip
    return case


@pytest.fixture
def world(cast):
    _case_with_everything(cast, 0)
    return cast


@pytest.fixture
def operator(cast, client):
    return cast.client(client, "operator")


def _request(cast):
    return SimpleNamespace(actor=cast.actor("operator"), user=cast.operator, GET={})


def test_every_kind_of_row_is_listed_searched_and_shown(world, operator):
    wrong = []
    for label, model_admin in ADMINS.items():
        row = model_admin.model._base_manager.first()
        assert row is not None, label
        addresses = [
            _address(label, "changelist"),
            f"{_address(label, 'changelist')}?q=a",
            f"{_address(label, 'changelist')}?q={world.body.pk}",
            _address(label, "change", row.pk),
            _address(label, "history", row.pk),
        ]
        for address in addresses:
            response = operator.get(address)
            if response.status_code != 200 or INLINE.search(response.content.decode()):
                wrong.append((address, response.status_code))
    assert wrong == []
    assert operator.get(reverse("admin:index")).status_code == 200


# The desk of a body works in the admin as well: tests/portal/test_admin_staff.py.
@pytest.mark.parametrize("name", sorted({*PEOPLE, "anonymous"} - {"operator", *STAFF}))
def test_nobody_but_operators_gets_in(cast, client, name):
    cast.client(client, name)
    opened = [
        address
        for address in (
            reverse("admin:index"),
            *(_address(label, "changelist") for label in ADMINS),
            _address("organisations.organisation", "change", cast.body.pk),
            _address("organisations.organisation", "history", cast.body.pk),
        )
        if client.get(address).status_code == 200
    ]
    assert opened == []


def test_what_operators_add_and_change_is_reviewed(cast):
    request = _request(cast)
    may = {
        act: {
            label
            for label, model_admin in ADMINS.items()
            if getattr(model_admin, f"has_{act}_permission")(request)
        }
        for act in ("add", "change", "delete")
    }
    assert may == {
        "add": {
            "accounts.user",
            "organisations.membership",
            "organisations.dishonestylisting",
            "schemes.bodyapproval",
        },
        "change": {
            "accounts.user",
            "foundation.storageuse",
            "organisations.organisation",
            "organisations.bodyprofile",
            "organisations.dishonestylisting",
            "schemes.bodyapproval",
            "schemes.competence",
            "schemes.interest",
        },
        "delete": set(),
    }


def test_no_status_can_be_edited(world, operator):
    changed = []
    for label, flow in FLOW_OF.items():
        row = flow.model._base_manager.first()
        before = flow.status_of(row)
        other = next(state for state in flow.states.values if state != before)
        operator.post(_address(label, "change", row.pk), {flow.status_field: other})
        row.refresh_from_db()
        if flow.status_of(row) != before:
            changed.append(label)
        model_admin = ADMINS.get(label)
        request = _request(world)
        if model_admin and model_admin.has_change_permission(request):
            assert flow.status_field in model_admin.get_readonly_fields(request, row)
    assert changed == []


def test_nothing_can_be_deleted(world, operator):
    for label, model_admin in ADMINS.items():
        rows = model_admin.model._base_manager
        row, count = rows.first(), rows.count()
        assert operator.post(_address(label, "delete", row.pk), {"post": "yes"}).status_code == 403
        operator.post(
            _address(label, "changelist"),
            {"action": "delete_selected", ACTION_CHECKBOX_NAME: [str(row.pk)], "post": "yes"},
        )
        assert rows.count() == count


def test_journal_is_read_and_verified(world, operator):
    entry = JournalEntry.objects.first()
    address = _address("foundation.journalentry", "change", entry.pk)
    assert operator.post(address, {"verb": "nothing"}).status_code == 403
    chain = JournalChain.objects.get(pk=entry.chain)
    verify = {"action": "verify", ACTION_CHECKBOX_NAME: [chain.pk]}
    listing = _address("foundation.journalchain", "changelist")
    page = operator.post(listing, verify, follow=True).content.decode()
    assert f"No entry is missing or changed: {chain.name}" in page
    with triggers.suspended(connection):
        JournalEntry._base_manager.filter(pk=entry.pk)._raw_delete("default")
    page = operator.post(listing, verify, follow=True).content.decode()
    assert "the head does not match the last entry" in page


def test_history_tells_the_journal(world, operator):
    case = Case.objects.get()
    page = operator.get(_address("certification.case", "history", case.pk)).content.decode()
    entry = JournalEntry.objects.filter(verb="case.grant").get()
    assert f"{entry.chain} {entry.number}</a>" in page
    assert "Conforms." in page


def test_page_links_the_portal_where_the_operator_may_go(cast, operator):
    page = operator.get(_address("organisations.organisation", "change", cast.body.pk))
    assert f'href="{cast.body.get_absolute_url()}"' in page.content.decode()


def test_bodies_are_approved_by_the_flow(cast, operator):
    BodyProfile.objects.filter(organisation=cast.body).update(status=BodyStatus.REGISTERED)
    incomplete = BodyProfile.objects.filter(organisation=cast.rival_body)
    incomplete.update(status=BodyStatus.REGISTERED, signatory_zh="", signatory_en="")
    listing = _address("organisations.bodyprofile", "changelist")
    keys = [str(profile.pk) for profile in BodyProfile.objects.all()]
    page = operator.post(listing, {"action": "approve", ACTION_CHECKBOX_NAME: keys}, follow=True)
    found = dict(BodyProfile.objects.values_list("organisation", "status"))
    assert found == {cast.body.pk: "approved", cast.rival_body.pk: "registered"}
    [entry] = JournalEntry.objects.filter(verb="body.approve")
    assert (entry.user, entry.thread) == (cast.operator, cast.body.pk)
    texts = page.content.decode()
    assert "Approve the body: 1 row." in texts
    assert "Nobody is named who signs the certificates." in texts


def test_serious_acts_ask_first_and_then_happen(cast, operator):
    profile = cast.body.body_profile
    listing = _address("organisations.bodyprofile", "changelist")
    facts = {"action": "suspend", ACTION_CHECKBOX_NAME: [str(profile.pk)], "from_row": "1"}
    page = operator.post(listing, facts)
    assert "<textarea" in page.content.decode()
    facts |= {"confirmed": "1", "reason": " "}
    assert operator.post(listing, facts).status_code == 422
    profile.refresh_from_db()
    assert profile.status == "approved"
    answer = operator.post(listing, facts | {"reason": "Approval ended."})
    assert answer.url == _address("organisations.bodyprofile", "change", profile.pk)
    profile.refresh_from_db()
    entry = JournalEntry.objects.get(verb="body.suspend")
    assert (profile.status, entry.data) == ("suspended", {"reason": "Approval ended."})


def _facts_of(organisation, **changed):
    from organisations.forms.organisations import OrganisationForm

    form = OrganisationForm(instance=organisation)
    facts = {name: form[name].value() for name in form.fields}
    facts = {name: "" if value is None else str(value) for name, value in facts.items()}
    inlines = {
        f"{prefix}-{name}": "0"
        for prefix in ("sites", "memberships")
        for name in ("TOTAL_FORMS", "INITIAL_FORMS")
    }
    return facts | inlines | changed


def test_operator_corrects_an_organisation_and_the_journal_keeps_what_was(cast, operator):
    address = _address("organisations.organisation", "change", cast.enterprise.pk)
    before = cast.enterprise.phone
    operator.post(address, _facts_of(cast.enterprise, phone="0574-11111111", kind="body"))
    fresh = Organisation.objects.get(pk=cast.enterprise.pk)
    assert (fresh.phone, fresh.kind) == ("0574-11111111", "enterprise")
    entry = JournalEntry.objects.get(verb="organisation.changed")
    assert (entry.user, entry.data) == (cast.operator, {"phone": [before, "0574-11111111"]})


def test_a_wrong_identifier_is_refused_in_the_admin_as_well(cast, operator):
    address = _address("organisations.organisation", "change", cast.enterprise.pk)
    response = operator.post(address, _facts_of(cast.enterprise, identifier="123"))
    assert list(response.context["adminform"].form.errors) == ["identifier"]


def test_operator_gives_and_ends_roles(cast, operator):
    facts = {"user": cast.member.pk, "organisation": cast.enterprise.pk, "role": "owner"}
    operator.post(_address("organisations.membership", "add"), facts)
    row = Membership.objects.get(user=cast.member, role=Role.OWNER)
    rows = [row, Membership.objects.get(user=cast.manager)]
    end = {"action": "end", ACTION_CHECKBOX_NAME: [str(row.pk) for row in rows]}
    listing = _address("organisations.membership", "changelist")
    page = operator.post(listing, end, follow=True).content.decode()
    ended = set(Membership.objects.exclude(ended_at=None))
    assert ended == {row}
    assert "This is the last Manager." in page
    verbs = JournalEntry.objects.filter(subject_id=cast.enterprise.pk).order_by("number")
    assert [entry.verb for entry in verbs] == [
        "organisation.member_added",
        "organisation.member_ended",
    ]


@pytest.mark.parametrize(
    ("changed", "field"),
    [({"role": "manager"}, "role"), ({"user": "operator"}, "user"), ({"user": ""}, "user")],
)
def test_roles_that_cannot_be_are_refused(cast, operator, changed, field):
    facts = {"user": cast.manager.pk, "organisation": cast.enterprise.pk, "role": "owner"} | changed
    if facts["user"] == "operator":
        facts["user"] = cast.operator.pk
    response = operator.post(_address("organisations.membership", "add"), facts)
    assert list(response.context["adminform"].form.errors) == [field]


def test_operator_keeps_the_list_of_sanctions_with_a_journal(cast, operator):
    facts = {
        "identifier": "91330200000010016X",
        "name_zh": "某公司",
        "reason": "虚假材料",
        "listed_on": "2026-01-01",
        "removed_on": "",
        "source": "example",
    }
    operator.post(_address("organisations.dishonestylisting", "add"), facts)
    row = DishonestyListing.objects.get()
    operator.post(
        _address("organisations.dishonestylisting", "change", row.pk),
        facts | {"removed_on": "2026-02-01"},
    )
    row.refresh_from_db()
    assert row.removed_on == dt.date(2026, 2, 1)
    entries = JournalEntry.objects.filter(subject_id=row.pk).order_by("number")
    assert [(entry.verb, entry.data) for entry in entries] == [
        ("listing_recorded", {"changed": []}),
        ("listing_changed", {"changed": ["removed_on"]}),
    ]


def test_competence_in_the_admin_keeps_its_person(cast, operator):
    row = cast.auditor.competences.first()
    operator.post(
        _address("schemes.competence", "change", row.pk),
        {
            "user": cast.rival_manager.pk,
            "areas": [area.pk for area in row.areas.all()],
            "registration_number": "NEW-1",
            "languages": '["zh"]',
            "valid_from": row.valid_from.isoformat(),
            "valid_until": row.valid_until.isoformat(),
        },
    )
    row.refresh_from_db()
    assert (row.user, row.registration_number) == (cast.auditor, "NEW-1")


def test_failed_jobs_are_tried_again(cast, operator):
    now = timezone.now()
    rows = {
        state: Job.objects.create(
            kind="foundation.mail_notice", key=f"admin-{state}", state=state, run_at=now, attempts=3
        )
        for state in JobState.values
    }
    listing = _address("foundation.job", "changelist")
    facts = {"action": "try_again", ACTION_CHECKBOX_NAME: [str(row.pk) for row in rows.values()]}
    page = operator.post(listing, facts, follow=True).content.decode()
    for row in rows.values():
        row.refresh_from_db()
    assert {state: (row.state, row.attempts) for state, row in rows.items()} == {
        "queued": ("queued", 3),
        "running": ("running", 3),
        "done": ("done", 3),
        "failed": ("queued", 0),
    }
    assert "1 job is queued again." in page


def test_an_email_that_failed_is_sent_again_and_once(cast, operator):
    with transaction.atomic():
        sent, failed = (
            notices.notify("organisations.body_approved", to=[person], obj=cast.body,
                           name_zh="华", name_en="H", reason="")[0]
            for person in (cast.manager, cast.rival_manager)
        )  # fmt: skip
    Notice.objects.filter(pk=sent.pk).update(mailed_at=timezone.now())
    Job.objects.filter(kind=notices.MAIL).update(state=JobState.FAILED, error="OSError: refused")
    listing = _address("foundation.notice", "changelist")
    found = {
        choice: {row.pk for row in operator.get(listing, {"mail": choice}).context["cl"].queryset}
        for choice in ("sent", "waiting", "failed")
    }
    assert found == {"sent": {sent.pk}, "waiting": set(), "failed": {failed.pk}}
    assert "OSError: refused" in operator.get(listing).content.decode()
    facts = {"action": "send_again", ACTION_CHECKBOX_NAME: [str(sent.pk), str(failed.pk)]}
    for words in ("1 e-mail is sent again.", "0 e-mails are sent again."):
        assert words in operator.post(listing, facts, follow=True).content.decode()
    states = dict(Job.objects.filter(kind=notices.MAIL).values_list("subject_id", "state"))
    assert states == {sent.pk: "failed", failed.pk: "queued"}


def test_jobs_that_nobody_does_are_found(cast, operator):
    now = timezone.now()
    facts = {"kind": "foundation.mail_notice", "state": JobState.QUEUED}
    late = Job.objects.create(key="late", run_at=now - dt.timedelta(minutes=6), **facts)
    Job.objects.create(key="soon", run_at=now, **facts)
    found = operator.get(_address("foundation.job", "changelist"), {"late": "yes"}).context["cl"]
    assert list(found.queryset) == [late]


def test_files_are_listed_on_the_page_of_what_they_hang_on(world, operator):
    page = operator.get(_address("organisations.organisation", "change", world.enterprise.pk))
    [attachment] = files.attachments_of(world.enterprise)
    assert f'href="{attachment.file.get_absolute_url()}"' in page.content.decode()


def test_lists_cost_the_same_for_any_number_of_rows(world, operator):
    def costs():
        found = {}
        for label in ADMINS:
            with CaptureQueriesContext(connection) as queries:
                operator.get(_address(label, "changelist"))
            found[label] = len(queries)
        return found

    costs()  # what is read once only is read now
    before = costs()
    for number in (1, 2):
        _case_with_everything(world, number)
        body = Organisation.objects.get(pk=world.rival_body.pk)
        journal.record(body, "organisation.changed", world.actor("rival_manager"))
    assert Audit.objects.count() == 3
    assert costs() == before


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_scripts_of_the_admin_run_under_our_policy(cast, open_page):
    page = open_page(cast.operator)
    page.goto(_address("organisations.membership", "add"))
    for text, choice in ((cast.member.name, cast.member.name), ("蓝海", cast.enterprise.name)):
        page.locator(".select2-selection").nth(0 if text == cast.member.name else 1).click()
        page.locator(".select2-search__field").fill(text)
        page.locator(".select2-results__option", has_text=choice).click()
    page.get_by_label("Role").select_option("owner")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("was added successfully").wait_for()
    assert Membership.objects.filter(user=cast.member, role=Role.OWNER).count() == 1
    page.goto(_address("schemes.bodyapproval", "add"))
    page.get_by_role("link", name="Today").first.click()
    today = timezone.localdate().isoformat()
    assert page.locator("#id_valid_from").input_value() == today
    page.goto(_address("foundation.job", "changelist"))
