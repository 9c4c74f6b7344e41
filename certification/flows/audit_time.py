"""The audit time of an application: set by its reviewer, less of it approved by a second person.

ISO/IEC 17021-1:2015 9.1.4 and IAF MD 5, MD 1 and MD 11 want every reduction justified and recorded.
"""

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from certification.enums import ApplicationStatus
from certification.flows.impartiality import never_worked_there, reviews_impartially
from certification.queries.review import facts_of, latest_calculation
from certification.rights import ASSIGNED_REVIEWER, TIME_APPROVER
from certification.services import audit_time as services
from foundation.models.base import in_language
from foundation.notices import notify
from foundation.workflow import REASON, SAME, Blocker, Transition
from organisations.enums import Role

_S = ApplicationStatus
SEEN = "seen"


def _url(application) -> str:
    return reverse("certification:audit_time", args=[application.pk])


def second_people(application, first) -> list:
    """Return who could approve what ``first`` computed: other managers and reviewers."""
    people = application.body.people(Role.MANAGER, Role.REVIEWER)
    return [one for one in people if one.pk != first.pk]


def audit_time_is_set(application, actor, data):
    """A usable calculation of what was submitted last (ISO/IEC 17021-1:2015 9.1.4)."""
    facts = facts_of(application)
    url = _url(application)
    if facts.calculation is None:
        yield Blocker(_("The audit time is not computed."), url)
    elif facts.calculation_is_old:
        yield Blocker(
            _("The applicant has sent a new version since the audit time was computed."), url
        )
    elif not facts.calculation.result["usable"]:
        yield Blocker(_("The calculation of the audit time has open problems."), url)
    else:
        yield from _approved(application, facts.calculation, url)


def _approved(application, calculation, url):
    if calculation.is_settled:
        return
    if calculation.approved is False:
        yield Blocker(_("The reduced audit time was sent back: compute it anew."), url)
    elif second_people(application, calculation.computed_by):
        yield Blocker(_("The reduced audit time waits for approval by a second person."), url)
    else:
        yield Blocker(
            _(
                "The audit time is reduced, and nobody else could approve it: the body needs "
                "another manager or reviewer."
            ),
            url,
        )


def figure_is_usable(application, actor, data):
    """A calculation over a cap, without a reason or without a figure cannot be used."""
    if not (data and data.get("inputs")):
        return
    result = services.compute(data["inputs"], str(application.enterprise.country))
    for problem in result.problems:
        yield Blocker(in_language(problem.message_zh, problem.message_en))


def is_what_was_seen(application, actor, data):
    """Approved is what the second person read, not what was computed meanwhile."""
    if data is not None and data.get(SEEN) != facts_of(application).calculation.sha256:
        yield Blocker(_("The audit time was computed anew meanwhile. Look at it again."))


def waits_for_approval(application) -> bool:
    """Tell whether the audit time of an application waits for a second person."""
    made = latest_calculation(application)
    return made is not None and made.waits


def time_set(application, actor, inputs, **data):
    calculation = services.keep(application=application, inputs=inputs, actor=actor)
    if calculation.needs_approval:
        _tell("application.time_to_approve", calculation, second_people(application, actor.user))
    return {"days": str(calculation.total_days), "sha256": calculation.sha256}


def _tell(kind, calculation, to, **facts):
    application = calculation.application
    notify(
        kind,
        to=to,
        obj=application,
        url=_url(application),
        number=application.number,
        enterprise_zh=application.enterprise.name_zh,
        enterprise_en=application.enterprise.name_en,
        **facts,
    )


def _judged(approved: bool, kind: str):
    def effect(application, actor, reason, **data):
        calculation = facts_of(application).calculation
        calculation.approved, calculation.judgement = approved, reason
        calculation.judged_by, calculation.judged_at = actor.user, timezone.now()
        calculation.save(
            update_fields=["approved", "judgement", "judged_by", "judged_at", "changed_at"]
        )
        people = dict.fromkeys((calculation.computed_by, application.reviewer))
        _tell(kind, calculation, [one for one in people if one != actor.user], reason=reason)
        return {"days": str(calculation.total_days), "sha256": calculation.sha256}

    return effect


TIME_TRANSITIONS = (
    Transition(
        action="set_time",
        sources=(_S.IN_REVIEW,),
        target=SAME,
        right=ASSIGNED_REVIEWER,
        title=_("Compute the audit time"),
        past=_("Audit time set"),
        guards=(figure_is_usable,),
        requires=("inputs",),
        effect=time_set,
        awaited=False,
        internal=True,
        done_text=_("This audit time goes into the offer."),
    ),
    Transition(
        action="approve_time",
        sources=(_S.IN_REVIEW,),
        target=SAME,
        right=TIME_APPROVER,
        title=_("Approve the reduced audit time"),
        past=_("Reduced audit time approved"),
        guards=(never_worked_there, reviews_impartially, is_what_was_seen),
        requires=(REASON,),
        effect=_judged(True, "application.time_approved"),
        awaited=waits_for_approval,
        internal=True,
        explain=_(
            "It is less than the tables give. Approve it if every reason holds; figures that are "
            "computed anew have to be approved anew."
        ),
        done_text=_("The audit time is approved; its reviewer was told."),
    ),
    Transition(
        action="return_time",
        sources=(_S.IN_REVIEW,),
        target=SAME,
        right=TIME_APPROVER,
        title=_("Send the audit time back"),
        past=_("Reduced audit time sent back"),
        guards=(never_worked_there, reviews_impartially, is_what_was_seen),
        requires=(REASON,),
        effect=_judged(False, "application.time_sent_back"),
        awaited=False,
        internal=True,
        explain=_("The reviewer reads your reason and computes the audit time anew."),
        done_text=_("The audit time is sent back; its reviewer was told why."),
    ),
)
