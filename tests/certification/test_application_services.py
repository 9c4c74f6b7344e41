"""Drafts: begun, answered by two people, sent once, withdrawn."""

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from certification.enums import ApplicationKind, ApplicationStatus, DocumentKind
from certification.flows.applications import APPLICATION_FLOW
from certification.models import Application, ApplicationVersion
from certification.models.applications import EDITABLE
from certification.services.applications import (
    Clash,
    answers_of,
    application_add_site,
    application_answer,
    application_attach,
    application_detach,
    application_start,
)
from foundation import files, journal
from foundation.calendar import add_working_days
from foundation.canonical import digest
from foundation.models import Notice, StoredFile
from foundation.workflow import Incomplete, NotAllowed, WrongState, perform
from schemes.models import TechnicalArea
from tests.certification.applications import (
    area,
    attach,
    complete_draft,
    edition,
    empty_draft,
    pdf,
    send,
    sent_application,
)

pytestmark = pytest.mark.django_db


def answer(cast, application, who="owner", seen=None, **given):
    return application_answer(
        application=application, actor=cast.actor(who), answers=given, seen=seen
    )


def back_to_applicant(application) -> Application:
    """Return the application as a reviewer would, without the review."""
    Application.objects.filter(pk=application.pk).update(status=ApplicationStatus.RETURNED)
    application.refresh_from_db()
    return application


# Beginning


def test_start_fills_in_what_is_known(cast):
    application = empty_draft(cast, who="member")
    assert (application.status, application.number) == (ApplicationStatus.DRAFT, "")
    assert application.created_by == cast.member
    assert application.contact_name == cast.member.name
    assert application.contact_email == cast.member.email
    assert application.contact_phone == cast.enterprise.phone
    assert [row.site for row in application.sites.all()] == list(cast.enterprise.sites.all())
    assert [row.edition for row in application.schemes.all()] == [edition()]


def test_start_takes_over_what_was_sent_before(cast):
    sent = sent_application(cast, scope_en="What we do", contact_phone="0574-11111111")
    gone = area("39")
    sent.schemes.get().areas.add(gone)
    TechnicalArea.objects.filter(pk=gone.pk).update(
        valid_to=timezone.localdate() - timedelta(days=1)
    )
    later = empty_draft(cast, schemes=("iso-14001-2015",))
    assert [area.code for row in later.schemes.all() for area in row.areas.all()] == ["18"]
    assert (later.scope_en, later.contact_phone) == ("What we do", "0574-11111111")
    assert (later.had_certificate, later.submitted_at) == (None, None)


def test_start_takes_over_nothing_of_another_enterprise(cast):
    sent_application(cast, scope_en="CANARY")
    assert empty_draft(cast, who="rival_owner").scope_en == ""


@pytest.mark.parametrize("who", ["manager", "reviewer", "supervisor", "operator", "anonymous"])
def test_only_an_enterprise_begins(cast, who):
    with pytest.raises(NotAllowed):
        application_start(actor=cast.actor(who), kind=ApplicationKind.INITIAL, schemes=[edition()])
    assert Application.objects.count() == 0


def test_beginning_is_known_to_the_enterprise_alone(cast):
    application = empty_draft(cast)
    verbs = {
        who: [row.verb for row in journal.history(application.pk, cast.actor(who))]
        for who in ("owner", "manager", "rival_owner")
    }
    assert verbs == {"owner": ["application.start"], "manager": [], "rival_owner": []}


# Answering


def test_answers_are_kept_and_who_gave_them(cast):
    application = empty_draft(cast)
    assert answer(cast, application, "member", scope_zh="范围", languages=["zh", "en"]) == []
    assert (application.scope_zh, application.languages) == ("范围", ["zh", "en"])
    assert set(application.edits) == {"scope_zh", "languages"}
    assert application.edits["scope_zh"]["by"] == cast.member.name


def test_untouched_answers_leave_no_trace(cast):
    application = empty_draft(cast)
    before = application.changed_at
    assert answer(cast, application, contact_name=application.contact_name) == []
    assert (application.edits, application.changed_at) == ({}, before)


def test_new_scheme_takes_over_the_areas(cast):
    application = empty_draft(cast)
    answer(cast, application, areas=[area("17"), area("18")])
    answer(cast, application, schemes=[edition("iso-14001-2015"), edition()])
    held = {row.scheme.code: {a.code for a in row.areas.all()} for row in application.schemes.all()}
    assert held == {"QMS": {"17", "18"}, "EMS": {"17", "18"}}


