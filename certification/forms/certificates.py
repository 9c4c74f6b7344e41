"""The forms of what may happen to a certificate."""

from crispy_forms.layout import Layout
from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from certification.enums import DecisionKind
from certification.flows.certificates import SUSPENSION_CAUSES, WITHDRAWAL_CAUSES
from certification.forms.signing import SigningForm, TypedNumberForm
from certification.forms.special import SpecialForm
from certification.queries.certificates import proposed
from certification.queries.changes import to_revise
from certification.services.issuing import last_revision
from certification.services.periods import dismissed_until, suspension_ends_by
from certification.services.suspensions import suspension_of
from foundation.formatting import day
from foundation.forms import CleanCharField, DateField, Group
from foundation.models.base import in_language
from foundation.workflow import REASON

_HOLDER = ("name_zh", "name_en", "address_zh", "address_en")
_NOTHING = _("Nothing would change: alter at least one of the texts.")


def _reason(help_text):
    return CleanCharField(
        label=_("Reason"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=help_text,
    )


def _cause(causes):
    choices = [("", _("Choose the cause")), *((cause.value, cause.label) for cause in causes)]
    return forms.ChoiceField(
        label=_("Cause"),
        choices=choices,
        help_text=_("The public page states this cause in these words."),
    )


_READ_BY_HOLDER = _("The holder reads this word for word; the public does not see it.")


def _begin_with(form, proposal) -> None:
    """Write cause and reason of what was proposed; whoever decides may write other ones."""
    if proposal is not None:
        form.fields["cause"].initial = proposal.cause
        form.fields[REASON].initial = proposal.why


class SuspendForm(TypedNumberForm):
    """Why and until when; the cause in public words."""

    cause = _cause(SUSPENSION_CAUSES)
    until = DateField(label=_("Suspended until"))
    reason = _reason(_READ_BY_HOLDER)

    def __init__(self, *args, obj, **kwargs):
        super().__init__(*args, obj=obj, **kwargs)
        _begin_with(self, proposed(obj, DecisionKind.SUSPEND))
        latest = suspension_ends_by(obj)
        self.fields["until"].initial = latest
        self.fields["until"].help_text = _(
            "At most until %(date)s. What is not resolved by then is withdrawn or reduced."
        ) % {"date": day(latest)}


class WithdrawForm(TypedNumberForm):
    cause = _cause(WITHDRAWAL_CAUSES)
    reason = _reason(_READ_BY_HOLDER)

    def __init__(self, *args, obj, **kwargs):
        super().__init__(*args, obj=obj, **kwargs)
        _begin_with(self, proposed(obj, DecisionKind.WITHDRAW))


class CancelForm(TypedNumberForm):
    reason = _reason(_("How the holder asked for it. The public page says: at the holder’s wish."))

    def __init__(self, *args, obj, **kwargs):
        super().__init__(*args, obj=obj, **kwargs)
        self.fields[REASON].initial = obj.cancellation_reason
        if obj.transferred_on:
            self.fields[REASON].help_text = ""
            self.fields[REASON].initial = _("Taken over by another body on %(date)s.") % {
                "date": day(obj.transferred_on)
            }


class ReinstateForm(SigningForm):
    reason = _reason(_("What was resolved, and how it was verified."))


class PlanReinstatementForm(SpecialForm):
    """The audit that verifies that the cause is gone, within the suspension."""

    purpose = None

    def __init__(self, *args, obj, **kwargs):
        super().__init__(*args, obj=obj, **kwargs)
        if obj.suspended_until and obj.suspended_until >= timezone.localdate():
            self.fields["window_to"].initial = obj.suspended_until
        event = suspension_of(obj)
        if event is not None:
            self.fields[REASON].initial = _("Suspended on %(date)s: %(cause)s") % {
                "date": day(event.on),
                "cause": event.get_cause_display(),
            }


class DismissForm(SigningForm):
    """Why, and from when it is proposed again while its ground still holds."""

    reason = _reason(_("People of the body read it; the holder does not."))
    not_before = DateField(label=_("Propose it again on"))

    def __init__(self, *args, obj, **kwargs):
        super().__init__(*args, obj=obj, **kwargs)
        latest = dismissed_until(obj.certificate)
        self.fields["not_before"].initial = latest
        self.fields["not_before"].help_text = _(
            "If nothing has changed by then. At the latest %(date)s."
        ) % {"date": day(latest)}


class RequestCancellationForm(SigningForm):
    reason = _reason(_("The certification body reads this."))


class _ScopeForm(SigningForm):
    scope_zh = CleanCharField(
        label=_("Scope in Chinese"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3, "lang": "zh-Hans"}),
    )
    scope_en = CleanCharField(
        label=_("Scope in English"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3, "lang": "en"}),
    )

    def __init__(self, *args, obj, **kwargs):
        super().__init__(*args, obj=obj, **kwargs)
        self.content = last_revision(obj).content
        for name in ("scope_zh", "scope_en"):
            self.fields[name].initial = self.content[name]

    def changed_scope(self) -> dict:
        """Return the texts of the scope that differ from the certificate."""
        return {
            name: self.cleaned_data[name]
            for name in ("scope_zh", "scope_en")
            if self.cleaned_data[name] != self.content[name]
        }

    def clean(self):
        facts = super().clean()
        for name in ("scope_zh", "scope_en"):
            # Browsers send line ends of their own.
            facts[name] = facts.get(name, "").replace("\r\n", "\n")
        if not (facts.get("scope_zh") or facts.get("scope_en")):
            self.add_error("scope_zh", _("State the scope in at least one language."))
        return facts


