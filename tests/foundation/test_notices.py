"""What is told to whom, and when an e-mail follows."""

import pytest
from django.core import mail

from foundation import jobs, notices
from foundation.models import Delivery, Job, Notice, NoticeChoice

REQUIRED = "certificate.suspended"
IMPORTANT = "application.returned"
INFORMATIVE = "evaluation.asked"
FACTS = {
    "number": "034 26 Q 1",
    "body_zh": "华臻认证",
    "body_en": "Huazhen",
    "until": "1 May",
    "reason": "R",
    "count": "2",
}


def tell(kind, *people):
    return notices.notify(kind, to=people, url="/desk/", **FACTS)


def delivery(notice) -> str:
    return Notice.objects.get(pk=notice.pk).delivery


def test_every_kind_has_a_group_people_are_offered():
    offered = notices.groups_for({"enterprise", "body"})
    assert {kind.group.key for kind in notices.KINDS.values()} == {
        group.key for group in offered if group != notices.DUE
    }


def test_what_must_be_sent_is_exactly_what_was_reviewed():
    required = {name for name, kind in notices.KINDS.items() if kind.required}
    assert required == {
        "accounts.connected",
        "accounts.factors_taken_off",
        "accounts.key_made",
        "accounts.new_device",
        "appeal.acknowledged",
        "appeal.admitted",
        "appeal.decided",
        "appeal.ended",
        "appeal.escalated",
        "appeal.late",
        "appeal.not_admitted",
        "appeal.noted",
        "appeal.progress",
        "appeal.question",
        "appeal.received",
        "application.declined",
        "audits.announced",
        "audits.answer_rejected",
        "audits.closed",
        "audits.finding_due",
        "approval.changed",
        "approval.narrow",
        "approval.reinstate",
        "approval.suspend",
        "approval.withdraw",
        "audits.objection_answered",
        "audits.proposed",
        "audits.unconfirmed",
        "case.extended",
        "case.maintained",
        "case.not_continued",
        "case.refused",
        "case.renewed",
        "case.stopped",
        "certificate.cancelled",
        "certificate.expired",
        "certificate.issued",
        "certificate.reduced",
        "certificate.reinstated",
        "certificate.restored",
        "certificate.suspended",
        "certificate.suspended_by_rule",
        "certificate.suspension_ending",
        "certificate.suspension_ends",
        "certificate.suspension_over",
        "certificate.transfer_due",
        "certificate.withdrawn",
        "proposal.raised",
        "audits.finding_escalated",
        "audits.extension_granted",
        "audits.extension_refused",
        "merger.agreed",
        "merger.asked",
        "merger.carried",
        "merger.completed",
        "offer.expiring",
        "offer.made",
        "organisations.body_refused",
        "organisations.body_reinstated",
        "organisations.body_suspended",
        "organisations.handed_over",
        "organisations.handover_offered",
        "organisations.member_added",
        "organisations.removed",
        "organisations.replacement_began",
    }


@pytest.mark.parametrize(
    ("kind", "usual"),
    [
        (REQUIRED, Delivery.NOW),
        (IMPORTANT, Delivery.NOW),
        (INFORMATIVE, Delivery.DIGEST),
    ],
)
def test_without_a_choice_the_kind_decides(cast, kind, usual):
    notice, other = tell(kind, cast.owner, cast.member)
    assert (delivery(notice), delivery(other)) == (usual, usual)
    assert Job.objects.filter(kind=notices.MAIL).count() == (2 if usual == Delivery.NOW else 0)


def test_a_choice_holds_for_its_person_and_group_alone(cast):
    notices.choose(user=cast.owner, levels={"applications": "never", "news": "now"})
    mine, other = tell(IMPORTANT, cast.owner, cast.member)
    assert (delivery(mine), delivery(other)) == ("never", "now")
    assert delivery(tell(INFORMATIVE, cast.owner)[0]) == "now"
    jobs.run_due()
    assert sorted(message.to[0] for message in mail.outbox) == [
        "member@demo.example",
        "owner@demo.example",
    ]


def test_what_is_required_passes_every_choice(cast):
    groups = {group.key: group.levels[-1] for group in notices.GROUPS.values()}
    # That a file carried a virus comes in the digest at least.
    assert {key for key, level in groups.items() if level != "never"} == {"files"}
    notices.choose(user=cast.owner, levels=groups)
    assert delivery(tell(REQUIRED, cast.owner)[0]) == "now"


def test_only_what_differs_from_the_usual_is_stored(cast):
    notices.choose(user=cast.owner, levels={"news": "never", "work": "now"})
    assert [(row.group, row.level) for row in NoticeChoice.objects.all()] == [("news", "never")]
    notices.choose(user=cast.owner, levels={"news": "digest"})
    assert not NoticeChoice.objects.exists()


def test_a_level_that_is_not_offered_is_refused(cast):
    with pytest.raises(ValueError, match="now"):
        notices.choose(user=cast.owner, levels={"due": "now"})


def test_choosing_never_takes_what_waits_for_the_digest_with_it(cast):
    waiting = tell(INFORMATIVE, cast.owner, cast.member)
    notices.choose(user=cast.owner, levels={"news": "never"})
    assert [delivery(notice) for notice in waiting] == ["never", "digest"]


