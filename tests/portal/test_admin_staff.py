"""The admin for the desk of a body: its own rows, the portal's acts, and nothing beside them."""

from types import SimpleNamespace

import pytest
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audits.models import Audit, AuditReport
from certification.models import Application, Case, Certificate, Complaint
from foundation.access import every_url
from foundation.models import JournalEntry
from foundation.workflow import FLOW_OF
from tests.browser import rules_broken
from tests.certification import complaintwork
from tests.matrix.expected import EXPECTED, STATES
from tests.matrix.objects import OBJECTS
from tests.matrix.rights import ADMIN_FOR_DESKS
from tests.portal.test_admin import _case_with_everything

DESK = ("manager", "reviewer", "planner", "certifier")
CANARY = "CANARY"
ADMINS = {
    f"{model._meta.app_label}/{model._meta.model_name}": model_admin
    for model, model_admin in admin.site._registry.items()
}
# What is taken in the admin; every other act of these flows is a link to its page.
HERE = {
    "application": {"return": "reviewer", "decline": "reviewer"},
    "audit": {
        "announce": "planner", "return_report": "reviewer", "replan": "planner",
        "ask_fewer_days": "planner", "cancel": "planner",
    },
    "body": {
        "approve": "operator", "refuse": "operator", "suspend": "operator",
        "reinstate": "operator",
    },
    "case": {"ask_more": "certifier", "send_back": "certifier", "reconsider": "certifier"},
    "certificate": {},
    "evaluation": {},
    "finding": {"refuse_extension": "planner"},
}  # fmt: skip
# Who complained is for those who handle it, not for the whole desk.
PRIVATE = {"certification/complaint", "certification/complaintentry"}


def _request(cast, person):
    return SimpleNamespace(actor=cast.actor(person), user=getattr(cast, person), GET={})


@pytest.fixture
def world(cast):
    """Give the rival body a case with one row at least of each kind, and the body an own one."""
    _case_with_everything(cast, 0)
    rival = {"enterprise": cast.rival_enterprise, "body": cast.rival_body}
    for model in (Application, Case, Audit):
        model.objects.update(**rival)
    Certificate.objects.update(**rival, holder_zh=CANARY, holder_en=CANARY)
    Complaint.objects.update(body=cast.rival_body, enterprise=cast.rival_enterprise)
    OBJECTS["finding"](cast)
    complaintwork.filed(cast)
    return cast


def _rows_of(model, body):
    names = {field.name for field in model._meta.fields}
    way = next(name for name in ("body", "case", "application", "audit", "certificate",
                                 "complaint") if name in names)  # fmt: skip
    lookup = way if way == "body" else f"{way}__body"
    return model._base_manager.filter(**{lookup: body})


def _closed_pages():
    """Yield every address of the admin but those that a desk may open, filled in."""
    key = "00000000-0000-0000-0000-000000000000"
    for path, right in every_url():
        whose = path.removeprefix("admin/").split("/")
        mine = "/".join(whose[:2]) in ADMIN_FOR_DESKS and right != "operator"
        if path.startswith("admin/") and right != "public" and not mine and "(" not in path:
            yield f"/{path}".replace("<path:object_id>", key).replace("<id>", "1")


def test_the_rest_of_the_admin_is_closed_to_a_desk(world, client):
    world.client(client, "manager")
    answers = {path: client.get(path).status_code for path in _closed_pages()}
    opened = {path for path, status in answers.items() if status != 403}
    assert opened == {"/admin/", "/admin/jsi18n/"}
    for path in (*opened, "/admin/certification/", "/admin/audits/"):
        assert CANARY not in client.get(path).content.decode()
    assert client.get("/admin/foundation/").status_code == 404


@pytest.mark.parametrize("person", DESK)
def test_what_is_another_body_s_does_not_exist(world, client, person):
    world.client(client, person)
    for model in ADMIN_FOR_DESKS:
        row = _rows_of(ADMINS[model].model, world.rival_body).first()
        name = f"admin:{model.replace('/', '_')}"
        answers = {
            page: client.get(reverse(f"{name}_{page}", args=[row.pk])).status_code
            for page in ("change", "history")
        }
        assert answers == {"change": 404, "history": 404}, model
        listed = client.get(reverse(f"{name}_changelist"))
        assert CANARY not in listed.content.decode(), model
        assert str(row.pk) not in listed.content.decode(), model


