"""Nobody reads or moves what belongs to another party: every address, every stranger.

The walk goes over the whole URLconf, so that a new view is asked too; an address whose parts it
does not know fails the test.
"""

import datetime as dt
import re
import subprocess
from itertools import product

import pytest
from django.db.models import Max
from django.urls import reverse
from django.utils import timezone

from audits.queries.checklists import items_of
from certification.enums import Criterion
from foundation import unsubscribe
from foundation.access import every_url
from foundation.lists.declared import LISTS
from foundation.models import CalendarFeed, DataRequest, JournalEntry
from foundation.models.privacy import Wish
from foundation.workflow import FLOWS
from portal import feeds
from tests.world import INTERNAL, PRIVATE

STRANGERS = ("anonymous", "rival_owner", "rival_manager")
_PART = re.compile(r"<(?:\w+:)?(\w+)>")
_FLOW_OF = {
    "applications": "application",
    "cases": "case",
    "certificates": "certificate",
    "audits": "audit",
    "findings": "finding",
    "evaluations": "evaluation",
    "proposals": "proposal",
    "changes": "change",
    "mergers": "merger",
    "complaints": "complaint",
    "competence": "competence",
    "bodies": "body",
    "approval-changes": "approval_change",
}


def rows_of(world, cast) -> dict:
    """Map the first word of an address to the objects of the first party."""
    return {
        "applications": [world.application],
        "cases": [world.case],
        "certificates": [world.certificate],
        "audits": world.audits,
        "absences": [world.absence],
        "planning": [world.schedule],
        "findings": [world.finding],
        "evaluations": [world.evaluation],
        "proposals": [world.proposal],
        "changes": [world.change],
        "mergers": [world.merger],
        "complaints": [world.complaint],
        "appeals": [world.finding],
        "reports": [world.report],
        "competence": [world.competence],
        "entries": world.entries,
        "interests": [world.interest],
        "files": world.files,
        "jobs": [world.job],
        "saved-views": [world.view],
        "exports": [world.export],
        "bulk": [world.bulk],
        "notices": [world.notice],
        "organisations": [cast.enterprise, cast.body],
        "bodies": [cast.body.body_profile, cast.body],
        "approval-changes": [world.approval_change],
        "my-data": [wish_of(world, cast, Wish.COPY)],
        "status": [wish_of(world, cast, Wish.ERASURE)],
    }


def wish_of(world, cast, wish) -> DataRequest:
    """What the owner asked about the own data; a copy that can be fetched."""
    until = timezone.now() + dt.timedelta(days=1)
    facts = {"user": cast.owner, "wish": wish, "file": world.files[0], "expires_at": until}
    return DataRequest.objects.create(**facts)


def parts_of(world, cast, prefix) -> dict:
    """Map each further part of an address to values that exist."""
    flow = FLOWS.get(_FLOW_OF.get(prefix, ""))
    return {
        "action": [t.action for t in flow.transitions] if flow else ["x"],
        "slug": ["certification", "scope", "documents"],
        "criterion": [Criterion.SCOPE],
        "attachment": [world.files[0].attachments.first().pk],
        "attachment_pk": [world.files[0].attachments.first().pk],
        "question": [world.application.pk],
        "site_pk": [cast.enterprise.sites.first().pk],
        "member_pk": [cast.enterprise.memberships.first().pk],
        "invitation_pk": [cast.enterprise.invitations.first().pk],
        "handover_pk": [cast.enterprise.handovers.first().pk],
        "user_pk": [cast.auditor.pk],
        "approval_pk": [cast.body.approvals.first().pk],
        "kind": ["registration", "evaluation"],
        "as_of": ["today"],
        "competence_pk": [cast.body.competences.first().pk],
        "position": [0],
        "number": [1],
        "extension": ["csv", "xlsx"],
        "name": ["certificates"],
        "revision": [0],
        "version": [1],
        "item": [world.case.programme.first().pk],
        "item_pk": [items_of(world.audits[0])[0].key],
        "kept_pk": [world.kept_text.pk],
        "code": [world.certificate.code],
        "key": list_keys(cast),
        "about": ["decision", "application", "finding"],
        "token": [token_of(cast, prefix, world)],
    }


