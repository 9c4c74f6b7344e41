from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from certification.enums import (
    ApplicationKind,
    ApplicationStatus,
    IntegrationLevel,
    PreviousStatus,
)
from certification.models.visibility import seen_by
from foundation.models import Record, VisibleQuerySet
from foundation.models.base import in_language
from organisations.enums import Kind
from organisations.models import Organisation, Site
from schemes.models import Scheme, StandardEdition, TechnicalArea

EDITABLE = (ApplicationStatus.DRAFT, ApplicationStatus.RETURNED)
WITH_REVIEWER = (ApplicationStatus.SUBMITTED, ApplicationStatus.IN_REVIEW)


class ApplicationRowQuerySet(VisibleQuerySet):
    """Rows that belong to an application are seen by whoever sees the application."""

    def visible_to(self, actor):
        return self.filter(application__in=Application.objects.visible_to(actor))


class ReviewRequestQuerySet(ApplicationRowQuerySet):
    def visible_to(self, actor):
        """A request that is still being written is internal work of the body."""
        rows = super().visible_to(actor)
        if actor.is_operator or actor.kind == Kind.BODY:
            return rows
        return rows.filter(sent_at__isnull=False)


class ApplicationQuerySet(VisibleQuerySet):
    def visible_to(self, actor):
        """The enterprise its own; body and authority from the submission on."""
        rows = seen_by(self, actor, involved="case__involvements__user")
        if actor.is_operator or actor.kind == Kind.ENTERPRISE:
            return rows
        return rows.exclude(number="")


class Application(Record):
    """An enterprise asks a body for certification; every field may be empty while a draft."""

    number = models.CharField(_("number"), max_length=30, blank=True)
    kind = models.CharField(
        _("kind"),
        max_length=16,
        choices=ApplicationKind.choices,
        default=ApplicationKind.INITIAL,
    )
    status = models.CharField(
        _("status"),
        max_length=16,
        choices=ApplicationStatus.choices,
        default=ApplicationStatus.DRAFT,
    )
    enterprise = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        related_name="applications",
        verbose_name=_("enterprise"),
    )
    body = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        related_name="received_applications",
        null=True,
        blank=True,
        verbose_name=_("certification body"),
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    case = models.ForeignKey(
        "certification.Case", on_delete=models.PROTECT, null=True, related_name="applications"
    )
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    scope_zh = models.TextField(_("scope in Chinese"), max_length=1000, blank=True)
    scope_en = models.TextField(_("scope in English"), max_length=2000, blank=True)
    exclusions = models.TextField(
        _("requirements that do not apply, and why"), max_length=1000, blank=True
    )
    processes = models.TextField(_("main processes"), max_length=2000, blank=True)
    outsourced = models.TextField(
        _("outsourced processes"), max_length=1000, blank=True, help_text=_("“None” is an answer.")
    )
    legal_obligations = models.TextField(
        _("laws and permits that apply"), max_length=2000, blank=True
    )
    languages = models.JSONField(_("languages of the audit"), default=list, blank=True)
    safety_conditions = models.TextField(
        _("safety conditions on site"), max_length=1000, blank=True
    )
    system_since = models.DateField(
        _("management system in operation since"), null=True, blank=True
    )
    internal_audit_on = models.DateField(_("last internal audit"), null=True, blank=True)
    management_review_on = models.DateField(_("last management review"), null=True, blank=True)
    consultancy_used = models.BooleanField(_("consultancy used"), null=True, blank=True)
    consultancy_by = models.CharField(_("consultancy by"), max_length=200, blank=True)
    consultancy_until = models.DateField(_("consultancy ended"), null=True, blank=True)
    integration = models.CharField(
        _("integration of the systems"),
        max_length=16,
        choices=IntegrationLevel.choices,
        default=IntegrationLevel.NONE,
    )
    remote_possible = models.BooleanField(_("remote audit possible"), null=True, blank=True)
    wished_month = models.DateField(_("wished month of the audit"), null=True, blank=True)

    had_certificate = models.BooleanField(_("held a certificate before"), null=True, blank=True)
    previous_number = models.CharField(_("present certificate"), max_length=60, blank=True)
    previous_body = models.CharField(_("issued by"), max_length=200, blank=True)
    previous_expires_on = models.DateField(_("it expires on"), null=True, blank=True)
    previous_accredited = models.BooleanField(_("it is accredited"), null=True, blank=True)
    previous_status = models.CharField(
        _("its status"),
        max_length=16,
        blank=True,
        choices=PreviousStatus.choices,
    )
    previous_open_majors = models.BooleanField(
        _("open major nonconformities"), null=True, blank=True
    )
    previous_own_fault = models.BooleanField(
        _("suspended or withdrawn for own fault"), null=True, blank=True
    )
    previous_body_lost_on = models.DateField(
        _("its body lost the approval on"), null=True, blank=True
    )
    withdrawn_on = models.DateField(
        _("last certificate suspended or withdrawn for own fault on"), null=True, blank=True
    )

    contact_name = models.CharField(_("contact person"), max_length=100, blank=True)
    contact_phone = models.CharField(_("telephone"), max_length=40, blank=True)
    contact_email = models.EmailField(_("e-mail address"), blank=True)

    declared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    submitted_at = models.DateTimeField(_("submitted"), null=True)
    review_due_on = models.DateField(_("review due"), null=True)
    # Who last changed which answer, and when: {field: {"by": name, "user": id, "at": time}}.
    edits = models.JSONField(default=dict, editable=False)

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        verbose_name = _("application")
        verbose_name_plural = _("applications")
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["number"], condition=~Q(number=""), name="application_number_once"
            ),
            models.CheckConstraint(
                condition=Q(submitted_at=None) | ~Q(number=""),
                name="application_submitted_has_number",
            ),
        ]
        indexes = [
            models.Index(fields=["body", "status"], name="application_queue"),
            models.Index(fields=["enterprise", "status"], name="application_own"),
        ]

    def __str__(self):
        return self.number or str(self.pk)

    @property
    def scope(self) -> str:
        return in_language(self.scope_zh, self.scope_en)

    @property
    def is_editable(self) -> bool:
        """Tell whether the enterprise may still change its answers."""
        return self.status in EDITABLE

    @property
    def due_on(self):
        """The day until which the body promised its review, or None when it is not its turn."""
        return self.review_due_on if self.status in WITH_REVIEWER else None

    @property
    def is_private(self) -> bool:
        """Tell whether the enterprise alone knows of it."""
        return self.status == ApplicationStatus.DRAFT

    @property
    def desk_number(self) -> str:
        return self.number

    @property
    def desk_detail(self) -> str:
        """What a queue says beside number and client: what is applied for, and which kind."""
        editions = [str(row.edition) for row in self.schemes.all()]
        return " · ".join([*editions, self.get_kind_display()])

    def get_absolute_url(self):
        return reverse("certification:application", args=[self.pk])


