"""The words for why an audit is not in a plan."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from foundation.formatting import day_range
from schemes.enums import AuditLanguage


def words_of(code: str, facts, draft) -> str:
    """Return one reason of ``audits.schedule.why`` as people read it."""
    return _WORDS[code](facts, draft)


def _people(facts) -> str:
    count = facts["people"]
    return ngettext("%(count)s person", "%(count)s people", count) % {"count": count}


def _span(facts, draft) -> str:
    first, last = facts["first"], max(facts["first"], facts["last"])
    return day_range(draft.problem.date(first), draft.problem.date(last))


def _waits(facts, draft) -> str:
    return _("Stage 1 has no dates yet, and stage 2 comes after it.")


def _taken(facts, draft) -> str:
    return _(
        "Everybody who covers it (%(people)s) is given to other audits of this draft between "
        "%(days)s."
    ) % {"people": _people(facts), "days": _span(facts, draft)}


def _nobody_free(facts, draft) -> str:
    return _(
        "Nobody who covers it is free for %(count)s working days within %(days)s (%(people)s)."
    ) % {"people": _people(facts), "days": _span(facts, draft), "count": facts["days"]}


_WORDS = {
    "waits": _waits,
    "scheme": lambda facts, draft: _("Nobody may audit %(scheme)s.") % facts,
    "area": lambda facts, draft: _("Nobody holds %(scheme)s in area %(area)s.") % facts,
    "area_refused": lambda facts, draft: (
        _("All who hold %(scheme)s in area %(area)s (%(people)s) are barred from this enterprise.")
        % {**facts, "people": _people(facts)}
    ),
    "language": lambda facts, draft: (
        _("Nobody who audits it works in %(language)s.")
        % {"language": AuditLanguage(facts["language"]).label}
    ),
    "lead": lambda facts, draft: _("Nobody may lead it."),
    "refused": lambda facts, draft: (
        _("May not audit this enterprise: %(people)s.") % {"people": _people(facts)}
    ),
    "team": lambda facts, draft: _("No team of up to three people covers all of it."),
    "no_days": lambda facts, draft: (
        _("Its window has fewer than the %(count)s working days it needs: %(days)s.")
        % {"count": facts["days"], "days": _span(facts, draft)}
    ),
    "nobody_free": _nobody_free,
    "cap": lambda facts, draft: (
        _(
            "Everybody who covers it (%(people)s) would pass the limit of days on site or of "
            "certificates."
        )
        % {"people": _people(facts)}
    ),
    "taken": _taken,
}
