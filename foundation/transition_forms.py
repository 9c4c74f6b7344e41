"""The form that goes with a transition: nothing, a reason, or what the action needs."""

from django import forms
from django.utils.translation import gettext_lazy as _

from foundation.forms import CleanCharField
from foundation.identity_forms import IdentityForm
from foundation.workflow import REASON


class TransitionForm(IdentityForm, forms.Form):
    """Base of the forms of transitions.

    Asks for a reason where the table requires one, and for a proof of the person where the act
    needs a confirmed actor.
    """

    def __init__(self, *args, obj, actor, transition, **kwargs):
        self.obj, self.actor, self.transition = obj, actor, transition
        self.submit_label = transition.title
        self.submit_class = "btn-danger" if transition.serious else "btn-primary"
        super().__init__(*args, **kwargs)
        self.offer_files(actor)
        if REASON in transition.requires and REASON not in self.fields:
            self.fields[REASON] = CleanCharField(
                label=_("Reason"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4})
            )

        if transition.confirmed and not actor.confirmed:
            self.ask_identity(actor.user)

    def facts(self) -> dict:
        """Return what the transition gets as data."""
        return dict(self.cleaned_data)
