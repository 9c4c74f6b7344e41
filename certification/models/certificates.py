from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Replace, Upper
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from certification.enums import Cause, CertificateStatus, RevisionStatus
from certification.models.cases import Case
from certification.models.visibility import seen_by
from foundation.models import Record, StoredFile, VisibleQuerySet
from foundation.models.base import in_language
from organisations.models import Organisation
from schemes.models import Scheme, StandardEdition


class CertificateQuerySet(VisibleQuerySet):
    def visible_to(self, actor):
        """The parties of the case, and the authority of the region."""
        return seen_by(self, actor, involved="case__involvements__user")

    def published(self):
        """What anyone may see: everything that was ever issued."""
        return self.exclude(status=CertificateStatus.ISSUING)


class Certificate(Record):
    """A certificate under one number for life; its printed text lives in the revisions.

    ``code`` is the unguessable part of the public address.
    """

    number = models.CharField(_("certificate number"), max_length=60)
    number_key = models.GeneratedField(
        expression=Upper(Replace(Replace(F("number"), Value(" ")), Value("-"))),
        output_field=models.CharField(max_length=60),
        db_persist=True,
    )
    code = models.CharField(_("code"), max_length=32, unique=True)
    status = models.CharField(
        _("status"),
        max_length=16,
        choices=CertificateStatus.choices,
        default=CertificateStatus.ISSUING,
    )
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="certificates")
    enterprise = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        related_name="certificates",
        verbose_name=_("holder"),
    )
    body = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        related_name="issued_certificates",
        verbose_name=_("certification body"),
    )
    scheme = models.ForeignKey(Scheme, on_delete=models.PROTECT, related_name="+")
    edition = models.ForeignKey(StandardEdition, on_delete=models.PROTECT, related_name="+")
    holder_zh = models.CharField(max_length=200, blank=True)
    holder_en = models.CharField(max_length=200, blank=True)
    holder_identifier = models.CharField(max_length=40, db_index=True)
    scope_zh = models.TextField(max_length=1000, blank=True)
    scope_en = models.TextField(max_length=2000, blank=True)
    first_issued_on = models.DateField(_("first issued on"))
    effective_on = models.DateField(_("effective from"))
    expires_on = models.DateField(_("expires on"))
    suspended_until = models.DateField(_("suspended until"), null=True, blank=True)
    is_reduced = models.BooleanField(_("scope reduced"), default=False)
    transferred_on = models.DateField(_("taken over by another body on"), null=True, blank=True)
    transfer_since = models.DateField(_("body without approval since"), null=True, blank=True)
    transfer_by = models.DateField(_("to be transferred by"), null=True, blank=True)
    cancellation_requested_at = models.DateTimeField(null=True, blank=True)
    cancellation_reason = models.TextField(max_length=2000, blank=True)

    objects = CertificateQuerySet.as_manager()

    class Meta:
        verbose_name = _("certificate")
        verbose_name_plural = _("certificates")
        ordering = ["-effective_on", "number"]
        constraints = [
            models.UniqueConstraint(fields=["body", "number"], name="certificate_number_once"),
            models.CheckConstraint(
                condition=Q(expires_on__gt=F("effective_on")), name="certificate_expires_later"
            ),
            models.CheckConstraint(
                condition=~Q(status=CertificateStatus.SUSPENDED) | Q(suspended_until__isnull=False),
                name="certificate_suspension_has_end",
            ),
        ]
        indexes = [
            models.Index(fields=["body", "status"], name="certificate_register"),
            models.Index(fields=["number_key"], name="certificate_lookup"),
            models.Index(fields=["status", "expires_on"], name="certificate_expiry"),
            models.Index(
                fields=["suspended_until"],
                condition=Q(status=CertificateStatus.SUSPENDED),
                name="certificate_suspended",
            ),
        ]

    def __str__(self):
        return self.number

    @property
    def journal_thread(self):
        return self.case.thread

    @property
    def holder(self) -> str:
        return in_language(self.holder_zh, self.holder_en)

    @property
    def scope(self) -> str:
        return in_language(self.scope_zh, self.scope_en)

    @property
    def current_revision(self):
        """The revision in force, or None while the first one is being issued."""
        return self.revisions.filter(status=RevisionStatus.ISSUED).order_by("-revision").first()

    @property
    def desk_detail(self) -> str:
        """What a queue says beside number and client."""
        return str(self.edition)

    def get_absolute_url(self):
        return reverse("certification:certificate", args=[self.pk])


class CertificateRevision(Record):
    """One printed text of a certificate: frozen content, its digest, and the issued PDF.

    Written ahead: the row with number and content exists before anything is rendered. Content
    and issued file are never changed (triggers). ``made_with`` names the renderer.
    """

    certificate = models.ForeignKey(Certificate, on_delete=models.PROTECT, related_name="revisions")
    revision = models.PositiveSmallIntegerField()
    status = models.CharField(
        max_length=16, choices=RevisionStatus.choices, default=RevisionStatus.ISSUING
    )
    content = models.JSONField()
    digest = models.CharField(max_length=64)
    reason = models.CharField(max_length=24, choices=Cause.choices)
    issued_on = models.DateField()
    decision = models.ForeignKey(
        "certification.Decision", on_delete=models.PROTECT, null=True, related_name="revisions"
    )
    made_with = models.CharField(max_length=200, blank=True)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("revision")
        verbose_name_plural = _("revisions")
        ordering = ["-revision"]
        constraints = [
            models.UniqueConstraint(
                fields=["certificate", "revision"], name="revision_number_once"
            ),
            models.UniqueConstraint(
                fields=["certificate"],
                condition=Q(status=RevisionStatus.ISSUED),
                name="revision_one_in_force",
            ),
            models.CheckConstraint(
                condition=Q(status=RevisionStatus.ISSUING) | Q(file__isnull=False),
                name="revision_issued_has_file",
            ),
        ]

    def __str__(self):
        return f"{self.certificate} rev {self.revision}"

    @property
    def body_id(self):
        return self.certificate.body_id

    @property
    def journal_thread(self):
        return self.certificate.journal_thread


class CertificateEvent(Record):
    """The public history of a certificate: what changed, when, and why in public words."""

    certificate = models.ForeignKey(Certificate, on_delete=models.PROTECT, related_name="events")
    on = models.DateField(_("date"))
    before = models.CharField(max_length=16, choices=CertificateStatus.choices, blank=True)
    after = models.CharField(max_length=16, choices=CertificateStatus.choices)
    cause = models.CharField(max_length=24, choices=Cause.choices)
    revision = models.PositiveSmallIntegerField(null=True)
    until = models.DateField(null=True)

    class Meta:
        verbose_name = _("certificate event")
        verbose_name_plural = _("certificate events")
        ordering = ["-on", "-created_at"]

    def __str__(self):
        return f"{self.certificate} {self.after}"
