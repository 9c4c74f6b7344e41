from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from audits.enums import OVER, Activity, AuditStatus, Mode, TeamRole
from certification.enums import AuditKind, AuditLanguage
from certification.models import Case, ProgrammeItem
from certification.models.visibility import seen_by
from foundation.models import Record, StoredFile, VisibleQuerySet
from organisations.enums import Kind
from organisations.models import Organisation, Site
from schemes.models import StandardEdition


class AuditQuerySet(VisibleQuerySet):
    def visible_to(self, actor):
        """The body's desk and who works in the case; the others once a team was proposed."""
        # The team looks at an audit before it is agreed, and is part of the case from then on.
        involved = ("members__user", "case__involvements__user")
        rows = seen_by(self, actor, involved=involved)
        rows = rows.prefetch_related("members")  # every right asks who is on the team
        if actor.is_operator or actor.kind == Kind.BODY:
            return rows
        return rows.exclude(proposed_at=None)


class Audit(Record):
    """One audit of a programme, from its planning to the reviewed report.

    ``days`` were computed for it, ``days_planned`` are on its plan, ``days_held`` took place.
    ``sample`` keeps how the sites were drawn: seed, size, drawn, chosen. ``sequence`` counts the
    revisions of its calendar entry; ``plan_snapshot`` is the plan as it was confirmed.
    """

    number = models.CharField(_("number"), max_length=30, unique=True)
    status = models.CharField(
        _("status"), max_length=16, choices=AuditStatus.choices, default=AuditStatus.PLANNED
    )
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="audits")
    programme_item = models.ForeignKey(
        ProgrammeItem, on_delete=models.PROTECT, null=True, related_name="audits"
    )
    cycle = models.PositiveSmallIntegerField(_("cycle"))
    kind = models.CharField(_("kind"), max_length=16, choices=AuditKind.choices)
    enterprise = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    body = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    mode = models.CharField(_("mode"), max_length=16, choices=Mode.choices, default=Mode.ON_SITE)
    starts_on = models.DateField(_("first day"), null=True, blank=True)
    ends_on = models.DateField(_("last day"), null=True, blank=True)
    days = models.DecimalField(_("audit days"), max_digits=6, decimal_places=1)
    days_planned = models.DecimalField(
        _("audit days planned"), max_digits=6, decimal_places=1, default=0
    )
    days_held = models.DecimalField(
        _("audit days held"), max_digits=6, decimal_places=1, null=True, blank=True
    )
    language = models.CharField(
        _("language"), max_length=8, choices=AuditLanguage.choices, default=AuditLanguage.ZH
    )
    objectives = models.TextField(_("objectives"), max_length=2000, blank=True)
    date_reason = models.TextField(
        _("why the dates lie outside the programme"), max_length=1000, blank=True
    )
    days_reason = models.TextField(
        _("why fewer days are planned than computed"), max_length=1000, blank=True
    )
    uncovered_reason = models.TextField(
        _("clauses not audited this time, and why"), max_length=1000, blank=True
    )
    ict_assessment = models.TextField(
        _("risks and opportunities of remote auditing, as assessed"), max_length=2000, blank=True
    )
    ict_tools = models.TextField(_("tools agreed for remote auditing"), max_length=1000, blank=True)
    sample = models.JSONField(_("sampling of sites"), default=dict, blank=True)
    editions = models.ManyToManyField(StandardEdition, related_name="+")
    sites = models.ManyToManyField(Site, related_name="+")
    proposed_at = models.DateTimeField(_("first proposed"), null=True, blank=True)
    sequence = models.PositiveSmallIntegerField(default=0)
    opened_at = models.DateTimeField(_("opened"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    disagreement = models.TextField(_("diverging opinions"), max_length=2000, blank=True)
    plan_snapshot = models.JSONField(default=dict, blank=True)
    plan_file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")

    objects = AuditQuerySet.as_manager()

    class Meta:
        verbose_name = _("audit")
        verbose_name_plural = _("audits")
        ordering = ["starts_on", "created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="audit_ends_after_it_begins",
            ),
            models.UniqueConstraint(
                fields=["programme_item"],
                condition=~Q(status__in=OVER),
                name="audit_one_open_per_item",
            ),
        ]
        indexes = [
            models.Index(fields=["body", "status"], name="audit_queue"),
            models.Index(fields=["case", "cycle"], name="audit_case"),
        ]

    @property
    def due_on(self):
        """The day by which the team is expected to act: the first, then the last of the audit."""
        days = {
            AuditStatus.CONFIRMED: self.starts_on,
            AuditStatus.IN_PROGRESS: self.ends_on,
        }
        return days.get(self.status)

    def __str__(self):
        return self.number

    @property
    def journal_thread(self):
        return self.case.thread

    @property
    def lead(self):
        """The leader of the team, or None while there is no team."""
        for member in self.members.all():
            if member.role == TeamRole.LEAD:
                return member.user
        return None

    @property
    def is_short_notice(self) -> bool:
        """Tell whether it is announced instead of agreed (ISO/IEC 17021-1:2015 9.6.4.2)."""
        return self.programme_item is not None and self.programme_item.short_notice

    @property
    def is_remote(self) -> bool:
        """Tell whether any part is done from afar."""
        return self.mode != Mode.ON_SITE

    @property
    def desk_detail(self) -> str:
        """What a queue says beside number and client."""
        return self.get_kind_display()

    def get_absolute_url(self):
        return reverse("audits:audit", args=[self.pk])


class AuditMember(Record):
    """Somebody on the team of an audit, with the own declaration of interests."""

    audit = models.ForeignKey(Audit, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="audit_memberships"
    )
    role = models.CharField(_("role"), max_length=16, choices=TeamRole.choices)
    no_conflict = models.BooleanField(_("no conflict of interest declared"), null=True)
    conflict = models.TextField(_("conflict of interest"), max_length=1000, blank=True)
    declared_at = models.DateTimeField(_("declared"), null=True)

    class Meta:
        verbose_name = _("team member")
        verbose_name_plural = _("team members")
        ordering = ["created_at"]
        constraints = [
            models.UniqueConstraint(fields=["audit", "user"], name="audit_member_once"),
            models.UniqueConstraint(
                fields=["audit"], condition=Q(role=TeamRole.LEAD), name="audit_one_lead"
            ),
        ]

    def __str__(self):
        return f"{self.user} {self.get_role_display()}"


class PlanItem(Record):
    """One line of the timetable: when, what, where, who; without a person it is the whole team."""

    audit = models.ForeignKey(Audit, on_delete=models.CASCADE, related_name="plan")
    day = models.DateField(_("day"))
    starts_at = models.TimeField(_("from"))
    ends_at = models.TimeField(_("to"))
    activity = models.CharField(
        _("activity"), max_length=8, choices=Activity.choices, default=Activity.AUDIT
    )
    site = models.ForeignKey(
        Site, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("site")
    )
    department = models.CharField(_("department or process"), max_length=120, blank=True)
    clauses = models.CharField(_("clauses"), max_length=200, blank=True)
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    remote = models.BooleanField(_("remote"), default=False)

    class Meta:
        verbose_name = _("plan item")
        verbose_name_plural = _("plan items")
        ordering = ["day", "starts_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="plan_item_ends_after_it_begins"
            )
        ]

    def __str__(self):
        return f"{self.day} {self.starts_at} {self.department}"


class Objection(Record):
    """The enterprise objects to the team or the dates; the body answers or proposes anew.

    ``people`` are those of the team whom it named.
    """

    audit = models.ForeignKey(Audit, on_delete=models.PROTECT, related_name="objections")
    reason = models.TextField(_("reason"), max_length=2000)
    people = models.ManyToManyField(
        settings.AUTH_USER_MODEL, verbose_name=_("people objected to"), related_name="+"
    )
    raised_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    answer = models.TextField(_("answer"), max_length=2000, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    answered_at = models.DateTimeField(_("answered"), null=True)

    class Meta:
        verbose_name = _("objection")
        verbose_name_plural = _("objections")
        ordering = ["-created_at"]

    def __str__(self):
        return f"{self.audit}"
