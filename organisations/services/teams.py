"""Who belongs to an organisation, in which roles."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from foundation import journal
from foundation.notices import in_both, notify
from foundation.workflow import require_confirmed
from organisations.actors import actor_in
from organisations.enums import ROLES_OF, Kind, Role
from organisations.models import ApiKey, Handover, Membership, Organisation

# The role without which nobody could run the organisation any more.
RUNS = {
    "enterprise": Role.OWNER,
    "body": Role.MANAGER,
    "laboratory": Role.MANAGER,
    "authority": Role.SUPERVISOR,
}


def lock(organisation) -> None:
    """Let nobody else change who runs an organisation until the commit."""
    Organisation.objects.select_for_update().get(pk=organisation.pk)


def runners(organisation) -> list[Membership]:
    """Return the roles of the active people who run an organisation."""
    rows = Membership.objects.current().filter(
        organisation=organisation, role=RUNS[organisation.kind]
    )
    return list(rows.select_related("user", "organisation"))


def give_role(*, user, organisation, role: str) -> Membership:
    """Give a person a role that he or she may hold already."""
    membership, _created = Membership.objects.get_or_create(
        user=user, organisation=organisation, role=role, ended_at=None
    )
    return membership


def _end(rows, actor) -> None:
    """End roles, with a journal entry each; with the last one end the keys of the person."""
    for row in rows:
        row.ended_at = timezone.now()
        row.save(update_fields=["ended_at", "changed_at"])
        others = Membership.objects.filter(
            user=row.user, organisation=row.organisation, ended_at=None
        )
        if not others.exists():
            keys = ApiKey.objects.filter(user=row.user, organisation=row.organisation)
            keys.filter(ended_at=None).update(ended_at=row.ended_at)
        facts = {"person": row.user.name, "role": row.role}
        journal.record(row.organisation, "organisation.member_ended", actor, facts)


def _keep_one(organisation, ending) -> None:
    """Raise ValidationError when nobody would run the organisation after these roles ended."""
    ended = {row.pk for row in ending}
    running = runners(organisation)
    if running and not any(row.pk not in ended for row in running):
        raise ValidationError(
            _("This is the last %(role)s. Hand over or give the role to somebody else first.")
            % {"role": Role(RUNS[organisation.kind]).label}
        )


@transaction.atomic
def add_member(*, actor, organisation, email: str, name: str, role: str) -> Membership:
    """Give a person a role, as operators do; others invite. Without an account one is made.

    Raises ValidationError when the role does not exist here or is held already.
    """
    if role not in ROLES_OF[organisation.kind]:
        raise ValidationError({"role": _("This organisation has no such role.")})
    user = User.objects.filter(email__iexact=email).first()
    if user is None:
        user = User.objects.create_user(email, name=name, language=actor.user.language)
    elif user.is_staff:
        raise ValidationError({"email": _("Operators belong to no organisation.")})
    if Membership.objects.filter(
        user=user, organisation=organisation, role=role, ended_at=None
    ).exists():
        raise ValidationError({"email": _("This person has this role already.")})
    membership = Membership.objects.create(user=user, organisation=organisation, role=role)
    journal.record(
        organisation, "organisation.member_added", actor, {"person": user.name, "role": role}
    )
    notify(
        "organisations.member_added",
        to=[user],
        obj=organisation,
        url=organisation.get_absolute_url(),
        name_zh=organisation.name_zh,
        name_en=organisation.name_en,
        **in_both("role", str, Role(role).label),
    )
    return membership


@transaction.atomic
def rename(*, actor, name: str, name_latin: str) -> User:
    """Change the actor's own name; every organisation he or she belongs to has it on record."""
    user = User.objects.select_for_update().get(pk=actor.user.pk)
    before, user.name, user.name_latin = user.name, name, name_latin
    user.save(update_fields=["name", "name_latin"])
    if name != before:
        organisations = Organisation.objects.filter(
            memberships__user=user, memberships__ended_at=None
        )
        for organisation in organisations.distinct().order_by("pk"):
            journal.record(
                organisation, "organisation.member_renamed", actor, {"person": name, "was": before}
            )
    return user


