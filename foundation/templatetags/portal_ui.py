"""Template tags and filters of the portal's components; see templates/components/."""

from functools import cache

from django import template
from django.conf import settings
from django.template.loader import get_template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import localize
from django.utils.safestring import mark_safe
from django.utils.translation import get_language, gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from foundation import editing, formatting, jobs, refusals
from foundation.addresses import address
from foundation.icons import BRAND, ICONS, STATUS_ICONS
from foundation.markup import escaped, kept, markup
from foundation.preferences import keys_off, large_type, theme
from foundation.tables import sort_link, with_query
from foundation.undo import token_of

register = template.Library()

_ACCOUNT_LABELS = {
    "login": _("E-mail address"),
    "email": _("E-mail address"),
    "password": _("Password"),
    "oldpassword": _("Current password"),
    "password1": _("Password"),
    "password2": _("The same password again"),
}
_PASSWORD_HELP = _(
    "At least 10 characters, not digits alone; not a common password, not your name or address."
)
gettext_noop("Certification Portal")  # the name of a portal that was given none
_TONES = {"waiting": "suspended", "draft": "expired", "closed": "valid", "problem": "withdrawn"}


@register.simple_tag
@cache
def icon(name, extra=""):
    """Draw an icon of foundation.icons; it is decoration, so the word must stand beside it."""
    return mark_safe(
        f'<svg class="{escaped(("i " + extra).strip())}" viewBox="0 0 24 24" '
        f'aria-hidden="true">{ICONS[name]}</svg>'
    )


@register.simple_tag
def brand_mark():
    """Draw the portal's hexagon."""
    return mark_safe(f'<svg viewBox="0 0 40 40" aria-hidden="true">{BRAND}</svg>')


@register.filter
def tone(kind):
    """Map a status kind to its colour class: ``waiting`` is amber as ``suspended`` is."""
    return f"t-{_TONES.get(kind, kind)}"


@register.filter
def is_optional(field):
    """Tell whether a form field may always stay empty; what others demand says so in its hint."""
    return not field.required and not getattr(field, "depends", False)


@register.filter
def kind_icon(kind):
    """Name the icon that belongs to a status kind."""
    return STATUS_ICONS[kind]


@register.simple_tag
def status_tag(kind, label):
    """Show a status as icon and word; ``kind`` is one of foundation.icons.STATUS_ICONS."""
    return markup('<span class="tag {}">{}{}</span>', tone(kind), icon(STATUS_ICONS[kind]), label)


@register.simple_tag
def contextual_date(date, label="", calendar="CN"):
    """Show a deadline: the date, the working days left below, a coloured edge; never without words.

    ``label`` replaces the words about working days.
    """
    if not date:
        return ""
    day, today = formatting.as_date(date), timezone.localdate()
    return _deadline(day, today, calendar, label) if label else _kept_deadline(day, today, calendar)


def _deadline(day, today, calendar, label=""):
    found = formatting.due(day, today, calendar)
    return markup(
        '<span class="cdate{}">{}<small>{}</small></span>',
        f" {found.level}" if found.level else "",
        datetime_tag(found.date, "short_day"),
        label or found.label,
    )


# The rows of a list share their limits.
_kept_deadline = kept(_deadline)


@register.simple_tag
def due(date, calendar="CN"):
    """Return the formatting.Due of a deadline, for templates that lay it out themselves."""
    return formatting.due(date, calendar=calendar) if date else None


@register.simple_tag(name="datetime")
def datetime_tag(value, style="day"):
    """Write a date or time as ``<time>``; ``style`` is a function of foundation.formatting."""
    if not value:
        return ""
    words = getattr(formatting, style)(value)
    return markup('<time datetime="{}">{}</time>', formatting.machine(value), words)


@register.simple_tag
def day_range(start, end):
    """Write a range of dates: 18 to 20 May 2026."""
    return formatting.day_range(start, end)


def _optional(function):
    def wrapper(value):
        return "" if value in (None, "") else function(value)

    wrapper.__doc__ = function.__doc__
    return wrapper


for _name in ("day", "weekday_day", "short_day", "month", "clock", "moment", "stamp", "size"):
    register.filter(_name, _optional(getattr(formatting, _name)))


