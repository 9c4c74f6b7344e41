from django.conf import settings
from django.db import models
from django.db.models import Q, Value
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from audits.enums import (
    NONCONFORMITIES,
    WITH_CLIENT,
    AnswerStage,
    DueFrom,
    FindingStatus,
    Grade,
    Verification,
)
from audits.models.audits import Audit
from certification.enums import CaseStatus
from certification.models import ProgrammeItem
from certification.models.visibility import seen_by
from foundation.models import Record, VisibleQuerySet
from organisations.enums import Kind
from organisations.models import Site
from schemes.models import Clause


class FindingQuerySet(VisibleQuerySet):
    def visible_to(self, actor):
        """The body's desk and who works in the case; the others once the meeting showed them."""
        rows = seen_by(self, actor, prefix="audit__", involved="audit__case__involvements__user")
        # Every right asks who is on the team, and on those of later audits.
        rows = rows.prefetch_related("audit__members", "audit__case__audits__members")
        if actor.is_operator or actor.kind == Kind.BODY:
            return rows
        return rows.exclude(shown_at=None)


class Finding(Record):
    """What was found against a requirement, with its objective evidence attached as files."""

    audit = models.ForeignKey(Audit, on_delete=models.PROTECT, related_name="findings")
    number = models.CharField(_("number"), max_length=20)
    status = models.CharField(
        _("status"), max_length=20, choices=FindingStatus.choices, default=FindingStatus.NOTED
    )
    grade = models.CharField(_("grade"), max_length=16, choices=Grade.choices)
    clause = models.ForeignKey(Clause, on_delete=models.PROTECT, related_name="+")
    site = models.ForeignKey(
        Site,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("site"),
    )
    department = models.CharField(_("department or process"), max_length=120, blank=True)
    item = models.UUIDField(_("item of the checklist"), null=True, blank=True)
    title = models.CharField(_("in one line"), max_length=160)
    requirement = models.TextField(_("requirement, in own words"), max_length=1000, blank=True)
    statement = models.TextField(_("statement"), max_length=2000, blank=True)
    evidence = models.TextField(_("objective evidence"), max_length=4000, blank=True)
    raised_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    judge = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("named to judge the answers"),
    )
    shown_at = models.DateTimeField(_("shown to the enterprise"), null=True)
    due_on = models.DateField(_("answer due"), null=True, blank=True)
    due_from = models.CharField(
        _("limit counted from"),
        max_length=12,
        choices=DueFrom.choices,
        blank=True,
        db_default="",  # a release that does not know it still notes findings
    )
    due_since = models.DateField(_("limit counted since"), null=True)
    closed_at = models.DateTimeField(_("closed"), null=True)
    verification = models.CharField(
        _("manner of verification"),
        max_length=8,
        choices=Verification.choices,
        blank=True,
        db_default="",
    )
    follow_up = models.ForeignKey(
        ProgrammeItem,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("audit that verifies it"),
    )

    objects = FindingQuerySet.as_manager()

    class Meta:
        verbose_name = _("finding")
        verbose_name_plural = _("findings")
        ordering = ["audit", "number"]
        constraints = [
            models.UniqueConstraint(fields=["audit", "number"], name="finding_number_once")
        ]
        # What waits for the enterprise: the sweep of every night looks here alone.
        indexes = [
            models.Index(
                fields=["due_on"], condition=Q(status__in=WITH_CLIENT), name="finding_to_answer"
            )
        ]

    def __str__(self):
        return self.number

    @property
    def is_open(self) -> bool:
        """Whether something is still to come: not closed, and the case goes on."""
        over = (CaseStatus.REFUSED, CaseStatus.ENDED)
        return self.status != FindingStatus.CLOSED and self.audit.case.status not in over

    @property
    def journal_thread(self):
        return self.audit.case.thread

    @property
    def enterprise_id(self):
        return self.audit.enterprise_id

    @property
    def body_id(self):
        return self.audit.body_id

    @property
    def is_nonconformity(self) -> bool:
        return self.grade in NONCONFORMITIES

    @property
    def enterprise(self):
        return self.audit.enterprise

    @property
    def desk_detail(self) -> str:
        """What a queue says beside number and client."""
        return f"{self.get_grade_display()} · {self.title}"

    def get_absolute_url(self):
        return reverse("audits:finding", args=[self.pk])


