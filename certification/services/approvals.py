"""Prepare a change of a body's approval, put it into effect, and tell whom it reaches."""

from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from certification import deadlines
from certification.enums import ApprovalCause, ApprovalChangeKind
from certification.models import ApprovalChange
from certification.queries.approvals import affected, certificate_of, changed_areas
from certification.services.telling import tell_enterprise_of, tell_holder
from foundation import journal, work
from foundation.access import IS_OPERATOR
from foundation.formatting import day
from foundation.notices import in_both, notify
from foundation.workflow import NotAllowed
from organisations.enums import DESK_ROLES
from schemes.enums import ApprovalStanding
from schemes.models import BodyApproval
from schemes.queries import book_of
from schemes.services.approvals import approval_follow, version_problem

PREPARED = "approval_change.prepare"
_K = ApprovalChangeKind
# From which standing each kind of change leads, and to which.
FROM = {
    _K.NARROW: (ApprovalStanding.HOLDS,),
    _K.SUSPEND: (ApprovalStanding.HOLDS,),
    _K.REINSTATE: (ApprovalStanding.SUSPENDED,),
    _K.WITHDRAW: (ApprovalStanding.HOLDS, ApprovalStanding.SUSPENDED),
}
TO = {
    _K.NARROW: ApprovalStanding.HOLDS,
    _K.SUSPEND: ApprovalStanding.SUSPENDED,
    _K.REINSTATE: ApprovalStanding.HOLDS,
    _K.WITHDRAW: ApprovalStanding.WITHDRAWN,
}
# What takes the approval from a certificate for good, so that its holder has to go elsewhere.
TAKES = (_K.NARROW, _K.WITHDRAW)
_CHUNK = 200


def problems(*, kind, approvals, areas, last_day, takes_effect_on) -> list[tuple[str, str]]:
    """Return (field, message) of everything that speaks against a change."""
    found = []
    if kind == _K.NARROW and not areas and last_day is None:
        found.append(("areas", _("Name the areas that fall away, or an earlier last day.")))
    if last_day is not None and last_day < takes_effect_on:
        found.append(("last_day", _("The last day lies before the change takes effect.")))
    for approval in approvals:
        if approval.standing not in FROM[kind]:
            text = _("%(approval)s is “%(standing)s”: this change is not possible for it.")
            facts = {"approval": approval, "standing": approval.get_standing_display()}
            found.append(("approvals", text % facts))
        if problem := version_problem(approval, takes_effect_on):
            found.append(("takes_effect_on", problem))
        if kind == _K.NARROW and (areas or last_day):
            found += _narrowing(approval, set(areas), last_day)
    return found


def _narrowing(approval: BodyApproval, areas: set, last_day: date | None):
    held = set(approval.areas.all())
    facts = {"approval": approval}
    if held <= areas:
        yield "areas", _("%(approval)s would keep no area: withdraw it instead.") % facts
    if not held & areas and last_day is None:
        yield "approvals", _("%(approval)s has none of these areas.") % facts
    if last_day is not None and approval.valid_to is not None and last_day > approval.valid_to:
        yield "last_day", _("%(approval)s ends before that day already.") % facts


@transaction.atomic
def change_prepare(*, actor, body, approvals, areas=(), **facts) -> ApprovalChange:
    """Keep a change that is not ordered yet. Raises NotAllowed, ValidationError."""
    access = IS_OPERATOR(actor, body)
    if not access:
        raise NotAllowed(access.reason)
    chosen, dropped = list(approvals), list(areas)
    named = {name: facts.get(name) for name in ("kind", "last_day", "takes_effect_on")}
    if found := problems(approvals=chosen, areas=dropped, **named):
        raise ValidationError([text for _field, text in found])
    change = ApprovalChange(body=body, prepared_by=actor.user, **facts)
    change.full_clean(exclude=["ordered_by", "ordered_at", "told_at"])
    change.save(force_insert=True)
    change.approvals.set(chosen)
    change.areas.set(dropped)
    data = {"kind": change.kind, "reference": change.reference}
    journal.record(change, PREPARED, actor, data, after=change.status, internal_to=None)
    work.refresh(change)
    return change


def put_into_effect(change: ApprovalChange, actor) -> list[str]:
    """End the versions that change and record those that follow; return their schemes."""
    dropped = set(change.areas.all())
    schemes = []
    for approval in changed_areas(change):
        kept = set(approval.areas.all())
        last = approval.valid_to
        if change.kind == _K.NARROW:
            kept, last = kept - dropped, change.last_day or last
        elif change.kind == _K.WITHDRAW:
            last = None
        approval_follow(
            actor=actor,
            approval=approval,
            from_day=change.takes_effect_on,
            standing=TO[change.kind],
            areas=kept,
            valid_to=last,
            order=change.reference,
            verb=f"approval_{change.kind}",
        )
        schemes.append(approval.scheme)
    _tell_body(change, schemes)
    return [scheme.code for scheme in schemes]


def _facts(change: ApprovalChange) -> dict:
    """Return what everybody it reaches is told; cause and reason are for the body."""
    return {
        **in_both("what", str, _K(change.kind).label),
        **in_both("day", day, change.takes_effect_on),
    }


def _tell_body(change, schemes) -> None:
    body = change.body
    notify(
        "approval.changed",
        to=body.people(*DESK_ROLES),
        obj=change,
        url=change.get_absolute_url(),
        body_zh=body.name_zh,
        body_en=body.name_en,
        scheme_zh="、".join(scheme.title_zh for scheme in schemes),
        scheme_en=", ".join(scheme.title_en for scheme in schemes),
        reference=change.reference,
        reason=change.reason,
        **in_both("cause", str, ApprovalCause(change.cause).label),
        **_facts(change),
    )


@transaction.atomic
def tell_affected(change_pk) -> None:
    """Tell every enterprise it reaches, once, and set or lift the day of a transfer."""
    change = ApprovalChange.objects.select_for_update(of=("self",)).get(pk=change_pk)
    if change.told_at is not None:
        return
    rows = affected(change).select_related(
        "scheme", "application__enterprise", "application__body", "application__case__rule_set"
    )
    rows = rows.prefetch_related("application__case__certificates")
    facts = _facts(change)
    for row in rows.iterator(chunk_size=_CHUNK):
        certificate = certificate_of(row)
        named = {"scheme_zh": row.scheme.title_zh, "scheme_en": row.scheme.title_en}
        if certificate is None:
            tell_enterprise_of("approval.work", row.application, **facts, **named)
            continue
        _set_transfer(change, certificate, row.application.case)
        kind = f"approval.{change.kind}"
        until = in_both("until", day, certificate.transfer_by) if certificate.transfer_by else {}
        tell_holder(kind, certificate, **facts, **named, **until)
    change.told_at = timezone.now()
    change.save(update_fields=["told_at", "changed_at"])


def _set_transfer(change, certificate, case) -> None:
    """Note by when the holder goes to another body (IAF MD 2), or that it need not any more."""
    if change.kind in TAKES:
        since = change.takes_effect_on
        if change.last_day is not None:
            since = change.last_day + timedelta(days=1)
        deadline = deadlines.transfer(
            book_of(case.rule_set), since=since, expires_on=certificate.expires_on
        )
        certificate.transfer_since, certificate.transfer_by = since, deadline.on
    elif change.kind == _K.REINSTATE:
        certificate.transfer_since = certificate.transfer_by = None
    else:
        return
    certificate.save(update_fields=["transfer_since", "transfer_by", "changed_at"])
