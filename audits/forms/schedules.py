"""Which period to fill."""

from crispy_forms.layout import Div, Layout
from django import forms
from django.utils.translation import gettext_lazy as _

from foundation.forms import DateField, Group, PortalForm


class PeriodForm(PortalForm, forms.Form):
    """The first and the last day of a period."""

    submit_label = _("Fill this period")
    first = DateField(label=_("From"))
    last = DateField(label=_("Until"))

    def get_layout(self):
        return Layout(Group(_("Period"), Div("first", "last", css_class="halves")))

    def clean(self):
        facts = super().clean()
        first, last = facts.get("first"), facts.get("last")
        if first and last and last < first:
            self.add_error("last", _("The last day cannot come before the first."))
        return facts


class SpanForm(forms.Form):
    """Days to look at, asked in the address; both may be empty."""

    first = DateField(label=_("From"), required=False)
    last = DateField(label=_("Until"), required=False)
