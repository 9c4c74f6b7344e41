from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from certification.enums import AuditKind, Cause, DecisionKind, Ground, ProposalStatus
from certification.models.certificates import Certificate
from certification.models.visibility import seen_by
from foundation.formatting import day
from foundation.models import Record, VisibleQuerySet
from organisations.enums import Kind

# What was missed by what and when; see services.proposals.Missed.
NAMES_IT = ("certificate", "ground", "about", "missed_on")
_WHY = {
    Ground.SURVEILLANCE: _("%(about)s: due by %(date)s and not carried out."),
    Ground.SUSPENSION: _("It was suspended until %(date)s, and nothing was decided since."),
    Ground.APPROVAL: _("The approval of the body ended; it was to be transferred by %(date)s."),
    Ground.TRANSFER: _("Another body took it over on %(date)s."),
    Ground.MAJOR: _("%(about)s: a major nonconformity is not resolved since its limit, %(date)s."),
}


class ProposalQuerySet(VisibleQuerySet):
    def visible_to(self, actor):
        """Those who decide and their colleagues; the holder is told what was decided."""
        rows = seen_by(
            self, actor, prefix="certificate__", involved="certificate__case__involvements__user"
        )
        return rows if actor.is_operator or actor.kind == Kind.BODY else rows.none()

    def standing(self, today):
        """Those for whose limit nothing is proposed on a day: open, or dismissed for a while.

        What was decided or lapsed may come again, as after a reinstatement with the audit still
        not held.
        """
        dismissed = models.Q(status=ProposalStatus.DISMISSED, not_before__gt=today)
        return self.filter(models.Q(status=ProposalStatus.OPEN) | dismissed)


class Proposal(Record):
    """A suspension or withdrawal that a missed limit calls for; a certifier decides on it.

    ``about`` names what missed it: the kind of an audit, or the number of a finding, which stands
    at ``about_url``. By ``due_on`` it is decided, where the rules
    know such a limit; an ``automatic`` one happens after that day. Whoever dismisses it says from
    when it is proposed again (``not_before``) as long as its ground holds, and has thereby decided
    in that ``cycle``.
    """

    certificate = models.ForeignKey(Certificate, on_delete=models.PROTECT, related_name="proposals")
    ground = models.CharField(_("ground"), max_length=16, choices=Ground.choices)
    about = models.CharField(_("about"), max_length=60, blank=True)
    about_url = models.CharField(max_length=200, blank=True)
    missed_on = models.DateField(_("limit that was missed"))
    kind = models.CharField(_("proposed"), max_length=16, choices=DecisionKind.choices)
    cause = models.CharField(_("cause"), max_length=24, choices=Cause.choices)
    due_on = models.DateField(_("to be decided by"), null=True)
    automatic = models.BooleanField(_("happens by itself"), default=False)
    status = models.CharField(
        _("status"),
        max_length=16,
        choices=ProposalStatus.choices,
        default=ProposalStatus.OPEN,
    )
    dismissal = models.TextField(_("why it was dismissed"), max_length=2000, blank=True)
    dismissed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("dismissed by"),
    )
    not_before = models.DateField(_("proposed again from"), null=True)
    cycle = models.PositiveSmallIntegerField(_("cycle"), null=True)

    objects = ProposalQuerySet.as_manager()

    class Meta:
        verbose_name = _("proposal")
        verbose_name_plural = _("proposals")
        ordering = ["due_on", "created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=NAMES_IT,
                condition=models.Q(status=ProposalStatus.OPEN),
                name="proposal_open_once",
            )
        ]
        indexes = [models.Index(fields=["status", "due_on"], name="proposal_due")]

    def __str__(self):
        return f"{self.certificate} · {self.get_kind_display()}"

    @property
    def journal_thread(self):
        return self.certificate.journal_thread

    @property
    def key(self) -> tuple:
        """What NAMES_IT says of it."""
        return (self.certificate_id, self.ground, self.about, self.missed_on)

    @property
    def number(self) -> str:
        return self.certificate.number

    @property
    def case(self):
        return self.certificate.case

    @property
    def enterprise(self):
        return self.certificate.enterprise

    @property
    def enterprise_id(self):
        return self.certificate.enterprise_id

    @property
    def body(self):
        return self.certificate.body

    @property
    def body_id(self):
        return self.certificate.body_id

    @property
    def why(self) -> str:
        """Say which limit was missed, in the reader's language."""
        about = AuditKind(self.about).label if self.ground == Ground.SURVEILLANCE else self.about
        return _WHY[self.ground] % {"about": about, "date": day(self.missed_on)}

    @property
    def desk_detail(self) -> str:
        """What a queue says beside number and client."""
        return self.why

    def get_absolute_url(self):
        return reverse("certification:certificate", args=[self.certificate_id])
