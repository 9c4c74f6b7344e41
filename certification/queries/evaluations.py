"""What enterprises say of a body's service, and what of it is published."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from django.db.models import Avg, Count
from django.utils import timezone

from certification.enums import Dimension, EvaluationStatus, Moment
from certification.models import Evaluation
from organisations.enums import Kind
from organisations.models import Organisation
from schemes.queries import book_of, rule_book_for

_CENT = Decimal("0.01")
_DIMENSIONS = {
    Moment.AUDIT: (
        Dimension.COMMUNICATION,
        Dimension.COMPETENCE,
        Dimension.FAIRNESS,
        Dimension.TIMELINESS,
    ),
    Moment.DECISION: tuple(Dimension),
}


@dataclass(frozen=True)
class Published:
    """The mean that a body's ratings give, from 1 to 5, how many they are, and by dimension."""

    mean: Decimal
    count: int
    dimensions: dict[str, Decimal]


def dimensions_of(moment: str) -> tuple[Dimension, ...]:
    """Return what is asked at a moment."""
    return _DIMENSIONS[Moment(moment)]


def mean_of(ratings: dict[str, int]) -> Decimal:
    """Return the mean of one evaluation's ratings, to two decimals."""
    return (Decimal(sum(ratings.values())) / len(ratings)).quantize(_CENT, ROUND_HALF_UP)


def revisable_until(evaluation: Evaluation) -> datetime:
    """Return until when the enterprise may change its rating (rule data)."""
    days = int(book_of(evaluation.case.rule_set).value("evaluation_revision_days"))
    return evaluation.given_at + timedelta(days=days)


def evaluations_for(actor):
    """Return what an actor may read, with what lists show: a body only what was given to it."""
    rows = Evaluation.objects.visible_to(actor).select_related(
        "case__enterprise", "case__body", "case__rule_set", "given_by", "replied_by"
    )
    return rows.exclude(status=EvaluationStatus.ASKED) if actor.kind == Kind.BODY else rows


def given_to(body: Organisation):
    """Return the ratings a body has received."""
    return Evaluation.objects.filter(case__body=body).exclude(given_at=None)


def threshold(body: Organisation) -> int:
    """Return from how many ratings on a mean is published (rule data)."""
    rules = rule_book_for(body.country, timezone.localdate())
    return int(rules.value("evaluation_publication_count"))


def published_mean(body: Organisation) -> Published | None:
    """Return what is published of a body's ratings; None while they are too few (rule data).

    Names and single ratings are never published.
    """
    rows = given_to(body)
    found = rows.aggregate(mean=Avg("mean"), count=Count("pk"))
    if found["count"] < threshold(body):
        return None
    given: dict[str, list[int]] = {dimension.value: [] for dimension in Dimension}
    for ratings in rows.values_list("ratings", flat=True):
        for name, value in ratings.items():
            given[name].append(value)
    dimensions = {
        name: (Decimal(sum(values)) / len(values)).quantize(_CENT, ROUND_HALF_UP)
        for name, values in given.items()
        if values
    }
    return Published(
        Decimal(found["mean"]).quantize(_CENT, ROUND_HALF_UP), found["count"], dimensions
    )
