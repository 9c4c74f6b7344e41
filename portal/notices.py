"""What people are told about their own data."""

from django.utils.translation import gettext_lazy as _

from foundation import timeline
from foundation.notices import WORK, register
from portal.personal import copies, erasure

register(
    copies.READY,
    title=_("The copy of your data is ready"),
    body=_("You can fetch it for seven days, signed in, on the page “My data”."),
    group=WORK,
)
register(
    erasure.ASKED,
    title=_("Somebody asks to be erased"),
    body=_("Look at what would go and what must stay, then decide."),
    group=WORK,
)
timeline.register("retention.applied", _("What was no longer needed was removed"))
timeline.register("personal.erasure_asked", _("Erasure asked for"))
timeline.register("personal.erasure_withdrawn", _("Wish to be erased taken back"))
timeline.register("personal.erasure_declined", _("Erasure declined"))
timeline.register("personal.erased", _("Account closed and personal data erased"))
