from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from certification.enums import (
    PLANNED_PURPOSES,
    AuditKind,
    CaseStatus,
    Part,
    Recommendation,
    SpecialPurpose,
)
from certification.models.visibility import CaseRowQuerySet, seen_by
from foundation.models import Record, VisibleQuerySet
from organisations.enums import Kind
from organisations.models import Organisation
from schemes.models import RuleSet

# How long before its window an audit becomes work of the planners.
PLANNED_AHEAD = timedelta(days=120)


class CaseQuerySet(VisibleQuerySet):
    def visible_to(self, actor):
        """Both parties; auditors the cases they are assigned to; the authority of the region."""
        return seen_by(self, actor, involved="involvements__user")


class Case(Record):
    """The certification of one enterprise by one body, for one or several schemes."""

    number = models.CharField(_("number"), max_length=30, unique=True)
    status = models.CharField(
        _("status"), max_length=16, choices=CaseStatus.choices, default=CaseStatus.AUDITING
    )
    enterprise = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="cases", verbose_name=_("enterprise")
    )
    body = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        related_name="body_cases",
        verbose_name=_("certification body"),
    )
    thread = models.UUIDField(db_index=True)  # each act asks what else of the thread waits
    rule_set = models.ForeignKey(RuleSet, on_delete=models.PROTECT, related_name="+")
    cycle = models.PositiveSmallIntegerField(_("cycle"), default=1)
    cycle_starts_on = models.DateField(_("cycle starts on"), null=True, blank=True)
    open_question = models.TextField(
        _("what the decider still wants to know"), max_length=2000, blank=True
    )

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["body", "status"], name="case_queue"),
            models.Index(fields=["enterprise", "status"], name="case_own"),
        ]

    def __str__(self):
        return self.number

    @property
    def journal_thread(self):
        return self.thread

    @property
    def application(self):
        """The application sent last, or None."""
        return max(self.applications.all(), key=lambda row: row.submitted_at, default=None)

    def get_absolute_url(self):
        return reverse("case", args=[self.pk])

    @property
    def desk_url(self):
        """Where whoever is expected to act begins: a decision is read before it is taken."""
        if self.status == CaseStatus.DECIDING:
            return reverse("certification:decision", args=[self.pk])
        return self.get_absolute_url()


class ProgrammeItemQuerySet(CaseRowQuerySet):
    def visible_to(self, actor):
        """Whoever sees the case; of an audit at short notice the body alone, until announced."""
        rows = super().visible_to(actor)
        if actor.is_operator or actor.kind == Kind.BODY:
            return rows
        return rows.exclude(short_notice=True, announced_at=None)

    def to_come(self):
        """Return the audits that were neither held nor taken out of the programme."""
        return self.filter(done_on=None, dropped_on=None)

    def special_to_come(self, *, short_notice: bool):
        """Return the special audits of the body's own accord that are still to come.

        One at short notice counts as such while the enterprise does not know of it.
        """
        rows = self.to_come().filter(
            kind=AuditKind.SPECIAL, cycle=F("case__cycle"), purpose__in=PLANNED_PURPOSES
        )
        secret = Q(short_notice=True, announced_at=None)
        return rows.filter(secret) if short_notice else rows.exclude(secret)


