"""The dates of approvals, competence and profiles somebody is reminded of."""

from datetime import date
from decimal import Decimal

from django.db.models import DateField, Exists, F, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from foundation.notices import in_both, notify
from foundation.reminders import Reminder, register
from organisations.enums import BodyStatus, Kind, Role
from organisations.models import Membership
from schemes.enums import OF_THE_BODY, ApprovalStanding, CompetenceRole, EntryKind
from schemes.models import BodyApproval, Competence, Declaration, Entry, RuleSet
from schemes.queries.cautions import AUDITING, lasting_entries
from schemes.queries.people import managers_of
from schemes.queries.reminders import by_country, everywhere
from schemes.queries.rules import rule_book_for

_COUNTRY = "body__country"


def _approvals():
    following = BodyApproval.objects.filter(
        body=OuterRef("body"),
        scheme=OuterRef("scheme"),
        reference=OuterRef("reference"),
        valid_from__gt=OuterRef("valid_from"),
    )
    rows = BodyApproval.objects.filter(
        body__body_profile__status=BodyStatus.APPROVED, standing=ApprovalStanding.HOLDS
    )
    return rows.exclude(Exists(following)).select_related("body", "scheme")


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
    """Return competences that count, of people who still belong to the body."""
    rows = Competence.objects.approved().filter(
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


def _of_people(kind):
    """Return the entries of a kind of people who belong to a body; what was renewed is over."""

    def rows():
        found = lasting_entries(kind).filter(
            user__is_active=True,
            user__memberships__organisation__kind=Kind.BODY,
            user__memberships__ended_at=None,
            last_day__isnull=False,
        )
        if kind in OF_THE_BODY:
            found = found.filter(user__memberships__organisation_id=F("body_id"))
        return found.select_related("body", "user").distinct()

    return rows


def _tell_of(kind):
    def tell(entry, facts):
        notify(
            kind,
            to=[entry.user, *managers_of(entry.user, entry.body)],
            obj=entry,
            url=entry.get_absolute_url(),
            person=entry.user.name,
            title=entry.title,
            **facts,
        )

    return tell


def _declarations():
    rows = Declaration.objects.filter(
        user__is_active=True,
        user__memberships__organisation__kind=Kind.BODY,
        user__memberships__ended_at=None,
    )
    return rows.select_related("user").distinct()


def _tell_declarer(declaration, facts):
    row = (
        Membership.objects.current()
        .filter(user=declaration.user, organisation__kind=Kind.BODY)
        .order_by("created_at")
        .first()
    )
    if row is None:
        return
    url = reverse("schemes:profile", args=[row.organisation_id, declaration.user_id])
    notify("schemes.interests_due", to=[declaration.user], obj=declaration, url=url, **facts)


def _short_of_hours():
    """Return the memberships of auditors who lack hours of this year; due when it ends."""
    today = timezone.localdate()
    auditing = Competence.objects.in_force(today).filter(
        user=OuterRef("user"), body=OuterRef("organisation"), role__in=AUDITING
    )
    hours = (
        Entry.objects.standing()
        .filter(kind=EntryKind.TRAINING, user=OuterRef("user"), first_day__year=today.year)
        .order_by()
        .values("user")
        .annotate(sum=Sum("hours"))
        .values("sum")
    )
    year_end = Value(date(today.year, 12, 31), output_field=DateField())
    rows = Membership.objects.current().filter(
        Exists(auditing), role=Role.AUDITOR, organisation__kind=Kind.BODY
    )
    rows = rows.annotate(held=Coalesce(Subquery(hours), Decimal(0)), due_on=year_end)
    return rows.filter(_short(today)).select_related("organisation", "user")


def _short(today: date) -> Q:
    """Return the condition that a membership lacks hours by the rules of its body's country."""
    known = [str(row.country) for row in RuleSet.objects.in_force(today) if row.country]
    found = ~Q(organisation__country__in=known) & Q(held__lt=_wanted("", today))
    for country in known:
        found |= Q(organisation__country=country, held__lt=_wanted(country, today))
    return found


def _wanted(country: str, today: date) -> Decimal:
    return rule_book_for(country, today).number("cpd_hours_per_year")


def _tell_of_hours(membership, facts):
    body = membership.organisation
    notify(
        "schemes.hours_missing",
        to=[membership.user, *managers_of(membership.user, body)],
        obj=membership,
        url=reverse("schemes:profile", args=[body.pk, membership.user_id]),
        person=membership.user.name,
        held=f"{membership.held:g}",
        wanted=f"{_wanted(str(body.country), timezone.localdate()):g}",
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
for _kind, _notice in (
    (EntryKind.REGISTRATION, "schemes.registration_ending"),
    (EntryKind.EMPLOYMENT, "schemes.employment_ending"),
    (EntryKind.EVALUATION, "schemes.evaluation_due"),
):
    register(
        Reminder(
            key=_notice,
            rows=_of_people(_kind),
            date="last_day",
            steps=by_country(_COUNTRY, before="reminder_days"),
            tell=_tell_of(_notice),
        )
    )
register(
    Reminder(
        key="schemes.interests_due",
        rows=_declarations,
        date="due_on",
        steps=everywhere(before="reminder_days"),
        tell=_tell_declarer,
    )
)
register(
    Reminder(
        key="schemes.hours_missing",
        rows=_short_of_hours,
        date="due_on",
        steps=by_country("organisation__country", before="reminder_days"),
        tell=_tell_of_hours,
    )
)
