"""What a profile tells of a person: registrations, employment, experience, training, evaluation."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from foundation.models import Record, VisibleQuerySet
from organisations.enums import DESK_ROLES, Kind
from organisations.models import Membership, Organisation
from schemes.enums import OF_THE_BODY, Engagement, EntryKind, EvaluationResult
from schemes.models.area import TechnicalArea
from schemes.models.scheme import Scheme


def people_of(actor) -> Q:
    """Return whose profile an actor reads: people who belong to a body that the actor sees.

    Of a body that is its desk; an authority reads those of the bodies of its region.
    """
    if actor.kind == Kind.BODY and not actor.roles & DESK_ROLES:
        return Q(user=actor.user)
    bodies = Organisation.objects.visible_to(actor).filter(kind=Kind.BODY)
    present = Membership.objects.current().filter(organisation__in=bodies)
    return Q(user=actor.user) | Q(user__in=present.values("user"))


class EntryQuerySet(VisibleQuerySet):
    def visible_to(self, actor):
        """One's own; a body and its authority those of its people, and what it says itself."""
        if actor.is_operator:
            return self
        if not actor.is_authenticated:
            return self.none()
        bodies = Organisation.objects.visible_to(actor).filter(kind=Kind.BODY)
        own = Q(user=actor.user)
        return self.filter(people_of(actor), own | Q(body=None) | Q(body__in=bodies))

    def standing(self):
        """Return what was not struck off."""
        return self.filter(struck_at=None)


class Entry(Record):
    """One line of a profile, with its proof attached.

    ``body`` is named where a body says it of its own people (employment, evaluation); what belongs
    to the person is read by every body the person works for. ``issuer`` is who registers, employs,
    teaches or evaluates. ``last_day`` is the end of a validity or period; of an evaluation the day
    by which the next one is due. A slip is struck off, not deleted.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="entries",
        verbose_name=_("person"),
    )
    body = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="entries",
        verbose_name=_("certification body"),
    )
    kind = models.CharField(_("kind"), max_length=16, choices=EntryKind.choices)
    title = models.CharField(_("title"), max_length=200)
    issuer = models.CharField(_("by whom"), max_length=200, blank=True)
    number = models.CharField(_("number"), max_length=60, blank=True)
    grade = models.CharField(_("grade"), max_length=60, blank=True)
    engagement = models.CharField(
        _("engagement"), max_length=16, choices=Engagement.choices, blank=True
    )
    scheme = models.ForeignKey(
        Scheme,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("scheme"),
    )
    areas = models.ManyToManyField(
        TechnicalArea, related_name="+", blank=True, verbose_name=_("technical areas")
    )
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"), null=True, blank=True)
    hours = models.DecimalField(_("hours"), max_digits=5, decimal_places=1, null=True, blank=True)
    result = models.CharField(
        _("result"), max_length=16, choices=EvaluationResult.choices, blank=True
    )
    text = models.TextField(_("remarks"), max_length=2000, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    struck_at = models.DateTimeField(_("struck off"), null=True, blank=True)
    struck_why = models.CharField(_("why it was struck off"), max_length=500, blank=True)

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("entry of a profile")
        verbose_name_plural = _("entries of profiles")
        ordering = ["kind", "-first_day", "created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_day=None) | Q(last_day__gte=models.F("first_day")),
                name="entry_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=OF_THE_BODY, body__isnull=False)
                | (~Q(kind__in=OF_THE_BODY) & Q(body=None)),
                name="entry_of_the_person_or_its_body",
            ),
            models.CheckConstraint(
                condition=~Q(kind=EntryKind.TRAINING) | Q(hours__gt=0), name="training_has_hours"
            ),
        ]
        indexes = [
            models.Index(fields=["user", "kind", "last_day"], name="entry_of_person"),
            models.Index(fields=["kind", "last_day"], name="entry_ending"),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} · {self.title}"

    def get_absolute_url(self):
        return reverse("schemes:entry", args=[self.pk])