def test_scheme_left_out_is_gone(cast):
    application = empty_draft(cast, schemes=("iso-9001-2015", "iso-14001-2015"))
    answer(cast, application, schemes=[edition("iso-14001-2015")])
    assert [row.scheme.code for row in application.schemes.all()] == ["EMS"]


@pytest.mark.parametrize("who", ["manager", "reviewer", "rival_owner", "supervisor", "operator"])
def test_nobody_else_answers(cast, who):
    application = empty_draft(cast)
    with pytest.raises(NotAllowed):
        answer(cast, application, who, scope_zh="CANARY")
    application.refresh_from_db()
    assert application.scope_zh == ""


@pytest.mark.parametrize("status", [s for s in ApplicationStatus if s not in EDITABLE])
def test_answers_are_closed_once_sent(cast, status):
    application = sent_application(cast)
    Application.objects.filter(pk=application.pk).update(status=status)
    with pytest.raises(WrongState):
        answer(cast, application, scope_zh="Later")


def test_body_stays_once_it_was_sent_there(cast):
    application = back_to_applicant(sent_application(cast))
    with pytest.raises(WrongState):
        answer(cast, application, body=cast.rival_body)
    assert answer(cast, application, body=cast.body) == []


def test_two_people_change_different_answers(cast):
    application = empty_draft(cast)
    seen = answers_of(application)
    answer(cast, application, "member", seen=seen, scope_zh="甲", scope_en="")
    assert answer(cast, application, "owner", seen=seen, scope_zh="", scope_en="B") == []
    assert (application.scope_zh, application.scope_en) == ("甲", "B")


def test_two_people_change_the_same_answer(cast):
    application = empty_draft(cast)
    seen = answers_of(application)
    with time_machine.travel("2026-12-01 14:29+08:00", tick=False):
        answer(cast, application, "member", seen=seen, scope_zh="甲")
        at = timezone.now().isoformat()
    clashes = answer(cast, application, "owner", seen=seen, scope_zh="乙", scope_en="B")
    assert clashes == [Clash("scope_zh", "甲", cast.member.name, at)]
    assert (application.scope_zh, application.scope_en) == ("甲", "B")


def test_same_answer_of_two_people_is_no_clash(cast):
    application = empty_draft(cast)
    seen = answers_of(application)
    answer(cast, application, "member", seen=seen, scope_zh="甲")
    assert answer(cast, application, "owner", seen=seen, scope_zh="甲") == []


def test_last_word_counts_once_both_were_seen(cast):
    application = empty_draft(cast)
    answer(cast, application, "member", scope_zh="甲")
    seen = answers_of(application)
    assert answer(cast, application, "owner", seen=seen, scope_zh="乙") == []
    assert application.scope_zh == "乙"


def test_lists_clash_like_any_answer(cast):
    application = empty_draft(cast)
    seen = answers_of(application)
    answer(cast, application, "member", seen=seen, areas=[area("17")])
    (clash,) = answer(cast, application, "owner", seen=seen, areas=[area("18")])
    assert (clash.field, clash.theirs) == ("areas", [str(area("17").pk)])


# Documents and sites


def test_document_is_attached_and_taken_out(cast):
    application = empty_draft(cast)
    attachment = attach(cast, application)
    application_detach(application=application, actor=cast.actor("member"), attachment=attachment)
    assert list(files.attachments_of(application)) == []
    assert StoredFile.objects.filter(name="manual.pdf").exists()


def test_earlier_upload_is_used_again(cast):
    first = empty_draft(cast)
    file = attach(cast, first).file
    second = empty_draft(cast)
    application_attach(
        application=second, actor=cast.actor("owner"), kind=DocumentKind.MANUAL, given=file
    )
    assert files.attachments_of(second).get().file == file
    assert StoredFile.objects.count() == 1


def test_a_file_of_others_is_never_attached(cast):
    foreign = attach(cast, empty_draft(cast)).file
    with pytest.raises(NotAllowed):
        application_attach(
            application=empty_draft(cast, who="rival_owner"),
            actor=cast.actor("rival_owner"),
            kind=DocumentKind.MANUAL,
            given=foreign,
        )


def test_refused_upload_leaves_nothing(cast):
    application = empty_draft(cast)
    upload = SimpleUploadedFile("manual.pdf", b"<html>", "application/pdf")
    with pytest.raises(ValidationError):
        application_attach(
            application=application,
            actor=cast.actor("owner"),
            kind=DocumentKind.MANUAL,
            given=upload,
        )
    assert (StoredFile.objects.count(), list(files.attachments_of(application))) == (0, [])


