"""Who is tied to an enterprise neither reviews its application nor decides on it.

ISO/IEC 17021-1:2015 5.2: what a person declared bars for the period of the rules. The blockers are
read by the person alone.
"""

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from certification.models import Case
from certification.queries.review import facts_of
from foundation.workflow import Blocker
from schemes.queries import book_of
from schemes.queries.interests import reasons_against


def _ties(obj, actor, rules_of) -> list[str]:
    """Return what bars the actor from the enterprise of a record; asked once for all guards.

    Pages that read ``names_it`` with the record (``ties_of``) save asking where there is nothing.
    """
    if actor.user is None or getattr(obj, "names_it", True) is False:
        return []
    kept = obj.__dict__.setdefault("ties", {})
    if actor.user.pk not in kept:
        kept[actor.user.pk] = reasons_against(
            actor.user, obj.enterprise, on=timezone.localdate(), rules=rules_of()
        )
    return kept[actor.user.pk]


def reviews_impartially(application, actor, data):
    """Whoever is tied to the applicant leaves the review to a colleague."""
    for reason in _ties(application, actor, lambda: facts_of(application).rules):
        yield Blocker(
            _("You may not judge this enterprise, so a colleague reviews it. %(reason)s.")
            % {"reason": reason}
        )


def never_worked_there(application, actor, data):
    """Who worked for the enterprise lately does not judge it (ISO/IEC 17021-1:2015 5.2)."""
    facts = facts_of(application)
    if facts.worked_for_applicant(actor.user).exists():
        yield Blocker(
            _(
                "You belong or belonged to this enterprise within the last %(years)d years, "
                "so somebody else must review its application."
            )
            % {"years": int(facts.rules.number("consultancy_years"))}
        )


def decides_impartially(obj, actor, data):
    """Whoever is tied to the holder decides nothing; obj is a case or what belongs to one."""
    case = obj if isinstance(obj, Case) else obj.case
    for reason in _ties(obj, actor, lambda: book_of(case.rule_set)):
        yield Blocker(
            _("You may not judge this enterprise, so a colleague decides. %(reason)s.")
            % {"reason": reason}
        )
