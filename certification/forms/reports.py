"""The forms of monthly reports."""

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from foundation.forms import CleanCharField, DateField, PortalForm


class MakeForm(PortalForm, forms.Form):
    """Ask for a version; once one was handed in, with the reason of the correction."""

    reason = CleanCharField(
        label=_("Why it is corrected"),
        max_length=500,
        help_text=_("What was handed in stays as it is; the new version says why it differs."),
    )
    submit_label = _("Make a version")

    def __init__(self, *args, report, **kwargs):
        super().__init__(*args, **kwargs)
        self.form_action = reverse("certification:report_make", args=[report.pk])
        if report.handed_in_on is None:
            del self.fields["reason"]
        else:
            self.submit_label, self.submit_class = _("Make a correction"), "btn-quiet"


class HandInForm(PortalForm, forms.Form):
    """On which day the last version was handed in."""

    on = DateField(label=_("Handed in on"))
    submit_label = _("Note it")

    def __init__(self, *args, report, **kwargs):
        super().__init__(*args, **kwargs)
        self.form_action = reverse("certification:report_hand_in", args=[report.pk])
        self.fields["on"].initial = timezone.localdate()
