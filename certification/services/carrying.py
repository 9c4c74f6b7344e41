"""A case passes from one enterprise to another, with everything that belongs to it."""

from datetime import datetime

from django.utils import timezone

from certification.models import Application, Case, Certificate, FormerHolder, Merger
from foundation import journal

PASSED = "case.pass_over"
# Models of the apps above that name the enterprise of their case beside it.
_FOLLOWING: list = []


def follows(model):
    """Register a model whose rows name ``case`` and its ``enterprise``; they pass with the case."""
    _FOLLOWING.append(model)
    return model


def pass_over(*, case: Case, merger: Merger, actor) -> None:
    """Let the enterprise that goes on hold a case; who held it reads what there was until now.

    Part of the transition that carries it over; the caller has locked the case.
    """
    former, holder = merger.absorbed, merger.absorbing
    facts = {"number": case.number, "holder_zh": holder.name_zh, "holder_en": holder.name_en}
    journal.record(case, PASSED, actor, facts)
    FormerHolder.objects.create(
        case=case,
        enterprise=former,
        merger=merger,
        until=timezone.now(),
        name_zh=former.name_zh,
        name_en=former.name_en,
        identifier=former.identifier,
    )
    Case.objects.filter(pk=case.pk).update(enterprise=holder, changed_at=timezone.now())
    for model in (Application, Certificate, *_FOLLOWING):
        model._base_manager.filter(case=case).update(enterprise=holder)
    case.enterprise = holder


@journal.read_until
def held_until(thread, actor) -> datetime | None:
    """Return when a case passed from the enterprise for which somebody reads its story."""
    organisation = actor.organisation
    if organisation is None or getattr(organisation, "successor_id", None) is None:
        return None
    rows = FormerHolder.objects.filter(enterprise=organisation, case__thread=thread)
    return rows.values_list("until", flat=True).first()
