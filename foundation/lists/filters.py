"""The search and the filters of a list, and how a chosen one reads on its chip."""

import datetime as dt

import django_filters
from django import forms
from django.db.models import Q
from django.forms.utils import flatatt
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.formatting import day, listed
from foundation.markup import markup

SEARCH = "q"
LONGEST_SEARCH = 100
NAMED_ON_CHIP = 2
_CHECKED = mark_safe(" checked")
_SELECTED = mark_safe(" selected")


class Choices(forms.CheckboxSelectMultiple):
    """Boxes to tick, written at once: a template for each of dozens takes longer than the list."""

    def render(self, name, value, attrs=None, renderer=None):
        """Return the boxes with their labels."""
        chosen = set(self.format_value(value))
        prefix = (attrs or {}).get("id", f"id_{name}")
        boxes = (
            markup(
                '<div><label for="{0}_{1}"><input type="checkbox" name="{2}" value="{3}" '
                'id="{0}_{1}"{4}> {5}</label></div>',
                prefix, n, name, key, _CHECKED if str(key) in chosen else "", label,
            )
            for n, (key, label) in enumerate(self.choices)
        )  # fmt: skip
        return markup('<div id="{}">{}</div>', prefix, mark_safe("".join(boxes)))


class Select(forms.Select):
    """A menu of single options, written at once as the boxes are."""

    def render(self, name, value, attrs=None, renderer=None):
        """Return the menu with its options."""
        chosen = set(self.format_value(value))
        options = (
            markup(
                '<option value="{}"{}>{}</option>',
                "" if key is None else key,
                _SELECTED if str("" if key is None else key) in chosen else "",
                label,
            )
            for key, label in self.choices
        )
        attributes = flatatt(self.build_attrs(self.attrs, attrs))
        return markup(
            '<select name="{}"{}>{}</select>', name, attributes, mark_safe("".join(options))
        )


class Words(forms.TextInput):
    """The box of the search, written at once as the boxes to tick are."""

    input_type = "search"

    def render(self, name, value, attrs=None, renderer=None):
        """Return the box with what was typed."""
        own = {"value": self.format_value(value) or None, **self.build_attrs(self.attrs, attrs)}
        return markup('<input type="search" name="{}"{}>', name, flatatt(own))


class Filters(django_filters.FilterSet):
    """A filter set with a search over ``words`` and the actor at hand.

    ``words`` are lookups whose text is searched; what was typed has to be found in one of them.
    Without ``words`` there is no search box. ``hint`` is what the box says it takes.
    """

    words: tuple[str, ...] = ()
    hint = gettext_lazy("Search")

    q = django_filters.CharFilter(method="search", max_length=LONGEST_SEARCH)

    def __init__(self, data, *, queryset, actor):
        self.actor = actor
        super().__init__(data, queryset=queryset)
        if self.words:
            self.filters[SEARCH].field.label = self.hint
        else:
            del self.filters[SEARCH]
        for name, field in self.form.fields.items():
            _dress(name, field)

    def search(self, rows, name, value):
        """Keep the rows in which the words stand as they were typed."""
        words = " ".join(value.split())
        return rows.filter(self.condition(words)) if words else rows

    def condition(self, words: str) -> Q:
        """Return the condition that what was typed is found in a row."""
        found = Q()
        for path in self.words:
            found |= Q(**{f"{path}__icontains": words})
        return found

    def words_of(self, name: str) -> str:
        """Return what stands on the chip of a chosen filter: ``Status: Valid``."""
        field = self.form.fields[name]
        value = self.form.cleaned_data[name]
        return _("%(filter)s: %(value)s") % {"filter": field.label, "value": _value(field, value)}


def _dress(name, field) -> None:
    """Give a field of the tools the look and the names of ours."""
    widget = field.widget
    if name == SEARCH:
        field.widget = Words(
            {
                "class": "form-control",
                "placeholder": field.label,
                "maxlength": LONGEST_SEARCH,
                "autocomplete": "off",
            }
        )
    elif isinstance(widget, Choices):
        pass
    elif isinstance(widget, forms.Select):
        field.widget = Select({**widget.attrs, "class": "form-select"}, widget.choices)
    else:
        widget.attrs["class"] = "form-control"
    if isinstance(field, forms.DateField):
        field.widget = forms.DateInput({"type": "date", "class": "form-control"}, format="%Y-%m-%d")


def _value(field, value) -> str:
    if isinstance(field, forms.ModelChoiceField):
        return str(field.label_from_instance(value))
    choices = dict(getattr(field, "choices", ()))
    if isinstance(value, list | tuple):
        names = [str(choices.get(one, one)) for one in value]
        if len(names) > NAMED_ON_CHIP:
            return _("any of %(count)s") % {"count": len(names)}
        return listed(names)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, dt.date):
        return day(value)
    return str(choices.get(value, value))