def test_search_and_filters_find_nothing_of_another_body(world, client):
    world.client(client, "reviewer")
    texts = [CANARY, str(world.rival_body.pk), str(world.rival_enterprise.pk)]
    for model in ADMIN_FOR_DESKS:
        own = 0 if model in PRIVATE else _rows_of(ADMINS[model].model, world.body).count()
        assert client.get(f"/admin/{model}/").context["cl"].result_count == own
        for text in texts:
            assert client.get(f"/admin/{model}/", {"q": text}).context["cl"].result_count == 0


def test_own_rows_are_shown_whole_and_lead_nowhere_forbidden(world, client):
    wrong, tried = [], set()
    for person in ("reviewer", "manager"):
        world.client(client, person)
        for model in ADMIN_FOR_DESKS:
            row = _rows_of(ADMINS[model].model, world.body).first()
            if row is None or (person == "reviewer" and model in PRIVATE):
                continue
            for page in ("change", "history"):
                address = reverse(f"admin:{model.replace('/', '_')}_{page}", args=[row.pk])
                response = client.get(address)
                text = response.content.decode()
                if response.status_code != 200 or CANARY in text:
                    wrong.append((person, address))
                links = set(_links(text)) - tried
                tried |= links
                wrong += [link for link in links if client.get(link).status_code != 200]
    assert wrong == []


def _links(text):
    for piece in text.split('href="')[1:]:
        link = piece.partition('"')[0]
        if link.startswith("/admin/") and "?" not in link:
            yield link


def test_nothing_is_written_by_a_desk(world, client):
    before = JournalEntry.objects.count()
    for person in ("manager", "certifier"):
        world.client(client, person)
        for model in ADMIN_FOR_DESKS:
            model_admin = ADMINS[model]
            request = _request(world, person)
            assert not model_admin.has_add_permission(request)
            assert not model_admin.has_change_permission(request)
            assert not model_admin.has_delete_permission(request)
            rows = model_admin.model._base_manager
            row, count = _rows_of(model_admin.model, world.body).first(), rows.count()
            if row is not None:
                name = f"admin:{model.replace('/', '_')}"
                answers = {
                    page: client.post(reverse(f"{name}_{page}", args=[row.pk]), {"post": "yes"})
                    for page in ("change", "delete")
                }
                assert {answer.status_code for answer in answers.values()} == {403}
            assert client.post(f"/admin/{model}/add/").status_code == 403
            assert rows.count() == count
    assert JournalEntry.objects.count() == before


@pytest.mark.parametrize("name", sorted(HERE))
def test_acts_are_those_of_the_portal(cast, name):
    obj = OBJECTS[name](cast)
    if name == "audit":
        AuditReport.objects.create(audit=obj, submitted_by=cast.auditor)
    flow = FLOW_OF[obj._meta.label_lower]
    model_admin = admin.site._registry[flow.model]
    people = (*DESK, "rival_manager", "operator")
    wrong = []
    for status in STATES[name]:
        setattr(obj, flow.status_field, status)
        for person in people:
            found = {
                act.transition.action: not act.url
                for act in model_admin.acts_of(_request(cast, person), obj)
            }
            wanted = {
                action: action in HERE[name]
                for action, (states, allowed) in EXPECTED[name].items()
                if status in states and person in allowed
            }
            if found != wanted:
                wrong.append((status, person, found, wanted))
    assert wrong == []
    in_bulk = {person: set(model_admin.get_actions(_request(cast, person))) for person in people}
    assert in_bulk == {
        person: {action for action, role in HERE[name].items() if role == person}
        for person in people
    }


