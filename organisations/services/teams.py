"""Who belongs to an organisation, in which roles."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from foundation import journal
from foundation.notices import in_both, notify
from organisations.enums import ROLES_OF, Role
from organisations.models import Membership, Organisation

# The role without which nobody could run the organisation any more.
RUNS = {
    "enterprise": Role.OWNER,
    "body": Role.MANAGER,
    "laboratory": Role.MANAGER,
    "authority": Role.SUPERVISOR,
}


@transaction.atomic
def add_member(*, actor, organisation, email: str, name: str, role: str) -> Membership:
    """Give a person a role; a person without an account gets one without a password.

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
def end_membership(*, actor, membership) -> Membership:
    """End one role of a person. Raises ValidationError for the last who runs the organisation."""
    organisation = membership.organisation
    rows = Membership.objects.select_for_update().filter(
        organisation=organisation, role=membership.role, ended_at=None
    )
    if membership.role == RUNS[organisation.kind] and len(rows) == 1:
        raise ValidationError(
            _("This is the last %(role)s. Give the role to somebody else first.")
            % {"role": membership.get_role_display()}
        )
    membership.ended_at = timezone.now()
    membership.save(update_fields=["ended_at", "changed_at"])
    journal.record(
        organisation,
        "organisation.member_ended",
        actor,
        {"person": membership.user.name, "role": membership.role},
    )
    return membership