def test_the_mail_speaks_the_readers_language_in_text_and_html(cast):
    cast.owner.language = "zh-hans"
    cast.owner.save(update_fields=["language"])
    tell(REQUIRED, cast.owner, cast.member)
    jobs.run_due()
    chinese, english = sorted(mail.outbox, key=lambda message: message.to, reverse=True)
    assert chinese.subject == "证书 034 26 Q 1 已暂停"
    assert english.subject == "Certificate 034 26 Q 1 is suspended"
    for message, words in ((chinese, "华臻认证"), (english, "Huazhen")):
        (html,) = message.alternatives
        assert html.mimetype == "text/html"
        assert words in message.body
        assert words in html.content
        assert "http://localhost/desk/" in message.body
    assert '<html lang="zh-Hans">' in chinese.alternatives[0].content


def test_a_mail_is_sent_once_however_often_its_job_runs(cast):
    (notice,) = tell(REQUIRED, cast.owner)
    jobs.run_due()
    Job.objects.update(state="queued")
    jobs.run_due()
    assert len(mail.outbox) == 1
    assert mail.outbox[0].extra_headers["Message-ID"] == f"<{notice.pk}@localhost>"
    notice.refresh_from_db()
    assert (notice.mailed_at is not None, notice.mailed_to) == (True, "owner@demo.example")


def test_nobody_writes_to_a_person_who_left(cast):
    tell(REQUIRED, cast.owner)
    cast.owner.is_active = False
    cast.owner.save(update_fields=["is_active"])
    jobs.run_due()
    assert mail.outbox == []


def test_a_line_break_in_a_fact_does_not_reach_the_header(cast):
    notices.notify(REQUIRED, to=[cast.owner], **FACTS | {"number": "1\r\nBcc: x@y.example"})
    jobs.run_due()
    assert mail.outbox[0].subject == "Certificate 1 Bcc: x@y.example is suspended"
    assert mail.outbox[0].recipients() == ["owner@demo.example"]


def test_the_settings_show_what_reaches_a_person_and_what_is_always_sent(client, cast):
    page = cast.client(client, "owner").get("/notices/settings/").content.decode()
    assert "Applications and offers" in page
    assert "Admission and approvals of your body" not in page
    assert "Always sent at once:" in page
    assert "Whoever holds a certificate must know whether it may be used." in page
    staff = cast.client(client, "planner").get("/notices/settings/").content.decode()
    assert "Admission and approvals of your body" in staff
    assert "Applications and offers" not in staff


def test_the_settings_are_kept_without_scripts(client, cast):
    cast.client(client, "owner")
    form = client.get("/notices/settings/").context["form"]
    data = {group.key: form[group.key].initial for group in form.groups}
    answer = client.post("/notices/settings/", data | {"audits": "digest"}, follow=True)
    assert "Your choice is saved." in answer.content.decode()
    assert answer.context["form"]["audits"].initial == "digest"
    assert notices.choices_of(cast.owner)["audits"] == "digest"
    assert notices.choices_of(cast.member)["audits"] == "now"


def test_a_wrong_choice_is_answered_and_nothing_kept(client, cast):
    answer = cast.client(client, "owner").post("/notices/settings/", {"audits": "hourly"})
    assert answer.status_code == 422
    assert "Choose an answer for “Nonconformities”." in answer.content.decode()
    assert not NoticeChoice.objects.exists()


def test_the_settings_ask_the_database_the_same_however_much_is_chosen(
    client, cast, django_assert_max_num_queries
):
    cast.client(client, "owner")
    with django_assert_max_num_queries(8):
        client.get("/notices/settings/")
    notices.choose(user=cast.owner, levels=dict.fromkeys(("news", "audits", "expiry"), "never"))
    with django_assert_max_num_queries(8):
        client.get("/notices/settings/")


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_asks_the_database_the_same_for_one_and_three(
    client, cast, count, django_assert_num_queries
):
    for _number in range(count):
        tell(IMPORTANT, cast.owner)
    cast.client(client, "owner")
    with django_assert_num_queries(7):
        client.get("/notices/")


def test_the_list_shows_the_unread_and_one_group(client, cast):
    first, second = tell(IMPORTANT, cast.owner)[0], tell(REQUIRED, cast.owner)[0]
    tell(IMPORTANT, cast.member)
    cast.client(client, "owner")
    assert client.post(f"/notices/{first.pk}/read/", {"next": "/notices/?unread=1"}).url == (
        "/notices/?unread=1"
    )

    def listed(query):
        return [row.pk for row in client.get(f"/notices/{query}").context["page"]]

    assert listed("") == [second.pk, first.pk]
    assert listed("?unread=1") == [second.pk]
    assert listed("?group=applications") == [first.pk]
    assert listed("?group=applications&unread=1") == []
    assert listed("?group=nonsense") == [second.pk, first.pk]
    client.post("/notices/read/")
    assert listed("?unread=1") == []
    assert Notice.objects.filter(recipient=cast.member, read_at=None).count() == 1


def test_marking_another_persons_notice_finds_nothing(client, cast):
    (notice,) = tell(IMPORTANT, cast.owner)
    assert cast.client(client, "member").post(f"/notices/{notice.pk}/read/").status_code == 404
    notice.refresh_from_db()
    assert notice.read_at is None
