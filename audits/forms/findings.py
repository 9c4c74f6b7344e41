"""Findings and the answers to them."""

from datetime import datetime
from itertools import groupby

from crispy_forms.layout import HTML, Div, Layout
from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from audits.checks.findings import PART_OF
from audits.enums import AnswerStage
from audits.forms.fields import LooseForm, area
from audits.models import Finding, FindingAnswer
from audits.services.findings import WHYS, revision_of
from foundation.file_fields import FilesField
from foundation.formatting import clock
from foundation.forms import CleanCharField, DateField, Group, PortalForm
from schemes.models import Clause


class ClauseField(forms.ModelChoiceField):
    """A clause of one of the standards audited, by standard and chapter."""

    def __init__(self, **kwargs):
        super().__init__(queryset=Clause.objects.none(), empty_label=_("Choose a clause"), **kwargs)

    def offer(self, audit):
        """Offer the clauses of the standards of an audit."""
        editions = audit.editions.all()
        rows = (
            Clause.objects.filter(edition__in=editions)
            .select_related("edition")
            .order_by("edition__scheme__position", "position")
        )
        self.queryset = rows
        self.choices = [("", self.empty_label)] + [
            (str(edition), [(row.pk, f"{row.number} {row.title}") for row in clauses])
            for edition, clauses in groupby(rows, key=lambda row: row.edition)
        ]