@transaction.atomic
def end_person(*, actor, organisation, user) -> None:
    """End all roles of a person in an organisation; he or she is told if somebody else did it.

    Raises ValidationError for the last who runs the organisation.
    """
    lock(organisation)
    rows = list(
        Membership.objects.filter(
            organisation=organisation, user=user, ended_at=None
        ).select_related("user", "organisation")
    )
    _keep_one(organisation, rows)
    _end(rows, actor)
    now = timezone.now()
    mine = Handover.objects.unanswered().filter(organisation=organisation)
    mine.filter(offered_by=user).update(withdrawn_at=now)
    mine.filter(offered_to=user).update(withdrawn_at=now)
    if rows and actor.user != user:
        notify(
            "organisations.removed",
            to=[user],
            obj=organisation,
            name_zh=organisation.name_zh,
            name_en=organisation.name_en,
        )


def end_former(organisation, actor) -> None:
    """End the role of all who ran an organisation before this actor."""
    rows = organisation.memberships.filter(role=RUNS[organisation.kind], ended_at=None)
    _end(rows.exclude(user=actor.user).select_related("user", "organisation"), actor)


@transaction.atomic
def offer_handover(*, actor, organisation, user) -> Handover:
    """Offer a colleague to take over what the actor runs; an older offer is replaced.

    Raises ValidationError when the actor does not run it or the colleague is not one.
    """
    require_confirmed(actor)
    role = RUNS[organisation.kind]
    belongs = Membership.objects.current().filter(organisation=organisation, user=user)
    if not actor.holds(role, organisation.pk) or not belongs.exists() or user == actor.user:
        raise ValidationError(_("Choose a colleague who belongs to the organisation."))
    older = Handover.objects.unanswered().filter(organisation=organisation, offered_by=actor.user)
    older.update(withdrawn_at=timezone.now())
    handover = Handover.objects.create(
        organisation=organisation,
        role=role,
        offered_by=actor.user,
        offered_to=user,
        expires_at=timezone.now() + settings.INVITATION_LASTS,
    )
    journal.record(organisation, "organisation.handover_offered", actor, {"person": user.name})
    _tell_of_handover("organisations.handover_offered", handover, user)
    return handover


def _tell_of_handover(kind, handover, reader):
    organisation = handover.organisation
    notify(
        kind,
        to=[reader],
        obj=organisation,
        url=f"{organisation.get_absolute_url()}people/",
        person=handover.offered_by.name if reader == handover.offered_to else handover.offered_to,
        name_zh=organisation.name_zh,
        name_en=organisation.name_en,
    )


@transaction.atomic
def answer_handover(*, actor, handover, accepts: bool) -> None:
    """Accept what one was offered; or decline it, or take back what one offered.

    Raises ValidationError when it is another's, over, or its offerer runs nothing any more.
    """
    now = timezone.now()
    is_asked = actor.user == handover.offered_to
    if not is_asked and (accepts or actor.user != handover.offered_by):
        raise ValidationError(_("This offer is for somebody else."))
    lock(handover.organisation)
    change = {"accepted_at": now} if accepts else {"withdrawn_at": now}
    if not Handover.objects.open().filter(pk=handover.pk).update(**change, changed_at=now):
        raise ValidationError(_("This offer is over."))
    if not accepts:
        return
    organisation = handover.organisation
    held = [row for row in runners(organisation) if row.user_id == handover.offered_by_id]
    if not held:
        raise ValidationError(_("This offer is over."))
    give_role(user=actor.user, organisation=organisation, role=handover.role)
    if organisation.kind == Kind.ENTERPRISE:
        give_role(user=handover.offered_by, organisation=organisation, role=Role.MEMBER)
    present = actor_in(actor.user, organisation)
    facts = {"person": actor.name, "from": handover.offered_by.name}
    journal.record(organisation, "organisation.handed_over", present, facts)
    _end(held, present)
    _tell_of_handover("organisations.handed_over", handover, handover.offered_by)


@transaction.atomic
def end_membership(*, actor, membership) -> Membership:
    """End one role of a person. Raises ValidationError for the last who runs the organisation."""
    lock(membership.organisation)
    if membership.role == RUNS[membership.organisation.kind]:
        _keep_one(membership.organisation, [membership])
    _end([membership], actor)
    return membership
