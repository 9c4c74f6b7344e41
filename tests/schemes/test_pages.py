"""The pages on which operators keep approvals and managers the competence of their people."""

import csv
import datetime as dt
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from foundation.models import JournalEntry, Notice
from organisations.models import Membership
from schemes.models import BodyApproval, Competence, Scheme, TechnicalArea

EVERYONE = ("anonymous", "owner", "manager", "planner", "auditor", "rival_manager", "supervisor",
            "operator")  # fmt: skip
BODY_PAGES = ("approvals", "approvals_export", "competence", "competence_export")


def _areas(*codes):
    return list(TechnicalArea.objects.filter(code__in=codes).values_list("pk", flat=True))


def _scheme(code="QMS"):
    return Scheme.objects.get(code=code)


def _address(name, body, row=None):
    return reverse(f"schemes:{name}", args=[body.pk, row.pk] if row else [body.pk])


def _rows(response):
    text = b"".join(response.streaming_content).decode().removeprefix("\ufeff")
    return list(csv.reader(io.StringIO(text)))


def _answers(client, name, *args):
    return client.get(reverse(f"schemes:{name}", args=args)).status_code


@pytest.fixture
def competence(cast):
    return Competence.objects.get(user=cast.auditor2, scheme=_scheme())


@pytest.fixture
def approval(cast):
    return BodyApproval.objects.get(body=cast.body, scheme=_scheme())


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("anonymous", 302),
        ("owner", 404),
        ("rival_owner", 404),
        ("rival_manager", 404),
        ("manager", 200),
        ("planner", 200),
        ("auditor", 200),
        ("supervisor", 200),
        ("operator", 200),
    ],
)
def test_pages_of_a_body_are_for_its_people_and_those_above(cast, client, name, status):
    cast.client(client, name)
    assert [_answers(client, page, cast.body.pk) for page in BODY_PAGES] == [status] * 4


def test_an_enterprise_has_no_such_pages(cast, client):
    cast.client(client, "owner")
    assert [_answers(client, page, cast.enterprise.pk) for page in BODY_PAGES] == [404] * 4


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("anonymous", 302),
        ("owner", 403),
        ("rival_manager", 404),
        ("manager", 200),
        ("planner", 403),
        ("auditor", 403),
        ("supervisor", 403),
        ("operator", 200),
    ],
)
def test_manager_and_operator_keep_competence(cast, client, competence, name, status):
    cast.client(client, name)
    keys = (cast.body.pk, competence.pk)
    found = [_answers(client, "competence_record", cast.body.pk)]
    found += [_answers(client, f"competence_{act}", *keys) for act in ("renew", "end")]
    assert found == [status] * 3


@pytest.mark.parametrize("name", EVERYONE)
def test_only_operators_keep_approvals(cast, client, approval, name):
    cast.client(client, name)
    keys = (cast.body.pk, approval.pk)
    found = [_answers(client, "approval_record", cast.body.pk)]
    found += [_answers(client, f"approval_{act}", *keys) for act in ("renew", "end")]
    assert found == [{"operator": 200, "anonymous": 302}.get(name, 403)] * 3


def test_refusal_names_the_role_that_may(cast, client):
    cast.client(client, "planner")
    response = client.get(_address("competence_record", cast.body))
    assert "Only this role may do this: Manager." in response.content.decode()


def test_a_row_is_found_under_its_own_body_only(cast, client, approval, competence):
    cast.client(client, "operator")
    assert _answers(client, "approval", cast.body.pk, approval.pk) == 200
    assert _answers(client, "approval", cast.rival_body.pk, approval.pk) == 404
    assert _answers(client, "competence_item", cast.body.pk, competence.pk) == 200
    assert _answers(client, "competence_item", cast.rival_body.pk, competence.pk) == 404
    assert _answers(client, "competence_end", cast.rival_body.pk, competence.pk) == 404


def test_an_auditor_reads_the_own_competence_alone(cast, client, competence):
    cast.client(client, "auditor")
    response = client.get(_address("competence", cast.body))
    assert [person.user for person in response.context["people"]] == [cast.auditor]
    assert response.context["covers"] == []
    assert {row[0] for row in _rows(client.get(_address("competence_export", cast.body)))[1:]} == {
        cast.auditor.name
    }
    assert _answers(client, "competence_item", cast.body.pk, competence.pk) == 404
    own = Competence.objects.get(user=cast.auditor, scheme=_scheme())
    page = client.get(own.get_absolute_url())
    assert (page.status_code, page.context["may_record"]) == (200, False)


