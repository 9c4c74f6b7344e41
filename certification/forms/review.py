"""The forms of the application review."""

from django import forms
from django.utils.translation import gettext_lazy as _

from certification.enums import ApplicationKind, Verdict
from certification.queries.review import facts_of
from certification.questions import field_choices
from foundation.forms import CleanCharField, PortalForm
from foundation.transition_forms import TransitionForm


class VerdictForm(PortalForm, forms.Form):
    """One point of the review: met, not met, or still open, with a note."""

    submit_label = _("Save")
    submit_class = "btn-quiet"
    autosave = True

    verdict = forms.ChoiceField(
        label=_("Verdict"), choices=Verdict.choices, widget=forms.RadioSelect
    )
    note = CleanCharField(
        label=_("Note"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Internal. If not met: what makes it acceptable all the same."),
    )

    def clean(self):
        """Say early what the acceptance would ask for."""
        facts = super().clean()
        if facts.get("verdict") == Verdict.NOT_MET and not facts.get("note"):
            self.add_error("note", _("Say what is not met, or what makes it acceptable."))
        return facts


class AskForm(PortalForm, forms.Form):
    """One question to the applicant, at its place in the application."""

    submit_label = _("Add to the request")
    submit_class = "btn-quiet"

    field = forms.ChoiceField(label=_("About"), choices=field_choices)
    reason = CleanCharField(
        label=_("What is missing or unclear"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The applicant reads this word for word, at that place."),
    )


class IndependentForm(TransitionForm):
    """Asks for the declaration that there is no conflict of interest."""

    no_conflict = forms.BooleanField(label="")

    def __init__(self, *args, obj, **kwargs):
        super().__init__(*args, obj=obj, **kwargs)
        self.fields["no_conflict"].label = _(
            "I have no conflict of interest with %(enterprise)s: within the last %(years)s years I "
            "have neither worked for it nor advised it, and no tie of family or money binds me."
        ) % {"enterprise": obj.enterprise.name, "years": years_of_consultancy(obj)}
        self.fields["no_conflict"].error_messages["required"] = _(
            "Declare that you have no conflict of interest, or leave the review to a colleague."
        )


def years_of_consultancy(application) -> int:
    """Return how long consultancy bars from certification, in years."""
    return int(facts_of(application).rules.number("consultancy_years"))


class ReturnForm(TransitionForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.submit_label = _("Send the request")


class TimeForm(TransitionForm):
    """Which calculation was read, and the reason of the second person."""

    seen = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        found = facts_of(self.obj).calculation
        self.initial.setdefault("seen", found.sha256 if found else "")


class AcceptForm(TransitionForm):
    """Records why the body undertakes the audit (ISO/IEC 17021-1:2015 9.1.2.3)."""

    justification = CleanCharField(
        label=_("Justification"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Internal: why the body can undertake this certification."),
    )
    visit = forms.TypedChoiceField(
        label=_("Visit before the transfer"),
        choices=[("yes", _("The enterprise is visited first")), ("no", _("No visit is needed"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        help_text=_("Without a visit the case goes to the decision on this review alone."),
    )
    visit_reason = CleanCharField(
        label=_("Why"), max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args, obj, **kwargs):
        super().__init__(*args, obj=obj, **kwargs)
        if obj.kind != ApplicationKind.TRANSFER:
            del self.fields["visit"], self.fields["visit_reason"]
