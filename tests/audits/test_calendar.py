"""The calendar file, parsed back as a calendar program would (RFC 5545)."""

import datetime as dt
import re
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core import mail
from django.utils import timezone, translation

from audits import calendar
from audits.models import Audit
from foundation import icalendar, jobs
from tests.audits.auditwork import act, confirmed, fresh, planned, proposed


def parse(data: bytes) -> dict:
    """Unfold and unescape; every property by its name, parameters apart."""
    assert data.endswith(b"\r\n")
    lines = data.decode().split("\r\n")[:-1]
    assert all(len(line.encode()) <= 75 for line in lines)
    unfolded: list[str] = []
    for line in lines:
        if line.startswith(" "):
            unfolded[-1] += line[1:]
        else:
            unfolded.append(line)
    assert unfolded[0] == "BEGIN:VCALENDAR"
    assert unfolded[-1] == "END:VCALENDAR"
    found = {}
    for line in unfolded:
        name, _colon, value = line.partition(":")
        value = re.sub(r"\\(.)", lambda m: "\n" if m[1] == "n" else m[1], value)
        found.setdefault(name, value)
    return found


@pytest.mark.parametrize(
    ("text", "escaped"),
    [("a,b;c\\d", "a\\,b\\;c\\\\d"), ("line\r\nnext\rlast", "line\\nnext\\nlast")],
)
def test_escape_keeps_separators_apart(text, escaped):
    assert icalendar.escape(text) == escaped


def test_fold_counts_octets_and_splits_no_character():
    folded = icalendar.fold("SUMMARY:" + "审核" * 40)
    parts = folded.split("\r\n")
    assert all(len(part.encode()) <= 75 for part in parts)
    assert all(part.startswith(" ") for part in parts[1:])
    assert parts[0] + "".join(part[1:] for part in parts[1:]) == "SUMMARY:" + "审核" * 40


def test_calendar_of_several_days_is_whole_days_with_the_end_after_the_last(cast):
    audit = proposed(cast, first=dt.date(2030, 5, 30), days=2)
    found = parse(calendar.calendar_of(audit))
    assert found["DTSTART;VALUE=DATE"] == "20300530"
    assert found["DTEND;VALUE=DATE"] == "20300601"
    assert found["UID"] == f"audit-{audit.pk}@{urlsplit(settings.BASE_URL).hostname}"
    assert found["METHOD"] == "PUBLISH"
    assert found["STATUS"] == "TENTATIVE"
    assert found["VERSION"] == "2.0"
    assert found["URL"].endswith(f"/audits/{audit.pk}/")


def test_calendar_of_one_day_has_the_hours_of_the_timetable_in_utc(cast):
    audit = proposed(cast, first=dt.date(2030, 5, 30))
    found = parse(calendar.calendar_of(audit))
    assert (found["DTSTART"], found["DTEND"]) == ("20300530T003000Z", "20300530T093000Z")


def test_calendar_keeps_its_identifier_and_counts_its_changes(cast):
    audit = confirmed(cast)
    first = parse(calendar.calendar_of(audit))
    audit = act(audit, "replan", cast.actor("planner"), reason="Flu")
    second = parse(calendar.calendar_of(audit))
    assert first["UID"] == second["UID"]
    assert (first["SEQUENCE"], second["SEQUENCE"]) == ("2", "3")
    assert (first["STATUS"], second["STATUS"]) == ("CONFIRMED", "TENTATIVE")


def test_calendar_of_a_cancelled_audit_removes_the_entry(cast):
    audit = act(confirmed(cast), "cancel", cast.actor("planner"), reason="Closed")
    found = parse(calendar.calendar_of(audit))
    assert (found["METHOD"], found["STATUS"], found["SEQUENCE"]) == ("CANCEL", "CANCELLED", "3")


def test_calendar_speaks_the_readers_language(cast):
    audit = planned(cast, declared=False)
    english = parse(calendar.calendar_of(audit))
    with translation.override("zh-hans"):
        chinese = parse(calendar.calendar_of(fresh(audit)))
    assert english["SUMMARY;LANGUAGE=en"].endswith("Ningbo Lanhai Precision Machinery Co., Ltd.")
    assert chinese["SUMMARY;LANGUAGE=zh-Hans"].endswith("宁波蓝海精密机械有限公司")
    assert "总部" in chinese["LOCATION"]


def test_confirmation_mails_the_appointment_to_everybody(cast):
    audit = confirmed(cast)
    jobs.run_due()
    sent = [message for message in mail.outbox if message.subject.endswith("is confirmed")]
    assert sorted(message.to[0] for message in sent) == [
        "auditor2@demo.example",
        "auditor@demo.example",
        "member@demo.example",
        "owner@demo.example",
        "planner@demo.example",
    ]
    for message in sent:
        name, content, kind = message.attachments[0]
        assert (name, kind) == (f"audit-{audit.number}.ics", "text/calendar")
        found = parse(content.encode() if isinstance(content, str) else content)
        assert found["UID"].startswith(f"audit-{audit.pk}@")


def test_calendar_stamps_the_last_change(cast):
    audit = confirmed(cast)
    stamp = parse(calendar.calendar_of(audit))["DTSTAMP"]
    changed = Audit.objects.get(pk=audit.pk).changed_at
    assert stamp == changed.astimezone(dt.UTC).strftime("%Y%m%dT%H%M%SZ")
    assert changed.date() <= timezone.now().date()
