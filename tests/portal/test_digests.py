"""One e-mail a day: what is due, what is new, and nothing when there is nothing."""

import datetime as dt

import pytest
import time_machine
from django.conf import settings
from django.core import mail
from django.utils import timezone

from certification.models import Application
from foundation import daily, jobs, notices, work
from foundation.models import Digest, Job, Notice
from portal import digests
from portal.jobs import make_digests
from tests.foundation.test_notices import INFORMATIVE, tell
from tests.matrix.objects import application

ZONE = timezone.get_default_timezone()
# A Wednesday without holidays around it.
MORNING = dt.datetime(2026, 6, 10, 7, 1, tzinfo=ZONE)


def at(**later):
    return time_machine.travel(MORNING + dt.timedelta(**later), tick=False)


def submitted(cast, due, number="A-2026-9000"):
    """An application that waits for the cast's reviewer until a day of June.

    The reviewer wants no mail of its own about that date.
    """
    notices.choose(user=cast.reviewer, levels={"work": "never"})
    row = application(cast)
    Application.objects.filter(pk=row.pk).update(
        status="submitted", number=number, review_due_on=dt.date(2026, 6, due), reviewer=None
    )
    work.rebuild()
    return row


def scheduled():
    """What the scheduler and the worker do."""
    daily.ask()
    jobs.run_due()


def sent() -> list[tuple]:
    return [(message.to[0], message.subject) for message in mail.outbox]


def test_one_mail_says_in_one_sentence_what_is_due_and_new(cast):
    with at():
        submitted(cast, 9)
        submitted(cast, 12, "A-2026-9002")
        submitted(cast, 17, "A-2026-9003")
        submitted(cast, 18, "A-2026-9004")  # more than a week ahead
        tell(INFORMATIVE, cast.reviewer)
        scheduled()
    assert sent() == [("reviewer@demo.example", "1 overdue, 2 due within a week, 1 message")]
    (message,) = mail.outbox
    assert message.body.startswith("1 overdue, 2 due within a week, 1 message.\n")
    assert "A-2026-9004" not in message.body
    assert "* Start the review: A-2026-9000 Ningbo Lanhai" in message.body
    assert "1 working day overdue (Tuesday 9 June 2026)" in message.body
    assert "2 working days left (Friday 12 June 2026)" in message.body
    assert "* How was the service of Huazhen?" in message.body
    html = message.alternatives[0].content
    assert "<b>1 overdue, 2 due within a week, 1 message.</b>" in html
    assert "A-2026-9003" in html
    assert "/unsubscribe/" in message.extra_headers["List-Unsubscribe"]


def test_the_digest_speaks_the_readers_language(cast):
    cast.reviewer.language = "zh-hans"
    cast.reviewer.save(update_fields=["language"])
    with at():
        submitted(cast, 9)
        submitted(cast, 12, "A-2026-9002")
        tell(INFORMATIVE, cast.reviewer)
        scheduled()
    (message,) = mail.outbox
    assert message.subject == "1 项逾期、1 项一周内到期、1 条消息"
    assert message.body.startswith(f"{message.subject}。\n")
    assert "2026年6月12日（周五）" in message.body


def test_without_anything_due_or_new_there_is_no_mail(cast):
    with at():
        submitted(cast, 18)
        scheduled()
    assert (sent(), Digest.objects.count()) == ([], 0)


def test_before_the_hour_nothing_goes_out(cast):
    with at(minutes=-2):
        tell(INFORMATIVE, cast.owner)
        scheduled()
        assert sent() == []
    assert settings.DIGEST_HOUR == 7
    with at():
        scheduled()
        assert len(sent()) == 1


def test_a_day_has_one_digest_however_often_it_is_asked_for(cast):
    with at():
        submitted(cast, 12)
        scheduled()
        scheduled()
        Job.objects.update(state="queued")
        jobs.run_due()
        digests.make(timezone.localdate())
        jobs.run_due()
    assert len(_to_reviewer()) == 1
    with at(days=1):
        scheduled()
    assert _to_reviewer() == ["1 due within a week"] * 2


