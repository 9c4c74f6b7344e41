"""What a body reminds an enterprise of, by hand."""

from django.utils.translation import gettext_lazy as _

from certification.notices.groups import APPLICATIONS, CERTIFICATES
from foundation import timeline
from foundation.notices import register

timeline.register("reminded", _("Enterprise reminded"))

register(
    "application.reminder",
    title=_("Reminder: application %(number)s waits for you"),
    body=_("%(body)s asks you to go on with your application. Its page says what is expected."),
    group=APPLICATIONS,
)
register(
    "certificate.reminder_valid",
    title=_("Reminder: certificate %(number)s ends on %(date)s"),
    body=_("%(body)s asks you to see to the recertification of this certificate in good time."),
    group=CERTIFICATES,
)
register(
    "certificate.reminder_suspended",
    title=_("Reminder: certificate %(number)s is suspended until %(date)s"),
    body=_("%(body)s asks you to settle what led to the suspension before that day."),
    group=CERTIFICATES,
)
