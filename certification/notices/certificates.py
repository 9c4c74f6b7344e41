"""What people are told about decisions and certificates."""

from django.utils.translation import gettext_lazy as _

from certification.notices.groups import (
    CERTIFICATES,
    DECIDED,
    EXPIRY,
    RESOLVE,
    STATUS,
)
from foundation.notices import WORK, register

register(
    "case.deciding",
    title=_("Case %(number)s waits for a decision"),
    body=_("The audit of %(enterprise)s has reported and the report is reviewed."),
    group=WORK,
)
register(
    "case.question",
    title=_("Case %(number)s: the decider asks for more"),
    body=_("Before the decision on %(enterprise)s this must be answered: %(reason)s"),
    group=WORK,
)
register(
    "case.refused",
    title=_("Certification is refused: %(number)s"),
    body=_("%(body)s has decided not to certify you. The reason: %(reason)s You may appeal."),
    group=CERTIFICATES,
    required=DECIDED,
)
register(
    "case.maintained",
    title=_("Your certification is maintained: %(number)s"),
    body=_("%(body)s has decided on the last audit: your certificates stay in force."),
    group=CERTIFICATES,
    required=DECIDED,
)
register(
    "case.renewed",
    title=_("Your certification is renewed: %(number)s"),
    body=_("%(body)s has decided to renew. You are told as soon as the new document is there."),
    group=CERTIFICATES,
    required=DECIDED,
)
register(
    "case.extended",
    title=_("Your certification is extended: %(number)s"),
    body=_("%(body)s has decided to extend it. You are told as soon as the documents are there."),
    group=CERTIFICATES,
    required=DECIDED,
)
register(
    "case.not_continued",
    title=_("What you applied for is refused: %(number)s"),
    body=_(
        "Your certificates stay as they are until their present end. The reason of %(body)s: "
        "%(reason)s You may appeal."
    ),
    group=CERTIFICATES,
    required=DECIDED,
)
register(
    "case.special_planned",
    title=_("Case %(number)s: a special audit is planned"),
    body=_(
        "%(body)s audits you between %(first)s and %(last)s besides the regular audits. Purpose: "
        "%(purpose)s. The reason: %(reason)s"
    ),
    group=CERTIFICATES,
)
register(
    "case.special_dropped",
    title=_("Case %(number)s: a special audit does not take place"),
    body=_("%(body)s has taken it out of the programme. Purpose: %(purpose)s. %(reason)s"),
    group=CERTIFICATES,
)
register(
    "case.short_notice_planned",
    title=_("Case %(number)s: plan an audit at short notice"),
    body=_("%(enterprise)s does not know of it yet. Purpose: %(purpose)s. %(reason)s"),
    group=WORK,
)
register(
    "case.stopped",
    title=_("Case %(number)s is stopped"),
    body=_("%(body)s has ended the case before a decision. The reason: %(reason)s"),
    group=CERTIFICATES,
    required=DECIDED,
)
register(
    "certificate.issued",
    title=_("Your certificate is issued: %(number)s"),
    body=_("Download the document, copy the link to its public page, or print the QR code."),
    group=CERTIFICATES,
    required=DECIDED,
)
register(
    "certificate.revised",
    title=_("Certificate %(number)s: revision %(revision)s is issued"),
    body=_("Use the new document from now on. The one before is superseded."),
    group=CERTIFICATES,
)
register(
    "certificate.suspended",
    title=_("Certificate %(number)s is suspended"),
    body=_(
        "Until %(until)s at the latest it must not be used or shown; the public page says so. "
        "The reason of %(body)s: %(reason)s"
    ),
    group=CERTIFICATES,
    required=STATUS,
)
register(
    "certificate.reinstated",
    title=_("Certificate %(number)s is valid again"),
    body=_("%(body)s has ended the suspension. The reason: %(reason)s"),
    group=CERTIFICATES,
    required=STATUS,
)
register(
    "certificate.withdrawn",
    title=_("Certificate %(number)s is withdrawn"),
    body=_(
        "It must not be used any more; the public page says so. The reason of %(body)s: "
        "%(reason)s You may appeal."
    ),
    group=CERTIFICATES,
    required=STATUS,
)
register(
    "certificate.cancelled",
    title=_("Certificate %(number)s is cancelled"),
    body=_("It ended at your wish and must not be used any more; the public page says so."),
    group=CERTIFICATES,
    required=STATUS,
)
register(
    "certificate.reduced",
    title=_("Certificate %(number)s: the scope is reduced"),
    body=_(
        "Only the narrower scope is certified from now on; the new document follows. The reason "
        "of %(body)s: %(reason)s You may appeal."
    ),
    group=CERTIFICATES,
    required=STATUS,
)
register(
    "certificate.expired",
    title=_("Certificate %(number)s has expired"),
    body=_("Its validity ended on %(date)s. It must not be used any more."),
    group=CERTIFICATES,
    required=STATUS,
)
register(
    "certificate.expiring",
    title=_("Certificate %(number)s ends on %(date)s"),
    body=_("%(left)s. Recertification of %(enterprise)s must be decided before that day."),
    group=EXPIRY,
)
register(
    "certificate.suspension_ends",
    title=_("The suspension of certificate %(number)s ends on %(date)s"),
    body=_(
        "%(left)s. What led to the suspension must be resolved and verified by then; otherwise "
        "%(body)s withdraws the certificate or reduces its scope."
    ),
    group=CERTIFICATES,
    required=STATUS,
)
register(
    "certificate.suspension_ending",
    title=_("The suspension of certificate %(number)s ends on %(date)s"),
    body=_("%(left)s. Reinstate, reduce or withdraw the certificate of %(enterprise)s by then."),
    group=WORK,
    required=RESOLVE,
)
register(
    "programme.closing",
    title=_("%(kind)s of %(enterprise)s by %(date)s"),
    body=_("%(left)s, and nobody plans it yet. The case is %(number)s."),
    group=EXPIRY,
)
register(
    "certificate.restored",
    title=_("Certificate %(number)s is valid again"),
    body=_("%(body)s has restored it after the recertification. The new document is there."),
    group=CERTIFICATES,
    required=STATUS,
)
register(
    "certificate.cancellation_requested",
    title=_("%(enterprise)s asks to cancel certificate %(number)s"),
    body=_("The reason: %(reason)s"),
    group=WORK,
)
register(
    "certificate.suspension_over",
    title=_("Certificate %(number)s: the suspension has ended without a decision"),
    body=_("Reinstate, reduce or withdraw the certificate of %(enterprise)s now."),
    group=WORK,
    required=RESOLVE,
)
register(
    "proposal.raised",
    title=_("Certificate %(number)s of %(enterprise)s: suspension proposed"),
    body=_("%(why)s Suspend the certificate, or dismiss the proposal with a reason."),
    group=WORK,
    required=RESOLVE,
)
register(
    "certificate.suspended_by_rule",
    title=_("Certificate %(number)s of %(enterprise)s is suspended, as the rules have it"),
    body=_("%(why)s Nobody decided otherwise within the time for it."),
    group=WORK,
    required=RESOLVE,
)
register(
    "certificate.not_issued",
    title=_("Certificate %(number)s could not be issued"),
    body=_("The document could not be made (%(error)s). The decision stands; try again."),
    group=WORK,
)
