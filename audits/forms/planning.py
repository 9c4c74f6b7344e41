"""Dates, manner and team of an audit, and its timetable."""

from datetime import timedelta

from crispy_forms.layout import Div, Layout
from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audits.checks.planning import outside
from audits.checks.timetable import clause_numbers, unknown
from audits.enums import Activity, Mode, TeamRole
from audits.forms.fields import LooseForm, area
from audits.models import Audit
from foundation.formatting import is_chinese
from foundation.forms import CleanCharField, DateField, Field, Group, PortalForm, TimeInput
from organisations.models import Site


class PlanningForm(LooseForm, forms.ModelForm):
    """What the planner settles; everything may be empty until the proposal.

    Reasons and the assessment of remote auditing are asked once the facts call for them.
    """

    submit_label = _("Save")
    always = ("days_planned", "mode", "language")
    starts_on = DateField(label=_("First day"))
    ends_on = DateField(label=pgettext_lazy("of an audit", "Last day"))
    sites = forms.ModelMultipleChoiceField(
        label=_("Sites"),
        queryset=Site.objects.none(),
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = Audit
        fields = (
            "starts_on",
            "ends_on",
            "date_reason",
            "days_planned",
            "days_reason",
            "mode",
            "language",
            "ict_assessment",
            "ict_tools",
            "sites",
            "objectives",
        )
        labels = {
            "date_reason": _("Why the dates lie outside the programme"),
            "days_planned": _("Audit days planned"),
            "days_reason": _("Why fewer days are planned than computed"),
            "mode": _("Manner"),
            "language": _("Language of the audit"),
            "ict_assessment": _("Risks and opportunities of auditing remotely"),
            "ict_tools": _("Tools agreed with the enterprise"),
            "objectives": _("Objectives"),
        }
        help_texts = {
            "ict_assessment": _("For a remote or mixed audit (IAF MD 4)."),
            "ict_tools": _("Software, accounts, and how confidentiality is kept."),
        }
        field_classes = dict.fromkeys(
            ("date_reason", "days_reason", "ict_assessment", "ict_tools", "objectives"),
            CleanCharField,
        )
        widgets = {
            "mode": forms.RadioSelect,
            "date_reason": area(2),
            "days_reason": area(2),
            "ict_assessment": area(3),
            "ict_tools": area(2),
            "objectives": area(5),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        application = self.instance.case.application
        sites = application.sites.values("site")
        self.fields["sites"].queryset = Site.objects.filter(pk__in=sites)
        self.fields["sites"].label_from_instance = _site_label
        self.fields["days_planned"].widget.attrs["step"] = "0.5"
        self.fields["language"].widget.attrs["class"] = "medium"
        for name in self._not_asked():
            del self.fields[name]

    def _not_asked(self):
        """Name the fields that the audit as it stands does not call for."""
        audit = self.instance
        if not audit.date_reason and not any(outside(audit)):
            yield "date_reason"
        if not audit.days_reason and audit.days_planned >= audit.days:
            yield "days_reason"
        if not audit.is_remote:
            yield from ("ict_assessment", "ict_tools")

    def get_layout(self):
        shown = self.fields.__contains__
        return Layout(
            Group(
                _("Dates"),
                Div("starts_on", "ends_on", css_class="halves"),
                *filter(shown, ["date_reason"]),
            ),
            Group(_("Audit time"), "days_planned", *filter(shown, ["days_reason"])),
            Group(
                _("Manner and language"),
                Field("mode", wrapper_class="inline"),
                *filter(shown, ["ict_assessment", "ict_tools"]),
                "language",
            ),
            Group(_("Places and objectives"), "sites", "objectives"),
        )

    def clean(self):
        facts = super().clean()
        start, end = facts.get("starts_on"), facts.get("ends_on")
        if start and not end:
            facts["ends_on"] = start
        elif end and not start:
            self.add_error("starts_on", _("Name the first day as well."))
        elif start and end and end < start:
            self.add_error("ends_on", _("The last day cannot come before the first."))
        return facts


def _site_label(site):
    words = [site.name, site.address]
    if site.is_central:
        words.insert(1, str(_("central function")))
    return " · ".join(filter(None, words))


class MemberForm(forms.Form):
    """Put somebody on the team, in a role."""

    user = forms.ModelChoiceField(queryset=None)
    role = forms.ChoiceField(choices=TeamRole.choices)

    def __init__(self, *args, people, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["user"].queryset = people


class LineForm(forms.Form):
    """One line of the timetable."""

    day = forms.TypedChoiceField(label=_("Day"))
    starts_at = forms.TimeField(label=pgettext_lazy("time", "From"), widget=TimeInput)
    ends_at = forms.TimeField(label=pgettext_lazy("time", "To"), widget=TimeInput)
    activity = forms.ChoiceField(label=_("Activity"), choices=[("", "–"), *Activity.choices])
    site = forms.TypedChoiceField(label=_("Site"), required=False, empty_value=None)
    department = CleanCharField(label=_("Department or process"), max_length=120, required=False)
    clauses = CleanCharField(label=_("Clauses"), max_length=200, required=False)
    member = forms.TypedChoiceField(label=_("Auditor"), required=False, empty_value=None)
    remote = forms.BooleanField(label=_("Remote"), required=False)

    def __init__(self, *args, audit, auditors, clauses, **kwargs):
        super().__init__(*args, **kwargs)
        self.known = clauses
        days = [
            audit.starts_on + timedelta(days=n)
            for n in range((audit.ends_on - audit.starts_on).days + 1)
        ]
        options = [(day.isoformat(), _brief(day)) for day in days]
        self.fields["day"].choices = [("", "–"), *options]
        self.fields["day"].coerce = {day.isoformat(): day for day in days}.get
        people = {str(person.pk): person for person in auditors}
        self.fields["member"].choices = [
            ("", _("The whole team")),
            *((key, person.name) for key, person in people.items()),
        ]
        self.fields["member"].coerce = people.get
        if audit.mode == Mode.ON_SITE:
            del self.fields["remote"]
        sites = {str(site.pk): site for site in audit.sites.all()}
        self.fields["site"].choices = [("", "–"), *((key, one.name) for key, one in sites.items())]
        self.fields["site"].coerce = sites.get
        if not list(sites)[1:]:
            del self.fields["site"]
        for field in self.fields.values():
            chosen = isinstance(field, forms.ChoiceField)
            if not isinstance(field, forms.BooleanField):
                field.widget.attrs["class"] = "form-select" if chosen else "form-control"

    def clean_clauses(self):
        text = self.cleaned_data["clauses"]
        numbers, wrong = clause_numbers(text)
        wrong += unknown(numbers, self.known)
        if wrong:
            raise forms.ValidationError(
                _("No such clause: %(words)s."), params={"words": ", ".join(wrong)}
            )
        return ", ".join(numbers)

    def clean(self):
        facts = super().clean()
        start, end = facts.get("starts_at"), facts.get("ends_at")
        if start and end and end <= start:
            self.add_error("ends_at", _("The end comes before the beginning."))
        return facts


def _brief(day) -> str:
    """Write a day so that it fits a narrow column: 25 Nov, 11月25日."""
    return f"{day.month}月{day.day}日" if is_chinese() else date_format(day, "j M")


class LinesFormSet(forms.BaseFormSet):
    """The lines of a timetable; empty rows at the end are not lines."""

    def lines(self) -> list[dict]:
        """Return the facts of the rows that stay."""
        rows = [
            form.cleaned_data
            for form in self.forms
            if form.cleaned_data and not form.cleaned_data.get("DELETE")
        ]
        return [{name: value for name, value in row.items() if name != "DELETE"} for row in rows]


def lines_formset(extra: int):
    """Return the formset of a timetable with some empty rows."""
    return forms.formset_factory(
        LineForm, formset=LinesFormSet, extra=extra, can_delete=True, max_num=200
    )


class TimetableForm(PortalForm, forms.ModelForm):
    """What the timetable leaves out, and why."""

    class Meta:
        model = Audit
        fields = ("uncovered_reason",)
        labels = {"uncovered_reason": _("Clauses not audited this time, and why")}
        help_texts = {
            "uncovered_reason": _("For requirements that do not apply. Leave empty otherwise.")
        }
        field_classes = {"uncovered_reason": CleanCharField}
        widgets = {"uncovered_reason": area(2)}
