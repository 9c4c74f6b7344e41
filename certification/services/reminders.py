"""Reminding an enterprise of what waits for it: at most once a day for each record."""

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from certification.enums import ApplicationStatus, CertificateStatus
from foundation import journal
from foundation.formatting import day
from foundation.models import GivenReminder
from foundation.models.base import subject_type
from foundation.notices import in_both, notify
from organisations.enums import Role

REMINDED = "reminded"
BY_HAND = "by hand"
SOON = timedelta(days=90)
WITH_ENTERPRISE = (ApplicationStatus.RETURNED, ApplicationStatus.OFFERED)


@transaction.atomic
def reminder_send(*, actor, obj, enterprise, kind: str, **facts) -> None:
    """Tell the people of an enterprise what waits for them, and write that down.

    Raises ValidationError when somebody did so today, or nobody of the enterprise can be told.
    """
    people = enterprise.people(Role.OWNER, Role.MEMBER)
    if not people:
        raise ValidationError(_("Nobody of the enterprise has an account here any more."))
    _given, is_first = GivenReminder.objects.get_or_create(
        key=BY_HAND,
        subject_id=obj.pk,
        date=timezone.localdate(),
        step=0,
        defaults={"subject_type": subject_type(obj)},
    )
    if not is_first:
        raise ValidationError(_("A reminder was sent today already."))
    journal.record(obj, REMINDED, actor)
    body = actor.organisation
    notify(
        kind,
        to=people,
        obj=obj,
        url=obj.get_absolute_url(),
        body_zh=body.name_zh,
        body_en=body.name_en,
        **facts,
    )


def application_remind(application, actor) -> None:
    """Remind the enterprise of an application that waits for it."""
    if application.status not in WITH_ENTERPRISE:
        raise ValidationError(_("Nothing waits for the enterprise here."))
    reminder_send(
        actor=actor,
        obj=application,
        enterprise=application.enterprise,
        kind="application.reminder",
        number=application.number,
    )


def certificate_remind(certificate, actor) -> None:
    """Remind the holder of a certificate that ends soon or is suspended."""
    today = timezone.localdate()
    ends = certificate.expires_on
    if certificate.status == CertificateStatus.SUSPENDED:
        ends = certificate.suspended_until
    elif certificate.status != CertificateStatus.VALID or ends > today + SOON:
        raise ValidationError(_("This certificate neither ends soon nor is it suspended."))
    reminder_send(
        actor=actor,
        obj=certificate,
        enterprise=certificate.enterprise,
        kind=f"certificate.reminder_{certificate.status}",
        number=certificate.number,
        **in_both("date", day, ends),
    )
