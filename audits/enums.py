from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class AuditStatus(models.TextChoices):
    PLANNED = "planned", _("To be planned")
    PROPOSED = "proposed", _("Proposed to the enterprise")
    OBJECTED = "objected", _("Objection raised")
    CONFIRMED = "confirmed", _("Confirmed")
    IN_PROGRESS = "in_progress", _("In progress")
    REPORTING = "reporting", _("Report being written")
    REPORTED = "reported", _("Report submitted")
    COMPLETED = "completed", _("Completed")
    CANCELLED = "cancelled", pgettext_lazy("audit", "Cancelled")
    ABORTED = "aborted", _("Aborted")


class Mode(models.TextChoices):
    ON_SITE = "on_site", _("On site")
    REMOTE = "remote", _("Remote")
    MIXED = "mixed", _("On site and remote")


class TeamRole(models.TextChoices):
    LEAD = "lead", _("Lead auditor")
    AUDITOR = "auditor", _("Auditor")
    EXPERT = "expert", _("Technical expert")
    TRAINEE = "trainee", _("Trainee")
    OBSERVER = "observer", _("Observer")


class AbsenceKind(models.TextChoices):
    """As little as a planner needs: whether it can be moved."""

    LEAVE = "leave", _("Leave")
    TRAINING = "training", _("Training")
    OTHER = "other", pgettext_lazy("kind of absence", "Not available")


class DayPart(models.TextChoices):
    WHOLE = "whole", _("Whole days")
    MORNING = "morning", _("Morning")
    AFTERNOON = "afternoon", _("Afternoon")


# Audits that no longer occupy anybody, and those that still do.
ENDED = (AuditStatus.CANCELLED, AuditStatus.ABORTED)
OVER = (*ENDED, AuditStatus.COMPLETED)
# Audits whose team is agreed with the enterprise.
BINDING = (
    AuditStatus.CONFIRMED,
    AuditStatus.IN_PROGRESS,
    AuditStatus.REPORTING,
    AuditStatus.REPORTED,
    AuditStatus.COMPLETED,
)


# Time of the others does not count as audit time (ISO/IEC 17021-1:2015 9.1.4).
AUDITING_ROLES = (TeamRole.LEAD, TeamRole.AUDITOR)


class Activity(models.TextChoices):
    """What a line of the timetable is for."""

    AUDIT = "audit", _("Audit")
    OPENING = "opening", _("Opening meeting")
    CLOSING = "closing", _("Closing meeting")
    TEAM = "team", _("Team meeting")
    BREAK = "break", _("Break")


class Meeting(models.TextChoices):
    OPENING = "opening", _("Opening meeting")
    CLOSING = "closing", _("Closing meeting")


class Anomaly(models.TextChoices):
    """What a check-in has to explain."""

    LATE = "late", _("Later than allowed")
    FAR = "far", _("Far from the site")


class Grade(models.TextChoices):
    CONFORMITY = "conformity", _("Conformity")
    OPPORTUNITY = "opportunity", _("Opportunity for improvement")
    MINOR = "minor", _("Minor nonconformity")
    MAJOR = "major", _("Major nonconformity")


NONCONFORMITIES = (Grade.MINOR, Grade.MAJOR)


class Verdict(models.TextChoices):
    """What an auditor says of one item of the checklist."""

    CONFORM = "conform", _("Conforms")
    OPPORTUNITY = "opportunity", pgettext_lazy("verdict", "Opportunity")
    MINOR = "minor", pgettext_lazy("verdict", "Minor")
    MAJOR = "major", pgettext_lazy("verdict", "Major")
    NOT_APPLICABLE = "not_applicable", _("Not applicable")
    NOT_AUDITED = "not_audited", _("Not audited")


# What the same verdicts say of the actions on a nonconformity of an earlier audit.
ON_ACTIONS = {
    Verdict.CONFORM: _("They work"),
    Verdict.MINOR: _("They do not work"),
    Verdict.NOT_AUDITED: Verdict.NOT_AUDITED.label,
}
# Verdicts that a nonconformity has to follow, and those that say that somebody looked.
FAILING = (Verdict.MINOR, Verdict.MAJOR)
LOOKED_AT = (Verdict.CONFORM, Verdict.OPPORTUNITY, *FAILING)


class FindingStatus(models.TextChoices):
    NOTED = "noted", _("Noted")
    OPEN = "open", _("Not answered")
    ANSWERED = "answered", _("Answered")
    PLAN_REJECTED = "plan_rejected", _("Answer rejected")
    PLAN_ACCEPTED = "plan_accepted", _("Plan accepted")
    EVIDENCE = "evidence", _("Evidence submitted")
    EVIDENCE_REJECTED = "evidence_rejected", _("Evidence rejected")
    CLOSED = "closed", pgettext_lazy("of a finding", "Closed")


# The client has to act: answer, answer again, send evidence, send better evidence.
WITH_CLIENT = (
    FindingStatus.OPEN,
    FindingStatus.PLAN_REJECTED,
    FindingStatus.PLAN_ACCEPTED,
    FindingStatus.EVIDENCE_REJECTED,
)


# Shown to the enterprise and not closed.
UNDER_WAY = (*WITH_CLIENT, FindingStatus.ANSWERED, FindingStatus.EVIDENCE)


class DueFrom(models.TextChoices):
    """What the limit of a nonconformity is counted from."""

    SHOWN = "shown", _("The day it was shown")
    PLAN = "plan", _("The day promised in the accepted plan")
    ACCEPTED = "accepted", _("The acceptance of the plan")
    REJECTED = "rejected", _("The rejection of an answer")
    ESCALATED = "escalated", _("The day it became a major nonconformity")
    EXTENDED = "extended", _("The day granted on request")
    STAGE_2 = "stage_2", _("The last day of stage 2")


class Verification(models.TextChoices):
    """How the effect of corrective action is verified (ISO/IEC 17021-1:2015 9.4.10)."""

    PAPER = "paper", _("On documents")
    VISIT = "visit", _("By a visit")
    REMOTE = "remote", _("Remotely")


# Somebody has to see it at an audit.
SEEN = (Verification.VISIT, Verification.REMOTE)


class AnswerStage(models.TextChoices):
    """What a round of the enterprise's answer is about."""

    PLAN = "plan", _("Cause and actions")
    EVIDENCE = "evidence", _("Evidence")


class Conclusion(models.TextChoices):
    YES = "yes", _("Yes")
    PARTLY = "partly", _("Partly")
    NO = "no", _("No")
