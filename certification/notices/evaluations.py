"""What people are told about service evaluations."""

from django.utils.translation import gettext_lazy as _

from certification.notices.groups import NEWS
from foundation.notices import register

register(
    "evaluation.asked",
    title=_("How was the service of %(body)s?"),
    body=_("Rate it in a minute. Ratings never affect a decision; the body cannot change them."),
    group=NEWS,
)
register(
    "evaluation.given",
    title=_("%(enterprise)s has rated the service: %(number)s"),
    body=_("Read the rating and reply to it."),
    group=NEWS,
)
register(
    "evaluation.replied",
    title=_("%(body)s has replied to your rating"),
    body=_("Read the reply on the page of your rating."),
    group=NEWS,
)