class ProgrammeItem(Record):
    """One audit of the programme: its kind, its window and the time it is given.

    ``begun_on`` is the day of its opening meeting; ``done_on`` is known once its report is.
    A special one says its ``purpose`` and the ``reason``; one at ``short_notice`` is the body's
    secret until the day it is announced (ISO/IEC 17021-1:2015 9.6.4.2).
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="programme")
    cycle = models.PositiveSmallIntegerField(_("cycle"))
    kind = models.CharField(_("kind"), max_length=16, choices=AuditKind.choices)
    window_from = models.DateField(_("not before"), null=True, blank=True)
    window_to = models.DateField(_("not after"), null=True, blank=True)
    days = models.DecimalField(_("audit days"), max_digits=6, decimal_places=1)
    on_site_days = models.DecimalField(_("days on site, at least"), max_digits=6, decimal_places=1)
    begun_on = models.DateField(_("begun on"), null=True, blank=True)
    done_on = models.DateField(_("carried out on"), null=True, blank=True)
    purpose = models.CharField(
        _("purpose"), max_length=16, choices=SpecialPurpose.choices, blank=True, db_default=""
    )
    reason = models.TextField(_("reason"), max_length=2000, blank=True, db_default="")
    short_notice = models.BooleanField(_("at short notice"), default=False, db_default=False)
    announced_at = models.DateTimeField(_("announced"), null=True, blank=True)
    dropped_on = models.DateField(_("taken out of the programme"), null=True, blank=True)

    objects = ProgrammeItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("programme item")
        verbose_name_plural = _("programme items")
        ordering = ["case", "cycle", "window_from", "created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "cycle", "kind"],
                condition=~Q(kind=AuditKind.SPECIAL),
                name="programme_item_once",
            )
        ]
        # What nobody has carried out yet: the sweep of every night looks here alone.
        indexes = [
            models.Index(fields=["window_to"], condition=Q(done_on=None), name="programme_to_come")
        ]

    def __str__(self):
        return f"{self.case} {self.get_kind_display()}"

    @property
    def journal_thread(self):
        return self.case.thread

    @property
    def enterprise(self):
        return self.case.enterprise

    @property
    def body_id(self):
        return self.case.body_id

    @property
    def due_on(self):
        """The last day on which the audit may take place."""
        return self.window_to

    @property
    def shown_from(self):
        """The day from which planning it is work; before, the list of the programme has it."""
        return self.window_from and self.window_from - PLANNED_AHEAD

    @property
    def desk_number(self) -> str:
        return self.case.number

    @property
    def title(self) -> str:
        """The kind of the audit, of a special one with its purpose."""
        if not self.purpose:
            return self.get_kind_display()
        return f"{self.get_kind_display()} · {self.get_purpose_display()}"

    @property
    def desk_detail(self) -> str:
        """What a queue says beside number and client."""
        return self.title

    @property
    def desk_since(self):
        return self.created_at

    @property
    def desk_url(self):
        return reverse("audits:programme")


class Involvement(Record):
    """Somebody reviewed the application or audited in this cycle, so may not decide on it.

    Triggers refuse a decision by a person involved, and an involvement of a person who decided
    (ISO/IEC 17021-1:2015 9.5.1).
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="involvements")
    cycle = models.PositiveSmallIntegerField()
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="involvements"
    )
    part = models.CharField(max_length=16, choices=Part.choices)

    objects = CaseRowQuerySet.as_manager()

    class Meta:
        verbose_name = _("involvement")
        verbose_name_plural = _("involvements")
        constraints = [
            models.UniqueConstraint(
                fields=["case", "cycle", "user", "part"], name="involvement_once"
            )
        ]

    def __str__(self):
        return f"{self.case} {self.user} {self.part}"


class AuditOutcome(Record):
    """What an audit reported down to its case; the decision reads these rows.

    ``facts`` holds what the audits app knows and the decision shows: days planned and held,
    dates, team, remote share. ``decision`` is the one that rests on this outcome, ``item`` the
    audit of the programme that was held.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="outcomes")
    cycle = models.PositiveSmallIntegerField()
    audit_id = models.UUIDField(unique=True)
    decision = models.ForeignKey(
        "certification.Decision", on_delete=models.PROTECT, null=True, related_name="outcomes"
    )
    kind = models.CharField(max_length=16, choices=AuditKind.choices)
    item = models.ForeignKey(
        ProgrammeItem, on_delete=models.PROTECT, null=True, related_name="outcomes"
    )
    last_day = models.DateField(null=True)
    recommendation = models.CharField(max_length=16, choices=Recommendation.choices, blank=True)
    report_reviewed = models.BooleanField(default=False)
    open_majors = models.PositiveSmallIntegerField(default=0)
    minors_without_plan = models.PositiveSmallIntegerField(default=0)
    unexplained_anomalies = models.PositiveSmallIntegerField(default=0)
    competence_gaps = models.PositiveSmallIntegerField(default=0)
    open_appeals = models.PositiveSmallIntegerField(default=0)
    days_computed = models.DecimalField(max_digits=6, decimal_places=1, default=0)
    days_held = models.DecimalField(max_digits=6, decimal_places=1, default=0)
    url = models.CharField(max_length=200, blank=True)
    facts = models.JSONField(default=dict)

    objects = CaseRowQuerySet.as_manager()

    class Meta:
        verbose_name = _("audit outcome")
        verbose_name_plural = _("audit outcomes")
        ordering = ["last_day", "created_at"]

    def __str__(self):
        return f"{self.case} {self.kind}"
