"""Enter and withdraw absences; whoever planned something on those days is told."""

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audits.enums import AuditStatus, DayPart
from audits.models import Absence, Audit
from audits.rights import ABSENCES
from audits.services.telling import planners, tell
from foundation import journal, timeline
from foundation.formatting import day_range
from foundation.notices import in_both
from foundation.workflow import NotAllowed
from organisations.enums import Role
from organisations.models import Membership
from organisations.rights import PLANNER

# Audits whose team counts on its people: agreed, or offered to the enterprise.
AFFECTED = (
    AuditStatus.PROPOSED,
    AuditStatus.OBJECTED,
    AuditStatus.CONFIRMED,
    AuditStatus.IN_PROGRESS,
)

timeline.register("absence.enter", gettext_lazy("Absence entered"))
timeline.register("absence.withdraw", gettext_lazy("Absence withdrawn"))


def people_for(actor):
    """Return whose absences an actor enters: a planner everybody's of the body, else one's own."""
    people = Membership.objects.people(actor.organisation_id, [Role.AUDITOR])
    return people if PLANNER(actor) else people.filter(pk=actor.user.pk)


def absence_enter(*, actor, user, starts_on, ends_on, kind, part=DayPart.WHOLE, note=""):
    """Enter an absence and return (the absence, the audits it hits, of any body).

    The planners of those audits are told that the person is not available, and nothing more.
    Raises NotAllowed; ValidationError for a stranger, and for days that overlap an absence.
    """
    _allow(actor)
    with transaction.atomic():
        # One at a time for a person: neither twice absent, nor booked and absent at once.
        get_user_model().objects.select_for_update().get(pk=user.pk)
        if not people_for(actor).filter(pk=user.pk).exists():
            raise ValidationError({"user": _("This person is not an auditor of the body.")})
        absence = Absence(
            user=user,
            body=actor.organisation,
            kind=kind,
            starts_on=starts_on,
            ends_on=ends_on,
            part=part,
            note=note,
            entered_by=actor.user,
        )
        _refuse_overlap(absence)
        absence.save(force_insert=True)
        journal.record(absence, "absence.enter", actor, internal_to=absence.body_id)
        return absence, _tell_planners(absence)


def _allow(actor) -> None:
    access = ABSENCES(actor)
    if not access:
        raise NotAllowed(access.reason)


def _refuse_overlap(absence) -> None:
    rows = Absence.objects.filter(user=absence.user).within(absence.starts_on, absence.ends_on)
    if absence.part != DayPart.WHOLE:
        rows = rows.filter(part__in=(DayPart.WHOLE, absence.part))
    other = rows.first()
    if other is not None:
        message = _(
            "An absence is entered for %(days)s already. Withdraw it, or choose other days."
        )
        days = {"days": day_range(other.starts_on, other.ends_on)}
        raise ValidationError({"starts_on": message % days})


def _tell_planners(absence) -> list[Audit]:
    first, last = absence.starts_on, absence.ends_on
    hit = list(
        Audit.objects.filter(
            members__user=absence.user,
            status__in=AFFECTED,
            starts_on__lte=last,
            ends_on__gte=first,
        )
        .select_related("case", "enterprise", "body")
        .order_by("starts_on")
    )
    days = in_both("days", lambda span: day_range(*span), (first, last))
    for audit in hit:
        tell("absent", audit, planners(audit), person=absence.user, **days)
    return hit


@transaction.atomic
def absence_withdraw(*, actor, absence: Absence) -> None:
    """Take an absence back; the days are free again. Raises NotAllowed."""
    _allow(actor)
    if absence.user_id != actor.user.pk and not PLANNER(actor, absence):
        raise NotAllowed(_("This is not your absence."))
    journal.record(absence, "absence.withdraw", actor, internal_to=absence.body_id)
    absence.delete()
