"""What is known of an organisation, for those who must rely on it."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import OuterRef, Q, Subquery
from django.utils.translation import gettext as _

from accounts.models import User
from foundation import files
from foundation.models import Job
from foundation.models.base import subject_type
from organisations.identifiers import clean_identifier
from organisations.models import DishonestyListing, Invitation, Organisation

LICENCE = "licence"
LOGO = "logo"
SIGNATURE = "signature"


@dataclass(frozen=True)
class Check:
    """One check of an organisation's qualification, with what was found."""

    key: str
    title: Any
    ok: bool
    text: Any


def qualification(organisation) -> list[Check]:
    """Return the checks of an enterprise: identifier, licence, sanctions list, duplicates."""
    return [
        _identifier(organisation),
        _licence(organisation),
        _listing(organisation),
        _duplicates(organisation),
    ]


def _identifier(organisation):
    try:
        clean_identifier(str(organisation.country), organisation.identifier)
    except ValidationError as error:
        return Check("identifier", _("Identifier"), False, error.messages[0])
    return Check("identifier", _("Identifier"), True, _("The check characters are right."))


def _licence(organisation):
    title = _("Licence")
    if not files.attachments_of(organisation, LICENCE).exists():
        return Check("licence", title, False, _("No copy of the licence is stored."))
    if not organisation.licence_is_valid:
        return Check("licence", title, False, _("The licence is no longer valid."))
    return Check("licence", title, True, _("A copy is stored and the licence is valid."))


def _listing(organisation):
    title = _("List of dishonest organisations")
    rows = DishonestyListing.objects.filter(identifier=organisation.identifier, removed_on=None)
    listed = rows.first()
    if listed is None:
        return Check("listing", title, True, _("Not listed."))
    return Check(
        "listing",
        title,
        False,
        _("Listed on %(date)s by %(source)s.")
        % {"date": listed.listed_on.isoformat(), "source": listed.source},
    )


def _duplicates(organisation):
    title = _("Duplicates")
    same = Q(pk__in=[])
    for field in ("look_zh", "look_en"):
        if value := getattr(organisation, field):
            same |= Q(**{field: value})
    others = Organisation.objects.filter(same, kind=organisation.kind).exclude(pk=organisation.pk)
    count = others.count()
    if not count:
        return Check(
            "duplicates", title, True, _("No other organisation has this name or one like it.")
        )
    text = _("Other organisations of this name or one like it: %(n)s.")
    return Check("duplicates", title, False, text % {"n": count})


def with_mail(invitations):
    """Add ``mail_state`` to invitations: how far the job of the newest mail of each is."""
    about = Job.objects.filter(subject_type=subject_type(Invitation), subject_id=OuterRef("pk"))
    newest = about.order_by("-created_at").values("state")[:1]
    return invitations.annotate(mail_state=Subquery(newest))


def operators():
    """Return the people who run the portal."""
    return User.objects.filter(is_staff=True, is_active=True)
