"""The forms of an application: loose while it is a draft, strict when it is sent."""

from crispy_forms.bootstrap import StrictButton
from crispy_forms.layout import Div, Layout
from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from certification.queries.snapshots import sections, snapshot_of
from certification.questions import DECLARATION, LABELS, step_named
from certification.services.applications import Clash, answers_of, application_answer
from foundation.formatting import clock
from foundation.forms import CleanCharField, DateField, PortalForm
from foundation.transition_forms import TransitionForm

_SEEN = "certification.application.seen"
_YES_NO = [("yes", gettext_lazy("Yes")), ("no", gettext_lazy("No"))]


def question(length: int, *, rows: int = 0, css: str = "", **facts) -> CleanCharField:
    """Return a text question, on several lines when ``rows`` are given."""
    widget = forms.Textarea(attrs={"rows": rows}) if rows else forms.TextInput()
    if css:
        widget.attrs["class"] = css
    return CleanCharField(max_length=length, widget=widget, **facts)


class YesNoField(forms.TypedChoiceField):
    """A question answered with yes or no; None while it is not answered."""

    widget = forms.RadioSelect

    def __init__(self, **kwargs):
        super().__init__(
            choices=_YES_NO, coerce=lambda value: value == "yes", empty_value=None, **kwargs
        )

    def prepare_value(self, value):
        return {True: "yes", False: "no"}.get(value, value)


class PastDateField(DateField):
    """A day that has come."""

    def validate(self, value):
        super().validate(value)
        if value is not None and value > timezone.localdate():
            raise ValidationError(_("This date lies in the future."), code="future")


class LooseForm(PortalForm):
    """A form that takes what there is; a required field only lacks the word “optional”."""

    use_required_attribute = False

    def full_clean(self):
        """Clean without asking for what is missing."""
        due = [field for field in self.fields.values() if field.required]
        for field in due:
            field.required = False
        super().full_clean()
        for field in due:
            field.required = True


class StepForm(LooseForm, forms.Form):
    """One page of a draft: anything may be left empty, a wrong answer is refused where it stands.

    Required is what is due when the application is sent. The hidden ``seen`` is what the person
    had before the eyes, so that two people do not overwrite each other unawares.
    """

    slug = ""
    autosave = True

    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, application, actor, **kwargs):
        self.application, self.actor = application, actor
        super().__init__(*args, initial=self.present(application), **kwargs)
        self.adapt()
        for name in self.questions:
            self.fields[name].label = self.fields[name].label or LABELS[name]
        self.initial["seen"] = self.sign({})
        self.saved_at = application.changed_at if application.edits else None

    def present(self, application) -> dict:
        """Return the answers as the fields take them."""
        return {name: getattr(application, name, None) for name in step_named(self.slug).fields}

    def adapt(self) -> None:
        """Fit the fields to this application before it is shown or read."""

    @property
    def questions(self) -> list[str]:
        return [name for name in self.fields if name != "seen"]

    def sign(self, older: dict) -> str:
        """Return the present answers, or older ones of some fields, to be sent along."""
        seen = answers_of(self.application) | older
        seen = {name: seen[name] for name in self.questions}
        return signing.dumps(seen, salt=_SEEN, compress=True)

    def get_layout(self):
        return Layout(*self.questions, "seen")

    def _buttons(self):
        later = StrictButton(
            _("Save and come back later"),
            type="submit",
            name="next",
            value="later",
            css_class="btn-bare",
        )
        go_on, *rest = super()._buttons().fields
        return Div(go_on, later, *rest, css_class="acts")

    def save(self, *, settles: bool = True) -> bool:
        """Keep every acceptable answer and tell whether all of them were.

        An answer that somebody else changed meanwhile is not kept: both are shown, and saving
        again settles it, unless the person has not seen both yet (``settles`` false).
        """
        self.is_valid()
        names = [name for name in self.questions if name in self.cleaned_data]
        answers = {name: self._kept(name) for name in names if not self._is_void(name)}
        before = self._seen()
        clashes = application_answer(
            application=self.application, actor=self.actor, answers=answers, seen=before
        )
        self.saved_at = self.application.changed_at
        for clash in clashes:
            self.add_error(clash.field, self._clash_text(clash))
        open_still = {} if settles else {clash.field: before[clash.field] for clash in clashes}
        self.data = self.data.copy()
        self.data["seen"] = self.sign(open_still)
        return not self.errors

    def _is_void(self, name: str) -> bool:
        """Tell whether a choice that always has a value came without one."""
        return name in {"kind", "integration"} and not self.cleaned_data[name]

    def _kept(self, name: str):
        value = self.cleaned_data[name]
        if isinstance(value, str):
            return value.replace("\r\n", "\n")
        return list(value) if hasattr(value, "model") and hasattr(value, "iterator") else value

    def _seen(self) -> dict | None:
        try:
            return signing.loads(self.data.get("seen", ""), salt=_SEEN)
        except signing.BadSignature:
            return None

    def _clash_text(self, clash: Clash) -> str:
        when = clock(parse_datetime(clash.at)) if clash.at else ""
        facts = {"name": clash.by, "time": when, "value": words_of(self.application, clash.field)}
        return (
            _(
                "%(name)s changed this at %(time)s to “%(value)s”. "
                "Your answer is shown below; save again to use yours instead."
            )
            % facts
        )


def words_of(application, field: str) -> str:
    """Return the present answer to a question in the reader's words."""
    rows = [row for part in sections(snapshot_of(application)) for row in part.rows]
    words = "; ".join(row.text for row in rows if row.field == field and row.text)
    return words or _("nothing")


class DeclarationForm(TransitionForm):
    """The owner's declaration, with which an application is sent."""

    declared = forms.BooleanField(label=DECLARATION)

    def __init__(self, *args, obj, transition, **kwargs):
        super().__init__(*args, obj=obj, transition=transition, **kwargs)
        self.submit_label = transition.title
        self.form_action = reverse("certification:application_do", args=[obj.pk, "submit"])
        self.fields["declared"].error_messages["required"] = _(
            "Tick the declaration before you send."
        )