def test_documents_are_closed_once_sent(cast):
    application = sent_application(cast)
    attachment = files.attachments_of(application).get()
    with pytest.raises(WrongState):
        attach(cast, application, name="later.pdf")
    with pytest.raises(WrongState):
        application_detach(
            application=application, actor=cast.actor("owner"), attachment=attachment
        )


def test_site_is_added_to_organisation_and_application(cast):
    application = empty_draft(cast)
    site = application_add_site(
        application=application,
        actor=cast.actor("owner"),
        facts={"name_zh": "二厂", "day_shift": 9},
    )
    assert site.organisation == cast.enterprise
    assert site in [row.site for row in application.sites.all()]


def test_member_adds_no_site(cast):
    application = empty_draft(cast)
    with pytest.raises(NotAllowed):
        application_add_site(
            application=application, actor=cast.actor("member"), facts={"name_zh": "二厂"}
        )
    assert cast.enterprise.sites.count() == 1


# Sending


def test_sending_numbers_keeps_and_tells(cast):
    with time_machine.travel("2026-11-20 09:00+08:00", tick=False):
        application = sent_application(cast)
        today = timezone.localdate()
    assert application.status == ApplicationStatus.SUBMITTED
    assert application.number == "A-2026-0001"
    assert (application.declared_by, application.submitted_at is not None) == (cast.owner, True)
    assert application.review_due_on == add_working_days(today, 5)
    version = application.versions.get()
    assert (version.version, version.submitted_by) == (1, cast.owner)
    assert version.snapshot["number"] == application.number
    assert version.sha256 == digest(version.snapshot)
    told = Notice.objects.order_by("kind").values_list("kind", "recipient__email")
    assert list(told) == [
        ("application.received", "owner@demo.example"),
        ("application.submitted", "reviewer@demo.example"),
    ]


def test_numbers_follow_each_other_over_all_enterprises(cast):
    first = sent_application(cast)
    second = sent_application(cast, who="rival_owner")
    assert first.number.removesuffix("1") == second.number.removesuffix("2")


def test_journal_tells_of_sending(cast):
    application = sent_application(cast)
    entry = journal.history(application.pk, cast.actor("manager")).get()
    assert (entry.verb, entry.before, entry.after) == ("application.submit", "draft", "submitted")
    assert entry.data == {
        "number": application.number,
        "version": 1,
        "sha256": application.versions.get().sha256,
    }


def test_incomplete_draft_is_not_sent_and_says_all_it_needs(cast):
    application = complete_draft(cast, processes="", safety_conditions="")
    with pytest.raises(Incomplete) as refusal:
        send(cast, application)
    assert [(row.field, row.url.rpartition("#")[2]) for row in refusal.value.blockers] == [
        ("processes", "div_id_processes"),
        ("safety_conditions", "div_id_safety_conditions"),
    ]
    application.refresh_from_db()
    assert (application.status, application.number) == (ApplicationStatus.DRAFT, "")
    assert ApplicationVersion.objects.count() == 0


@pytest.mark.parametrize("declared", [None, False, "yes"])
def test_declaration_must_be_ticked(cast, declared):
    application = complete_draft(cast)
    with pytest.raises(Incomplete) as refusal:
        perform(APPLICATION_FLOW, application, "submit", cast.actor("owner"), declared=declared)
    assert [row.field for row in refusal.value.blockers] == ["declared"]


def test_what_came_back_is_complete_and_declared_when_it_is_sent_again(cast):
    application = complete_draft(cast, processes="")
    Application.objects.filter(pk=application.pk).update(status=ApplicationStatus.RETURNED)
    application.refresh_from_db()
    with pytest.raises(Incomplete) as refusal:
        perform(APPLICATION_FLOW, application, "submit", cast.actor("owner"))
    assert [row.field for row in refusal.value.blockers] == ["processes", "declared"]


def test_member_cannot_send(cast):
    with pytest.raises(NotAllowed):
        send(cast, complete_draft(cast), who="member")


def test_sending_twice_is_refused(cast):
    application = complete_draft(cast)
    stale = Application.objects.get(pk=application.pk)
    send(cast, application)
    with pytest.raises(Exception, match="“Submitted”"):
        send(cast, stale)
    assert application.versions.count() == 1


