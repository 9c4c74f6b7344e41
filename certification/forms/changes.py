"""Reporting a change, and what the acts on a report ask for."""

from datetime import timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from certification.enums import REPORTED_KINDS, ApplicationKind, ChangeKind
from certification.flows.changes import APPLICATIONS
from certification.forms.special import SpecialForm
from certification.models import Certificate
from certification.services.changes import certificates_in_force
from foundation.file_fields import FilesField
from foundation.forms import CleanCharField, DateField, PortalForm
from foundation.transition_forms import TransitionForm
from foundation.workflow import REASON

_FURTHEST = timedelta(days=3 * 366)


def _area(rows=5):
    return forms.Textarea(attrs={"rows": rows})


class ReportForm(PortalForm, forms.Form):
    """What changes, from when, and what shows it."""

    submit_label = _("Report the change")
    confirm_leave = True
    kind = forms.ChoiceField(
        label=_("What changes"),
        choices=[(kind.value, kind.label) for kind in REPORTED_KINDS],
        widget=forms.RadioSelect,
    )
    takes_effect_on = DateField(
        label=_("Takes effect on"), help_text=_("A day in the past where it has happened already.")
    )
    description = CleanCharField(
        label=_("What was so far, and what will be"), max_length=4000, widget=_area()
    )
    uploads = FilesField(
        label=_("Documents that show it"),
        required=False,
        help_text=_("For example the new licence, a decision of the owners, a plan of the site."),
    )

    def clean_takes_effect_on(self):
        """Refuse a slip of the year."""
        day = self.cleaned_data["takes_effect_on"]
        if abs(day - timezone.localdate()) > _FURTHEST:
            raise forms.ValidationError(_("This lies more than three years from today."))
        return day


class _Reason(TransitionForm):
    """A reason that the enterprise reads."""

    label = _("Assessment")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.submit_class = "btn-primary"
        self.fields[REASON].label = self.label
        self.fields[REASON].help_text = _("The enterprise reads this word for word.")
        self.order_fields([*(name for name in self.fields if name != REASON), REASON])


class UnchangedForm(_Reason):
    """Why nothing follows."""


class AskForm(_Reason):
    label = _("Question")


class HandOverForm(_Reason):
    """Which certificates say something that changes."""

    certificates = forms.ModelMultipleChoiceField(
        label=_("Certificates to be revised"), queryset=None, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args, obj, **kwargs):
        super().__init__(*args, obj=obj, **kwargs)
        if obj.kind == ChangeKind.MERGER:  # it concerns them all
            del self.fields["certificates"]
            return
        keys = [row.pk for row in certificates_in_force(obj.case)]
        rows = Certificate.objects.filter(pk__in=keys).select_related("edition")
        self.fields["certificates"].queryset = rows.order_by("number")
        self.fields["certificates"].label_from_instance = lambda row: (
            f"{row.number} · {row.edition}"
        )
        self.fields["certificates"].initial = keys

    def facts(self):
        """Return the chosen certificates as a list."""
        return super().facts() | {"certificates": list(self.cleaned_data.get("certificates", ()))}


class PlanAuditForm(SpecialForm):
    """The special audit that looks at the change."""

    purpose = None


class NeedApplicationForm(_Reason):
    application_kind = forms.ChoiceField(
        label=_("Kind of application"),
        choices=[(ApplicationKind(kind).value, ApplicationKind(kind).label)
                 for kind in APPLICATIONS],
        widget=forms.RadioSelect,
    )  # fmt: skip


class AnswerForm(TransitionForm):
    answer = CleanCharField(label=_("Answer"), max_length=4000, widget=_area())
    uploads = FilesField(label=_("Documents that show it"), required=False)


FORMS = {
    "no_consequence": UnchangedForm,
    "ask": AskForm,
    "hand_over": HandOverForm,
    "plan_audit": PlanAuditForm,
    "need_application": NeedApplicationForm,
    "answer": AnswerForm,
}