def test_manager_sees_the_whole_working_team(cast, client):
    response = cast.client(client, "manager").get(_address("competence", cast.body))
    people = {person.user: person for person in response.context["people"]}
    assert set(people) == {cast.auditor, cast.auditor2, cast.reviewer, cast.certifier}
    assert people[cast.auditor].roles == "Auditor"
    qms, [line] = people[cast.auditor].cells[0]
    assert (qms.code, line.areas, line.standing.label) == ("QMS", "17–19", "In force")
    assert [cover.gaps for cover in response.context["covers"]] == [[]] * 5


def test_a_member_without_competence_has_an_empty_line(cast, client):
    Competence.objects.filter(user=cast.auditor2).delete()
    response = cast.client(client, "manager").get(_address("competence", cast.body))
    [person] = [row for row in response.context["people"] if row.user == cast.auditor2]
    assert [lines for _scheme, lines in person.cells] == [[]] * 5
    gap = ["Areas with fewer than 2 auditors: 17–19."]
    assert [cover.gaps for cover in response.context["covers"]] == [gap] * 5


def test_a_body_that_covers_nothing_is_told_what_is_missing(cast, client):
    Competence.objects.all().delete()
    response = cast.client(client, "manager").get(_address("competence", cast.body))
    assert response.context["covers"][0].gaps == [
        "No lead auditor.",
        "Areas with fewer than 2 auditors: 17–19.",
        "Areas without a certifier: 17–19.",
    ]


def test_people_who_left_are_not_listed(cast, client):
    Membership.objects.filter(user=cast.auditor2).update(ended_at=timezone.now())
    response = cast.client(client, "manager").get(_address("competence", cast.body))
    assert cast.auditor2 not in [person.user for person in response.context["people"]]


def _ends(row, days):
    row.valid_until = timezone.localdate() + dt.timedelta(days=days)
    row.save(update_fields=["valid_until"])


def _listed(client, body, **query):
    response = client.get(_address("competence", body), query)
    return [
        (person.user, scheme.code, line.row.get_role_display(), line.standing.label)
        for person in response.context["people"]
        for scheme, lines in person.cells
        for line in lines
    ]


@pytest.mark.parametrize(
    ("days", "label", "views"),
    [
        (0, "Ends today", {"ending"}),
        (1, "Ends in 1 day", {"ending"}),
        (90, "Ends in 90 days", {"ending"}),
        (91, "In force", set()),
        (-1, "Ended", {"lapsed", "ended"}),
        (-200, "Ended", {"lapsed", "ended"}),
    ],
)
def test_views_hold_what_runs_out(cast, client, days, label, views):
    cast.client(client, "manager")
    _ends(Competence.objects.get(user=cast.auditor2, scheme=_scheme()), days)
    line = (cast.auditor2, "QMS", "Auditor", label)
    for view in ("ending", "lapsed", "ended"):
        assert _listed(client, cast.body, view=view) == ([line] if view in views else [])
    assert (line in _listed(client, cast.body)) == (days >= -90)


def test_a_renewed_competence_is_no_warning(cast, client, competence):
    cast.client(client, "manager")
    _ends(competence, 10)
    first = competence.valid_until + dt.timedelta(days=1)
    Competence.objects.create(
        user=competence.user,
        body=cast.body,
        scheme=competence.scheme,
        role="auditor",
        languages=["zh"],
        valid_from=first,
        valid_until=first + dt.timedelta(days=1000),
    )
    assert _listed(client, cast.body, view="ending") == []
    _ends(competence, -1)
    assert _listed(client, cast.body, view="lapsed") == []
    ended = [(cast.auditor2, "QMS", "Auditor", "Ended")]
    assert _listed(client, cast.body, view="ended") == ended


def test_list_is_filtered_by_scheme_role_and_name(cast, client):
    cast.client(client, "manager")
    expected = [(cast.certifier, "QMS", "Certifier", "In force")]
    assert _listed(client, cast.body, scheme="QMS", role="certifier") == expected
    assert _listed(client, cast.body, scheme="QMS", q=cast.certifier.name) == expected
    assert len(_listed(client, cast.body, scheme="XYZ", role="nonsense", view="odd")) == 20


def test_export_holds_what_the_list_shows(cast, client):
    cast.client(client, "manager")
    rows = _rows(
        client.get(_address("competence_export", cast.body), {"scheme": "QMS", "role": "reviewer"})
    )
    assert rows[0] == ["Person", "Scheme", "Role", "Technical areas", "Languages",
                       "Registration number", "Valid from", "Valid until", "State"]  # fmt: skip
    assert rows[1:] == [
        [cast.reviewer.name, "QMS", "Reviewer", "17; 18; 19", "zh; en",
         f"2021-N1QMS-{str(cast.reviewer.pk).zfill(7)}", "2020-01-01", "2035-12-31", "In force"],
    ]  # fmt: skip