@register.filter
def money(amount, currency="CNY"):
    """Write a sum of money; ``currency`` is its code."""
    return "" if amount in (None, "") else formatting.money(amount, currency)


@register.filter
def code(value):
    """Set a number or an identifier in the code face, unbroken."""
    return markup('<span class="mono">{}</span>', value) if value else ""


register.filter(formatting.nowrap)
register.filter("job_title", jobs.title_of)
register.simple_tag(address)


@register.filter(name="listed")
def listed_filter(words):
    """Enumerate words as the reader's language does; nothing stays nothing."""
    return formatting.listed(words or ())


@register.filter
def digest(value):
    """Group the first sixteen digits of a hex digest by four: 0D2E A898 046B C1AA."""
    head = str(value or "")[:16].upper()
    return " ".join(head[n : n + 4] for n in range(0, len(head), 4))


@register.filter
def undo_token(message):
    """Return the token of a message that offers to undo what it says, or nothing."""
    return token_of(message)


@register.filter
def initial(name):
    """Return the letter or the family name's character that stands for a person."""
    return (str(name).strip() or "?")[0].upper()


@register.filter
def attribute(item, path):
    """Read a dotted attribute or key of a row, as a data table's column names it."""
    for part in path.split("."):
        item = item[part] if isinstance(item, dict) else getattr(item, part)
        item = item() if callable(item) else item
    return item


@register.filter
def file_type(name):
    """Name a file's type by its ending, as people know it: PDF."""
    stem, dot, ending = str(name).rpartition(".")
    return ending.upper() if stem and dot else ""


@register.simple_tag
def error_links(form):
    """Return the errors of a bound form in field order: [{target, message}]."""
    if not getattr(form, "is_bound", False):
        return []
    links = [{"target": "", "message": message} for message in form.non_field_errors()]
    for field in form:
        target = field.id_for_label or f"div_{field.auto_id}"
        if field.use_fieldset:
            target = f"{field.auto_id}_0"
        links += [{"target": target, "message": message} for message in field.errors]
    return links


@register.simple_tag
def plain_fields(form):
    """Prepare a library's account form: our labels, no placeholders, names for managers."""
    for name, field in form.fields.items():
        field.widget.attrs.pop("placeholder", None)
        field.label = _ACCOUNT_LABELS.get(name, field.label)
        if name == "password1":
            field.help_text = _PASSWORD_HELP
        if name == "password1" and "email" not in form.fields:
            field.label = _("New password")
        if name == "login":
            field.widget.attrs["autocomplete"] = "username"
    return ""


@register.simple_tag
def page_numbers(page):
    """Return the page numbers to show, None standing for a gap."""
    numbers = page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    return [number if isinstance(number, int) else None for number in numbers]


@register.inclusion_tag("components/copy_button.html", takes_context=True)
def copy_button(context, value, label="", what=""):
    """Offer to copy a value; the button shows only where a script can do it."""
    return {
        "value": value,
        "label": label or _("Copy"),
        "what": what,
        "request": context.get("request"),
    }


@register.inclusion_tag("components/data_table.html", takes_context=True)
def data_table(context, columns, rows, caption="", select=""):
    """List rows under foundation.tables.Column heads; ``select`` names a checkbox field."""
    query = context["request"].GET
    heads = [(c, *(sort_link(c, query) if c.sort else ("", ""))) for c in columns]
    return {**context.flatten(), "heads": heads, "columns": columns, "rows": rows,
            "caption": caption, "select": select}  # fmt: skip


@register.simple_tag(takes_context=True)
def table_rows(context):
    """Write the rows of a data table; the cells' templates are looked up once for all rows.

    A page of fifty rows has hundreds of cells: as tags of a template, the cells' frames alone
    would take longer than their contents.
    """
    cells = [
        (
            markup(
                '<td role="cell"{}{}><div>',
                mark_safe(' class="num"') if column.number else "",
                "" if column.main or column.bare else markup(' data-label="{}"', column.label),
            ),
            _cell_of(column),
        )
        for column in context["columns"]
    ]
    pick = _picker(context)
    written = []
    with context.push(item=None):
        for item in context["rows"]:
            context["item"] = item
            written.append('<tr role="row">')
            if pick:
                written.append(pick(item))
            for opening, render in cells:
                written += (opening, render(context), "</div></td>")
            written.append("</tr>")
    return mark_safe("".join(written))


