"""Invite people by e-mail, in roles, for some days."""

import hashlib
import secrets

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from foundation import files, jobs, journal
from foundation.notices import notify
from foundation.workflow import require_confirmed
from organisations.actors import actor_in
from organisations.enums import ROLES_OF
from organisations.models import Invitation, Membership
from organisations.services.teams import RUNS, end_former, give_role, lock


class InvitationOverError(Exception):
    """The invitation cannot be accepted any more."""


def hash_of(token: str) -> str:
    """Return what is kept of the secret in a link."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_token(invitation) -> str:
    """Give an invitation a new link and return its secret; the link before is over."""
    token = secrets.token_urlsafe(32)
    Invitation.objects.filter(pk=invitation.pk).update(token_hash=hash_of(token))
    return token


@transaction.atomic
def invite(*, actor, organisation, email: str, roles: list[str], replaces=False) -> Invitation:
    """Invite an address to roles; an older open invitation of the same address is replaced.

    Raises ValidationError when a role does not exist here, or the person holds all of them.
    """
    if not roles or not set(roles) <= set(ROLES_OF[organisation.kind]):
        raise ValidationError({"roles": _("This organisation has no such role.")})
    held = Membership.objects.current().filter(organisation=organisation, user__email__iexact=email)
    if not replaces and set(roles) <= set(held.values_list("role", flat=True)):
        raise ValidationError({"email": _("This person has these roles already.")})
    email = email.lower()
    older = organisation.invitations.unanswered().filter(email=email)
    older.update(withdrawn_at=timezone.now())
    invitation = Invitation.objects.create(
        organisation=organisation,
        email=email,
        roles=sorted(set(roles)),
        language=actor.user.language,
        invited_by=actor.user,
        expires_at=timezone.now() + settings.INVITATION_LASTS,
        replaces=replaces,
    )
    _write(invitation, actor, "organisation.invited")
    _mail(invitation, actor)
    return invitation


@transaction.atomic
def send_again(*, actor, invitation) -> Invitation:
    """Send a new link that is good for the full time; the old one is over.

    Raises InvitationOverError when it was answered or withdrawn meanwhile.
    """
    row = Invitation.objects.select_for_update().unanswered().filter(pk=invitation.pk).first()
    if row is None:
        raise InvitationOverError
    row.round += 1
    row.expires_at = timezone.now() + settings.INVITATION_LASTS
    row.save(update_fields=["round", "expires_at", "changed_at"])
    _mail(row, actor)
    return row


@transaction.atomic
def withdraw(*, actor, invitation) -> None:
    """End an invitation before it is accepted. Raises InvitationOverError."""
    now = timezone.now()
    rows = Invitation.objects.unanswered().filter(pk=invitation.pk)
    if not rows.update(withdrawn_at=now, changed_at=now):
        raise InvitationOverError
    _write(invitation, actor, "organisation.invitation_withdrawn")


def _write(invitation, actor, verb):
    facts = {"person": invitation.email, "roles": invitation.roles}
    journal.record(invitation.organisation, verb, actor, facts)


def _mail(invitation, actor):
    key = f"invitation:{invitation.pk}:{invitation.round}"
    jobs.enqueue("organisations.mail_invitation", key=key, subject=invitation, actor=actor)


def find(token: str) -> Invitation | None:
    """Return the invitation of a link, whatever became of it."""
    rows = Invitation.objects.select_related("organisation", "invited_by")
    return rows.filter(token_hash=hash_of(token)).first()


def is_for(invitation, user) -> bool:
    """Tell whether a person has proved to own the address that was invited."""
    rows = EmailAddress.objects.filter(user=user, verified=True)
    return rows.filter(email__iexact=invitation.email).exists()


@transaction.atomic
def accept_as_new(*, invitation, name: str, password: str, language: str) -> User:
    """Make an account for the invited address, which the link proves, and accept with it.

    Raises InvitationOverError, or ValidationError when somebody made an account with it meanwhile.
    """
    if User.objects.filter(email__iexact=invitation.email).exists():
        raise ValidationError(_("There is an account with this address now: sign in with it."))
    user = User.objects.create_user(invitation.email, password, name=name, language=language)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    accept(invitation=invitation, user=user)
    return user


@transaction.atomic
def accept(*, invitation, user) -> None:
    """Give a person the roles of an invitation, once. Raises InvitationOverError."""
    lock(invitation.organisation)
    now = timezone.now()
    rows = Invitation.objects.open().filter(pk=invitation.pk)
    if not rows.update(accepted_at=now, accepted_by=user, changed_at=now):
        raise InvitationOverError
    organisation = invitation.organisation
    for role in invitation.roles:
        give_role(user=user, organisation=organisation, role=role)
    actor = actor_in(user, organisation)
    if invitation.replaces:
        end_former(organisation, actor)
    facts = {"person": user.name, "roles": invitation.roles}
    journal.record(organisation, "organisation.joined", actor, facts)
    notify(
        "organisations.joined",
        to=[invitation.invited_by],
        obj=organisation,
        url=organisation.get_absolute_url(),
        person=user.name,
        name_zh=organisation.name_zh,
        name_en=organisation.name_en,
    )


@transaction.atomic
def replace_runner(*, actor, organisation, email: str, reason: str, evidence) -> Invitation:
    """Invite somebody to run an organisation whose people are gone, as an operator.

    ``evidence`` is an uploaded file that only operators read. Those who ran it are told, so that
    nobody is replaced unnoticed; their role ends when the invitation is accepted.
    """
    require_confirmed(actor)
    role = RUNS[organisation.kind]
    invitation = invite(
        actor=actor, organisation=organisation, email=email, roles=[role], replaces=True
    )
    stored = files.store(evidence, actor=actor)
    # Internal to nobody's organisation: the file is the operators' alone.
    files.attach(stored, invitation, "evidence", internal_to=invitation.pk)
    facts = {"person": invitation.email, "reason": reason, "sha256": stored.sha256}
    journal.record(organisation, "organisation.replacement_began", actor, facts)
    former = organisation.memberships.filter(role=role, ended_at=None).select_related("user")
    notify(
        "organisations.replacement_began",
        to=[row.user for row in former],
        obj=organisation,
        person=invitation.email,
        name_zh=organisation.name_zh,
        name_en=organisation.name_en,
    )
    return invitation