class ApplicationScheme(Record):
    """One scheme applied for, in an edition, with its technical areas and category."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="schemes")
    scheme = models.ForeignKey(Scheme, on_delete=models.PROTECT, related_name="+")
    edition = models.ForeignKey(StandardEdition, on_delete=models.PROTECT, related_name="+")
    areas = models.ManyToManyField(TechnicalArea, related_name="+", blank=True)
    category = models.CharField(
        _("complexity or risk"),
        max_length=16,
        blank=True,
        help_text=_("Decided by the body in the application review."),
    )

    objects = ApplicationRowQuerySet.as_manager()

    class Meta:
        verbose_name = _("scheme applied for")
        verbose_name_plural = _("schemes applied for")
        ordering = ["scheme__position"]
        constraints = [
            models.UniqueConstraint(
                fields=["application", "scheme"], name="application_scheme_once"
            )
        ]

    def __str__(self):
        return str(self.edition)


class ApplicationSite(Record):
    """A site that the certification shall cover."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="sites")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")

    objects = ApplicationRowQuerySet.as_manager()

    class Meta:
        verbose_name = _("site applied for")
        verbose_name_plural = _("sites applied for")
        ordering = ["-site__is_central", "site__created_at"]
        constraints = [
            models.UniqueConstraint(fields=["application", "site"], name="application_site_once")
        ]

    def __str__(self):
        return str(self.site)


class ApplicationVersion(Record):
    """What was submitted, word for word: the snapshot of one submission."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="versions")
    version = models.PositiveSmallIntegerField()
    snapshot = models.JSONField()
    sha256 = models.CharField(max_length=64)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    objects = ApplicationRowQuerySet.as_manager()

    class Meta:
        verbose_name = _("submitted version")
        verbose_name_plural = _("submitted versions")
        ordering = ["version"]
        constraints = [
            models.UniqueConstraint(
                fields=["application", "version"], name="application_version_once"
            )
        ]

    def __str__(self):
        return f"{self.application} v{self.version}"


class ReviewRequest(Record):
    """One thing the reviewer wants completed; all of them go out as a single request."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="requests")
    field = models.CharField(max_length=40)
    reason = models.TextField(_("what is missing"), max_length=1000)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    version = models.PositiveSmallIntegerField(_("asked about version"))
    sent_at = models.DateTimeField(null=True)

    objects = ReviewRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("request for completion")
        verbose_name_plural = _("requests for completion")
        ordering = ["created_at"]

    def __str__(self):
        return f"{self.application} {self.field}"