def token_of(cast, prefix, world) -> str:
    """Return a token of the owner that opens its door to whoever has it.

    Of a complaint one that is guessed: who has the real one is no stranger.
    """
    if prefix == "complaints":
        return f"{world.complaint.pk.hex}:{'x' * 43}"
    if prefix == "calendar":
        found = CalendarFeed.objects.get_or_create(user=cast.owner)[0]
        return feeds.address_of(found).split("/calendar/")[1].removesuffix(".ics")
    return unsubscribe.token_for(cast.owner, "audits")


def list_keys(cast) -> list[str]:
    """Return the keys of all lists, those of one organisation with the first party's."""
    places = {"pk": [cast.enterprise.pk, cast.body.pk], "as_of": ["today"]}
    return [
        ":".join([name, *map(str, values)])
        for name, page in LISTS.items()
        for values in product(*(places[part] for part in page.place_names))
    ]


def addresses(world, cast):
    """Yield every pattern of the URLconf and each address it has for the first party's objects."""
    rows = rows_of(world, cast)
    for pattern, _right in every_url():
        if pattern.startswith(("admin/", "accounts/", "i18n/")):
            continue
        prefix = pattern.split("/")[0]
        names = _PART.findall(pattern)
        choices = parts_of(world, cast, prefix)
        if prefix == "directory":
            choices["pk"] = [cast.enterprise.pk, cast.body.pk]
        elif "to-plan" in pattern or "/propose/" in pattern:
            choices["pk"] = [world.case.programme.first().pk]
        elif "/offers/" in pattern:
            choices["pk"] = [world.offer.pk]
        elif "pk" in names:
            choices["pk"] = [row.pk for row in rows[prefix]]
        found = [pattern]
        for name in names:
            found = [
                _PART.sub(lambda m, v=value: str(v), address, count=1)
                for address in found
                for value in choices[name]
            ]
        yield from ((pattern, f"/{address}") for address in found)


def text_of(response) -> str:
    """Return what a reader gets: page, download, or the words of a PDF."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    if body.startswith(b"%PDF"):
        command = ["pdftotext", "-", "-"]
        return subprocess.run(command, input=body, capture_output=True, check=True).stdout.decode()
    return body.decode("utf-8", "replace")


@pytest.mark.parametrize("stranger", STRANGERS)
def test_strangers_read_nothing_and_move_nothing(client, cast, world, stranger):
    cast.client(client, stranger)
    last = JournalEntry.objects.aggregate(Max("pk"))
    leaks, asked = [], 0
    for _pattern, address in addresses(world, cast):
        for method in (client.get, client.post):
            response = method(address)
            asked += 1
            if PRIVATE in text_of(response) or INTERNAL in text_of(response):
                leaks.append((method.__name__, address, "text"))
            if PRIVATE in str(response.headers):
                leaks.append((method.__name__, address, "headers"))
    assert leaks == []
    assert asked > len(FLOWS)
    assert JournalEntry.objects.aggregate(Max("pk")) == last


@pytest.mark.parametrize("stranger", ["rival_owner", "rival_manager"])
def test_what_is_another_partys_does_not_exist(client, cast, world, stranger):
    cast.client(client, stranger)
    objects = [world.application, world.offer, world.case, world.certificate, *world.audits]
    objects += [
        world.finding,
        world.evaluation,
        world.change,
        world.merger,
        *world.files,
        cast.enterprise,
    ]
    answers = {client.get(obj.get_absolute_url()).status_code for obj in objects}
    assert answers == {404}


def test_an_auditor_of_other_cases_sees_nothing_of_this_one(client, cast, world):
    world.case.involvements.filter(user=cast.auditor2).delete()
    for audit in world.audits:
        audit.members.filter(user=cast.auditor2).delete()
    cast.client(client, "auditor2")
    objects = [world.application, world.case, world.certificate, *world.audits, world.finding]
    assert {client.get(obj.get_absolute_url()).status_code for obj in objects} == {404}


@pytest.mark.parametrize("person", ["owner", "member", "supervisor"])
def test_what_the_body_keeps_to_itself_stays_there(client, cast, world, person):
    cast.client(client, person)
    pages = {
        address: text_of(client.get(address))
        for _pattern, address in addresses(world, cast)
        if "/do/" not in address
    }
    # An authority reads what makes the people of its bodies competent (ISO/IEC 17021-1 7.4).
    place = reverse("schemes:profile", args=[cast.body.pk, cast.auditor.pk])
    profile = {place, *(entry.get_absolute_url() for entry in world.entries)}
    read = {address for address, text in pages.items() if INTERNAL in text}
    assert read == (profile if person == "supervisor" else set())
    assert any(PRIVATE in text for text in pages.values())