def test_export_of_approvals_holds_what_the_list_shows(cast, client, approval):
    cast.client(client, "manager")
    approval.valid_to = timezone.localdate() - dt.timedelta(days=1)
    approval.save(update_fields=["valid_to"])
    address = _address("approvals_export", cast.body)
    assert [row[1] for row in _rows(client.get(address))[1:]] == ["EMS", "OHSMS", "ISMS", "FSMS"]
    everything = _rows(client.get(address, {"view": "all"}))
    assert everything[1] == [
        "AP-034-QMS", "QMS", "17; 18; 19", "CNAS C000-M", "2020-01-01",
        approval.valid_to.isoformat(), "Ended",
    ]  # fmt: skip
    listed = client.get(_address("approvals", cast.body), {"view": "all"}).context["page"]
    assert len(listed) == 5
    assert len(client.get(_address("approvals", cast.body)).context["page"]) == 4


def _competence_answers(cast, **changed):
    return {
        "user": cast.planner.pk,
        "role": "auditor",
        "scheme": _scheme().pk,
        "areas": _areas("3", "5"),
        "registration_number": "2026-N1QMS-1",
        "languages": ["zh", "de"],
        "valid_from": "2026-01-01",
        "valid_until": "2029-12-31",
    } | changed


def test_manager_records_a_competence_and_the_person_is_told(cast, client):
    cast.client(client, "manager")
    address = _address("competence_record", cast.body)
    response = client.post(address, _competence_answers(cast))
    row = Competence.objects.get(user=cast.planner)
    assert response.url == row.get_absolute_url()
    assert [area.code for area in row.areas.all()] == ["3", "5"]
    assert (row.body, row.languages, row.registration_number) == (
        cast.body,
        ["zh", "de"],
        "2026-N1QMS-1",
    )
    [notice] = Notice.objects.filter(kind="schemes.competence_recorded")
    assert (notice.recipient, notice.url) == (cast.planner, row.get_absolute_url())
    page = client.get(response.url).content.decode()
    assert "Competence recorded" in page
    assert "Chinese · German" in page


@pytest.mark.parametrize("stranger", ["rival_manager", "owner", "operator"])
def test_people_of_others_cannot_be_chosen(cast, client, stranger):
    cast.client(client, "manager")
    address = _address("competence_record", cast.body)
    offered = client.get(address).context["form"].fields["user"].queryset
    assert set(offered) == {cast.manager, cast.reviewer, cast.planner, cast.auditor,
                            cast.auditor2, cast.certifier}  # fmt: skip
    answers = _competence_answers(cast, user=getattr(cast, stranger).pk)
    response = client.post(address, answers)
    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["user"]
    assert not Competence.objects.filter(user=getattr(cast, stranger)).exists()


def test_people_who_left_cannot_be_chosen(cast, client):
    Membership.objects.filter(user=cast.planner).update(ended_at=timezone.now())
    cast.client(client, "manager")
    address = _address("competence_record", cast.body)
    response = client.post(address, _competence_answers(cast))
    assert list(response.context["form"].errors) == ["user"]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"valid_until": "2025-12-31"}, "valid_until"),
        ({"areas": []}, "areas"),
        ({"role": "manager"}, "role"),
        ({"languages": ["xx"]}, "languages"),
        ({"registration_number": "a\u202eb"}, "registration_number"),
        ({"scheme": ""}, "scheme"),
    ],
)
def test_competence_that_cannot_be_is_refused(cast, client, changed, field):
    cast.client(client, "manager")
    response = client.post(
        _address("competence_record", cast.body), _competence_answers(cast, **changed)
    )
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]


def test_the_same_competence_twice_is_refused(cast, client):
    cast.client(client, "manager")
    address = _address("competence_record", cast.body)
    client.post(address, _competence_answers(cast))
    response = client.post(address, _competence_answers(cast))
    assert response.status_code == 422
    assert Competence.objects.filter(user=cast.planner).count() == 1


def test_renewal_begins_where_the_earlier_one_ends(cast, client, competence):
    cast.client(client, "manager")
    form = client.get(_address("competence_renew", cast.body, competence)).context["form"]
    assert form.initial == {
        "user": cast.auditor2.pk,
        "role": "auditor",
        "scheme": competence.scheme_id,
        "areas": _areas("17", "18", "19"),
        "registration_number": competence.registration_number,
        "languages": ["zh", "en"],
        "valid_from": dt.date(2036, 1, 1),
    }


def test_manager_ends_a_competence_and_the_person_is_told(cast, client, competence):
    cast.client(client, "manager")
    today = timezone.localdate()
    address = _address("competence_end", cast.body, competence)
    assert client.get(address).context["form"].initial == {"last_day": today}
    response = client.post(address, {"last_day": today.isoformat()})
    assert response.url == competence.get_absolute_url()
    competence.refresh_from_db()
    assert competence.valid_until == today
    [notice] = Notice.objects.filter(kind="schemes.competence_ended")
    assert notice.recipient == cast.auditor2


