"""What people are told about reported changes."""

from django.utils.translation import gettext_lazy as _

from certification.notices.groups import CERTIFICATES
from foundation.notices import WORK, register

register(
    "change.reported",
    title=_("%(enterprise)s reports a change: %(kind)s"),
    body=_("Assess report %(change)s: does anything follow for case %(number)s?"),
    group=WORK,
)
register(
    "change.due",
    title=_("Change %(change)s is to be assessed by %(date)s"),
    body=_("%(left)s. %(enterprise)s reported: %(kind)s."),
    group=WORK,
)
register(
    "change.answered",
    title=_("%(enterprise)s answers about change %(change)s"),
    body=_("Assess the report now: %(kind)s."),
    group=WORK,
)
register(
    "change.handed_over",
    title=_("Change %(change)s of %(enterprise)s: revise the certificates"),
    body=_("%(kind)s. The desk says: %(reason)s"),
    group=WORK,
)
register(
    "change.declined",
    title=_("Change %(change)s of %(enterprise)s: the certifier declines to revise"),
    body=_("Assess the report again. The reason: %(reason)s"),
    group=WORK,
)
register(
    "change.question",
    title=_("A question about your change %(change)s"),
    body=_("%(body)s asks: %(reason)s"),
    group=CERTIFICATES,
)
register(
    "change.unchanged",
    title=_("Your change %(change)s: nothing follows"),
    body=_("%(body)s has assessed it. Your certificates stay as they are. %(reason)s"),
    group=CERTIFICATES,
)
register(
    "change.revision",
    title=_("Your change %(change)s: the certificates are to be revised"),
    body=_("%(body)s has assessed it; a certifier decides on the new revision. %(reason)s"),
    group=CERTIFICATES,
)
register(
    "change.application",
    title=_("Your change %(change)s needs an application"),
    body=_("Begin it from the page of the change. %(body)s says: %(reason)s"),
    group=CERTIFICATES,
)
register(
    "change.done",
    title=_("Your change %(change)s is dealt with"),
    body=_("What %(body)s had to do about it is done."),
    group=CERTIFICATES,
)
