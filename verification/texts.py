"""The words of a public answer: one kind, one word in both languages, one sentence each."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from certification.enums import CertificateStatus
from certification.models import Certificate


@dataclass(frozen=True)
class Answer:
    """What the page says first. ``kind`` colours it, ``icon`` goes with the word."""

    kind: str
    icon: str
    en: str
    zh: str
    sentence: Any
    until: Any = ""
    since: Any = ""


ANSWERS = {
    CertificateStatus.VALID: Answer(
        "valid", "tick", "Valid", "有效", _("This certificate is genuine and in force.")
    ),
    CertificateStatus.SUSPENDED: Answer(
        "suspended",
        "pause",
        "Suspended",
        "暂停",
        _("Genuine, but not to be used at present. Do not rely on it."),
        _("Does not apply while suspended"),
        _("Suspended since"),
    ),
    CertificateStatus.WITHDRAWN: Answer(
        "withdrawn",
        "cross",
        "Withdrawn",
        "撤销",
        _("Genuine once, but withdrawn by the certification body. Do not rely on it."),
        _("No longer applies"),
        _("Withdrawn on"),
    ),
    CertificateStatus.CANCELLED: Answer(
        "cancelled",
        "minus",
        "Cancelled",
        "注销",
        _("Genuine, but given up at the holder's request. It is no longer in force."),
        _("No longer applies"),
        _("Cancelled on"),
    ),
    CertificateStatus.EXPIRED: Answer(
        "expired",
        "clock",
        "Expired",
        "过期",
        _("Genuine, but its validity has ended."),
        _("Has passed"),
        _("Expired on"),
    ),
}


def status_on(certificate: Certificate, day: date) -> str:
    """Return the status the public is told on a day.

    A certificate whose last day has passed is expired from the next day on, whether or not the
    nightly sweep has run.
    """
    living = (CertificateStatus.VALID, CertificateStatus.SUSPENDED)
    if certificate.status in living and certificate.expires_on < day:
        return CertificateStatus.EXPIRED
    return certificate.status