def _to_reviewer():
    return [subject for to, subject in sent() if to == "reviewer@demo.example"]


def test_a_missed_run_is_caught_up_once(cast):
    with at():
        tell(INFORMATIVE, cast.owner)
        daily.ask()  # and then everything stands still for two days
    with at(days=2, hours=5):
        tell(INFORMATIVE, cast.owner)
        scheduled()
    assert sent() == [("owner@demo.example", "2 messages")]
    assert [str(row.day) for row in Digest.objects.all()] == ["2026-06-12"]


def test_a_crash_between_two_people_sends_nothing_twice(cast):
    with at():
        tell(INFORMATIVE, cast.owner, cast.member)
        seen = []

        def crash():
            seen.append(1)
            if Digest.objects.count() == 1:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            digests.make(timezone.localdate(), crash)
        jobs.run_due()
        assert len(sent()) == 1
        scheduled()
    assert sorted(to for to, _subject in sent()) == ["member@demo.example", "owner@demo.example"]


def test_what_was_settled_before_the_mail_went_is_not_in_it(cast):
    with at():
        row = submitted(cast, 12)
        daily.ask()
        make_digests(Job.objects.get(kind="portal.make_digests"))
        Application.objects.filter(pk=row.pk).update(status="declined")
        work.rebuild()
        jobs.run_due()
    assert (sent(), Digest.objects.count()) == ([], 1)


def test_what_was_read_in_the_portal_is_no_news(cast):
    with at():
        tell(INFORMATIVE, cast.owner)
        notices.mark_read(Notice.objects.all())
        scheduled()
    assert sent() == []


def test_news_of_long_ago_are_not_sent(cast):
    with at(days=-8):
        tell(INFORMATIVE, cast.owner)
    with at():
        scheduled()
    assert sent() == []


def test_nobody_is_told_of_records_that_are_theirs_no_more(cast):
    with at():
        row = submitted(cast, 12)
        notices.notify(INFORMATIVE, to=[cast.owner, cast.member], obj=row, body_zh="B", body_en="B")
        cast.owner.memberships.update(ended_at=timezone.now())
        cast.reviewer.memberships.update(ended_at=timezone.now())
        scheduled()
    assert sent() == [("member@demo.example", "1 message")]


def test_an_inactive_person_gets_none(cast):
    with at():
        tell(INFORMATIVE, cast.owner)
        cast.owner.is_active = False
        cast.owner.save(update_fields=["is_active"])
        scheduled()
    assert sent() == []


@pytest.mark.parametrize(
    ("levels", "subject"),
    [
        ({"due": "never"}, ["1 message"]),
        ({"due": "never", "news": "never"}, []),
        ({"news": "never"}, ["1 due within a week"]),
    ],
)
def test_each_part_can_be_left_out(cast, levels, subject):
    with at():
        submitted(cast, 12)
        notices.choose(user=cast.reviewer, levels=levels)
        tell(INFORMATIVE, cast.reviewer)
        scheduled()
    assert [line for _to, line in sent()] == subject


def test_somebody_with_two_parties_gets_one_mail_for_both(cast):
    cast.reviewer.memberships.create(organisation=cast.enterprise, role="owner")
    with at():
        submitted(cast, 12)
        tell(INFORMATIVE, cast.reviewer)
        scheduled()
    assert sent() == [("reviewer@demo.example", "1 due within a week, 1 message")]


def test_the_news_of_a_sent_digest_say_when_they_were_mailed(cast):
    with at():
        (notice,) = tell(INFORMATIVE, cast.owner)
        scheduled()
    notice.refresh_from_db()
    assert (notice.mailed_to, notice.digest.mailed_to) == ("owner@demo.example",) * 2
