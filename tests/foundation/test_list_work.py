"""What people do with lists: saved views, undoing, long exports, actions on many rows."""

import datetime as dt
import io

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.utils import timezone
from openpyxl import load_workbook

from audits.models import Finding
from certification.enums import CaseStatus
from foundation import undo
from foundation.lists import exporting
from foundation.lists.saving import MOST
from foundation.models import (
    Attachment,
    BulkItem,
    BulkRun,
    Export,
    GivenReminder,
    Job,
    Notice,
    SavedView,
    StoredFile,
    Undo,
)
from organisations.models import Membership
from portal.personal import retention
from tests.audits.auditwork import nonconformity
from tests.listwork import cases, queries_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def as_(cast, client):
    """Return a function that signs somebody in."""
    return lambda who: cast.client(client, who)


def save(client, query="?status=deciding", label="Mine", **more):
    return client.post(f"/views/cases/save/{query}", {"label": label, **more})


def side(client, query=""):
    context = client.get(f"/cases/{query}").context
    return [
        [(view["label"], view["url"], view["count"], view["current"]) for view in context[name]]
        for name in ("own_views", "team_views")
    ]


# Saved views


def test_a_view_is_saved_from_the_address_and_shown_with_its_count(cast, as_):
    cases(cast, 2)
    cases(cast, 1, first=2, status=CaseStatus.DECIDING)
    client = as_("manager")
    answer = save(client, "?status=deciding&evil=1&sort=number&page=3")
    assert answer["Location"] == "/cases/?status=deciding&sort=number"
    assert SavedView.objects.get().query == "status=deciding&sort=number"
    own = ("Mine", "?status=deciding&sort=number", 1, False)
    assert side(client) == [[own], []]
    assert side(client, own[1]) == [[(*own[:3], True)], []]
    page = client.get(f"/cases/{own[1]}")
    assert (page.context["saved"], page.context["may_save"]) == (True, False)


def test_a_shared_view_is_the_teams_and_counts_what_its_reader_sees(cast, as_):
    cases(cast, 2)
    save(as_("manager"), "?status=auditing", shared="on")
    save(as_("manager"), "?status=deciding", label="Private")
    assert side(as_("reviewer")) == [[], [("Mine", "?status=auditing", 2, False)]]
    assert side(as_("auditor")) == [[], [("Mine", "?status=auditing", 0, False)]]
    for stranger in ("rival_manager", "owner", "rival_owner", "supervisor"):
        assert side(as_(stranger)) == [[], []]


@pytest.mark.parametrize("who", ["reviewer", "rival_manager", "owner", "anonymous"])
def test_only_its_maker_changes_a_view(cast, as_, who):
    save(as_("manager"), shared="on")
    view = SavedView.objects.get()
    client = as_(who)
    wanted = 302 if who == "anonymous" else 404
    for act in ("", "raise/", "remove/"):
        address = f"/saved-views/{view.pk}/{act}"
        assert client.post(address, {"label": "Other"}).status_code == wanted
    view.refresh_from_db()
    assert view.label == "Mine"


def test_views_are_renamed_ordered_and_limited(cast, as_):
    client = as_("manager")
    for n in range(3):
        save(client, f"?q={n}", label=f"View {n}")
    assert [label for label, *_more in side(client)[0]] == ["View 0", "View 1", "View 2"]
    last = SavedView.objects.get(label="View 2")
    client.post(f"/saved-views/{last.pk}/raise/")
    client.post(f"/saved-views/{last.pk}/", {"label": "First", "shared": "on"})
    assert [label for label, *_more in side(client)[0]] == ["View 0", "First", "View 1"]
    twice = save(client, "?q=x", label="First")
    assert (twice.status_code, b"You have a view of this name already." in twice.content) == (
        422, True,
    )  # fmt: skip
    for n in range(3, MOST):
        save(client, f"?q={n}", label=f"View {n}")
    assert b"Remove one first" in save(client, "?q=y", label="One more").content
    assert SavedView.objects.count() == MOST


def test_many_views_cost_no_more_queries_than_one(cast, as_):
    cases(cast, 3)
    client = as_("manager")
    save(client, "?status=auditing", label="0")
    one = queries_of(client, "/cases/")
    for n in range(1, 10):
        save(client, f"?status=auditing&q=L-000{n}", label=str(n))
    assert queries_of(client, "/cases/") == one <= 15


def test_a_count_stops_at_a_hundred(cast, as_):
    cases(cast, 120)
    client = as_("manager")
    save(client, "?status=auditing")
    assert side(client)[0][0][2] == "99+"


@pytest.mark.parametrize("key", ["nonsense", "cases:1", "approvals", "x:y:z"])
def test_views_of_no_list_are_not_found(cast, as_, key):
    client = as_("manager")
    assert client.get(f"/views/{key}/").status_code == 404
    assert client.get(f"/views/{key}/save/").status_code == 404
    assert client.get(f"/lists/{key}/bulk/").status_code == 404


