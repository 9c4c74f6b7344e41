"""What the page of an audit and that of a finding show, through the actor."""

from django.db.models import Prefetch
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audits.checks.findings import EVIDENCE
from audits.enums import ENDED, AuditStatus, Meeting
from audits.models import Audit, AuditMember, Finding, FindingAnswer
from audits.services.findings import ANSWERABLE
from audits.services.meetings import PHOTOS
from audits.services.snapshots import registration_numbers
from foundation import files, journal, timeline
from foundation.formatting import day, day_range
from foundation.models import Attachment
from foundation.models.base import subject_type
from foundation.tracker import DONE, NOW, STOPPED, TODO, tracked

S = AuditStatus

# Who is expected to do what while an audit stands so; for those who have nothing to do.
NEXT = {
    S.PLANNED: gettext_lazy("The certification body plans dates and team."),
    S.PROPOSED: gettext_lazy("The enterprise looks at dates, team and timetable."),
    S.OBJECTED: gettext_lazy("The certification body answers the objection."),
    S.CONFIRMED: gettext_lazy("The audit begins with the opening meeting."),
    S.IN_PROGRESS: gettext_lazy("The team audits; the findings are shown at the closing meeting."),
    S.REPORTING: gettext_lazy("The leader of the team writes the report."),
    S.REPORTED: gettext_lazy("Somebody outside the team reviews the report."),
    S.COMPLETED: gettext_lazy("The audit is complete. The case goes on without it."),
    S.CANCELLED: gettext_lazy("This audit does not take place."),
    S.ABORTED: gettext_lazy("This audit was broken off and has to be planned anew."),
}
_ORDER = (S.PLANNED, S.PROPOSED, S.CONFIRMED, S.IN_PROGRESS, S.REPORTING, S.REPORTED, S.COMPLETED)

_MEMBERS = Prefetch("members", AuditMember.objects.select_related("user"))


def audit_rows(actor):
    """Return the audits the actor may open, with what their page reads."""
    return (
        Audit.objects.visible_to(actor)
        .select_related(
            "case__rule_set", "enterprise", "body", "programme_item", "plan_file", "report__file"
        )
        .prefetch_related(None)  # the members without their people
        .prefetch_related(_MEMBERS, "editions", "sites")
    )


def finding_rows(actor):
    """Return the findings the actor may open, with what their page reads."""
    return (
        Finding.objects.visible_to(actor)
        .select_related(
            "audit__case__rule_set",
            "audit__enterprise",
            "audit__body",
            "clause__edition",
            "raised_by",
            "judge",
        )
        .prefetch_related("audit__members__user")
    )


def steps(audit) -> list[dict]:
    """Return the way of an audit for the tracker: what, when, whose part."""
    body, client = audit.body.name, audit.enterprise.name
    team = _("Audit team")
    reached = _reached(audit)
    stopped = audit.status in ENDED
    report = getattr(audit, "report", None)
    submitted = report.submitted_at if report else None
    held = day_range(audit.starts_on, audit.ends_on) if audit.starts_on else ""
    reviewed = report.reviewed_at if audit.status == S.COMPLETED and report else None
    rows = (
        (_("Plan"), S.PROPOSED, None, body),
        (_("Announce"), S.CONFIRMED, None, body)
        if audit.is_short_notice
        else (_("Confirm"), S.CONFIRMED, None, client),
        (_("Audit"), S.REPORTING, held, team),
        (_("Report"), S.REPORTED, submitted and day(submitted), team),
        (_("Review"), S.COMPLETED, reviewed and day(reviewed), body),
    )
    found, current = [], False
    for title, done_from, when, who in rows:
        done = reached >= _ORDER.index(done_from)
        state = DONE if done else TODO if current else STOPPED if stopped else NOW
        current = current or not done
        found.append(tracked(title, state, when, who))
    return found


def _reached(audit) -> int:
    """Return how far an audit has come, as an index of the usual way."""
    if audit.status in _ORDER:
        return _ORDER.index(audit.status)
    if audit.status == S.ABORTED:
        return _ORDER.index(S.IN_PROGRESS)
    return _ORDER.index(
        S.PROPOSED if audit.proposed_at and audit.status == S.CANCELLED else S.PLANNED
    )


def team_of(audit) -> list[dict]:
    """Return the team as both parties read it: name, role, registration."""
    numbers = registration_numbers(audit)
    return [
        {
            "member": member,
            "name": member.user.name,
            "sub": " · ".join(
                filter(None, (str(member.get_role_display()), numbers.get(member.user_id, "")))
            ),
        }
        for member in audit.members.all()
    ]


def timetable_of(audit) -> list[dict]:
    """Return the timetable by day."""
    days: dict = {}
    for item in audit.plan.select_related("member", "site"):
        days.setdefault(item.day, []).append(item)
    return [{"day": day, "items": items} for day, items in days.items()]


def meetings_of(audit) -> list[dict]:
    """Return the meetings that were held, with the people and the check-in."""
    people, check_ins = list(audit.attendance.all()), audit.check_ins.select_related("user")
    by_meeting = {row.meeting: row for row in check_ins}
    return [
        {
            "title": meeting.label,
            "check_in": by_meeting[meeting],
            "team": [row for row in people if row.meeting == meeting and row.of_team],
            "others": [row for row in people if row.meeting == meeting and not row.of_team],
        }
        for meeting in Meeting
        if meeting in by_meeting
    ]


def documents_of(audit, actor) -> list[dict]:
    """Return the files of an audit that the actor may read, with what each one is."""
    names = {
        "plan": _("Audit plan"),
        "report": _("Audit report"),
        "report_draft": _("Audit report, submitted for review"),
        PHOTOS: _("Photo of the meeting"),
    }
    rows = files.attachments_of(audit, actor=actor)
    accepted = {row.file_id for row in rows if row.label == "report"}
    latest_plan = audit.plan_file_id
    return [
        {"file": row.file, "name": names.get(row.label, row.file.name)}
        for row in rows
        if not (row.label == "report_draft" and row.file_id in accepted)
        and not (row.label == "plan" and row.file_id != latest_plan)
    ]


def history_of(thread, actor, subjects) -> list[dict]:
    """Return what happened with some records of one story, newest first."""
    ids = [subject.pk for subject in subjects]
    entries = list(journal.history(thread, actor).filter(subject_id__in=ids))
    lines = timeline.lines(entries)
    for line, entry in zip(lines, entries, strict=True):
        if entry.data.get("number"):
            line["text"] = f"{entry.data['number']} · {line['text']}"
    return lines


def findings_of(audit, actor) -> list[Finding]:
    """Return the findings of an audit that the actor may see."""
    return list(
        Finding.objects.visible_to(actor)
        .filter(audit=audit)
        .select_related("clause__edition", "audit")
        .order_by("number")
    )


def rounds_of(finding, actor) -> list[dict]:
    """Return the rounds of an answer that the actor may see, with their files, newest first."""
    rows = list(
        FindingAnswer.objects.visible_to(actor)
        .filter(finding=finding)
        .select_related("sent_by", "judged_by")
        .order_by("-round")
    )
    if finding.status not in ANSWERABLE:  # a draft nobody can send any more
        rows = [row for row in rows if row.sent_at is not None]
    attached: dict = {row.pk: [] for row in rows}
    if rows:
        found = Attachment.objects.filter(
            subject_type=subject_type(rows[0]), subject_id__in=list(attached), label=EVIDENCE
        ).select_related("file")
        for attachment in found:
            attached[attachment.subject_id].append(attachment)
    return [
        {"answer": row, "files": attached[row.pk], "draft": row.sent_at is None} for row in rows
    ]
