"""Ask enterprises for their opinion of the service, once at each moment."""

from certification.enums import Moment
from certification.models import Case, Evaluation
from foundation.notices import notify
from organisations.enums import Role


def ask(*, case: Case, moment: str, subject_id) -> Evaluation:
    """Ask the enterprise to rate the service after an audit or a decision.

    ``subject_id`` is that of the audit or the decision; asking twice about it changes nothing.
    """
    evaluation, created = Evaluation.objects.get_or_create(
        moment=Moment(moment),
        subject_id=subject_id,
        defaults={"case": case, "cycle": case.cycle},
    )
    if created:
        notify(
            "evaluation.asked",
            to=case.enterprise.people(Role.OWNER),
            obj=evaluation,
            url=evaluation.get_absolute_url(),
            number=case.number,
            body_zh=case.body.name_zh,
            body_en=case.body.name_en,
        )
    return evaluation