def test_views_of_a_list_behind_a_closed_door_are_refused(cast, as_):
    assert as_("owner").get("/views/programme/save/").status_code == 403
    assert as_("owner").get("/lists/programme/bulk/?action=remind").status_code == 403


# Undoing


def removed(client) -> str:
    """Remove the one view there is and return the token of the way back."""
    answer = client.post(f"/saved-views/{SavedView.objects.get().pk}/remove/")
    (message,) = [m for m in get_messages(answer.wsgi_request) if undo.token_of(m)]
    assert SavedView.objects.count() == 0
    return undo.token_of(message)


def test_a_removed_view_comes_back_once(cast, as_):
    client = as_("manager")
    save(client, shared="on")
    token = removed(client)
    assert "Undo" in client.get("/views/cases/").content.decode()
    answer = client.post("/undo/", {"token": token, "next": "/cases/"}, follow=True)
    assert "Undone." in answer.content.decode()
    view = SavedView.objects.get()
    assert (view.label, view.query, view.shared) == ("Mine", "status=deciding", True)
    again = client.post("/undo/", {"token": token}, follow=True)
    assert "This was undone already." in again.content.decode()
    assert SavedView.objects.count() == 1


def test_undoing_is_for_the_same_person_and_for_a_minute(cast, as_):
    save(as_("manager"))
    token = removed(as_("manager"))
    for who in ("reviewer", "rival_manager"):
        assert as_(who).post("/undo/", {"token": token}).status_code == 403
    client = as_("manager")
    for forged in ("", "x", token.replace(":", ":x"), str(Undo.objects.get().pk)):
        assert client.post("/undo/", {"token": forged}).status_code == 403
    with time_machine.travel(timezone.now() + dt.timedelta(seconds=61), tick=False):
        late = client.post("/undo/", {"token": token, "next": "https://evil.example/"}, follow=True)
        assert "The time to undo this is over." in late.content.decode()
        assert late.redirect_chain[0][0] == "/"
    assert SavedView.objects.count() == 0
    assert undo.sweep(timezone.now() + dt.timedelta(days=2)) == 1


# Long exports


@pytest.fixture
def short(settings):
    settings.LIST_EXPORT_DIRECT = 2


def ask_for_file(client, query="?format=xlsx&sort=number"):
    assert client.get(f"/cases/export/{query}").status_code == 200
    return client.post(f"/cases/export/{query}")["Location"]


def test_a_long_list_becomes_a_file_of_its_person(cast, as_, short, run_jobs):
    cases(cast, 5)
    client = as_("manager")
    address = ask_for_file(client)
    assert ask_for_file(client) == address
    run_jobs()
    export = Export.objects.get()
    assert client.get(address).status_code == 200
    answer = client.get(export.file.get_absolute_url())
    sheet = load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    assert [row[0].value for row in sheet.iter_rows()] == ["Case", *(f"L-000{n}" for n in range(5))]
    notice = Notice.objects.get(kind="list.exported")
    assert (notice.recipient, notice.url, notice.params["rows"]) == (cast.manager, address, "5")
    for who, code in (("reviewer", 404), ("rival_manager", 404), ("owner", 404)):
        assert as_(who).get(address).status_code == code
        assert as_(who).get(export.file.get_absolute_url()).status_code == 404


def test_a_short_list_is_written_at_once(cast, as_, short):
    cases(cast, 2)
    assert as_("manager").get("/cases/export/").streaming
    assert Export.objects.count() == 0


def test_a_file_speaks_the_language_of_its_person(cast, as_, short, run_jobs):
    cases(cast, 3)
    cast.manager.language = "zh-hans"
    cast.manager.save(update_fields=["language"])
    client = as_("manager")
    ask_for_file(client, "?format=csv")
    run_jobs()
    text = b"".join(client.get(Export.objects.get().file.get_absolute_url()).streaming_content)
    assert text.decode("utf-8-sig").startswith("认证项目,企业")


def test_a_file_holds_what_its_person_may_see_when_it_is_made(cast, as_, short, run_jobs):
    cases(cast, 3)
    client = as_("manager")
    ask_for_file(client, "?format=csv")
    Membership.objects.filter(user=cast.manager).update(role="auditor")
    run_jobs()
    export = Export.objects.get()
    assert export.total == 0
    ask_again = Export.objects.create(
        person=cast.reviewer, organisation_id=cast.body.pk, list_name="cases", extension="csv"
    )
    Membership.objects.filter(user=cast.reviewer).update(ended_at=timezone.now())
    exporting.jobs.enqueue(exporting.JOB, key="again", subject=ask_again)
    run_jobs()
    job = Job.objects.get(key="again")
    assert (job.state, "any more" in job.error) == ("failed", True)


def test_old_files_are_removed(cast, as_, short, run_jobs):
    cases(cast, 3)
    ask_for_file(as_("manager"))
    run_jobs()
    assert retention.apply()["exports"] == 0
    assert retention.apply(now=timezone.now() + dt.timedelta(days=8))["exports"] == 1
    assert (Export.objects.count(), StoredFile.objects.count(), Attachment.objects.count()) == (
        0, 0, 0,
    )  # fmt: skip


