"""What stands in the cells of the queue; written directly: a desk shows hundreds of them."""

from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.formatting import as_date, short_day
from foundation.markup import kept, markup
from foundation.templatetags.portal_ui import code, contextual_date, initial
from foundation.worksources import SOURCES


def client(item):
    """The client, and below what it is about: number and kind."""
    name, detail = item.client, item.detail
    parts = [code(item.number)] if name and item.number else []
    if detail:
        parts.append(detail)
    below = markup(" · ".join("{}" for _part in parts), *parts)
    shown = name or item.number
    return markup('<a href="{}">{}</a><span class="sub">{}</span>', item.url, shown, below)


def step(item):
    """What is to be done, and below the status of the record."""
    return _step(item.subject_type, item.action, item.status)


@kept
def _step(subject_type, action, status):
    source = SOURCES[subject_type]
    words = source.task(status, action).title, source.label(status)
    return markup('{}<span class="sub">{}</span>', *words)


def due(item):
    """The limit; without one, since when it waits."""
    if item.due_on:
        return contextual_date(item.due_on)
    return _unlimited(as_date(item.since), timezone.localdate())


@kept
def _unlimited(since, today):
    words = _("since %(at)s") % {"at": short_day(since, today)}
    return markup('<span class="cdate">{}<small>{}</small></span>', _("No limit"), words)


def who(item):
    """Whose work it is, if it is anybody's."""
    if item.who:
        return _person(initial(item.who.name), item.who.name)
    if item.organisation_id == item.overseen_by:
        return _person("?", _("Unassigned"), " quiet")
    return markup('<span class="quiet">{}</span>', _("The client"))


def _person(sign, name, extra=""):
    return markup(
        '<span class="person-name{}"><span class="avs" aria-hidden="true">{}</span>{}</span>',
        extra, sign, name,
    )  # fmt: skip
