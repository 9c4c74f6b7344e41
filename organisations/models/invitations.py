from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from foundation.models import Record, VisibleQuerySet
from organisations.enums import Role
from organisations.models.organisations import Organisation


class OfferedQuerySet(VisibleQuerySet):
    def visible_to(self, actor):
        """Those of the actor's own organisation; operators all."""
        if actor.is_operator:
            return self
        if actor.organisation_id is None:
            return self.none()
        return self.filter(organisation_id=actor.organisation_id)

    def unanswered(self):
        """What was neither accepted nor withdrawn, whether or not its time is over."""
        return self.filter(accepted_at=None, withdrawn_at=None)

    def open(self):
        """What can still be accepted."""
        return self.unanswered().filter(expires_at__gt=timezone.now())


class Offered(Record):
    """Something a person is offered in an organisation for some days, and accepts or not."""

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="%(class)ss"
    )
    expires_at = models.DateTimeField(_("good until"))
    accepted_at = models.DateTimeField(_("accepted"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    objects = OfferedQuerySet.as_manager()

    class Meta:
        abstract = True

    def __str__(self):
        return str(self.organisation)

    @property
    def is_open(self) -> bool:
        answered = self.accepted_at or self.withdrawn_at
        return not answered and self.expires_at > timezone.now()


class Invitation(Offered):
    """An e-mail address is invited to act for an organisation in some roles.

    Of the link in its mail only the hash is kept; every mail has a link of its own and ends the
    one before.
    """

    email = models.EmailField(_("e-mail address"))
    roles = models.JSONField(_("roles"))
    language = models.CharField(_("language"), max_length=10)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    token_hash = models.CharField(max_length=64, blank=True, editable=False)
    round = models.PositiveSmallIntegerField(_("mails asked for"), default=1)
    sent_round = models.PositiveSmallIntegerField(_("mails sent"), default=0)
    replaces = models.BooleanField(
        _("replaces those who ran it"),
        default=False,
        help_text=_("With it the role of those who ran the organisation before ends."),
    )

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["token_hash"],
                condition=~models.Q(token_hash=""),
                name="invitation_link_once",
            )
        ]

    def __str__(self):
        return f"{self.email} · {', '.join(str(label) for label in self.role_labels)}"

    @property
    def role_labels(self) -> list:
        return [Role(role).label for role in self.roles]


class Handover(Offered):
    """Somebody who runs an organisation offers a colleague to take over."""

    role = models.CharField(_("role"), max_length=16, choices=Role.choices)
    offered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    offered_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("handover")
        verbose_name_plural = _("handovers")
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "offered_by"],
                condition=models.Q(accepted_at=None, withdrawn_at=None),
                name="handover_one_at_a_time",
            )
        ]
