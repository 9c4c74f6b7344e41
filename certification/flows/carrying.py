"""A certifier carries a case over to the enterprise into which its holder merged."""

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from certification.enums import (
    ApplicationStatus,
    Cause,
    ChangeKind,
    ChangeStatus,
    DecisionKind,
    MergerStatus,
)
from certification.flows.guards import nothing_is_being_issued
from certification.flows.impartiality import decides_impartially
from certification.models import Application, Case
from certification.rights import CARRIER
from certification.services import carrying, changes, issuing
from certification.services.certificate_content import holder, problems
from certification.services.decisions import decide
from certification.services.merger_telling import SETTLE, tell_both
from foundation import jobs, timeline
from foundation.formatting import day
from foundation.workflow import REASON, Blocker, Transition
from schemes.queries import book_of
from schemes.queries.interests import reasons_against

# Applications that the body decides on while the enterprise that made them still goes on.
UNDER_WAY = (
    ApplicationStatus.SUBMITTED,
    ApplicationStatus.IN_REVIEW,
    ApplicationStatus.RETURNED,
    ApplicationStatus.ACCEPTED,
    ApplicationStatus.OFFERED,
)

timeline.register(carrying.PASSED, _("Passed over to the enterprise into which the holder merged"))


def case_stands_still(change, actor, data):
    """Let nobody else decide on the case or a certificate of it until the commit."""
    if data is not None:
        list(change.case.certificates.select_for_update(of=("self",)).order_by("pk"))
        change.case = Case.objects.select_for_update(of=("self",)).get(pk=change.case_id)
    return ()


def merger_is_in_force(change, actor, data):
    """Both have agreed, and its day has come."""
    merger = change.merger
    if merger.status != MergerStatus.AGREED:
        yield Blocker(_("The merger is not agreed any more."))
    elif merger.takes_effect_on > timezone.localdate():
        yield Blocker(
            _("The merger takes effect on %(date)s; nothing passes over before.")
            % {"date": day(merger.takes_effect_on)}
        )


def impartial_towards_both(change, actor, data):
    """Whoever is tied to the new holder decides as little as who is tied to the old one."""
    yield from decides_impartially(change, actor, data)
    if actor.user is None:
        return
    rules = book_of(change.case.rule_set)
    on = timezone.localdate()
    for reason in reasons_against(actor.user, change.merger.absorbing, on=on, rules=rules):
        yield Blocker(
            _("You may not judge the new holder, so a colleague decides. %(reason)s.")
            % {"reason": reason}
        )


def applications_are_settled(change, actor, data):
    """An application is decided on for the enterprise that made it."""
    rows = Application.objects.filter(
        enterprise=change.merger.absorbed_id, body=change.case.body_id, status__in=UNDER_WAY
    )
    for application in rows.order_by("number"):
        yield Blocker(
            _("Application %(number)s is under way: settle it first.")
            % {"number": application.number},
            application.get_absolute_url(),
        )


def case_prints(change, actor, data):
    """One revision after the other, and only what a certificate can show."""
    yield from nothing_is_being_issued(change.case, actor, data)
    for certificate in changes.certificates_in_force(change.case):
        content = issuing.last_revision(certificate).content
        for problem in problems(content | {"holder": holder(change.merger.absorbing)}):
            yield Blocker(problem, certificate.get_absolute_url())


def carried_over(change, actor, reason, **data):
    """Revise every certificate in force for the new holder, and let the case pass to it."""
    case, merger = change.case, change.merger
    numbers = []
    for certificate in changes.certificates_in_force(case):
        decision = decide(
            case=case,
            kind=DecisionKind.CARRY,
            actor=actor,
            reason=reason,
            certificate=certificate,
            cause=Cause.MERGER,
        )
        issuing.supersede(
            certificate=certificate,
            cause=Cause.MERGER,
            decision=decision,
            actor=actor,
            holder=holder(merger.absorbing),
        )
        numbers.append(certificate.number)
    carrying.pass_over(case=case, merger=merger, actor=actor)
    tell_both("merger.carried", merger, case=case.number, url=case.get_absolute_url())
    jobs.enqueue(SETTLE, key=f"merger:{merger.pk}:{change.pk}", subject=merger)
    return {"number": change.number, "certificates": numbers}


CARRY_OVER = Transition(
    action="carry_over",
    sources=(ChangeStatus.REVISION,),
    target=ChangeStatus.DONE,
    right=CARRIER,
    title=_("Carry over to the new holder"),
    task=_("Decide on a case whose holder merges"),
    past=_("Carried over to the new holder"),
    guards=(
        case_stands_still,
        merger_is_in_force,
        impartial_towards_both,
        applications_are_settled,
        case_prints,
    ),
    requires=(REASON,),
    effect=carried_over,
    serious=True,
    confirmed=True,
    awaited=lambda change: change.kind == ChangeKind.MERGER,
    explain=_(
        "Each certificate in force gets a revision under its number that names the new holder. "
        "The case passes to it with its programme, audits and open findings; the old holder "
        "keeps reading what there was. To end a certificate instead, cancel it first."
    ),
    done_text=_("The case has passed over. New revisions of its certificates are being made."),
)
