"""The record of an application review: verdicts, questions to the applicant, who reviews."""

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from certification.enums import (
    ApplicationKind,
    ApplicationStatus,
    Criterion,
    TransferCriterion,
    Verdict,
)
from certification.models import Application, ApplicationReview, ReviewRequest
from certification.queries.review import facts_of
from certification.rights import ASSIGNED_REVIEWER
from foundation.workflow import NotAllowed, WrongState

# The questions each point of the review rests on (certification.questions).
CLAIMS: dict[str, tuple[str, ...]] = {
    Criterion.INFORMATION: (
        "kind",
        "name",
        "identifier",
        "address",
        "region",
        "legal_representative",
        "licence",
        "licence_valid_until",
        "listing",
        "system_since",
        "internal_audit_on",
        "management_review_on",
        "legal_obligations",
        "had_certificate",
        "previous_number",
        "previous_body",
        "previous_expires_on",
        "previous_accredited",
        "previous_status",
        "previous_open_majors",
        "previous_own_fault",
        "withdrawn_on",
        "previous_body_lost_on",
        "documents",
        "contact_name",
        "contact_phone",
        "contact_email",
    ),
    Criterion.SCOPE: (
        "schemes",
        "scope_zh",
        "scope_en",
        "exclusions",
        "processes",
        "outsourced",
    ),
    Criterion.COMPETENCE: ("areas",),
    Criterion.AUDIT_TIME: ("sites", "integration", "remote_possible", "wished_month"),
    Criterion.LANGUAGE: ("languages",),
    Criterion.SAFETY: ("safety_conditions",),
    Criterion.IMPARTIALITY: ("body", "consultancy_used", "consultancy_by", "consultancy_until"),
}

# Besides, a transfer looks at some of them again.
TRANSFER_CLAIMS: dict[str, tuple[str, ...]] = {
    TransferCriterion.CERTIFICATE: ("previous_number", "previous_body", "previous_accredited"),
    TransferCriterion.VALIDITY: ("previous_status", "previous_expires_on"),
    TransferCriterion.REASON: ("previous_body_lost_on",),
    TransferCriterion.REPORTS: ("previous_open_majors", "documents"),
    TransferCriterion.MATTERS: ("legal_obligations", "previous_own_fault"),
    TransferCriterion.CYCLE: ("previous_expires_on",),
}
# No answer of the applicant says it, so the note of the reviewer does.
NOTED = (TransferCriterion.REASON,)


def claims_of(criterion: str) -> tuple[str, ...]:
    """Return the questions that a point of the review rests on."""
    return CLAIMS.get(criterion) or TRANSFER_CLAIMS[criterion]


def criterion_of(value: str) -> Criterion | TransferCriterion:
    """Return a point of the review by its key. Raises ValueError."""
    known = TransferCriterion if value in TransferCriterion.values else Criterion
    return known(value)


def criteria_of(application: Application) -> list[Criterion | TransferCriterion]:
    """Return the points that the review of an application has to settle."""
    if application.kind == ApplicationKind.TRANSFER:
        return [*Criterion, *TransferCriterion]
    return list(Criterion)


# A threat to impartiality cannot be argued away (ISO/IEC 17021-1:2015 5.2).
NEVER_JUSTIFIED = (Criterion.IMPARTIALITY,)


def begin(*, application: Application, actor) -> ApplicationReview:
    """Assign the review to the actor, who declared no conflict of interest.

    After a resubmission the verdicts stay, except on points not met before and on those whose
    answers changed: these are open again, with their notes.
    """
    application.reviewer = actor.user
    application.save(update_fields=["reviewer", "changed_at"])
    review, _created = ApplicationReview.objects.get_or_create(
        application=application, defaults={"reviewer": actor.user}
    )
    review.reviewer = actor.user
    review.no_conflict = True
    changed = {change.field for change in facts_of(application).changes}
    for criterion, kept in review.verdicts.items():
        if kept["verdict"] != Verdict.MET or changed & set(claims_of(criterion_of(criterion))):
            kept["verdict"] = Verdict.OPEN.value
    review.save(update_fields=["reviewer", "no_conflict", "verdicts", "changed_at"])
    return review


@transaction.atomic
def judge(
    *, application: Application, criterion: str, verdict: str, note: str, actor
) -> ApplicationReview:
    """Keep the verdict on one point. Raises NotAllowed and WrongState."""
    row = _in_hand(application, actor)
    review = ApplicationReview.objects.select_for_update().get(application=row)
    review.verdicts[criterion_of(criterion).value] = {
        "verdict": Verdict(verdict).value,
        "note": note,
        "by": actor.user.pk,
        "version": row.versions.count(),
        "at": timezone.now().isoformat(),
    }
    review.save(update_fields=["verdicts", "changed_at"])
    return review


@transaction.atomic
def ask(*, application: Application, field: str, reason: str, actor) -> ReviewRequest:
    """Add a question to the one request that goes out on return; asking again replaces it."""
    row = _in_hand(application, actor)
    question, _created = ReviewRequest.objects.update_or_create(
        application=row,
        field=field,
        sent_at=None,
        defaults={"reason": reason, "asked_by": actor.user, "version": row.versions.count()},
    )
    return question


@transaction.atomic
def take_back(*, application: Application, question: ReviewRequest, actor) -> None:
    """Remove a question that has not gone out yet."""
    row = _in_hand(application, actor)
    row.requests.filter(pk=question.pk, sent_at=None).delete()


def unsent(application: Application):
    """Return the questions collected for the next request; internal until they go out."""
    return application.requests.filter(sent_at=None)


def send(*, application: Application) -> list[ReviewRequest]:
    """Mark all collected questions as sent in one request, at one moment."""
    questions = list(unsent(application))
    unsent(application).update(sent_at=timezone.now())
    return questions


def reviewers_of(application: Application) -> list:
    """Return everybody who judged a point or holds the review, by name."""
    review = ApplicationReview.objects.filter(application=application).first()
    judged = {kept["by"] for kept in review.verdicts.values()} if review else set()
    people = get_user_model().objects.filter(pk__in=judged | {application.reviewer_id})
    return list(people.order_by("name"))


def _in_hand(application: Application, actor) -> Application:
    """Lock the application and check that the actor may work on its review now."""
    row = Application.objects.select_for_update().get(pk=application.pk)
    access = ASSIGNED_REVIEWER(actor, row)
    if not access:
        raise NotAllowed(access.reason)
    if row.status != ApplicationStatus.IN_REVIEW:
        raise WrongState(
            _("The review is over: the application is now “%(state)s”.")
            % {"state": row.get_status_display()}
        )
    return row
