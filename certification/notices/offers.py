"""What applicant and body are told about offers and contracts."""

from django.utils.translation import gettext_lazy as _

from certification.notices.groups import APPLICATIONS, NEWS, OFFERED
from foundation.notices import register

register(
    "offer.made",
    title=_("An offer waits for your signature: %(number)s"),
    body=_(
        "%(body)s offers the certification for %(total)s. Read the document and the audit time, "
        "then sign or reject. The offer is open until %(until)s."
    ),
    group=APPLICATIONS,
    required=OFFERED,
)
register(
    "offer.signed",
    title=_("Contract signed: %(number)s"),
    body=_("%(enterprise)s has signed. The case is open; the audits can be planned."),
    group=NEWS,
)
register(
    "offer.rejected",
    title=_("Offer rejected: %(number)s"),
    body=_("%(enterprise)s does not accept the offer. The reason: %(reason)s"),
    group=NEWS,
)
register(
    "offer.expiring",
    title=_("Your offer can be signed until %(date)s: %(number)s"),
    body=_("%(left)s. %(body)s offers the certification for %(total)s. Sign it or reject it."),
    group=APPLICATIONS,
    required=OFFERED,
)
