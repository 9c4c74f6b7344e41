"""What a special audit is planned with."""

from datetime import timedelta
from decimal import Decimal

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from certification.flows.special import HALF, PURPOSES
from foundation.formatting import day
from foundation.forms import CleanCharField, DateField
from foundation.transition_forms import TransitionForm
from foundation.workflow import REASON

# A first suggestion; whoever plans it changes it.
_WITHIN = timedelta(days=60)


class SpecialForm(TransitionForm):
    """Purpose, reason, time and window of a special audit."""

    purpose = forms.ChoiceField(label=_("Purpose"))
    reason = CleanCharField(
        label=_("Reason"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4})
    )
    days = forms.DecimalField(
        label=_("Audit days"),
        min_value=HALF,
        max_digits=6,
        decimal_places=1,
        step_size=HALF,
        help_text=_("In steps of half a day, of 8 hours each."),
    )
    window_from = DateField(label=_("Not before"))
    window_to = DateField(label=_("Not after"))

    def __init__(self, *args, transition, **kwargs):
        super().__init__(*args, transition=transition, **kwargs)
        self.submit_class = "btn-primary"
        if "purpose" in self.fields:
            purposes = PURPOSES[transition.action]
            choices = [(one.value, one.label) for one in purposes]
            self.fields["purpose"].choices = [("", _("Choose the purpose")), *choices]
        self.fields[REASON].help_text = self.who_reads(transition)
        self.fields["days"].initial = Decimal(1)
        self.fields["window_from"].initial = timezone.localdate()
        self.fields["window_to"].initial = timezone.localdate() + _WITHIN

    def who_reads(self, transition):
        """Say who reads the reason."""
        if transition.internal:
            return _("The enterprise reads it once the audit is announced, not before.")
        return _("The enterprise reads this word for word.")

    def clean(self):
        """Keep the window in order."""
        facts = super().clean()
        first, last = facts.get("window_from"), facts.get("window_to")
        if first and first < timezone.localdate():
            self.add_error("window_from", _("The first possible day lies in the past."))
        elif first and last and last < first:
            self.add_error(
                "window_to", ValidationError(_("The last possible day comes before the first."))
            )
        return facts


class DropForm(TransitionForm):
    """Which special audit is not needed any more, and why."""

    item = forms.ModelChoiceField(label=_("Audit"), queryset=None, empty_label=None)

    def __init__(self, *args, obj, transition, **kwargs):
        super().__init__(*args, obj=obj, transition=transition, **kwargs)
        self.submit_class = "btn-primary"
        secret = transition.action == "drop_short_notice"
        rows = obj.programme.special_to_come(short_notice=secret)
        self.fields["item"].queryset = rows.order_by("window_to")
        self.fields["item"].label_from_instance = lambda row: (
            f"{row.title} · {day(row.window_to)}" if row.window_to else row.title
        )
        self.fields["item"].initial = rows.order_by("window_to").first()
        if not transition.internal:
            self.fields[REASON].help_text = _("The enterprise reads this word for word.")