def _cell_of(column):
    """Return what writes the cells of a column: a function of the context."""
    if column.template:
        return get_template(column.template).template.nodelist.render
    if column.write:
        return lambda context: escaped(column.write(context["item"]))

    def field(context):
        value = attribute(context["item"], column.field)
        return escaped("" if value is None else localize(value))

    return field


def _picker(context):
    """Return what writes the checkbox of a row, or None where nothing can be picked."""
    if not context.get("select"):
        return None
    form = context.get("select_form")
    opening = markup(
        '<td class="pick" role="cell"><input type="checkbox" name="{}"{} value="',
        context["select"],
        markup(' form="{}"', form) if form else "",
    )
    words = gettext("Select %(item)s")

    def pick(item):
        label = escaped(words % {"item": item})
        return f'{opening}{escaped(item.pk)}" aria-label="{label}"></td>'

    return pick


@register.simple_tag(takes_context=True)
def query(context, **changes):
    """Return the present query string with some parameters changed; an empty value drops one."""
    return with_query(context["request"].GET, **{k: v or None for k, v in changes.items()})


@register.simple_tag(takes_context=True)
def keys_sheet(context):
    """Write the palette and the sheet of shortcuts for the places of this person."""
    places = tuple(
        (place["key"], place["url"], place["label"])
        for place in context.get("navigation", ())
        if place["key"]
    )
    return _keys_sheet(places)


@kept
def _keys_sheet(places):
    """Write the sheet once for all who have the same places and language; every page shows it."""
    return mark_safe(get_template("components/keys.html").render({"places": places}))


@register.simple_tag(takes_context=True)
def module(context, name):
    """Load static/js/NAME.js as a module, once in a page."""
    request = context.get("request")
    if request is not None:
        loaded = request.__dict__.setdefault("_modules", set())
        if name in loaded:
            return ""
        loaded.add(name)
    return markup('<script type="module" src="{}"></script>', static(f"js/{name}.js"))


@register.simple_tag(takes_context=True)
def inline_styles(context):
    """Write the sheets that foundation.inline_css.inline_styles put on the request."""
    return mark_safe(f"<style>{context['request'].inline_css}</style>")


@register.inclusion_tag("components/refused_address.html", takes_context=True)
def own_address_note(context):
    """Say that mail does not reach the reader, when that is so, and how to set it right."""
    request = context["request"]
    return {"mark": refusals.of(request.user.email), "request": request,
            "csrf_token": context.get("csrf_token")}  # fmt: skip


@register.inclusion_tag("components/together.html", takes_context=True)
def also_open(context):
    """Name those who have this page open too; for pages on which several people write."""
    request = context["request"]
    return {"place": editing.token_for(request.user, request.path),
            "names": editing.others(request.user, request.path),
            "csrf_token": context.get("csrf_token")}  # fmt: skip


@register.inclusion_tag("components/refused_people.html")
def unreachable(people):
    """Say to which of these people mail does not get through, if any."""
    return {"marks": refusals.among(people)}


@register.simple_tag
def portal_name():
    """Name this portal as the operator set it; the usual name is translated."""
    return gettext(settings.PORTAL_NAME)


@register.simple_tag
def html_lang():
    """Name the page's language as HTML does: zh-Hans."""
    return "zh-Hans" if formatting.is_chinese() else get_language() or "en"


@register.simple_tag(takes_context=True)
def html_look(context):
    """Write theme, text size and keys as the reader chose them, as attributes of ``<html>``."""
    request = context.get("request")
    chosen = theme(request)
    return markup(
        "{}{}{}",
        markup(' data-bs-theme="{}"', chosen) if chosen else "",
        mark_safe(' class="large"') if large_type(request) else "",
        mark_safe(' data-keys="off"') if keys_off(request) else "",
    )


@register.simple_tag(takes_context=True)
def preferences(context):
    """Return what the display menu shows: the other language, the theme, the text size."""
    request = context.get("request")
    chinese = formatting.is_chinese()
    return {
        "theme": theme(request),
        "large": large_type(request),
        "keys_off": keys_off(request),
        "language": "en" if chinese else "zh-hans",
        "language_tag": "en" if chinese else "zh-Hans",
        "language_name": "English" if chinese else "简体中文",
        "next": request.get_full_path() if request else "/",
    }