@pytest.mark.parametrize("day", ["2019-12-31", "2036-01-01", "", "soon"])
def test_a_last_day_outside_the_validity_is_refused(cast, client, competence, day):
    cast.client(client, "manager")
    response = client.post(_address("competence_end", cast.body, competence), {"last_day": day})
    assert response.status_code == 422
    competence.refresh_from_db()
    assert competence.valid_until == dt.date(2035, 12, 31)


def test_what_is_over_cannot_be_ended_again(cast, client, competence, approval):
    cast.client(client, "operator")
    _ends(competence, -1)
    approval.valid_to = timezone.localdate() - dt.timedelta(days=1)
    approval.save(update_fields=["valid_to"])
    assert _answers(client, "competence_end", cast.body.pk, competence.pk) == 404
    assert _answers(client, "approval_end", cast.body.pk, approval.pk) == 404


def _approval_answers(**changed):
    return {
        "scheme": _scheme().pk,
        "areas": _areas("3"),
        "reference": "AP-NEW",
        "accreditation": "",
        "valid_from": "2026-01-01",
        "valid_to": "",
    } | changed


def test_operator_records_an_approval_and_the_managers_are_told(cast, client):
    cast.client(client, "operator")
    response = client.post(_address("approval_record", cast.body), _approval_answers())
    row = BodyApproval.objects.get(reference="AP-NEW")
    assert response.url == row.get_absolute_url()
    assert (row.body, row.valid_to) == (cast.body, None)
    [notice] = Notice.objects.filter(kind="schemes.approval_recorded")
    assert (notice.recipient, notice.params["reference"]) == (cast.manager, "AP-NEW")
    assert "Approval recorded" in client.get(response.url).content.decode()


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"reference": "AP-034-QMS"}, "reference"),
        ({"valid_to": "2025-12-31"}, "valid_to"),
        ({"areas": []}, "areas"),
    ],
)
def test_approval_that_cannot_be_is_refused(cast, client, changed, field):
    cast.client(client, "operator")
    response = client.post(_address("approval_record", cast.body), _approval_answers(**changed))
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]


def test_operator_ends_an_approval_and_the_managers_are_told(cast, client, approval):
    cast.client(client, "operator")
    today = timezone.localdate()
    address = _address("approval_end", cast.body, approval)
    client.post(address, {"last_day": today.isoformat()})
    approval.refresh_from_db()
    assert approval.valid_to == today
    [notice] = Notice.objects.filter(kind="schemes.approval_ended")
    assert notice.recipient == cast.manager
    [entry] = JournalEntry.objects.filter(subject_id=approval.pk)
    assert (entry.verb, entry.data) == ("approval_ended", {"from": "", "to": today.isoformat()})


@pytest.mark.parametrize("name", ["manager", "operator"])
def test_organisation_page_leads_there(cast, client, name):
    page = cast.client(client, name).get(cast.body.get_absolute_url()).content.decode()
    assert f'href="{_address("approvals", cast.body)}"' in page
    assert f'href="{_address("competence", cast.body)}"' in page
    other = client.get(reverse("organisations:organisation", args=[cast.enterprise.pk]))
    assert "/competence/" not in other.content.decode()


@pytest.mark.parametrize("page", BODY_PAGES)
def test_lists_cost_the_same_for_any_number_of_rows(cast, client, page):
    cast.client(client, "manager")
    client.get(_address(page, cast.body))  # content types and the like are read once

    def cost():
        with CaptureQueriesContext(
            connection,
        ) as queries:
            response = client.get(_address(page, cast.body))
            if response.streaming:
                list(response.streaming_content)
        return len(queries)

    before = cost()
    areas = TechnicalArea.objects.filter(code__in=["17", "30"])
    for number in range(3):
        user = User.objects.create_user(f"more{number}@demo.example", name=f"More {number}")
        Membership.objects.create(user=user, organisation=cast.body, role="auditor")
        for scheme in Scheme.objects.all():
            row = Competence.objects.create(
                user=user,
                body=cast.body,
                scheme=scheme,
                role="auditor",
                languages=["zh"],
                valid_from=dt.date(2020, 1, 1),
                valid_until=dt.date(2030, 1, 1),
            )
            row.areas.set(areas)
        approval = BodyApproval.objects.create(
            body=cast.body, scheme=scheme, reference=f"M{number}", valid_from=dt.date(2020, 1, 1)
        )
        approval.areas.set(areas)
    assert cost() == before