def test_resubmission_keeps_the_number_and_both_texts(cast):
    application = back_to_applicant(sent_application(cast))
    number, first_due = application.number, application.review_due_on
    answer(cast, application, scope_en="Changed")
    Application.objects.filter(pk=application.pk).update(reviewer=cast.reviewer)
    with time_machine.travel(timezone.now() + timezone.timedelta(days=30)):
        application = send(cast, application)
    assert (application.number, application.status) == (number, ApplicationStatus.SUBMITTED)
    assert application.review_due_on > first_due
    first, second = application.versions.order_by("version")
    assert first.snapshot["scope_en"] == "Design and manufacture of precision gearboxes"
    assert second.snapshot["scope_en"] == "Changed"
    completed = Notice.objects.filter(kind="application.completed")
    assert [notice.recipient for notice in completed] == [cast.reviewer]


def test_body_keeps_the_files_of_an_earlier_version(cast):
    application = sent_application(cast)
    attachment = files.attachments_of(application).get()
    manual = attachment.file
    assert files.may_read(cast.actor("reviewer"), manual)
    back_to_applicant(application)
    application_detach(application=application, actor=cast.actor("owner"), attachment=attachment)
    assert files.may_read(cast.actor("reviewer"), manual)
    assert not files.may_read(cast.actor("rival_manager"), manual)
    assert not files.may_read(cast.actor("rival_owner"), manual)


def test_body_reads_no_file_of_a_draft(cast):
    attachment = attach(cast, empty_draft(cast))
    assert not files.may_read(cast.actor("reviewer"), attachment.file)


# Withdrawing


def test_draft_is_withdrawn_quietly(cast):
    application = perform(APPLICATION_FLOW, empty_draft(cast), "cancel", cast.actor("owner"))
    assert application.status == ApplicationStatus.CANCELLED
    assert Notice.objects.count() == 0


def test_withdrawal_is_told_to_the_body(cast):
    application = sent_application(cast)
    Notice.objects.all().delete()
    perform(APPLICATION_FLOW, application, "cancel", cast.actor("owner"))
    told = Notice.objects.order_by("recipient__email").values_list("kind", "recipient__email")
    assert list(told) == [
        ("application.cancelled", "manager@demo.example"),
        ("application.cancelled", "reviewer@demo.example"),
    ]


@pytest.mark.parametrize(
    ("status", "possible"),
    [
        (ApplicationStatus.DRAFT, True),
        (ApplicationStatus.SUBMITTED, True),
        (ApplicationStatus.IN_REVIEW, True),
        (ApplicationStatus.RETURNED, True),
        (ApplicationStatus.ACCEPTED, True),
        (ApplicationStatus.DECLINED, False),
        (ApplicationStatus.OFFERED, True),
        (ApplicationStatus.SIGNED, False),
        (ApplicationStatus.REJECTED, False),
        (ApplicationStatus.CANCELLED, False),
    ],
)
def test_withdrawal_ends_with_the_contract(cast, status, possible):
    application = sent_application(cast)
    Application.objects.filter(pk=application.pk).update(status=status)
    application.refresh_from_db()
    if possible:
        done = perform(APPLICATION_FLOW, application, "cancel", cast.actor("owner"))
        assert done.status == ApplicationStatus.CANCELLED
    else:
        with pytest.raises(WrongState):
            perform(APPLICATION_FLOW, application, "cancel", cast.actor("owner"))


@pytest.mark.parametrize("who", ["member", "manager", "reviewer", "rival_owner", "operator"])
def test_only_the_owner_withdraws(cast, who):
    with pytest.raises(NotAllowed):
        perform(APPLICATION_FLOW, sent_application(cast), "cancel", cast.actor(who))


# Seeing


def test_body_sees_nothing_of_a_draft(cast):
    draft, sent = empty_draft(cast), sent_application(cast)
    seen = {
        who: set(Application.objects.visible_to(cast.actor(who)))
        for who in ("owner", "member", "reviewer", "manager", "auditor", "supervisor", "operator",
                    "rival_owner", "rival_manager", "anonymous")
    }  # fmt: skip
    assert seen == {
        "owner": {draft, sent},
        "member": {draft, sent},
        "reviewer": {sent},
        "manager": {sent},
        "auditor": set(),
        "supervisor": {sent},
        "operator": {draft, sent},
        "rival_owner": set(),
        "rival_manager": set(),
        "anonymous": set(),
    }


def test_versions_are_never_changed(cast):
    version = sent_application(cast).versions.get()
    version.sha256 = "0" * 64
    with pytest.raises(Exception, match="append-only"):
        version.save()


def test_upload_keeps_its_bytes(cast):
    upload = pdf("manual.pdf")
    data = upload.read()
    upload.seek(0)
    application = empty_draft(cast)
    attachment = application_attach(
        application=application, actor=cast.actor("owner"), kind="manual", given=upload
    )
    assert files.read(attachment.file) == data