@pytest.mark.parametrize(
    ("name", "action"),
    [("audit", "cancel"), ("audit", "replan"), ("application", "decline"), ("case", "ask_more")],
)
def test_an_act_happens_for_whom_and_where_the_portal_lets_it(cast, client, name, action):
    obj = OBJECTS[name](cast)
    flow = FLOW_OF[obj._meta.label_lower]
    rows = flow.model._base_manager.filter(pk=obj.pk)
    states, allowed = EXPECTED[name][action]
    listing = reverse(f"admin:{flow.model._meta.label_lower.replace('.', '_')}_changelist")
    facts = {"action": action, ACTION_CHECKBOX_NAME: [str(obj.pk)], "confirmed": "1", "reason": "x"}
    done = set()
    for person in (*DESK, "rival_manager"):
        cast.client(client, person)
        for status in STATES[name]:
            rows.update(**{flow.status_field: status})
            before = JournalEntry.objects.count()
            client.post(listing, facts)
            obj.refresh_from_db()
            if JournalEntry.objects.count() != before:
                done.add((person, status))
            else:
                assert flow.status_of(obj) == status
    assert done == {(person, status) for person in allowed for status in states}


def test_a_desk_acts_on_many_rows_and_reads_what_each_answered(cast, client):
    audit = OBJECTS["audit"](cast)
    other = Audit.objects.get(pk=audit.pk)
    other.pk, other.number, other.status = None, "C-2026-9001-2", "completed"
    other.id = other._meta.pk.get_default()
    other.cycle = 2
    other.save(force_insert=True)
    foreign = Audit.objects.get(pk=audit.pk)
    foreign.id = foreign._meta.pk.get_default()
    foreign.number, foreign.body, foreign.cycle = "R-2026-9001-1", cast.rival_body, 3
    foreign.save(force_insert=True)
    cast.client(client, "planner")
    listing = reverse("admin:audits_audit_changelist")
    keys = [str(row.pk) for row in (audit, other, foreign)]
    facts = {"action": "cancel", ACTION_CHECKBOX_NAME: keys}
    asked = client.post(listing, facts).content.decode()
    assert ("C-2026-9001-1" in asked, "R-2026-9001-1" in asked) == (True, False)
    page = client.post(listing, facts | {"confirmed": "1", "reason": "Asked for."}, follow=True)
    text = page.content.decode()
    assert "1 row." in text
    assert "C-2026-9001-2: This step is not possible any more" in text
    found = dict(Audit.objects.values_list("number", "status"))
    assert found == {
        "C-2026-9001-1": "cancelled",
        "C-2026-9001-2": "completed",
        "R-2026-9001-1": "planned",
    }


def test_an_auditor_alone_does_not_enter(cast, client):
    for person in ("auditor", "owner", "member", "supervisor"):
        assert cast.client(client, person).get("/admin/").status_code == 403


def test_lists_cost_a_desk_the_same_for_any_number_of_rows(world, client):
    world.client(client, "reviewer")

    def costs():
        found = {}
        for model in ADMIN_FOR_DESKS:
            with CaptureQueriesContext(connection) as queries:
                client.get(f"/admin/{model}/")
            found[model] = len(queries)
        return found

    for model in (Application, Case, Audit, Certificate):
        rows = model.objects.filter(body=world.rival_body)
        rows.update(body=world.body, enterprise=world.enterprise)
    costs()  # what is read once only is read now
    before = costs()
    for number in (1, 2):
        _case_with_everything(world, number)
    assert costs() == before
    assert max(before.values()) <= 25


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_main_pages_have_no_barriers(cast, open_page, console):
    audit = OBJECTS["audit"](cast)
    change = reverse("admin:audits_audit_change", args=[audit.pk])
    pages = {
        "planner": [
            "/admin/",
            reverse("admin:audits_audit_changelist"),
            change,
            reverse("admin:audits_audit_history", args=[audit.pk]),
        ],
        "operator": [
            "/admin/organisations/organisation/import/",
            "/admin/organisations/organisation/",
            "/admin/foundation/job/",
        ],
    }
    found = []
    for person, addresses in pages.items():
        for language, dark in (("en", False), ("zh-hans", True)):
            page = open_page(getattr(cast, person), language=language, dark=dark)
            for address in addresses:
                page.goto(address)
                found += [*console, *rules_broken(page)]
                console.clear()  # axe itself loads the sheets that Django's import once more
    page = open_page(cast.planner, width=360)
    page.goto(change)
    page.get_by_role("button", name="Cancel the audit").click()
    found += [*console, *rules_broken(page)]
    console.clear()
    page.get_by_label("Reason").fill("Asked for.")
    page.get_by_role("button", name="Cancel the audit").click()
    page.get_by_text("1 row.").wait_for()
    assert found == []
