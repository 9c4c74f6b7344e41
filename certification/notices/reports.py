"""What the managers of a body are told of its monthly reports."""

from django.utils.translation import gettext_lazy as _

from foundation.notices import WORK, register

register(
    "report.due",
    title=_("%(month)s, %(kind)s: to be handed in by %(date)s"),
    body=_("%(left)s. Its page says what is missing, makes the files and notes the day."),
    group=WORK,
)
