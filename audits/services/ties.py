"""What follows for audits when a member of the team declares an interest."""

from django.db import transaction
from django.utils import timezone

from audits.enums import OVER, AuditStatus
from audits.models import AuditMember
from audits.services.telling import planners, tell
from foundation import journal
from foundation.actor import SYSTEM
from organisations.enums import Role
from schemes.queries import book_of
from schemes.queries.interests import bars_until
from schemes.services.interests import listener

CONFLICT = "audit.conflict"
_BEFORE = (
    AuditStatus.PLANNED,
    AuditStatus.PROPOSED,
    AuditStatus.OBJECTED,
    AuditStatus.CONFIRMED,
)


@listener
@transaction.atomic
def release_teams(interest, actor) -> None:
    """Note the conflict at every open audit there; planners and managers are told.

    Nobody leaves a team by this: a planner replaces the person.
    """
    rows = AuditMember.objects.filter(
        user=interest.user,
        audit__enterprise__identifier=interest.identifier,
        audit__enterprise__country=interest.country,
    )
    rows = rows.exclude(audit__status__in=OVER).select_related(
        "audit__case__rule_set", "audit__enterprise", "audit__body"
    )
    for member in rows:
        audit = member.audit
        until = bars_until(interest, book_of(audit.case.rule_set))
        if until is not None and until < (audit.starts_on or timezone.localdate()):
            continue
        member.no_conflict, member.declared_at = False, timezone.now()
        member.save(update_fields=["no_conflict", "declared_at", "changed_at"])
        # The portal says so: who declared it may act for another body.
        journal.record(audit, CONFLICT, SYSTEM, internal_to=audit.body_id)
        people = [*planners(audit), *audit.body.people(Role.MANAGER)]
        tell(
            "conflict" if audit.status in _BEFORE else "conflict_late",
            audit,
            [one for one in people if one.pk != interest.user_id],
            person=interest.user,
        )
