"""The files of an organisation: uploaded once, used anywhere, in versions, within a quota."""

import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.urls import reverse

from certification.enums import DocumentKind
from certification.services.applications import application_attach
from foundation import files, quota
from foundation.checkup import CHECKS
from foundation.models import Attachment, JournalEntry, StorageUse, StoredFile, Upload
from foundation.workflow import NotAllowed, StaleState
from organisations.services import vault
from tests.certification.applications import (
    attach,
    complete_draft,
    empty_draft,
    errors_of,
    pdf,
    send,
    step_url,
)
from tests.listwork import queries_of

LIST = "/files/"


def kept(cast, who="owner", name="manual.pdf", text="") -> StoredFile:
    return vault.add_file(actor=cast.actor(who), given=pdf(name, text), description="Quality")


def about(file) -> str:
    return reverse("organisations:file_about", args=[file.pk])


def listed(client) -> list[str]:
    return [row.name for row in client.get(LIST).context["page"].object_list]


def test_a_file_is_added_listed_and_described(cast, client):
    cast.client(client, "owner")
    answer = client.post("/files/add/", {"upload": pdf("manual.pdf"), "description": "Quality"})
    file = StoredFile.objects.get()
    assert (answer.status_code, answer.url) == (302, about(file))
    assert (file.name, file.description, file.version) == ("manual.pdf", "Quality", 1)
    page = client.get(LIST).content.decode()
    assert "manual.pdf" in page
    assert "Not scanned for viruses" in page
    client.post(f"/files/{file.pk}/describe/", {"name": "handbook v2.1", "description": ""})
    file.refresh_from_db()
    assert (file.name, file.description) == ("handbook v2.1.pdf", "")
    page = client.get(about(file)).content.decode()
    assert file.sha256 in page
    assert "Name or description changed" in page


def test_everybody_of_an_enterprise_keeps_its_files(cast, client):
    file = kept(cast)
    for person, status in {"member": 200, "rival_owner": 404, "reviewer": 404}.items():
        cast.client(client, person)
        assert client.get(about(file)).status_code == status
        assert client.post(f"/files/{file.pk}/end/").status_code == (403 if status == 200 else 404)
    assert listed(cast.client(client, "member")) == ["manual.pdf"]
    assert listed(cast.client(client, "rival_owner")) == []


def test_an_auditor_sees_the_own_uploads_of_the_body_alone(cast, client):
    """What hangs on a case is found at that case, by who is assigned to it."""
    kept(cast, "manager", "internal.pdf")
    own = kept(cast, "auditor", "notes.pdf")
    assert listed(cast.client(client, "auditor")) == ["notes.pdf"]
    assert listed(cast.client(client, "auditor2")) == []
    assert listed(cast.client(client, "planner")) == ["notes.pdf", "internal.pdf"]
    cast.client(client, "auditor2")
    assert client.get(about(own)).status_code == 404
    assert client.get(own.get_absolute_url()).status_code == 404


def test_a_newer_version_leaves_what_uses_the_earlier_one(cast, client):
    application = empty_draft(cast)
    first = attach(cast, application).file
    second = vault.add_version(actor=cast.actor("member"), file=first, given=pdf("new.pdf", "2"))
    first.refresh_from_db()
    assert (second.family, second.version, second.is_current, first.is_current) == (
        first.family,
        2,
        True,
        False,
    )
    assert files.attachments_of(application).get().file == first
    assert files.read(first) != files.read(second)
    assert listed(cast.client(client, "owner")) == ["new.pdf"]
    page = client.get(about(second)).content.decode()
    assert page.index("Version 2") < page.index("Version 1")
    assert application.get_absolute_url() in page


def test_of_two_newer_versions_at_once_one_wins(cast):
    first = kept(cast)
    vault.add_version(actor=cast.actor("owner"), file=first, given=pdf("b.pdf", "b"))
    with pytest.raises(StaleState):
        vault.add_version(actor=cast.actor("member"), file=first, given=pdf("c.pdf", "c"))
    assert StoredFile.objects.count() == 2


def test_a_draft_takes_the_newer_version_when_told_and_a_sent_application_never(cast, client):
    application = complete_draft(cast)
    attachment = files.attachments_of(application).get()
    second = vault.add_version(
        actor=cast.actor("owner"), file=attachment.file, given=pdf("new.pdf", "2")
    )
    cast.client(client, "owner")
    address = reverse("organisations:file_use_current", args=[second.pk, attachment.pk])
    assert client.post(address).url == about(second)
    assert files.attachments_of(application).get().file == second
    third = vault.add_version(actor=cast.actor("owner"), file=second, given=pdf("n.pdf", "3"))
    send(cast, application)
    assert address not in client.get(about(third)).content.decode()
    client.post(address)
    assert files.attachments_of(application).get().file == second
    assert JournalEntry.objects.filter(verb="file.moved").count() == 1


