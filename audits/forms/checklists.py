"""One item of the checklist, answered with a thumb."""

import uuid

from crispy_forms.bootstrap import StrictButton
from crispy_forms.layout import HTML, Div, Layout
from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audits.enums import ON_ACTIONS, Verdict
from audits.forms.fields import LooseForm, area
from foundation.file_fields import FilesField
from foundation.forms import CleanCharField, Field, PortalForm
from foundation.templatetags.portal_ui import icon

_ICONS = {
    Verdict.CONFORM: "tick",
    Verdict.OPPORTUNITY: "search",
    Verdict.MINOR: "alert",
    Verdict.MAJOR: "cross",
    Verdict.NOT_APPLICABLE: "minus",
    Verdict.NOT_AUDITED: "pause",
}
# Nobody looked, so the report has to say why.
NEEDS_WORDS = (Verdict.NOT_APPLICABLE, Verdict.NOT_AUDITED)


def _choices(is_earlier: bool):
    words = ON_ACTIONS if is_earlier else {verdict: verdict.label for verdict in Verdict}
    return [
        (verdict.value, format_html("{}{}", icon(_ICONS[verdict]), label))
        for verdict, label in words.items()
    ]


class ItemForm(LooseForm, forms.Form):
    """Verdict, note and photos; ``key`` makes sending twice harmless, ``seen`` says what was read.

    Nothing is required: an auditor may go on and come back. Files come with the button alone.
    """

    autosave = True
    optional = ("verdict", "note", "evidence_files")
    submit_label = pgettext_lazy("item of a checklist", "Next")
    verdict = forms.ChoiceField(label=_("Verdict"), widget=forms.RadioSelect)
    note = CleanCharField(label=_("Objective evidence"), max_length=4000, widget=area(3))
    evidence_files = FilesField(label=_("Photos and documents"), is_large=True)
    key = forms.UUIDField(widget=forms.HiddenInput)
    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def __init__(self, *args, item, before="", **kwargs):
        last = item.last
        initial = {
            "key": uuid.uuid4(),
            "seen": last.position if last else 0,
            "verdict": last.verdict if last else "",
            "note": last.note if last else "",
        }
        super().__init__(*args, initial=initial, **kwargs)
        self.item, self.before = item, before
        self.saved_at = last.created_at if last else None
        self.fields["verdict"].choices = _choices(item.earlier is not None)

    def clean(self):
        facts = super().clean()
        silent = "note" not in self.errors and not facts.get("note", "").strip()
        if silent and facts.get("verdict") in NEEDS_WORDS:
            self.add_error("note", _("Say in a few words why it was not looked at."))
        return facts

    def get_layout(self):
        return [
            Field("verdict", wrapper_class="verdicts"),
            "note",
            "evidence_files",
            "key",
            "seen",
        ]

    def _buttons(self):
        parts = [HTML('{% include "components/saved_state.html" with at=form.saved_at %}')]
        back = format_html(
            '<a class="btn btn-quiet" href="{}" aria-label="{}">‹</a>', self.before, _("Back")
        )
        foot = [HTML(back)] if self.before else []
        foot.append(StrictButton(self.submit_label, type="submit", css_class="btn-primary"))
        if self.item.earlier is None:
            label = _("Note a finding")
            facts = {"type": "submit", "css_class": "btn-quiet", "name": "then", "value": "finding"}
            foot.append(StrictButton(label, **facts))
        return Layout(Div(*parts, css_class="acts"), Div(*foot, css_class="acts foot"))

    @property
    def answer(self) -> dict:
        """Return what the services need, without files."""
        facts = self.cleaned_data
        return {
            "verdict": facts.get("verdict") or "",
            "note": (facts.get("note") or "").strip(),
            "key": facts.get("key"),
            "seen": facts.get("seen") or 0,
        }

    def says_more(self, user) -> bool:
        """Tell whether it is another answer than this person's last, or settles several."""
        facts, last = self.answer, self.item.last
        if self.cleaned_data.get("evidence_files"):
            return True
        if self.item.is_contested and facts["seen"] >= last.position:
            return True
        own = [one for one in self.item.standing if one.answered_by_id == user.pk]
        known = own[-1] if own else last
        words = (known.verdict, known.note) if known else ("", "")
        return (facts["verdict"], facts["note"]) != words


class PlaceForm(PortalForm, forms.Form):
    """Ask the same question at another place."""

    submit_label = _("Ask it there too")
    submit_class = "btn-quiet"
    site = forms.ModelChoiceField(label=_("Site"), queryset=None, required=False)
    department = CleanCharField(label=_("Department or process"), max_length=120)

    def __init__(self, *args, audit, action="", **kwargs):
        super().__init__(*args, **kwargs)
        self.form_action = action
        sites = audit.sites.all()
        self.fields["site"].queryset = sites
        self.fields["site"].label_from_instance = lambda site: site.name
        if not sites[1:]:
            del self.fields["site"]
            self.only = sites[0] if sites else None

    @property
    def place(self) -> tuple:
        """Return site and department."""
        return self.cleaned_data.get("site", getattr(self, "only", None)), self.cleaned_data[
            "department"
        ].strip()