# Actions on many rows


@pytest.fixture
def found(cast):
    """Return two findings that wait for the enterprise."""
    first = nonconformity(cast)
    second = Finding.objects.get(pk=first.pk)
    second.pk, second._state.adding, second.number = None, True, "NC-77"
    second.save()
    return first, second


def remind(client, *rows, **more):
    query = "&".join(["action=remind", *(f"pick={getattr(row, 'pk', row)}" for row in rows)])
    return client.post(f"/lists/findings/bulk/?{query}", more)


def results():
    return list(BulkItem.objects.order_by("pk").values_list("state", flat=True))


def test_each_row_is_done_on_its_own_and_says_why_not(cast, as_, found, run_jobs):
    first, second = found
    Finding.objects.filter(pk=second.pk).update(status="closed")
    client = as_("planner")
    page = client.get(f"/lists/findings/bulk/?action=remind&pick={first.pk}&pick={second.pk}")
    assert (page.status_code, page.context["count"]) == (200, 2)
    answer = remind(client, first, second)
    assert client.get(answer["Location"]).context["working"]
    run_jobs()
    page = client.get(answer["Location"])
    assert not page.context["working"]
    assert sorted(results()) == ["done", "refused"]
    refused = BulkItem.objects.get(state="refused")
    assert refused.reason == "Nothing waits for the enterprise here."
    assert refused.reason in page.content.decode()
    assert str(second.pk) in page.context["again"]
    told = Notice.objects.filter(kind="finding.reminder")
    assert set(told.values_list("recipient", flat=True)) == {cast.owner.pk, cast.member.pk}
    # Its job goes after a while, what became of each row stays.
    Job.objects.all().delete()
    assert refused.reason in client.get(answer["Location"]).content.decode()


def test_a_record_is_reminded_of_once_a_day(cast, as_, found, run_jobs):
    client = as_("planner")
    for _again in range(2):
        remind(client, found[0])
        run_jobs()
    assert results() == ["done", "refused"]
    assert BulkItem.objects.last().reason == "A reminder was sent today already."
    assert GivenReminder.objects.count() == 1


def test_a_job_that_died_goes_on_and_does_nothing_twice(cast, as_, found, run_jobs):
    client = as_("planner")
    remind(client, *found)
    run = BulkRun.objects.get()
    item = run.items.first()
    item.state = "done"
    item.save(update_fields=["state"])
    run_jobs()
    assert Job.objects.get(kind="foundation.bulk").state == "done"
    assert results() == ["done", "done"]
    assert GivenReminder.objects.count() == 1
    Job.objects.filter(kind="foundation.bulk").update(state="queued", run_at=timezone.now())
    run_jobs()
    assert GivenReminder.objects.count() == 1


def test_all_that_match_are_found_again_by_the_server(cast, as_, found, run_jobs):
    client = as_("planner")
    client.post("/lists/findings/bulk/?action=remind&all=1&q=NC-77")
    run_jobs()
    assert BulkItem.objects.get().object_id == str(found[1].pk)


def test_rows_of_others_are_not_touched_and_not_revealed(cast, as_, found, run_jobs):
    client = as_("rival_manager")
    answer = remind(client, *found)
    assert answer["Location"] == "/findings/"
    assert BulkRun.objects.count() == 0
    for key in ("00000000-0000-0000-0000-000000000000", "x", "'", "1"):
        assert remind(client, key)["Location"] == "/findings/"
    planner = as_("planner")
    remind(planner, found[0], "00000000-0000-0000-0000-000000000000", "evil")
    assert BulkRun.objects.get().total == 1
    run = BulkRun.objects.get()
    for stranger in ("rival_manager", "reviewer", "owner"):
        assert as_(stranger).get(f"/bulk/{run.pk}/").status_code == 404


def test_an_action_is_offered_to_those_who_may_take_it(cast, as_, found):
    assert [act.name for act in as_("planner").get("/findings/").context["bulk"]] == ["remind"]
    assert as_("owner").get("/findings/").context["bulk"] == []
    assert remind(as_("owner"), *found).status_code == 403
    assert as_("planner").get("/lists/findings/bulk/?action=evil").status_code == 404


def test_rights_are_those_of_the_moment_a_row_is_done(cast, as_, found, run_jobs):
    remind(as_("planner"), *found)
    Membership.objects.filter(user=cast.planner).update(ended_at=timezone.now())
    run_jobs()
    assert results() == ["refused", "refused"]
    assert GivenReminder.objects.count() == 0


def test_more_rows_than_the_limit_are_not_begun(cast, as_, found, settings):
    settings.LIST_BULK_LIMIT = 1
    page = as_("planner").post("/lists/findings/bulk/?action=remind&all=1")
    assert "More than 1 rows match" in page.content.decode()
    assert BulkRun.objects.count() == 0
