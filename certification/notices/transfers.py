"""What a body is told when its client goes to another one (IAF MD 2)."""

from django.utils.translation import gettext_lazy as _

from foundation.notices import WORK, register

register(
    "transfer.applied",
    title=_("%(enterprise)s applies to transfer certificate %(number)s"),
    body=_(
        "It has applied to %(body)s. The certificate stays as it is; a transfer alone is no "
        "ground to suspend or withdraw it (IAF MD 2)."
    ),
    group=WORK,
)
register(
    "transfer.granted",
    title=_("Certificate %(number)s was taken over by %(body)s"),
    body=_("Cancel the certificate of %(enterprise)s: it is certified by the other body now."),
    group=WORK,
)
