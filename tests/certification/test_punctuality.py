"""The on-time rate of a body: measured from what was sent and when the review ended."""

import datetime as dt
import re

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from certification.models import Application, ApplicationVersion
from certification.queries.punctuality import ENOUGH, Kept, reviews_kept
from foundation import journal, work
from foundation.calendar import add_working_days
from schemes.queries import rule_book_for

ZONE = timezone.get_default_timezone()
TODAY = dt.date(2026, 9, 1)
SENT = dt.date(2026, 6, 1)


@pytest.fixture
def limit(cast):
    return rule_book_for("CN", TODAY).limit("review_working_days")


def on(day):
    return time_machine.travel(dt.datetime.combine(day, dt.time(15), ZONE), tick=False)


def sent(cast, day=SENT, **facts):
    """An application that was sent on a day."""
    number = f"A-{Application.objects.count()}"
    parties = {"enterprise": cast.enterprise, "body": cast.body} | facts
    with on(day):
        row = Application.objects.create(number=number, created_by=cast.member, **parties)
        again(cast, row, day)
    return row


def again(cast, row, day):
    version = row.versions.count() + 1
    facts = {"version": version, "snapshot": {}, "submitted_by": cast.owner}
    with on(day):
        ApplicationVersion.objects.create(application=row, **facts)


def ended(cast, row, verb, day):
    with on(day), work.paused():
        journal.record(row, f"application.{verb}", cast.actor("reviewer"))


def last_day(limit, more=0, day=SENT):
    return add_working_days(day, limit.value + more, limit.calendar or "weekdays")


def reviewed(cast, limit, count, *, late=0):
    """So many reviews that ended on the last day, some of them a working day after it."""
    for number in range(count):
        ended(cast, sent(cast), "accept", last_day(limit, int(number < late)))


def measured(cast, limit, today=TODAY):
    cache.clear()
    return reviews_kept(cast.body.pk, "CN", limit, today)


def test_share_is_of_all_reviews_that_were_due_and_never_rounded_up(cast, limit):
    reviewed(cast, limit, ENOUGH + 3, late=1)
    found = measured(cast, limit)
    assert found == Kept(ENOUGH + 2, ENOUGH + 3)
    assert found.percent == 95  # 95.65


def test_too_few_say_nothing(cast, limit):
    reviewed(cast, limit, ENOUGH - 1)
    assert measured(cast, limit) is None
    reviewed(cast, limit, 1)
    assert measured(cast, limit) == Kept(ENOUGH, ENOUGH)


def test_nobody_can_make_a_late_review_disappear_by_not_doing_it(cast, limit):
    reviewed(cast, limit, ENOUGH)
    row = sent(cast)
    assert measured(cast, limit, last_day(limit)) == Kept(ENOUGH, ENOUGH)
    assert measured(cast, limit, last_day(limit, 1)) == Kept(ENOUGH, ENOUGH + 1)
    ended(cast, row, "cancel", last_day(limit, 2))
    assert measured(cast, limit) == Kept(ENOUGH, ENOUGH + 1)


def test_what_the_applicant_withdrew_in_time_counts_for_nobody(cast, limit):
    reviewed(cast, limit, ENOUGH)
    ended(cast, sent(cast), "cancel", last_day(limit))
    assert measured(cast, limit) == Kept(ENOUGH, ENOUGH)


def test_each_round_has_its_own_limit(cast, limit):
    reviewed(cast, limit, ENOUGH)
    row = sent(cast)
    ended(cast, row, "return", last_day(limit))
    later = dt.date(2026, 7, 1)
    again(cast, row, later)
    ended(cast, row, "decline", last_day(limit, 1, day=later))
    assert measured(cast, limit) == Kept(ENOUGH + 1, ENOUGH + 2)


def test_other_bodies_other_countries_and_older_years_are_left_out(cast, limit):
    reviewed(cast, limit, ENOUGH)
    for row in (sent(cast, body=cast.rival_body), sent(cast, dt.date(2025, 8, 1))):
        ended(cast, row, "accept", dt.date(2026, 8, 31))
    assert measured(cast, limit) == Kept(ENOUGH, ENOUGH)
    assert reviews_kept(cast.body.pk, "DE", limit, TODAY) is None


def test_queries_do_not_grow_and_a_day_is_measured_once(cast, limit):
    asked = []
    for count in (1, 2):
        reviewed(cast, limit, count)
        with CaptureQueriesContext(connection) as queries:
            measured(cast, limit)
        asked.append(len(queries))
    with CaptureQueriesContext(connection) as queries:
        reviews_kept(cast.body.pk, "CN", limit, TODAY)
    assert (asked, len(queries)) == ([2, 2], 0)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "On time in 95% of 20 reviews in the last 12 months."),
        ("zh-hans", "近12个月20次评审中95%按时完成。"),
    ],
)
def test_applicant_reads_it_beside_the_limit(cast, client, limit, language, words):
    reviewed(cast, limit, ENOUGH, late=1)
    parties = {"enterprise": cast.enterprise, "body": cast.body}
    row = Application.objects.create(created_by=cast.owner, **parties)
    with on(TODAY):
        cast.client(client, "owner")
        html = client.get(row.get_absolute_url(), headers={"Accept-Language": language})
    assert words in re.sub(r"\s+", " ", html.content.decode())
