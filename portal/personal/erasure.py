"""Close an account and erase what the law on records lets go; what must stay, stays with why."""

from dataclasses import dataclass
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import AccountEvent, Connection, SignInSession, User
from accounts.services.sessions import end_sessions
from audits.models import Absence
from foundation import journal, notices
from foundation.models import (
    CalendarFeed,
    DataRequest,
    Digest,
    Job,
    JournalEntry,
    Notice,
    NoticeChoice,
    RefusedAddress,
    SavedView,
    StoredFile,
    Upload,
)
from foundation.models.base import subject_type
from foundation.models.jobs import JobState
from foundation.models.privacy import Wish
from organisations.models import ApiKey, Invitation, Membership
from organisations.services.teams import RUNS, end_membership
from portal.personal.copies import MAKE
from portal.personal.retention import table
from schemes.models import Competence, Declaration, Entry, Interest

ASKED = "portal.erasure_asked"
NOBODY = "–"


@dataclass(frozen=True)
class Line:
    """Something kept about a person: how many rows, and why they stay if they do."""

    what: Any
    count: int
    why: Any = ""


@dataclass(frozen=True)
class Plan:
    """What an erasure would do: what goes, what stays and why, and what forbids it now."""

    goes: list[Line]
    stays: list[Line]
    blockers: list[str]


def plan(user) -> Plan:
    """Say what erasing a person would do now."""
    why = {rule.key: rule.why for rule in table()[1]}
    goes = [
        Line(_("Name and e-mail address of the account"), 1),
        Line(_("Roles that are held now (they end)"), _current(user).count()),
        Line(_("Second factors and sessions"), _count(Authenticator, user)
             + _count(SignInSession, user)),
        Line(_("Connected sign-ins and API keys"), _count(Connection, user)
             + _count(ApiKey, user)),
        Line(_("Notices, and when they are mailed"), Notice.objects.filter(recipient=user).count()
             + Digest.objects.filter(recipient=user).count() + _count(NoticeChoice, user)),
        Line(_("Address in invitations"), _invitations(user).count()),
        Line(_("Private address of the calendar"), _count(CalendarFeed, user)),
        Line(_("Absences"), _count(Absence, user)),
        Line(_("Saved views"), SavedView.objects.filter(person=user, shared=False).count()),
        Line(_("Copies of the own data"),
             DataRequest.objects.filter(user=user, wish=Wish.COPY).count()),
    ]  # fmt: skip
    stays = [
        Line(_("Journal entries, with the name at the time"), _count(JournalEntry, user),
             why["journal"]),
        Line(_("Records of competence"), _count(Competence, user), why["competence"]),
        Line(_("Entries of the profile and declared interests"),
             _count(Entry, user) + _count(Interest, user) + _count(Declaration, user),
             why["competence"]),
        Line(_("Files uploaded for a case"), StoredFile.objects.filter(uploaded_by=user).count(),
             why["certification"]),
        Line(_("Sign-in history"), _count(AccountEvent, user), why["account_events"]),
    ]  # fmt: skip
    return Plan(goes, [line for line in stays if line.count], _blockers(user))


def ask(*, actor) -> DataRequest:
    """Ask to be erased; asking twice is one request. The operators are told."""
    with transaction.atomic():
        request, created = DataRequest.objects.open_erasures().get_or_create(
            user=actor.user, defaults={"wish": Wish.ERASURE}
        )
        if created:
            journal.record(request, "personal.erasure_asked", actor)
            operators = User.objects.filter(is_staff=True, is_active=True)
            notices.notify(ASKED, to=operators, obj=request, url=request.decision_url)
    return request


@transaction.atomic
def withdraw(*, actor, request: DataRequest) -> bool:
    """Take a wish to be erased back; return False when it was decided on meanwhile."""
    return _decide(request, actor, "personal.erasure_withdrawn", declined_at=timezone.now())


@transaction.atomic
def decline(*, actor, request: DataRequest, reason: str) -> bool:
    """Refuse an erasure with a reason its person reads; False when it was decided meanwhile."""
    facts = {"declined_at": timezone.now(), "answer": reason}
    return _decide(request, actor, "personal.erasure_declined", **facts)


