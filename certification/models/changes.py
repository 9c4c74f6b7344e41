from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from certification.enums import OPEN_CHANGES, ApplicationKind, ChangeKind, ChangeStatus
from certification.models.applications import Application
from certification.models.cases import Case, ProgrammeItem
from certification.models.certificates import Certificate
from certification.models.mergers import Merger
from certification.models.visibility import CaseRowQuerySet
from foundation.models import Record


class ChangeReport(Record):
    """A change that a certified enterprise reports (ISO/IEC 17021-1:2015 8.5.3).

    The body assesses it by ``assess_by``. What follows leaves its trace here: the ``certificates``
    to be revised since ``handed_over_at``, the special audit in ``item``, or the kind of
    application that is needed with the ``application`` once it is begun.
    """

    number = models.CharField(_("number"), max_length=30, unique=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="changes")
    status = models.CharField(
        _("status"),
        max_length=16,
        choices=ChangeStatus.choices,
        default=ChangeStatus.REPORTED,
    )
    kind = models.CharField(_("kind of change"), max_length=16, choices=ChangeKind.choices)
    description = models.TextField(_("what changes"), max_length=4000)
    takes_effect_on = models.DateField(_("takes effect on"))
    reported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    assess_by = models.DateField(_("to be assessed by"), null=True)
    question = models.TextField(_("question of the body"), max_length=2000, blank=True)
    answer = models.TextField(_("answer of the enterprise"), max_length=4000, blank=True)
    assessment = models.TextField(_("assessment"), max_length=2000, blank=True)
    certificates = models.ManyToManyField(
        Certificate, verbose_name=_("certificates to revise"), related_name="changes"
    )
    handed_over_at = models.DateTimeField(_("handed to the certifiers"), null=True)
    item = models.ForeignKey(
        ProgrammeItem, on_delete=models.PROTECT, null=True, related_name="changes"
    )
    application_kind = models.CharField(
        _("application needed"), max_length=16, choices=ApplicationKind.choices, blank=True
    )
    application = models.ForeignKey(
        Application, on_delete=models.SET_NULL, null=True, related_name="changes"
    )

    merger = models.ForeignKey(Merger, on_delete=models.PROTECT, null=True, related_name="changes")

    objects = CaseRowQuerySet.as_manager()

    class Meta:
        verbose_name = _("reported change")
        verbose_name_plural = _("reported changes")
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["status", "assess_by"], name="change_due")]
        constraints = [
            models.UniqueConstraint(
                fields=["merger", "case"],
                condition=models.Q(status__in=OPEN_CHANGES),
                name="change_of_a_merger_once",
            )
        ]

    def __str__(self):
        return self.number

    @property
    def journal_thread(self):
        return self.case.thread

    @property
    def enterprise(self):
        return self.case.enterprise

    @property
    def enterprise_id(self):
        return self.case.enterprise_id

    @property
    def body(self):
        return self.case.body

    @property
    def body_id(self):
        return self.case.body_id

    @property
    def due_on(self):
        """The day by which the desk is expected to act; what follows has dates of its own."""
        return self.assess_by if self.status == ChangeStatus.REPORTED else None

    @property
    def desk_detail(self) -> str:
        """What a queue says beside number and client."""
        return _("Reported change: %(kind)s") % {"kind": self.get_kind_display()}

    def get_absolute_url(self):
        return reverse("certification:change", args=[self.pk])
