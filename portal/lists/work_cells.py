"""What stands in the cells of the queue; written directly: a desk shows hundreds of them."""

from django.utils.translation import gettext as _

from foundation.formatting import short_day
from foundation.markup import markup
from foundation.templatetags.portal_ui import code, contextual_date, initial


def client(item):
    """The client, and below what it is about: number and kind."""
    name = item.client or item.number
    parts = [code(item.number)] if item.client and item.number else []
    if item.detail:
        parts.append(item.detail)
    below = markup(" · ".join("{}" for _part in parts), *parts)
    return markup('<a href="{}">{}</a><span class="sub">{}</span>', item.url, name, below)


def step(item):
    """What is to be done, and below the status of the record."""
    return markup('{}<span class="sub">{}</span>', item.title, item.state)


def due(item):
    """The limit; without one, since when it waits."""
    if item.due_on:
        return contextual_date(item.due_on)
    since = _("since %(at)s") % {"at": short_day(item.since)}
    return markup('<span class="cdate">{}<small>{}</small></span>', _("No limit"), since)


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
