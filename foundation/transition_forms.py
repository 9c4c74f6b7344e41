"""The form that goes with a transition: nothing, a reason, or what the action needs."""

from django import forms
from django.utils.translation import gettext_lazy as _

from foundation.forms import CleanCharField, PortalForm
from foundation.workflow import REASON


class TransitionForm(PortalForm, forms.Form):
    """Base of the forms of transitions; asks for a reason where the table requires one."""

    def __init__(self, *args, obj, actor, transition, **kwargs):
        self.obj, self.actor, self.transition = obj, actor, transition
        self.submit_label = transition.title
        self.submit_class = "btn-danger" if transition.serious else "btn-primary"
        super().__init__(*args, **kwargs)
        if REASON in transition.requires and REASON not in self.fields:
            self.fields[REASON] = CleanCharField(
                label=_("Reason"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4})
            )

    def facts(self) -> dict:
        """Return what the transition gets as data."""
        return dict(self.cleaned_data)
