"""Record what bodies are approved for."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from foundation import journal
from foundation.actor import Actor
from foundation.formatting import day
from foundation.notices import in_both, notify
from foundation.workflow import NotAllowed
from organisations.enums import Role
from organisations.models import Organisation
from schemes.models import BodyApproval, Scheme, TechnicalArea
from schemes.rights import RECORD_APPROVAL


@transaction.atomic
def approval_record(
    *,
    actor: Actor,
    body: Organisation,
    scheme: Scheme,
    areas: Iterable[TechnicalArea],
    reference: str,
    valid_from: date,
    valid_to: date | None = None,
    accreditation: str = "",
) -> BodyApproval:
    """Record a body's approval for a scheme. Raises NotAllowed, ValidationError."""
    allow(RECORD_APPROVAL(actor))
    approval = BodyApproval(
        body=body,
        scheme=scheme,
        reference=reference,
        accreditation=accreditation,
        valid_from=valid_from,
        valid_to=valid_to,
    )
    present = BodyApproval.objects.filter(body=body, scheme=scheme, reference=reference)
    if present.exists():
        raise ValidationError(_("This reference is recorded for this scheme already."))
    store(approval, areas, "approval_recorded", actor)
    _tell_managers("schemes.approval_recorded", approval, valid_from)
    return approval


@transaction.atomic
def approval_end(*, actor: Actor, approval: BodyApproval, last_day: date) -> BodyApproval:
    """End an approval. Raises NotAllowed; ValidationError for a day it does not cover."""
    allow(RECORD_APPROVAL(actor, approval))
    before = approval.valid_to
    if last_day < approval.valid_from or (before is not None and last_day > before):
        raise ValidationError(_("The last day must lie within the validity."))
    approval.valid_to = last_day
    approval.save(update_fields=["valid_to", "changed_at"])
    days = {"from": before.isoformat() if before else "", "to": last_day.isoformat()}
    journal.record(approval, "approval_ended", actor, days)
    _tell_managers("schemes.approval_ended", approval, last_day)
    return approval


def version_problem(approval: BodyApproval, on: date) -> str:
    """Say why no other version of an approval can begin on a day; nothing when it can."""
    facts = {"approval": approval, "day": day(approval.valid_from)}
    if on <= approval.valid_from:
        return _("%(approval)s holds as it is from %(day)s: choose a later day.") % facts
    if approval.valid_to is not None and on > approval.valid_to:
        return _("%(approval)s is over on that day.") % facts
    return ""


@transaction.atomic
def approval_follow(
    *, actor: Actor, approval: BodyApproval, from_day: date, standing: str,
    areas: Iterable[TechnicalArea], valid_to: date | None, order: str, verb: str,
) -> BodyApproval:  # fmt: skip
    """End a version the day before and record the one that follows it, by an order.

    Raises NotAllowed; ValidationError for a day the version does not cover.
    """
    allow(RECORD_APPROVAL(actor, approval))
    before = BodyApproval.objects.select_for_update().get(pk=approval.pk)
    if problem := version_problem(before, from_day):
        raise ValidationError(problem)
    before.valid_to = from_day - timedelta(days=1)
    before.save(update_fields=["valid_to", "changed_at"])
    following = BodyApproval(
        body=before.body,
        scheme=before.scheme,
        reference=before.reference,
        accreditation=before.accreditation,
        valid_from=from_day,
        valid_to=valid_to,
        standing=standing,
        order=order,
    )
    store(following, areas, verb, actor)
    return following


def allow(access) -> None:
    """Raise NotAllowed with the reason unless access is granted."""
    if not access:
        raise NotAllowed(access.reason)


def store(row, areas: Iterable[TechnicalArea], verb: str, actor: Actor) -> None:
    """Check and keep a row with its areas, and journal it. Raises ValidationError."""
    chosen = list(areas)
    if not chosen:
        raise ValidationError(_("Name at least one technical area."))
    row.full_clean()
    row.save()
    row.areas.set(chosen)
    facts = {"scheme": row.scheme.code, "areas": [area.code for area in chosen]}
    journal.record(row, verb, actor, facts)


def _tell_managers(kind: str, approval: BodyApproval, on: date) -> None:
    notify(
        kind,
        to=approval.body.people(Role.MANAGER),
        obj=approval,
        url=approval.get_absolute_url(),
        reference=approval.reference,
        scheme_zh=approval.scheme.title_zh,
        scheme_en=approval.scheme.title_en,
        **in_both("day", day, on),
    )
