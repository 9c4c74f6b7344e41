from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from certification.enums import OPEN_MERGERS, MergerStatus
from certification.models.cases import Case
from foundation.models import Record, VisibleQuerySet
from foundation.models.base import in_language
from organisations.enums import Kind
from organisations.models import Organisation


class MergerQuerySet(VisibleQuerySet):
    def visible_to(self, actor):
        """Both enterprises, and the authority of the region of either; operators all.

        A body reads what concerns it in the change reported for its case.
        """
        if actor.is_operator:
            return self
        if actor.kind == Kind.ENTERPRISE:
            own = actor.organisation_id
            return self.filter(Q(absorbed=own) | Q(absorbing=own))
        if actor.kind == Kind.AUTHORITY:
            region = actor.organisation.region_prefix
            return self.filter(
                Q(absorbed__region__startswith=region) | Q(absorbing__region__startswith=region)
            )
        return self.none()


class Merger(Record):
    """One enterprise goes up in another (ISO/IEC 17021-1:2015 8.5.3: legal status, ownership).

    ``reporter`` is the one of both that reported it; the other confirms by ``confirm_by``, or it
    lapses. Where two go up in a new enterprise, each merges into that one.
    """

    number = models.CharField(_("number"), max_length=30, unique=True)
    status = models.CharField(
        _("status"),
        max_length=16,
        choices=MergerStatus.choices,
        default=MergerStatus.PROPOSED,
    )
    absorbed = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        related_name="mergers_ended_by",
        verbose_name=_("enterprise that ends"),
    )
    absorbing = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        related_name="mergers_grown_by",
        verbose_name=_("enterprise that goes on"),
    )
    reporter = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("reported by"),
    )
    description = models.TextField(_("about the merger"), max_length=4000)
    takes_effect_on = models.DateField(_("takes effect on"))
    confirm_by = models.DateField(_("to be confirmed by"))
    reported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    agreed_at = models.DateTimeField(_("agreed"), null=True)

    objects = MergerQuerySet.as_manager()

    class Meta:
        verbose_name = _("merger")
        verbose_name_plural = _("mergers")
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(condition=~Q(absorbed=F("absorbing")), name="merger_of_two"),
            models.CheckConstraint(
                condition=Q(reporter=F("absorbed")) | Q(reporter=F("absorbing")),
                name="merger_reported_by_a_party",
            ),
            models.UniqueConstraint(
                fields=["absorbed"],
                condition=Q(status__in=OPEN_MERGERS),
                name="merger_open_once",
            ),
        ]
        indexes = [models.Index(fields=["status", "confirm_by"], name="merger_due")]

    @property
    def other(self) -> Organisation:
        """The enterprise that is asked to confirm."""
        return self.absorbing if self.reporter_id == self.absorbed_id else self.absorbed

    @property
    def other_id(self):
        return self.absorbing_id if self.reporter_id == self.absorbed_id else self.absorbed_id

    @property
    def enterprise(self) -> Organisation:
        """Whose work it is to answer."""
        return self.other

    @property
    def enterprise_id(self):
        return self.other_id

    @property
    def due_on(self):
        """The day by which the other enterprise is expected to answer."""
        return self.confirm_by if self.status == MergerStatus.PROPOSED else None

    @property
    def desk_detail(self) -> str:
        """What a queue says beside number and client."""
        return _("Merger with %(name)s") % {"name": self.reporter.name}

    def get_absolute_url(self):
        return reverse("certification:merger", args=[self.pk])


class FormerHolderQuerySet(VisibleQuerySet):
    def visible_to(self, actor):
        """Whoever sees the case."""
        return self.filter(case__in=Case.objects.visible_to(actor))


class FormerHolder(Record):
    """Who held a case, and its certificates, until it passed over in a merger.

    Name and identifier stay as they were, so that the public finds a certificate by them.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="former_holders")
    enterprise = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    merger = models.ForeignKey(Merger, on_delete=models.PROTECT, related_name="carried")
    until = models.DateTimeField(_("until"))
    name_zh = models.CharField(max_length=200, blank=True)
    name_en = models.CharField(max_length=200, blank=True)
    identifier = models.CharField(max_length=40, db_index=True)

    objects = FormerHolderQuerySet.as_manager()

    class Meta:
        verbose_name = _("former holder")
        verbose_name_plural = _("former holders")
        ordering = ["-until"]
        constraints = [
            models.UniqueConstraint(fields=["case", "enterprise"], name="former_holder_once")
        ]

    def __str__(self):
        return f"{self.case} {self.name}"

    @property
    def name(self) -> str:
        return in_language(self.name_zh, self.name_en)
