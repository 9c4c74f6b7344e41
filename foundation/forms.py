"""The shared form: an error summary on top, then label, hint, error and input for each field."""

import re
import unicodedata

from crispy_forms.bootstrap import StrictButton
from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Div, Field, Layout
from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from foundation.file_fields import FileField

# Categories a name has no use for: controls, invisible formatting (bidi and zero width), private
# use, unassigned. U+200C and U+200D are among them; no language of this portal needs them.
_REFUSED = {"Cc", "Cf", "Co", "Cn", "Cs"}
_SAVED_STATE = '{% include "components/saved_state.html" with at=form.saved_at %}'
_USUAL = forms.Field.default_error_messages["required"]
# Whoever counts months from a date stays within what a date can be.
YEARS = range(1900, 2200)
_LINE_ENDS = {"\n", "\r", "\t"}
# Marks that combine with the letter before them: more than any language stacks hide the text.
_MARKS = re.compile(
    r"[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{5}"
)


def _missing(field):
    if isinstance(field, forms.FileField):
        return _("Choose a file for “%(label)s”.")
    if isinstance(field.widget, forms.CheckboxInput):
        return _("Tick “%(label)s” to go on.")
    if isinstance(field, forms.ChoiceField | forms.ModelChoiceField):
        return _("Choose an answer for “%(label)s”.")
    return _("Fill in “%(label)s”.")


class PortalForm:
    """Mixin for forms shown with ``{% crispy form %}``.

    ``submit_label`` names the act of the one primary button, ``secondary`` is (address, label) of
    a quieter way out, ``autosave`` keeps a draft while people type (see static/js/autosave.js) and
    ``confirm_leave`` asks before unsaved changes are left behind. ``form_method`` is get
    for a question whose answer has an address. ``get_layout`` groups fields.
    """

    submit_label = _("Save and continue")
    submit_class = "btn-primary"
    secondary: tuple | None = None
    autosave = False
    confirm_leave = False
    saved_at = None
    form_action = ""
    form_method = "post"
    form_id = ""

    def get_layout(self):
        """Return the crispy layout of the fields, or its parts; all in order unless overridden."""
        return list(self.fields)

    def full_clean(self):
        """Clean as Django does, but let a missing answer name its question."""
        for name, field in self.fields.items():
            usual = type(field).default_error_messages.get("required", _USUAL)
            if field.error_messages.get("required") in (usual, _USUAL):
                label = field.label or self[name].label
                field.error_messages["required"] = _missing(field) % {"label": label}
        super().full_clean()
        self._hold_files()

    def offer_files(self, actor):
        """Let the file fields know who chooses; call it before the form is checked."""
        for field in self.fields.values():
            if isinstance(field, FileField):
                field.offer(actor)

    def _hold_files(self):
        """Keep good files of a form with faults elsewhere, so that nobody sends them twice."""
        if not self.is_bound or not self.errors:
            return
        for name, field in self.fields.items():
            if isinstance(field, FileField) and field.actor and self.cleaned_data.get(name):
                field.hold(self.cleaned_data[name])

    @cached_property
    def helper(self):
        """Build the crispy helper; buttons and summary come by themselves."""
        helper = FormHelper(self)
        helper.attrs = {"novalidate": True}
        if self.autosave:
            helper.attrs["data-autosave"] = True
        if self.confirm_leave:
            helper.attrs["data-confirm-leave"] = True
        helper.form_action = self.form_action
        helper.form_method = self.form_method
        helper.form_id = self.form_id
        layout = self.get_layout()
        parts = layout if isinstance(layout, list | tuple) else [layout]
        helper.layout = Layout(*parts, *self.get_closing(), self._buttons())
        return helper

    def get_closing(self):
        """Return what stands between the fields and the buttons."""
        return []

    def _buttons(self):
        buttons = [
            StrictButton(self.submit_label, type="submit", css_class=self.submit_class)
        ] if self.submit_label else []  # fmt: skip
        if self.secondary:
            address, label = self.secondary
            link = format_html('<a class="btn btn-bare" href="{}">{}</a>', address, label)
            buttons.append(HTML(link))
        if self.autosave:
            buttons.append(HTML(_SAVED_STATE))
        return Div(*buttons, css_class="acts") if buttons else Layout()


class Group(Layout):
    """Fields under one heading: ``Group(_("Site"), "name", "address")``."""

    def __init__(self, legend, *fields, hint=""):
        super().__init__(*fields)
        self.legend = legend
        self.hint = hint

    def render(self, form, context, template_pack="bootstrap5", **kwargs):
        """Render the fields inside a fieldset."""
        fields = self.get_rendered_fields(form, context, template_pack, **kwargs)
        return format_html(
            '<fieldset class="form-group"><legend>{}</legend>{}{}</fieldset>',
            self.legend,
            format_html('<p class="hint">{}</p>', self.hint) if self.hint else "",
            fields,
        )


class DateInput(forms.DateInput):
    """The browser's own date picker, which knows the reader's calendar."""

    input_type = "date"

    def __init__(self, attrs=None):
        super().__init__(attrs, format="%Y-%m-%d")


class TimeInput(forms.TimeInput):
    """The browser's own time picker, to the minute."""

    input_type = "time"

    def __init__(self, attrs=None):
        super().__init__(attrs, format="%H:%M")


class DateField(forms.DateField):
    """A date typed or picked; accepts the ISO form only, and years in which people count."""

    widget = DateInput
    default_error_messages = {"invalid": _("Enter a real date, such as 2026-03-16.")}

    def __init__(self, **kwargs):
        super().__init__(input_formats=["%Y-%m-%d"], **kwargs)

    def validate(self, value):
        super().validate(value)
        if value is not None and value.year not in YEARS:
            raise ValidationError(self.error_messages["invalid"], code="invalid")


class CleanCharField(forms.CharField):
    """Text without control, bidirectional or invisible characters, in composed form (NFC)."""

    def to_python(self, value):
        return unicodedata.normalize("NFC", super().to_python(value))

    def validate(self, value):
        super().validate(value)
        allowed = _LINE_ENDS if isinstance(self.widget, forms.Textarea) else frozenset()
        refused = [
            character
            for character in value
            if character not in allowed and unicodedata.category(character) in _REFUSED
        ]
        if refused:
            raise ValidationError(
                _("Remove the invisible character %(code)s; type the text again."),
                code="invisible",
                params={"code": f"U+{ord(refused[0]):04X}"},
            )
        if _MARKS.search(unicodedata.normalize("NFD", value)):
            raise ValidationError(
                _("Remove the marks that are heaped on one letter; type the text again."),
                code="marks",
            )


class CodeField(CleanCharField):
    """A number or identifier: full-width signs become plain, spaces go, letters are capitals."""

    def to_python(self, value):
        value = unicodedata.normalize("NFKC", super().to_python(value))
        return "".join(value.split()).upper()


__all__ = ["CleanCharField", "CodeField", "DateField", "DateInput", "Field", "Group", "PortalForm",
           "TimeInput"]  # fmt: skip
