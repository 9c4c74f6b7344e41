"""What people are told about mergers."""

from django.utils.translation import gettext_lazy as _

from certification.notices.groups import CERTIFICATES
from foundation.notices import Required, register

_TO_BOTH = Required(
    _("Mergers of your enterprise"),
    _("Nobody shall pass your certificates to another enterprise without your knowledge."),
)

register(
    "merger.asked",
    title=_("Please confirm: merger of %(absorbed)s into %(absorbing)s"),
    body=_("It was reported to take effect on %(date)s. Confirm or refuse %(number)s."),
    group=CERTIFICATES,
    required=_TO_BOTH,
)
register(
    "merger.due",
    title=_("Merger %(number)s is to be confirmed by %(due)s"),
    body=_("%(left)s. After that day the report lapses."),
    group=CERTIFICATES,
)
register(
    "merger.agreed",
    title=_("%(absorbed)s merges into %(absorbing)s: both have agreed"),
    body=_("The certification bodies decide what becomes of the certificates of %(absorbed)s."),
    group=CERTIFICATES,
    required=_TO_BOTH,
)
register(
    "merger.refused",
    title=_("The merger %(number)s was refused"),
    body=_("Nothing changes. The reason: %(reason)s"),
    group=CERTIFICATES,
)
register(
    "merger.withdrawn",
    title=_("The merger %(number)s does not take place"),
    body=_("Nothing changes. The reason: %(reason)s"),
    group=CERTIFICATES,
)
register(
    "merger.lapsed",
    title=_("The merger %(number)s has lapsed"),
    body=_("It was not confirmed in time. Report it again when both agree."),
    group=CERTIFICATES,
)
register(
    "merger.carried",
    title=_("Case %(case)s has passed over to %(absorbing)s"),
    body=_(
        "Its certificates are being revised under the same numbers. %(absorbing)s answers open "
        "findings from now on; %(absorbed)s keeps reading what there was."
    ),
    group=CERTIFICATES,
    required=_TO_BOTH,
)
register(
    "merger.completed",
    title=_("%(absorbed)s has merged into %(absorbing)s"),
    body=_(
        "Everything is settled. People of %(absorbed)s keep reading its past; whoever shall act "
        "for %(absorbing)s is invited there by its owner."
    ),
    group=CERTIFICATES,
    required=_TO_BOTH,
)