def test_nobody_moves_what_they_do_not_see(cast, client):
    application = complete_draft(cast)
    attachment = files.attachments_of(application).get()
    foreign = kept(cast, "rival_owner", "other.pdf")
    cast.client(client, "rival_owner")
    for file in (attachment.file, foreign):
        address = reverse("organisations:file_use_current", args=[file.pk, attachment.pk])
        assert client.post(address).status_code == 404
    assert Attachment.objects.get(pk=attachment.pk).file == attachment.file


def test_out_of_use_keeps_what_is_attached_and_removes_the_rest(cast, client):
    application = empty_draft(cast)
    used = attach(cast, application).file
    loose = vault.add_version(actor=cast.actor("owner"), file=used, given=pdf("new.pdf", "2"))
    path = loose.path
    cast.client(client, "owner")
    page = client.get(f"/files/{loose.pk}/end/").content.decode()
    assert "1 version is used and stays where it is." in page
    assert "1 version that nothing uses is removed for good." in page
    answer = client.post(f"/files/{loose.pk}/end/")
    assert answer.url == LIST
    assert set(StoredFile.objects.filter(family=used.family)) == {used}
    assert StoredFile.objects.get(pk=used.pk).ended_at is not None
    assert files.attachments_of(application).get().file == used
    assert listed(client) == []
    assert [row.name for row in client.get(f"{LIST}?view=ended").context["page"]] == ["manual.pdf"]
    assert StoredFile.objects.on_offer(cast.actor("owner")).count() == 0
    assert files.read(used)
    assert path.exists() is True  # the test never commits


@pytest.mark.django_db(transaction=True)
def test_the_bytes_go_once_the_row_is_gone(cast):
    file = kept(cast)
    path = file.path
    assert path.exists()
    vault.end_file(actor=cast.actor("owner"), file=file)
    assert path.exists() is False
    assert StorageUse.objects.get().used == 0


def test_a_member_ends_only_what_he_uploaded_himself(cast):
    with pytest.raises(NotAllowed):
        vault.end_file(actor=cast.actor("member"), file=kept(cast))
    vault.end_file(actor=cast.actor("member"), file=kept(cast, "member"))
    vault.end_file(actor=cast.actor("owner"), file=kept(cast, "member"))
    with pytest.raises(NotAllowed):
        vault.end_file(actor=cast.actor("rival_owner"), file=kept(cast, "member"))


# Choosing instead of uploading.


def test_a_field_offers_the_files_of_the_own_organisation_by_type(cast, client):
    own = kept(cast)
    kept(cast, "rival_owner", "foreign.pdf")
    older = kept(cast, name="older.pdf", text="older")
    vault.add_version(actor=cast.actor("owner"), file=older, given=pdf("newer.pdf", "n"))
    ended = kept(cast, name="ended.pdf", text="ended")
    StoredFile.objects.filter(pk=ended.pk).update(ended_at=own.created_at)
    cast.client(client, "owner")
    form = client.get(step_url(empty_draft(cast), "documents")).context["form"]
    names = [label.split(" · ")[0] for _key, label in form.fields["upload"].offered()]
    assert names == ["newer.pdf", "manual.pdf"]
    form = client.get(reverse("organisations:logo", args=[cast.enterprise.pk])).context["form"]
    assert form.fields["picture"].offered() == []


def test_a_chosen_file_is_attached_without_a_copy(cast, client):
    own, application = kept(cast), empty_draft(cast)
    cast.client(client, "owner")
    facts = {"kind": DocumentKind.MANUAL, "upload-stored": str(own.pk)}
    assert client.post(step_url(application, "documents"), facts).status_code == 302
    assert files.attachments_of(application).get().file == own
    assert StoredFile.objects.count() == 1


@pytest.mark.parametrize("who", ["rival_owner", "reviewer"])
def test_a_file_of_others_cannot_be_chosen(cast, client, who):
    foreign, application = kept(cast, who), empty_draft(cast)
    cast.client(client, "owner")
    for key in (str(foreign.pk), "not-a-key", str(application.pk)):
        answer = client.post(
            step_url(application, "documents"), {"kind": "manual", "upload-stored": key}
        )
        assert errors_of(answer) == {
            "upload": ["This file is not among yours any more. Choose again."]
        }
    with pytest.raises(NotAllowed):
        application_attach(
            application=application, actor=cast.actor("owner"), kind="manual", given=foreign
        )


