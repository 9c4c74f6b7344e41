"""What a body and the enterprises it certifies are told when its approval changes."""

from django.utils.translation import gettext_lazy as _

from certification.notices.groups import APPLICATIONS, CERTIFICATES, EXPIRY, STATUS
from foundation.notices import register
from organisations.notices import ADMISSION, BODIES

register(
    "approval.changed",
    title=_("The approval of %(body)s changes: %(scheme)s"),
    body=_(
        "%(what)s from %(day)s. Order %(reference)s, %(cause)s: %(reason)s What it reaches stands "
        "on its page; the enterprises are told."
    ),
    group=BODIES,
    required=ADMISSION,
)
register(
    "approval.suspend",
    title=_("The approval of %(body)s is suspended"),
    body=_(
        "From %(day)s it may not decide on certificates for %(scheme)s. Yours, %(number)s, stays "
        "as it is. You can transfer it to another approved body at any time (IAF MD 2)."
    ),
    group=CERTIFICATES,
    required=STATUS,
)
register(
    "approval.narrow",
    title=_("%(body)s may not certify your field any more"),
    body=_(
        "Its approval for %(scheme)s becomes narrower, from %(day)s. Have certificate %(number)s "
        "transferred to another approved body by %(until)s (IAF MD 2). It does not change by "
        "itself."
    ),
    group=CERTIFICATES,
    required=STATUS,
)
register(
    "approval.withdraw",
    title=_("The approval of %(body)s is withdrawn"),
    body=_(
        "From %(day)s it may not certify for %(scheme)s. Have certificate %(number)s transferred "
        "to another approved body by %(until)s (IAF MD 2). It does not change by itself."
    ),
    group=CERTIFICATES,
    required=STATUS,
)
register(
    "approval.reinstate",
    title=_("The approval of %(body)s is reinstated"),
    body=_("From %(day)s it may decide on your certificate %(number)s again."),
    group=CERTIFICATES,
    required=STATUS,
)
register(
    "approval.work",
    title=_("The approval of %(body)s changes: %(scheme)s"),
    body=_(
        "%(what)s from %(day)s; it reaches what you applied for under %(number)s. What its "
        "approval does not cover the body can neither accept nor decide. You can apply to "
        "another body."
    ),
    group=APPLICATIONS,
)
register(
    "certificate.transfer_due",
    title=_("Certificate %(number)s: transfer it by %(date)s"),
    body=_(
        "%(left)s. %(body)s is not approved for it any more. Apply to another approved body for a "
        "transfer (IAF MD 2)."
    ),
    group=EXPIRY,
    required=STATUS,
)