class ReduceForm(_ScopeForm):
    """What stays certified: the narrower text, and the sites that remain."""

    sites = forms.MultipleChoiceField(
        label=_("Sites that stay certified"), widget=forms.CheckboxSelectMultiple
    )
    reason = _reason(_READ_BY_HOLDER)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        sites = self.content["sites"]
        self.fields["sites"].choices = [
            (str(index), in_language(site["name_zh"], site["name_en"]))
            for index, site in enumerate(sites)
        ]
        self.fields["sites"].initial = [str(index) for index in range(len(sites))]

    def get_layout(self):
        """Put what changes first."""
        group = Group(_("What stays certified"), "scope_zh", "scope_en", "sites")
        return Layout(group, "reason")

    def clean(self):
        """Refuse a reduction that reduces nothing."""
        facts = super().clean()
        if not self.errors and not self._changes():
            raise ValidationError(_NOTHING)
        return facts

    def _changes(self) -> dict:
        changes = self.changed_scope()
        chosen = {int(index) for index in self.cleaned_data["sites"]}
        sites = [site for index, site in enumerate(self.content["sites"]) if index in chosen]
        return changes | ({"sites": sites} if sites != self.content["sites"] else {})

    def facts(self) -> dict:
        """Return the changes and the reason."""
        return {REASON: self.cleaned_data[REASON], **self._changes()}


class CorrectForm(_ScopeForm):
    """Name and address of the holder and the wording of the scope, as they shall be printed."""

    name_zh = CleanCharField(label=_("Name in Chinese"), required=False, max_length=200)
    name_en = CleanCharField(label=_("Name in English"), required=False, max_length=200)
    address_zh = CleanCharField(label=_("Address in Chinese"), required=False, max_length=300)
    address_en = CleanCharField(label=_("Address in English"), required=False, max_length=300)
    reason = _reason(_("What changed, and what shows it. Both parties can read this."))

    def __init__(self, *args, obj, **kwargs):
        super().__init__(*args, obj=obj, **kwargs)
        reports = to_revise(obj)
        if reports:
            self.fields[REASON].initial = _("Reported change %(number)s: %(text)s") % {
                "number": reports[0].number,
                "text": reports[0].description,
            }
        for name in _HOLDER:
            printed, registered = self.content["holder"][name], getattr(obj.enterprise, name)
            # A reported change is begun with; otherwise a person decides what is to be printed.
            self.fields[name].initial = registered if reports and registered else printed
            if registered and registered != printed:
                self.fields[name].help_text = _("Registered today: %(text)s") % {"text": registered}

    def get_layout(self):
        """Group the texts by what they belong to."""
        return Layout(
            Group(_("Holder"), *_HOLDER),
            Group(_("Wording of the scope"), "scope_zh", "scope_en"),
            "reason",
        )

    def clean(self):
        """Refuse a correction that changes nothing, or leaves no name or address."""
        facts = super().clean()
        for kind, message in (
            ("name", _("State the name in at least one language.")),
            ("address", _("State an address in at least one language.")),
        ):
            if not (facts.get(f"{kind}_zh") or facts.get(f"{kind}_en")):
                self.add_error(f"{kind}_zh", message)
        if not self.errors and not self._changes():
            raise ValidationError(_NOTHING)
        return facts

    def _changes(self) -> dict:
        holder = {
            name: self.cleaned_data[name]
            for name in _HOLDER
            if self.cleaned_data[name] != self.content["holder"][name]
        }
        return self.changed_scope() | ({"holder": holder} if holder else {})

    def facts(self) -> dict:
        """Return the changes and the reason."""
        return {REASON: self.cleaned_data[REASON], **self._changes()}


FORMS = {
    "suspend": SuspendForm,
    "reinstate": ReinstateForm,
    "plan_reinstatement": PlanReinstatementForm,
    "withdraw": WithdrawForm,
    "cancel": CancelForm,
    "reduce": ReduceForm,
    "correct": CorrectForm,
    "request_cancellation": RequestCancellationForm,
}