@transaction.atomic
def erase(*, actor, request: DataRequest) -> bool:
    """Do it; return False when it was decided on meanwhile.

    Raises ValidationError with everything that forbids it now; nothing has happened then.
    """
    user = User.objects.select_for_update().get(pk=request.user_id)
    if blockers := _blockers(user):
        raise ValidationError(blockers)
    found = plan(user)
    kept = {str(line.what): line.count for line in found.stays}
    if not _decide(request, actor, "personal.erased", {"kept": kept}, done_at=timezone.now()):
        return False
    for membership in _current(user):
        end_membership(actor=actor, membership=membership)
    _forget(user)
    user.email = f"{request.pk.hex}@erased.invalid"
    user.name, user.name_latin, user.is_active = NOBODY, "", False
    user.set_unusable_password()
    user.save(update_fields=["email", "name", "name_latin", "is_active", "password"])
    return True


def _decide(request: DataRequest, actor, verb: str, data=None, **facts) -> bool:
    open_one = DataRequest.objects.open_erasures().filter(pk=request.pk)
    if not open_one.update(changed_at=timezone.now(), **facts):
        return False
    journal.record(request, verb, actor, data)
    return True


def _forget(user) -> None:
    """Delete what belongs to the account alone."""
    end_sessions(user)
    told = Notice.objects.filter(recipient=user)
    gathered = Digest.objects.filter(recipient=user)
    invited = _invitations(user)
    for rows in (told, gathered, invited):
        _forget_jobs(rows)
    invited.filter(accepted_at=None, withdrawn_at=None).update(withdrawn_at=timezone.now())
    invited.update(email="")
    Job.objects.filter(kind=MAKE, user=user).exclude(state=JobState.RUNNING).delete()
    copies = DataRequest.objects.filter(user=user, wish=Wish.COPY)
    made = list(copies.values_list("file_id", flat=True))
    for rows in (
        Authenticator.objects.filter(user=user),
        Connection.objects.filter(user=user),
        ApiKey.objects.filter(user=user),
        EmailAddress.objects.filter(user=user),
        CalendarFeed.objects.filter(user=user),
        Absence.objects.filter(user=user),
        RefusedAddress.objects.filter(address=user.email.lower()),
        NoticeChoice.objects.filter(user=user),
        SavedView.objects.filter(person=user, shared=False),
        told,
        gathered,
        copies,
        Upload.objects.filter(user=user),
        StoredFile.objects.filter(pk__in=[key for key in made if key]),
    ):
        rows.delete()


def _forget_jobs(rows) -> None:
    """Delete the e-mails of rows that go: one that was refused names the address in its error."""
    about = Job.objects.filter(
        subject_type=subject_type(rows.model),
        subject_id__in=list(rows.values_list("pk", flat=True)),
    )
    about.filter(state__in=(JobState.QUEUED, JobState.FAILED)).delete()


def _invitations(user):
    """Return the invitations a person accepted, and all to an address proved to be the person's."""
    proved = EmailAddress.objects.filter(user=user, verified=True)
    addresses = {user.email, *proved.values_list("email", flat=True)}
    mine = Q(accepted_by=user) | Q(email__in={address.lower() for address in addresses})
    return Invitation.objects.filter(mine).exclude(email="")


def _current(user):
    return Membership.objects.filter(user=user, ended_at=None).select_related("organisation")


def _count(model, user) -> int:
    return model._base_manager.filter(user=user).count()


def _blockers(user) -> list[str]:
    """Return what forbids the erasure: an organisation that nobody could run any more."""
    found = []
    for row in _current(user):
        others = Membership.objects.filter(
            organisation=row.organisation, role=row.role, ended_at=None
        ).exclude(user=user)
        if row.role == RUNS[row.organisation.kind] and not others.exists():
            words = _("%(organisation)s would have no %(role)s any more.")
            names = {"organisation": row.organisation.name, "role": row.get_role_display()}
            found.append(words % names)
    if user.is_staff:
        found.append(_("An operator must first be made an ordinary person."))
    return found