def test_a_new_file_and_one_of_ones_own_are_one_too_many(cast, client):
    own, application = kept(cast), empty_draft(cast)
    cast.client(client, "owner")
    facts = {"kind": "manual", "upload": pdf(), "upload-stored": str(own.pk)}
    answer = client.post(step_url(application, "documents"), facts)
    assert errors_of(answer) == {"upload": ["Choose a new file or one of your files, not both."]}


def test_a_good_file_outlives_a_form_with_faults(cast, client):
    """Sent once, kept, offered with a tick, and taken when the form comes back."""
    application = empty_draft(cast)
    cast.client(client, "owner")
    address = step_url(application, "documents")
    answer = client.post(address, {"kind": "", "upload": pdf("manual.pdf")})
    assert errors_of(answer) == {"kind": ["Say what it is."]}
    row = Upload.objects.get()
    page = answer.content.decode()
    assert f'name="upload-ready" value="{row.pk}" checked' in page
    assert "You need not choose it again." in page
    cast.client(client, "rival_owner")
    foreign = client.post(
        step_url(empty_draft(cast, who="rival_owner"), "documents"),
        {"kind": "manual", "upload-ready": str(row.pk)},
    )
    assert list(errors_of(foreign)) == ["upload"]
    cast.client(client, "owner")
    facts = {"kind": "manual", "upload-ready": str(row.pk)}
    assert client.post(address, facts).status_code == 302
    assert client.post(address, facts).status_code == 302
    assert files.attachments_of(application).get().file.name == "manual.pdf"
    assert StoredFile.objects.count() == 1


# How much there may be.


def test_what_is_kept_is_counted_and_limited(cast, client, settings):
    file = kept(cast)
    assert quota.use_of(cast.enterprise.pk) == (file.size, settings.FILE_QUOTA)
    StorageUse.objects.update(quota=file.size + 10)
    with pytest.raises(ValidationError, match="has used its"):
        kept(cast, name="more.pdf")
    assert StoredFile.objects.count() == 1
    cast.client(client, "owner")
    answer = client.post("/files/add/", {"upload": pdf("more.pdf"), "description": ""})
    assert (answer.status_code, list(errors_of(answer))) == (422, ["upload"])
    kept(cast, "rival_owner")
    vault.end_file(actor=cast.actor("owner"), file=file)
    assert quota.use_of(cast.enterprise.pk)[0] == 0


@pytest.mark.django_db(transaction=True)
def test_of_two_uploads_at_once_only_one_takes_the_last_room(cast):
    actor, outcomes = cast.actor("owner"), []
    given = [pdf(f"{n}.pdf", text=str(n)) for n in range(2)]
    size = max(upload.size for upload in given)
    StorageUse.objects.create(organisation_id=cast.enterprise.pk, quota=size + 10)

    def upload(one):
        try:
            files.store(one, actor=actor)
            outcomes.append("kept")
        except ValidationError as refusal:
            outcomes.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=upload, args=(one,)) for one in given]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["kept", "quota"]
    assert quota.use_of(actor.organisation_id)[0] == StoredFile.objects.get().size


def test_the_doctor_compares_the_count_with_what_is_there(cast):
    file = kept(cast)
    StorageUse.objects.update(used=3)
    [finding] = CHECKS["files.quota"].find()
    finding.repair()
    assert quota.use_of(cast.enterprise.pk)[0] == file.size
    assert list(CHECKS["files.quota"].find()) == []


def test_the_list_costs_the_same_for_one_file_and_for_three(cast, client):
    application = empty_draft(cast)
    attach(cast, application, name="1.pdf")
    cast.client(client, "owner")
    one = queries_of(client, LIST)
    for n in (2, 3):
        attach(cast, application, name=f"{n}.pdf")
    assert queries_of(client, LIST) == one
    assert one <= 25


def test_the_export_names_where_files_are_used(cast, client):
    attach(cast, complete_draft(cast), name="one.pdf")
    cast.client(client, "owner")
    text = client.get(f"{LIST}export/").getvalue().decode("utf-8-sig")
    assert "one.pdf" in text
    assert "Quality manual" in text or "Manual" in text
