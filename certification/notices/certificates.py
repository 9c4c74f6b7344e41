"""What people are told about decisions and certificates."""

from django.utils.translation import gettext_lazy as _

from foundation.notices import register

register(
    "case.deciding",
    title=_("Case %(number)s waits for a decision"),
    body=_("The audit of %(enterprise)s has reported and the report is reviewed."),
)
register(
    "case.question",
    title=_("Case %(number)s: the decider asks for more"),
    body=_("Before the decision on %(enterprise)s this must be answered: %(reason)s"),
)
register(
    "case.refused",
    title=_("Certification is refused: %(number)s"),
    body=_("%(body)s has decided not to certify you. The reason: %(reason)s You may appeal."),
)
register(
    "case.maintained",
    title=_("Your certification is maintained: %(number)s"),
    body=_("%(body)s has decided on the last audit: your certificates stay in force."),
)
register(
    "case.renewed",
    title=_("Your certification is renewed: %(number)s"),
    body=_("%(body)s has decided to renew. You are told as soon as the new document is there."),
)
register(
    "case.extended",
    title=_("Your certification is extended: %(number)s"),
    body=_("%(body)s has decided to extend it. You are told as soon as the documents are there."),
)
register(
    "case.not_continued",
    title=_("What you applied for is refused: %(number)s"),
    body=_(
        "Your certificates stay as they are until their present end. The reason of %(body)s: "
        "%(reason)s You may appeal."
    ),
)
register(
    "case.stopped",
    title=_("Case %(number)s is stopped"),
    body=_("%(body)s has ended the case before a decision. The reason: %(reason)s"),
)
register(
    "certificate.issued",
    title=_("Your certificate is issued: %(number)s"),
    body=_("Download the document, copy the link to its public page, or print the QR code."),
)
register(
    "certificate.revised",
    title=_("Certificate %(number)s: revision %(revision)s is issued"),
    body=_("Use the new document from now on. The one before is superseded."),
)
register(
    "certificate.suspended",
    title=_("Certificate %(number)s is suspended"),
    body=_(
        "Until %(until)s at the latest it must not be used or shown; the public page says so. "
        "The reason of %(body)s: %(reason)s"
    ),
)
register(
    "certificate.reinstated",
    title=_("Certificate %(number)s is valid again"),
    body=_("%(body)s has ended the suspension. The reason: %(reason)s"),
)
register(
    "certificate.withdrawn",
    title=_("Certificate %(number)s is withdrawn"),
    body=_(
        "It must not be used any more; the public page says so. The reason of %(body)s: "
        "%(reason)s You may appeal."
    ),
)
register(
    "certificate.cancelled",
    title=_("Certificate %(number)s is cancelled"),
    body=_("It ended at your wish and must not be used any more; the public page says so."),
)
register(
    "certificate.reduced",
    title=_("Certificate %(number)s: the scope is reduced"),
    body=_(
        "Only the narrower scope is certified from now on; the new document follows. The reason "
        "of %(body)s: %(reason)s You may appeal."
    ),
)
register(
    "certificate.expired",
    title=_("Certificate %(number)s has expired"),
    body=_("Its validity ended on %(date)s. It must not be used any more."),
)
register(
    "certificate.expiring",
    title=_("Certificate %(number)s ends in %(days)s days or less"),
    body=_("It is valid until %(date)s. Recertification must be decided before that day."),
)
register(
    "certificate.restored",
    title=_("Certificate %(number)s is valid again"),
    body=_("%(body)s has restored it after the recertification. The new document is there."),
)
register(
    "certificate.cancellation_requested",
    title=_("%(enterprise)s asks to cancel certificate %(number)s"),
    body=_("The reason: %(reason)s"),
)
register(
    "certificate.suspension_over",
    title=_("Certificate %(number)s: the suspension has ended without a decision"),
    body=_("Reinstate, reduce or withdraw the certificate of %(enterprise)s now."),
)
register(
    "certificate.not_issued",
    title=_("Certificate %(number)s could not be issued"),
    body=_("The document could not be made (%(error)s). The decision stands; try again."),
)
