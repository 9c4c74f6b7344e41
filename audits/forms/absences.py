"""Days on which somebody is not available."""

from crispy_forms.layout import Div, Layout
from django import forms
from django.contrib.auth import get_user_model
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audits.enums import AbsenceKind, DayPart
from foundation.forms import CleanCharField, DateField, Field, Group, PortalForm


class AbsenceForm(PortalForm, forms.Form):
    """Who, when, and as little of why as a planner needs; ``people`` are those one enters for."""

    submit_label = _("Enter the absence")
    user = forms.ModelChoiceField(
        label=_("Person"),
        queryset=get_user_model().objects.none(),
        empty_label=_("Choose a person"),
    )
    starts_on = DateField(label=_("First day"))
    ends_on = DateField(
        label=pgettext_lazy("of an audit", "Last day"),
        required=False,
        help_text=_("Leave empty for one day."),
    )
    part = forms.ChoiceField(
        label=_("Part of the day"),
        choices=DayPart.choices,
        initial=DayPart.WHOLE,
        widget=forms.RadioSelect,
    )
    kind = forms.ChoiceField(
        label=_("Kind of absence"),
        choices=AbsenceKind.choices,
        initial=AbsenceKind.LEAVE,
        widget=forms.RadioSelect,
    )
    note = CleanCharField(
        label=_("Note"),
        max_length=200,
        required=False,
        help_text=_(
            "Only you and the planners of your body read it. No medical details are needed."
        ),
    )

    def __init__(self, *args, people, person=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.alone = person
        self.fields["user"].queryset = people
        if person is not None:
            del self.fields["user"]

    def get_layout(self):
        who = ["user"] if "user" in self.fields else []
        return Layout(
            Group(
                _("Days"),
                *who,
                Div("starts_on", "ends_on", css_class="halves"),
                Field("part", wrapper_class="inline"),
            ),
            Group(_("Reason"), Field("kind", wrapper_class="inline"), "note"),
        )

    def clean(self):
        facts = super().clean()
        start = facts.get("starts_on")
        facts["ends_on"] = end = facts.get("ends_on") or start
        if self.alone is not None:
            facts["user"] = self.alone
        if start and end and end < start:
            self.add_error("ends_on", _("The last day cannot come before the first."))
        elif start and end and end > start and facts.get("part") != DayPart.WHOLE:
            self.add_error("part", _("Half a day is entered for one day at a time."))
        if end and "ends_on" not in self.errors and end < timezone.localdate():
            self.add_error("starts_on", _("These days are over."))
        return facts


class WithdrawForm(PortalForm, forms.Form):
    """Nothing to fill in; one button."""

    submit_label = _("Withdraw the absence")
