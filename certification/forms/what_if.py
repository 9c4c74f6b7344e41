"""The first question of an estimate of the audit time, asked before there is an application."""

from crispy_forms.layout import Layout
from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from certification.forms.audit_time import MOST_PEOPLE
from foundation.forms import PortalForm
from schemes.models import StandardEdition

MOST_SITES = 20


def _newest() -> dict:
    """Return the newest edition in force of each scheme, by its code."""
    editions = StandardEdition.objects.in_force(timezone.localdate()).select_related("scheme")
    newest: dict = {}
    for edition in editions:
        newest.setdefault(edition.scheme.code, edition)
    return newest


def _scheme_choices():
    return [
        (code, f"{edition.scheme.title} · {edition.both_designations}")
        for code, edition in _newest().items()
    ]


class WhatIfForm(PortalForm, forms.Form):
    """The first question of an estimate: which standards, how many sites and people."""

    scheme = forms.MultipleChoiceField(
        label=_("Standards"), widget=forms.CheckboxSelectMultiple, choices=_scheme_choices
    )
    sites = forms.IntegerField(
        label=_("Number of sites"), min_value=1, max_value=MOST_SITES, initial=1
    )
    people = forms.IntegerField(
        label=_("People at each site"),
        min_value=1,
        max_value=MOST_PEOPLE,
        help_text=_("Shifts, part-time work and single sites can be refined on the next page."),
    )
    country = CountryField().formfield(label=_("Country"), initial="CN", required=False)
    submit_label = _("Compute")
    form_method = "get"

    def clean_country(self):
        """Without a country the rules of the portal's own hold."""
        return self.cleaned_data["country"] or "CN"

    def get_layout(self):
        return Layout("scheme", "sites", "people", "country")

    def editions(self) -> list:
        """Return the newest edition in force of each chosen standard, in their order."""
        chosen = self.cleaned_data["scheme"]
        return [edition for code, edition in _newest().items() if code in chosen]
