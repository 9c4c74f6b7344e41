"""The report of an audit, as far as it has to be written."""

from crispy_forms.layout import Layout
from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from audits.checks.report import fields_for, recommendations_for
from audits.enums import Conclusion
from audits.forms.fields import LooseForm, area
from audits.models import AuditReport
from foundation.forms import CleanCharField, Field, Group

RECOMMENDATION = "recommendation"
_NONE = _("“None” is an answer.")
_HINTS = {
    "summary": _("Who and what was audited, the evidence looked at, strengths and weaknesses."),
    "deviations": _NONE,
    "issues": _("What may change the audit programme. “None” is an answer."),
    "changes": _NONE,
    "unresolved": _NONE,
    "concerns": _("What could become a nonconformity in stage 2. “None” is an answer."),
    "remote_statement": _("What was audited remotely, by which means, and how well it worked."),
    "previous_findings": _("Which were verified, and whether the actions worked."),
}


class ReportForm(LooseForm, forms.Form):
    """The parts that the report of this kind of audit needs, all of them loose while drafting."""

    autosave = True
    submit_label = _("Check and submit")

    def __init__(self, *args, audit, report=None, unseen=None, known=None, **kwargs):
        names = fields_for(audit)
        initial = {name: getattr(report, name) for name in names} if report is not None else {}
        # What the checklist says already is there to begin with; nobody types it again.
        initial |= {name: text for name, text in (known or {}).items() if not initial.get(name)}
        super().__init__(*args, initial=initial, **kwargs)
        self.saved_at = report.changed_at if report is not None else None
        for name in names:
            self.fields[name] = self._field(name, audit)
        if "not_audited" in self.fields:
            self._explain(unseen or {})

    def _explain(self, unseen):
        """Name the clauses the checklist leaves open; without any the question is optional."""
        if not unseen:
            self.optional = ("not_audited",)
            return
        rows = [f"{edition}: {', '.join(numbers)}" for edition, numbers in unseen.items()]
        words = _("Nobody looked at %(clauses)s.") % {"clauses": "; ".join(rows)}
        self.fields["not_audited"].help_text = words

    @staticmethod
    def _field(name, audit):
        column = AuditReport._meta.get_field(name)
        label = capfirst(column.verbose_name)
        if column.choices:
            choices = recommendations_for(audit) if name == RECOMMENDATION else Conclusion.choices
            return forms.ChoiceField(label=label, choices=choices, widget=forms.RadioSelect)
        return CleanCharField(
            label=label,
            max_length=column.max_length,
            help_text=_HINTS.get(name, ""),
            widget=area(6 if name == "summary" else 3),
        )

    def get_layout(self):
        words = [n for n, field in self.fields.items() if isinstance(field, CleanCharField)]
        ticks = [Field(n, wrapper_class="inline") for n in self.fields if n not in words]
        return Layout(Group(_("In words"), *words), Group(_("Conclusions"), *ticks))
