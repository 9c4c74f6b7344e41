"""What follows for open reviews when somebody declares an interest."""

from django.db import transaction
from django.utils import timezone

from certification.enums import ApplicationStatus
from certification.models import Application
from foundation import journal
from foundation.actor import SYSTEM
from foundation.notices import notify
from organisations.enums import Role
from schemes.queries import rule_book_for
from schemes.queries.interests import bars_until
from schemes.services.interests import listener

CONFLICT = "application.conflict"
_OPEN = (ApplicationStatus.SUBMITTED, ApplicationStatus.IN_REVIEW, ApplicationStatus.RETURNED)


@listener
@transaction.atomic
def release_reviews(interest, actor) -> None:
    """Take the reviewer's word back and ask a colleague to take the review over."""
    today = timezone.localdate()
    rows = Application.objects.filter(
        reviewer=interest.user,
        status__in=_OPEN,
        enterprise__identifier=interest.identifier,
        enterprise__country=interest.country,
    )
    for application in rows.select_related("enterprise", "body", "review"):
        rules = rule_book_for(str(application.enterprise.country), today)
        until = bars_until(interest, rules)
        if until is not None and until < today:
            continue
        application.review.no_conflict = False
        application.review.save(update_fields=["no_conflict", "changed_at"])
        # The portal says so: who declared it may act for another body.
        journal.record(application, CONFLICT, SYSTEM, internal_to=application.body_id)
        people = application.body.people(Role.MANAGER, Role.REVIEWER)
        notify(
            CONFLICT,
            to=[one for one in people if one.pk != interest.user_id],
            obj=application,
            url=application.get_absolute_url(),
            number=application.number,
            person=interest.user.name,
            enterprise_zh=application.enterprise.name_zh,
            enterprise_en=application.enterprise.name_en,
        )
