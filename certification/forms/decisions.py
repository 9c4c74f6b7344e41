"""The forms of decisions on a case."""

from django import forms
from django.utils.translation import gettext_lazy as _

from certification.forms.signing import SigningForm
from certification.forms.special import DropForm, SpecialForm
from foundation.forms import CleanCharField
from foundation.transition_forms import TransitionForm
from foundation.workflow import REASON

REASON_LENGTH = 4000


class DecisionForm(SigningForm):
    """Why it is decided so; the reason is kept with the decision for good."""

    reason = CleanCharField(
        label=_("Reason"),
        max_length=REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("It is kept with the decision for good; both parties can read it."),
    )


class QuestionForm(TransitionForm):
    """What the decider still wants to know."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields[REASON].label = _("What is missing")
        self.fields[REASON].help_text = _("Planner, reviewer and manager of the body read this.")


class AnswerForm(TransitionForm):
    """The answer to what the decider asked."""

    note = CleanCharField(
        label=_("Answer"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4})
    )


FORMS = {
    **dict.fromkeys(
        ("grant", "refuse", "maintain", "renew", "extend", "decline_change", "stop"), DecisionForm
    ),
    "ask_more": QuestionForm,
    "send_back": QuestionForm,
    "answer": AnswerForm,
    "plan_special": SpecialForm,
    "plan_short_notice": SpecialForm,
    "drop_special": DropForm,
    "drop_short_notice": DropForm,
}