class FindingAnswerQuerySet(VisibleQuerySet):
    def visible_to(self, actor):
        """The enterprise its drafts too; the others what was sent."""
        rows = self.filter(finding__in=Finding.objects.visible_to(actor))
        if actor.is_operator or actor.kind != Kind.ENTERPRISE:
            return rows.exclude(sent_at=None)
        return rows


class FindingAnswer(Record):
    """One round of the enterprise's answer in its parts; rejected rounds are kept.

    Unsent it is a draft, seen by the enterprise alone. Its evidence hangs on it as files.
    ``revisions`` tells of each part how often it was written, by whom and when, so that somebody
    who read an older text overwrites nothing.
    """

    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="answers")
    round = models.PositiveSmallIntegerField(default=1)
    stage = models.CharField(max_length=8, choices=AnswerStage.choices, default=AnswerStage.PLAN)
    containment = models.TextField(_("containment"), max_length=2000, blank=True)
    whys = models.JSONField(
        _("why, asked again and again"),
        default=list,
        blank=True,
        db_default=Value([], models.JSONField()),
    )
    root_cause = models.TextField(_("root cause"), max_length=4000, blank=True)
    correction = models.TextField(_("correction"), max_length=4000, blank=True)
    corrective_action = models.TextField(_("corrective action"), max_length=4000, blank=True)
    done_by = models.DateField(_("to be done by"), null=True, blank=True)
    evidence_note = models.TextField(_("what the evidence shows"), max_length=4000, blank=True)
    revisions = models.JSONField(default=dict, blank=True, db_default=Value({}, models.JSONField()))
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    sent_at = models.DateTimeField(null=True)
    judged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    judgement = models.TextField(_("judgement of the auditor"), max_length=2000, blank=True)
    judged_at = models.DateTimeField(null=True)
    accepted = models.BooleanField(null=True)

    objects = FindingAnswerQuerySet.as_manager()

    class Meta:
        verbose_name = _("answer to a finding")
        verbose_name_plural = _("answers to findings")
        ordering = ["round"]
        constraints = [
            models.UniqueConstraint(fields=["finding", "round"], name="answer_round_once")
        ]

    def __str__(self):
        return f"{self.finding} {self.round}"

    @property
    def reasons(self) -> list[str]:
        """The answers to why, those that were given."""
        return [why for why in self.whys if why]


class KeptText(Record):
    """What somebody wrote into a part of an answer that a colleague had changed meanwhile.

    It waits beside the answer until one of the enterprise chooses; nothing is dropped.
    """

    answer = models.ForeignKey(FindingAnswer, on_delete=models.CASCADE, related_name="kept_texts")
    part = models.CharField(max_length=20)
    text = models.TextField(blank=True)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    settled_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("text kept beside an answer")
        verbose_name_plural = _("texts kept beside answers")
        ordering = ["created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["answer", "part", "written_by"],
                condition=Q(settled_at=None),
                name="kept_text_open_once",
            )
        ]

    def __str__(self):
        return f"{self.answer} {self.part}"


class FindingExtension(Record):
    """The enterprise asks for more time; who judges the finding grants a day or refuses."""

    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="extensions")
    due_before = models.DateField(_("limit when it was asked for"))
    proposed_on = models.DateField(_("day asked for"))
    reason = models.TextField(_("reason"), max_length=2000)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    granted_on = models.DateField(_("day granted"), null=True)
    answer = models.TextField(_("answer"), max_length=2000, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    answered_at = models.DateTimeField(_("answered"), null=True)

    class Meta:
        verbose_name = _("extension of a limit")
        verbose_name_plural = _("extensions of limits")
        ordering = ["created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["finding"], condition=Q(answered_at=None), name="extension_open_once"
            )
        ]

    def __str__(self):
        return f"{self.finding} {self.proposed_on}"
