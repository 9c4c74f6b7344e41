"""The application review: its transitions, what stands in their way, what they bring about."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from certification.enums import (
    LIVE,
    ApplicationKind,
    ApplicationStatus,
    CertificateStatus,
    Criterion,
    Part,
    TransferCriterion,
    Verdict,
)
from certification.flows.audit_time import TIME_TRANSITIONS, audit_time_is_set
from certification.flows.impartiality import never_worked_there, reviews_impartially
from certification.queries.review import facts_of
from certification.rights import ASSIGNED_REVIEWER, FREE_REVIEWER, OTHER_REVIEWER
from certification.services import review as services
from certification.services import transfers
from certification.services.cases import present_case, record_involvement
from certification.services.decisions import deciders
from certification.services.ties import CONFLICT
from foundation import timeline, work
from foundation.formatting import day
from foundation.notices import notify
from foundation.workflow import REASON, SAME, Blocker, Transition
from organisations.enums import Role
from schemes.queries import body_gaps

_S = ApplicationStatus

timeline.register(CONFLICT, _("The reviewer declared an interest"))


def _review_url(application, place="") -> str:
    return reverse("certification:review", args=[application.pk]) + (f"#{place}" if place else "")


def _time_url(application) -> str:
    return reverse("certification:audit_time", args=[application.pk])


def declares_no_conflict(application, actor, data):
    """The reviewer says so in person; nobody else can know of consultancy or family ties."""
    if data is not None and data.get("no_conflict") is not True:
        yield Blocker(
            _("Declare that you have no conflict of interest, or leave the review to a colleague."),
            field="no_conflict",
        )


def has_not_decided(application, actor, data):
    """Whoever decided in the cycle does not review what it goes on with (9.5.1)."""
    case = present_case(application, LIVE)
    if case and actor.user.pk in deciders(case.pk, case.cycle):
        yield Blocker(
            _("You decided on this certification in its present cycle, so somebody else reviews.")
        )


def something_is_asked(application, actor, data):
    if not facts_of(application).unsent:
        yield Blocker(
            _("Say what the applicant must complete: add at least one question."),
            _review_url(application, "ask"),
        )


def questions_are_sent(application, actor, data):
    count = len(facts_of(application).unsent)
    if count:
        yield Blocker(
            _("Questions to the applicant are waiting to be sent: %(count)d. Send or remove them.")
            % {"count": count},
            _review_url(application, "ask"),
        )


def criteria_are_settled(application, actor, data):
    """Every point is met, or its note says what makes it acceptable all the same."""
    verdicts = application.review.verdicts if hasattr(application, "review") else {}
    for criterion in services.criteria_of(application):
        kept = verdicts.get(criterion.value, {})
        verdict = kept.get("verdict", Verdict.OPEN)
        url = _review_url(application, criterion.value)
        if verdict == Verdict.OPEN:
            yield Blocker(_("Not yet judged: %(point)s") % {"point": criterion.label}, url)
        elif verdict == Verdict.NOT_MET and criterion in services.NEVER_JUSTIFIED:
            yield Blocker(
                _("Not met, and no reason can make up for it: %(point)s")
                % {"point": criterion.label},
                url,
            )
        elif criterion in services.NOTED and not kept.get("note", "").strip():
            yield Blocker(
                _("The note does not say it: %(point)s") % {"point": criterion.label}, url
            )
        elif verdict == Verdict.NOT_MET and not kept.get("note", "").strip():
            yield Blocker(
                _("Not met, and the note does not say what makes it acceptable: %(point)s")
                % {"point": criterion.label},
                url,
            )


def body_is_approved(application, actor, data):
    """The body certifies only what it is approved for, on the day it accepts."""
    facts = facts_of(application)
    url = _review_url(application, Criterion.SCOPE)
    if not facts.rows:
        yield Blocker(_("No scheme is applied for."), url)
    for scheme, areas in facts.required.items():
        if not areas:
            yield Blocker(
                _("%(scheme)s: no technical area is chosen.") % {"scheme": scheme.title}, url
            )
    for cover in facts.coverage:
        if not cover.approved:
            yield Blocker(
                _("The body is not approved today for %(scheme)s in area %(area)s.")
                % {"scheme": cover.scheme.title, "area": cover.area},
                url,
            )


def competence_is_available(application, actor, data):
    """People to audit and to decide on everything applied for (ISO/IEC 17021-1:2015 9.1.2.2)."""
    facts = facts_of(application)
    least = int(facts.rules.number("area_auditors_min"))
    url = _review_url(application, Criterion.COMPETENCE)
    gaps = body_gaps(
        body=application.body, required=facts.required, on=facts.on, area_auditors=least
    )
    for gap in gaps:
        yield Blocker(gap.message, url)
    undecidable = {gap.scheme for gap in gaps if gap.code == "no_certifier"}
    for scheme in facts.required:
        if scheme not in undecidable and not facts.deciders(scheme):
            yield Blocker(
                _("Nobody but the reviewer could decide on %(scheme)s: name another certifier.")
                % {"scheme": scheme.title},
                url,
            )


def categories_are_chosen(application, actor, data):
    """A table with categories needs one: the body decides complexity or risk."""
    for row in facts_of(application).rows:
        known = {key for key, _title in row.scheme.category_choices}
        if known and row.category not in known:
            yield Blocker(
                _("%(scheme)s: choose the complexity or risk category.")
                % {"scheme": row.scheme.title},
                _time_url(application),
            )


def no_consultancy_by_the_body(application, actor, data):
    """A body does not certify whom it advised (ISO/IEC 17021-1:2015 5.2.7)."""
    facts = facts_of(application)
    if not facts.is_advised_by_body:
        return
    if facts.free_from is None or facts.free_from > facts.on:
        yield Blocker(
            _(
                "The body itself advised this enterprise within the last %(years)d years. "
                "The application cannot be accepted."
            )
            % {"years": int(facts.rules.number("consultancy_years"))},
            _review_url(application, Criterion.IMPARTIALITY),
        )


def facts_allow_the_transfer(application, actor, data):
    """Where this portal has the certificate, its facts beat what the applicant says (IAF MD 2)."""
    found = transfers.registered(application)
    if found is None:
        return
    url = _review_url(application, TransferCriterion.VALIDITY)
    words = {"number": found.number, "date": day(found.expires_on)}
    if found.enterprise_id != application.enterprise_id:
        yield Blocker(_("Certificate %(number)s belongs to another enterprise.") % words, url)
        return
    if found.status != CertificateStatus.VALID:
        words["status"] = found.get_status_display()
        yield Blocker(
            _("Certificate %(number)s is “%(status)s” in the register; only a valid one is taken "
              "over.") % words,
            url,
        )  # fmt: skip
    if found.expires_on != application.previous_expires_on:
        yield Blocker(
            _("Certificate %(number)s ends on %(date)s by the register: have the applicant "
              "correct it.") % words,
            url,
        )  # fmt: skip
    if transfers.open_majors(found):
        yield Blocker(
            _("Certificate %(number)s has major nonconformities open at its body.") % words,
            _review_url(application, TransferCriterion.REPORTS),
        )
    if transfers.minors_without_plan(found):
        yield Blocker(
            _("Certificate %(number)s has minor nonconformities without an accepted plan at its "
              "body.") % words,
            _review_url(application, TransferCriterion.REPORTS),
        )  # fmt: skip


def visit_is_decided(application, actor, data):
    """Whether somebody visits before the transfer, and why (IAF MD 2)."""
    if application.kind != ApplicationKind.TRANSFER or data is None:
        return
    if data.get("visit") is None:
        yield Blocker(_("Say whether the enterprise is visited first."), field="visit")
    if not str(data.get("visit_reason") or "").strip():
        yield Blocker(_("Say why."), field="visit_reason")


def reviewer_is_tied(application) -> bool:
    """Tell whether the reviewer declared an interest since the review began."""
    review = getattr(application, "review", None)
    return review is not None and not review.no_conflict


def begun(application, actor, **data):
    services.begin(application=application, actor=actor)
    _takes_part(application, actor)


def taken_over(application, actor, **data):
    before = application.reviewer.name
    services.begin(application=application, actor=actor)
    _takes_part(application, actor)
    return {"before": before}


def _takes_part(application, actor):
    """Whoever reviews what a case goes on with decides on it no more in this cycle."""
    case = present_case(application, LIVE)
    if case is not None:
        record_involvement(case=case, user=actor.user, part=Part.REVIEW)
        work.refresh(case)


def returned(application, actor, **data):
    questions = services.send(application=application)
    _tell_enterprise("application.returned", application, count=len(questions))
    return {"fields": [question.field for question in questions]}


def accepted(application, actor, justification, visit=None, visit_reason="", **data):
    review = application.review
    review.justification, review.visit = justification, visit
    review.visit_reason = visit_reason or ""
    review.save(update_fields=["justification", "visit", "visit_reason", "changed_at"])
    _tell_enterprise("application.accepted", application)
    notify(
        "application.offer_due",
        to=application.body.people(Role.MANAGER),
        obj=application,
        url=application.get_absolute_url(),
        number=application.number,
        enterprise_zh=application.enterprise.name_zh,
        enterprise_en=application.enterprise.name_en,
    )


def declined(application, actor, reason, **data):
    services.unsent(application).delete()
    _tell_enterprise("application.declined", application, reason=reason)


def _tell_enterprise(kind, application, **facts):
    notify(
        kind,
        to=application.enterprise.people(Role.OWNER, Role.MEMBER),
        obj=application,
        url=application.get_absolute_url(),
        number=application.number,
        body_zh=application.body.name_zh,
        body_en=application.body.name_en,
        **facts,
    )


REVIEW_TRANSITIONS = (
    Transition(
        action="start_review",
        sources=(_S.SUBMITTED,),
        target=_S.IN_REVIEW,
        right=FREE_REVIEWER,
        title=_("Start the review"),
        past=_("Review of the application begun"),
        guards=(
            declares_no_conflict,
            never_worked_there,
            reviews_impartially,
            has_not_decided,
        ),
        effect=begun,
        explain=_(
            "You become the reviewer of this application. Who reviews it cannot decide on the "
            "certification later."
        ),
        done_text=_("You review this application now."),
    ),
    Transition(
        action="accept",
        sources=(_S.IN_REVIEW,),
        target=_S.ACCEPTED,
        right=ASSIGNED_REVIEWER,
        title=_("Accept for contract"),
        task=_("Review the application"),
        past=_("Application accepted"),
        guards=(
            never_worked_there,
            reviews_impartially,
            criteria_are_settled,
            questions_are_sent,
            body_is_approved,
            competence_is_available,
            categories_are_chosen,
            audit_time_is_set,
            no_consultancy_by_the_body,
            facts_allow_the_transfer,
            visit_is_decided,
        ),
        effect=accepted,
        requires=("justification",),
        explain=_(
            "The body can certify this enterprise. A manager makes the offer next; the applicant "
            "is told that the application is accepted."
        ),
        done_text=_("The application is accepted. A manager makes the offer next."),
    ),
    Transition(
        action="return",
        sources=(_S.IN_REVIEW,),
        target=_S.RETURNED,
        right=ASSIGNED_REVIEWER,
        title=_("Ask the applicant to complete it"),
        past=_("Application returned to be completed"),
        guards=(something_is_asked,),
        effect=returned,
        explain=_(
            "All questions go out together as one request. The applicant answers them at their "
            "places and sends the application again; you then see what changed."
        ),
        done_text=_("The request is sent. The review goes on when the applicant has answered."),
    ),
    Transition(
        action="decline",
        sources=(_S.IN_REVIEW,),
        target=_S.DECLINED,
        right=ASSIGNED_REVIEWER,
        title=_("Decline the application"),
        past=_("Application declined"),
        guards=(reviews_impartially,),
        requires=(REASON,),
        effect=declined,
        serious=True,
        explain=_(
            "The application ends here. The applicant reads your reason word for word and may "
            "appeal against it."
        ),
        done_text=_("The application is declined and the applicant has been told why."),
    ),
    Transition(
        action="take_over",
        sources=(_S.SUBMITTED, _S.IN_REVIEW),
        target=SAME,
        right=OTHER_REVIEWER,
        title=_("Take over the review"),
        past=_("Review of the application taken over"),
        guards=(
            declares_no_conflict,
            never_worked_there,
            reviews_impartially,
            has_not_decided,
        ),
        requires=(REASON,),
        effect=taken_over,
        awaited=reviewer_is_tied,
        task=_("Take over a review whose reviewer may not judge"),
        internal=True,
        explain=_("Do this when the colleague who reviews the application cannot go on."),
        done_text=_("You review this application now."),
    ),
    *TIME_TRANSITIONS,
)
