"""What applicant and body are told about the review of an application."""

from django.utils.translation import gettext_lazy as _

from certification.notices.groups import APPLICATIONS, DECLINED
from foundation.notices import WORK, register

register(
    "application.returned",
    title=_("Application %(number)s: please complete it"),
    body=_(
        "%(body)s needs more from you before it can decide on your application: %(count)s "
        "questions in one request. Answer them at their places and send the application again."
    ),
    group=APPLICATIONS,
)
register(
    "application.accepted",
    title=_("Application %(number)s is accepted"),
    body=_("%(body)s can certify you and prepares the offer now."),
    group=APPLICATIONS,
)
register(
    "application.declined",
    title=_("Application %(number)s is declined"),
    body=_("%(body)s cannot accept your application. Its reason: %(reason)s You may appeal."),
    group=APPLICATIONS,
    required=DECLINED,
)
register(
    "application.time_to_approve",
    title=_("Application %(number)s: a reduced audit time to approve"),
    body=_(
        "%(enterprise)s: the audit time lies below the tables. Read every reason, then approve it "
        "or send it back; until then the application cannot be accepted."
    ),
    group=WORK,
)
register(
    "application.time_approved",
    title=_("Application %(number)s: the reduced audit time is approved"),
    body=_("%(enterprise)s: a second person agrees. The reason: %(reason)s"),
    group=WORK,
)
register(
    "application.time_sent_back",
    title=_("Application %(number)s: the reduced audit time was sent back"),
    body=_("%(enterprise)s: compute the audit time anew. The reason: %(reason)s"),
    group=WORK,
)
register(
    "application.conflict",
    title=_("Application %(number)s: the reviewer may not judge it any more"),
    body=_("%(person)s declared an interest in %(enterprise)s. A colleague takes the review over."),
    group=WORK,
)
register(
    "application.offer_due",
    title=_("Application %(number)s waits for an offer"),
    body=_("The review of %(enterprise)s is done; the audit time is set. Make the offer."),
    group=WORK,
)
register(
    "application.review_due",
    title=_("Application %(number)s: review by %(date)s"),
    body=_("%(left)s. %(enterprise)s was promised an answer by then."),
    group=WORK,
)
register(
    "application.waiting",
    title=_("Application %(number)s waits for your answers"),
    body=_("%(body)s asked you on %(date)s to complete it. The review goes on when you have."),
    group=APPLICATIONS,
)