class FindingForm(PortalForm, forms.ModelForm):
    """What the auditor found; complete it before the closing meeting."""

    submit_label = _("Save the finding")
    confirm_leave = True
    clause = ClauseField(label=_("Clause"))
    evidence_files = FilesField(
        label=_("Photos and documents as evidence"),
        required=False,
        is_large=True,
    )

    class Meta:
        model = Finding
        fields = (
            "grade",
            "clause",
            "title",
            "site",
            "department",
            "requirement",
            "statement",
            "evidence",
        )
        field_classes = dict.fromkeys(
            ("title", "department", "requirement", "statement", "evidence"), CleanCharField
        )
        labels = {
            "grade": _("Grade"),
            "title": _("In one line"),
            "department": _("Department or process"),
            "requirement": _("Requirement, in your own words"),
            "statement": _("What does not meet it"),
            "evidence": _("Objective evidence"),
        }
        help_texts = {
            "title": _("As it appears in lists, for example: CMM calibration 12 days overdue."),
            "statement": _("State what is; the cause and the solution are the enterprise’s part."),
            "evidence": _("Documents, records, places, dates, figures that anyone can check."),
        }
        widgets = {
            "grade": forms.RadioSelect,
            "requirement": area(3),
            "statement": area(4),
            "evidence": area(4),
        }

    def __init__(self, *args, audit, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["clause"].offer(audit)
        sites = audit.sites.all()
        if len(sites) > 1:
            self.fields["site"].queryset = sites
            self.fields["site"].label_from_instance = lambda site: site.name
        else:
            del self.fields["site"]
        self.fields["grade"].choices = list(Finding._meta.get_field("grade").choices)

    def facts(self) -> dict:
        """Return what was found, without the files."""
        return {n: value for n, value in self.cleaned_data.items() if n != "evidence_files"}


class AnswerForm(LooseForm, forms.ModelForm):
    """The enterprise's answer; each part is kept as it is typed.

    Fields carry what they showed in hidden inputs, so that two colleagues at work on different
    parts do not overwrite each other.
    """

    autosave = True
    optional = ("containment", *WHYS, "evidence_note", "evidence_files")
    submit_label = _("Check and send")
    why_1 = CleanCharField(label=_("Why did it happen?"), max_length=300)
    why_2 = CleanCharField(label=_("And why was that?"), max_length=300)
    why_3 = CleanCharField(label=_("And why was that so?"), max_length=300)
    why_4 = CleanCharField(label=_("What lay behind it?"), max_length=300)
    why_5 = CleanCharField(label=_("And behind that?"), max_length=300)
    done_by = DateField(
        label=_("To be done by"),
        help_text=_("The day by which the corrective action will be carried out."),
    )
    evidence_files = FilesField(
        label=_("Photos and documents"),
        required=False,
        is_large=True,
    )

    class Meta:
        model = FindingAnswer
        fields = (
            "containment",
            "root_cause",
            "correction",
            "corrective_action",
            "done_by",
            "evidence_note",
        )
        field_classes = dict.fromkeys(
            ("containment", "root_cause", "correction", "corrective_action", "evidence_note"),
            CleanCharField,
        )
        labels = {
            "containment": _("What did you do at once?"),
            "root_cause": _("The root cause"),
            "correction": _("How do you put this case right?"),
            "corrective_action": _("How do you keep it from happening again?"),
            "evidence_note": _("What shows that it was done?"),
        }
        help_texts = {
            "containment": _("For example: goods blocked, customers told, machine stopped."),
            "root_cause": _(
                "Where asking why leads: a cause in your own hands that you can remove."
            ),
            "correction": _("The deviation itself: the part, the record, the device."),
            "corrective_action": _("The cause: the process, the rule, the training, the check."),
            "evidence_note": _("Name each file and what it shows. You can also send it later."),
        }
        widgets = {
            "containment": area(3),
            "root_cause": area(5),
            "correction": area(4),
            "corrective_action": area(4),
            "evidence_note": area(4),
        }

    def __init__(self, *args, **kwargs):
        instance = kwargs["instance"]
        whys = dict(zip(WHYS, instance.whys, strict=False))
        super().__init__(*args, initial=whys, **kwargs)
        self.saved_at = self.instance.changed_at
        if self.instance.stage == AnswerStage.EVIDENCE:
            for name in (*self.Meta.fields[:-1], *WHYS):
                del self.fields[name]
            self.optional = ("evidence_files",)
        for name, field in list(self.fields.items()):
            field.show_hidden_initial = not isinstance(field, FilesField)
            if field.show_hidden_initial:
                self.fields[f"rev_{name}"] = forms.IntegerField(
                    initial=revision_of(instance, name),
                    min_value=0,
                    required=False,
                    widget=forms.HiddenInput,
                )

    def get_layout(self):
        evidence = ("evidence_note", "evidence_files")
        if self.instance.stage == AnswerStage.EVIDENCE:
            return Layout(self._part(5, _("Evidence"), *evidence), *self._revisions())
        whys = Div(*WHYS, css_class="whys")
        return Layout(
            self._part(1, _("1 Containment"), "containment"),
            self._part(2, _("2 Root cause"), whys, "root_cause"),
            self._part(3, _("3 Correction"), "correction"),
            self._part(4, _("4 Corrective action"), "corrective_action", "done_by"),
            self._part(5, _("5 Evidence"), *evidence),
            *self._revisions(),
        )

    def _revisions(self):
        return [name for name in self.fields if name.startswith("rev_")]

    def _part(self, number, legend, *fields):
        """Return the fields of a part with who wrote it last; static/js/autosave.js keeps it so."""
        names = [name for name, part in PART_OF.items() if part == number]
        kept = [self.instance.revisions[n] for n in names if n in self.instance.revisions]
        last = max(kept, key=lambda one: one["at"], default=None)
        words = ""
        if last:
            at = clock(datetime.fromisoformat(last["at"]))
            words = _("Saved at %(time)s by %(person)s") % {"time": at, "person": last["by"]}
        state = format_html(
            '<p class="sm quiet part-state" role="status" data-part="{}">{}</p>', number, words
        )
        return Group(legend, *fields, HTML(state))

    def seen(self) -> dict[str, int]:
        """Return which revision of each part this person had read."""
        return {
            name.removeprefix("rev_"): self.cleaned_data.get(name) or 0
            for name in self._revisions()
        }

    def parts(self, names=None) -> dict:
        """Return the parts that changed, or those named, without the files."""
        wanted = self.changed_data if names is None else names
        return {
            name: self.cleaned_data[name]
            for name in wanted
            if name in PART_OF and name in self.cleaned_data
        }
