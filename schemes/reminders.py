"""The dates of approvals and competence somebody is reminded of."""

from django.db.models import F

from foundation.notices import in_both, notify
from foundation.reminders import Reminder, register
from organisations.enums import BodyStatus, Role
from schemes.enums import CompetenceRole
from schemes.models import BodyApproval, Competence
from schemes.queries.reminders import by_country

_COUNTRY = "body__country"


def _approvals():
    rows = BodyApproval.objects.filter(body__body_profile__status=BodyStatus.APPROVED)
    return rows.select_related("body", "scheme")


def _tell_managers(approval, facts):
    notify(
        "schemes.approval_ending",
        to=approval.body.people(Role.MANAGER),
        obj=approval,
        url=approval.get_absolute_url(),
        reference=approval.reference,
        scheme_zh=approval.scheme.title_zh,
        scheme_en=approval.scheme.title_en,
        **facts,
    )


def _competences():
    """Return competences of people who still belong to the body."""
    rows = Competence.objects.filter(
        user__is_active=True,
        user__memberships__organisation_id=F("body_id"),
        user__memberships__ended_at=None,
    )
    return rows.select_related("body", "scheme", "user").distinct()


def _tell_person(competence, facts):
    notify(
        "schemes.competence_ending",
        to=[competence.user, *competence.body.people(Role.MANAGER)],
        obj=competence,
        url=competence.get_absolute_url(),
        person=competence.user.name,
        body_zh=competence.body.name_zh,
        body_en=competence.body.name_en,
        scheme_zh=competence.scheme.title_zh,
        scheme_en=competence.scheme.title_en,
        **in_both("role", str, CompetenceRole(competence.role).label),
        **facts,
    )


register(
    Reminder(
        key="schemes.approval_ending",
        rows=_approvals,
        date="valid_to",
        steps=by_country(_COUNTRY, before="reminder_days"),
        tell=_tell_managers,
    )
)
register(
    Reminder(
        key="schemes.competence_ending",
        rows=_competences,
        date="valid_until",
        steps=by_country(_COUNTRY, before="reminder_days"),
        tell=_tell_person,
    )
)
