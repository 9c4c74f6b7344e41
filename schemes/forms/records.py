"""What an operator records of a body, and a body of its people."""

from datetime import timedelta

from crispy_forms.layout import Field, Layout
from django import forms
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from foundation.forms import CleanCharField, DateField, Group, PortalForm
from schemes.enums import AuditLanguage, CompetenceRole
from schemes.models import Scheme, TechnicalArea

_DAYS = ("valid_from", "valid_until")


def columns(name: str) -> Field:
    """Lay the choices of a field out side by side."""
    return Field(name, wrapper_class="columns")


class SchemeField(forms.ModelChoiceField):
    """One scheme of the catalogue, by code and title."""

    widget = forms.RadioSelect

    def label_from_instance(self, obj):
        return f"{obj.code} · {obj.title}"


class PersonField(forms.ModelChoiceField):
    """One person of a team; namesakes are told apart by their address."""

    def label_from_instance(self, obj):
        return f"{obj.name} · {obj.email}"


class RecordForm(PortalForm, forms.Form):
    """Scheme and technical areas of a row; ``like`` is an earlier row to begin from.

    A row that takes the place of another one begins the day after it.
    """

    scheme = SchemeField(label=_("Scheme"), queryset=Scheme.objects.none(), empty_label=None)
    areas = forms.ModelMultipleChoiceField(
        label=_("Technical areas"),
        queryset=TechnicalArea.objects.none(),
        widget=forms.CheckboxSelectMultiple,
    )
    last = "valid_to"

    def __init__(self, *args, like=None, initial=None, **kwargs):
        super().__init__(*args, initial=self.start(like) if like else initial, **kwargs)
        today = timezone.localdate()
        self.fields["scheme"].queryset = Scheme.objects.in_force(today)
        self.fields["areas"].queryset = TechnicalArea.objects.in_force(today)

    def start(self, like) -> dict:
        """Return the answers taken over from an earlier row."""
        end = getattr(like, self.last)
        return {
            "scheme": like.scheme_id,
            "areas": [area.pk for area in like.areas.all()],
            "valid_from": end + timedelta(days=1) if end else timezone.localdate(),
        }

    def clean(self):
        facts = super().clean()
        first, last = facts.get("valid_from"), facts.get(self.last)
        if first and last and last < first:
            self.add_error(self.last, _("The last day lies before the first."))
        return facts


class ApprovalForm(RecordForm):
    """What a body is approved for in one scheme; ``present`` are its approvals so far."""

    reference = CleanCharField(label=_("Approval reference"), max_length=60)
    accreditation = CleanCharField(
        label=_("Accreditation"),
        max_length=60,
        required=False,
        help_text=_("Accreditation body and number; leave empty when not accredited."),
    )
    valid_from = DateField(label=_("In force from"))
    valid_to = DateField(
        label=_("Last day in force"),
        required=False,
        help_text=_("Leave empty when the approval has no end."),
    )
    submit_label = _("Record the approval")

    def __init__(self, *args, present, **kwargs):
        self.present = present
        super().__init__(*args, **kwargs)

    def start(self, like) -> dict:
        return super().start(like) | {"accreditation": like.accreditation}

    def clean(self):
        facts = super().clean()
        same = {name: facts.get(name) for name in ("scheme", "reference")}
        if all(same.values()) and self.present.filter(**same).exists():
            message = _("This reference is recorded for this scheme already.")
            self.add_error("reference", message)
        return facts

    def get_layout(self):
        return Layout(
            Group(_("Approved for"), columns("scheme"), columns("areas")),
            Group(_("Approval"), "reference", "accreditation", "valid_from", "valid_to"),
        )


class CompetenceForm(RecordForm):
    """What one of these ``people`` is competent for in one role and scheme."""

    user = PersonField(
        label=_("Person"),
        queryset=get_user_model().objects.none(),
        empty_label=_("Choose a person"),
    )
    role = forms.ChoiceField(
        label=_("Role"), choices=CompetenceRole.choices, widget=forms.RadioSelect
    )
    registration_number = CleanCharField(
        label=_("Registration number"),
        max_length=60,
        required=False,
        help_text=_("Of the registration as auditor in this scheme, where there is one."),
    )
    languages = forms.MultipleChoiceField(
        label=_("Languages"),
        choices=AuditLanguage.choices,
        initial=[AuditLanguage.ZH],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("In which the person can carry out an audit."),
    )
    valid_from = DateField(label=_("Valid from"))
    valid_until = DateField(label=_("Valid until"))
    last = "valid_until"
    submit_label = _("Record the competence")

    def __init__(self, *args, people, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["user"].queryset = people

    def start(self, like) -> dict:
        return super().start(like) | {
            "user": like.user_id,
            "role": like.role,
            "registration_number": like.registration_number,
            "languages": like.languages,
        }

    def get_layout(self):
        return Layout(
            Group(_("Who and what for"), "user", *map(columns, ("role", "scheme", "areas"))),
            Group(_("Proof"), "registration_number", columns("languages"), *_DAYS),
        )


class EndForm(PortalForm, forms.Form):
    """The last day on which a row shall hold."""

    last_day = DateField(label=_("Last day"), help_text=_("From the day after it no longer holds."))
    submit_label = _("Set the last day")
    submit_class = "btn-danger"

    def __init__(self, *args, first, last, **kwargs):
        self.first, self.last = first, last
        start = max(first, timezone.localdate())
        super().__init__(*args, initial={"last_day": start}, **kwargs)

    def clean_last_day(self):
        day = self.cleaned_data["last_day"]
        if day < self.first or (self.last is not None and day > self.last):
            raise ValidationError(_("The last day must lie within the validity."))
        return day
