from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from audits.enums import AuditStatus, Mode, TeamRole
from certification.enums import AuditKind
from certification.models import Case, ProgrammeItem
from certification.models.visibility import parties
from foundation.models import Record, StoredFile, VisibleQuerySet
from organisations.models import Organisation, Site
from schemes.models import Scheme, StandardEdition

# What the enterprise may see: nothing before a team is proposed.
BEFORE_PROPOSAL = (AuditStatus.PLANNED,)


class AuditQuerySet(VisibleQuerySet):
    def visible_to(self, actor):
        """Both parties, the team itself, the authority of the region."""
        return self.filter(parties(actor, involved="members__user")).distinct()


class Audit(Record):
    """One audit of a programme, from its planning to the reviewed report."""

    number = models.CharField(_("number"), max_length=30, unique=True)
    status = models.CharField(
        _("status"), max_length=16, choices=AuditStatus.choices, default=AuditStatus.PLANNED
    )
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="audits")
    programme_item = models.OneToOneField(
        ProgrammeItem, on_delete=models.PROTECT, null=True, related_name="audit"
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
    language = models.CharField(_("language"), max_length=8, default="zh")
    objectives = models.TextField(_("objectives"), max_length=2000, blank=True)
    ict_assessment = models.TextField(
        _("risks and tools of remote auditing, as agreed"), max_length=2000, blank=True
    )
    editions = models.ManyToManyField(StandardEdition, related_name="+")
    sites = models.ManyToManyField(Site, related_name="+")
    opened_at = models.DateTimeField(_("opened"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    disagreement = models.TextField(_("diverging opinions"), max_length=2000, blank=True)
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
            )
        ]
        indexes = [
            models.Index(fields=["body", "status"], name="audit_queue"),
            models.Index(fields=["case", "cycle"], name="audit_case"),
        ]

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

    def get_absolute_url(self):
        return reverse("audits:audit", args=[self.pk])


class AuditMember(Record):
    """Somebody on the team of an audit."""

    audit = models.ForeignKey(Audit, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="audit_memberships"
    )
    role = models.CharField(_("role"), max_length=16, choices=TeamRole.choices)
    schemes = models.ManyToManyField(Scheme, related_name="+", blank=True)
    no_conflict = models.BooleanField(_("no conflict of interest declared"), default=False)

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
    """One line of the timetable: when, what, where, who."""

    audit = models.ForeignKey(Audit, on_delete=models.CASCADE, related_name="plan")
    day = models.DateField(_("day"))
    starts_at = models.TimeField(_("from"))
    ends_at = models.TimeField(_("to"))
    department = models.CharField(_("department or process"), max_length=120)
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
    """The enterprise objects to the team or the dates; the body answers or proposes anew."""

    audit = models.ForeignKey(Audit, on_delete=models.PROTECT, related_name="objections")
    reason = models.TextField(_("reason"), max_length=2000)
    raised_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    answer = models.TextField(_("answer"), max_length=2000, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("objection")
        verbose_name_plural = _("objections")
        ordering = ["-created_at"]

    def __str__(self):
        return f"{self.audit}"
