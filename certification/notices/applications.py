"""What applicant and body are told when an application is sent, completed or withdrawn."""

from django.utils.translation import gettext_lazy as _

from certification.notices.groups import APPLICATIONS, NEWS
from foundation.notices import WORK, register

register(
    "application.submitted",
    title=_("New application %(number)s from %(enterprise)s"),
    body=_(
        "%(enterprise)s applies for certification. Start the review, or leave it to a colleague."
    ),
    group=WORK,
)
register(
    "application.completed",
    title=_("Application %(number)s was completed"),
    body=_("%(enterprise)s has answered your request. You see what changed, field by field."),
    group=WORK,
)
register(
    "application.received",
    title=_("Application %(number)s was received"),
    body=_(
        "%(body)s has your application and answers by %(due)s. You are told as soon as it does."
    ),
    group=APPLICATIONS,
)
register(
    "application.cancelled",
    title=_("Application %(number)s was withdrawn"),
    body=_("%(enterprise)s has withdrawn its application. Nothing is left to do."),
    group=NEWS,
)
