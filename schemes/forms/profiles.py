"""What a person says in the profile, and what a body says of its people."""

from crispy_forms.layout import Layout
from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from foundation.file_fields import FilesField
from foundation.forms import CleanCharField, CodeField, DateField, Field, Group, PortalForm
from organisations.identifiers import clean_identifier
from schemes.enums import (
    AuditLanguage,
    CompetenceRole,
    Engagement,
    EntryKind,
    EvaluationResult,
    InterestKind,
)
from schemes.forms.records import SchemeField, columns
from schemes.models import Entry, Scheme, TechnicalArea

# What each kind asks for: the fields in their order with their questions.
ASKED: dict[str, dict] = {
    EntryKind.REGISTRATION: {
        "scheme": _("Scheme"),
        "issuer": _("Registered by"),
        "number": _("Registration number"),
        "grade": _("Grade"),
        "first_day": _("Valid from"),
        "last_day": _("Valid until"),
    },
    EntryKind.EMPLOYMENT: {
        "title": _("Position"),
        "engagement": _("Engagement"),
        "issuer": _("Main employer, if it is another one"),
        "first_day": _("From"),
        "last_day": _("Until"),
    },
    EntryKind.EDUCATION: {
        "title": _("Degree or subject"),
        "issuer": _("School or university"),
        "first_day": _("From"),
        "last_day": _("Until"),
        "areas": _("Technical areas it supports"),
    },
    EntryKind.EXPERIENCE: {
        "title": _("Position and work"),
        "issuer": _("Employer"),
        "first_day": _("From"),
        "last_day": _("Until"),
        "areas": _("Technical areas it supports"),
    },
    EntryKind.TRAINING: {
        "title": _("Topic"),
        "issuer": _("Provided by"),
        "first_day": _("Date"),
        "hours": _("Hours"),
    },
    EntryKind.EVALUATION: {
        "title": _("What was observed"),
        "issuer": _("Evaluated by"),
        "first_day": _("Date"),
        "result": _("Result"),
        "last_day": _("Next one by"),
    },
}
_OPTIONAL = {
    EntryKind.REGISTRATION: {"grade"},
    EntryKind.EMPLOYMENT: {"issuer", "last_day"},
    EntryKind.EDUCATION: {"last_day", "areas"},
    EntryKind.EXPERIENCE: {"last_day"},
    EntryKind.TRAINING: set(),
    EntryKind.EVALUATION: {"last_day"},
}
_HINTS = {
    (EntryKind.EMPLOYMENT, "last_day"): _("Leave empty when it has no end."),
    (EntryKind.EXPERIENCE, "last_day"): _("Leave empty when it goes on."),
    (EntryKind.EVALUATION, "title"): _("For example a witnessed audit, by number."),
    (EntryKind.EVALUATION, "last_day"): _("Leave empty: the interval of the rules counts."),
}


class EntryForm(PortalForm, forms.Form):
    """One entry of a profile of a given ``kind``; ``last`` asks when nothing else is missing."""

    title = CleanCharField(max_length=200)
    scheme = SchemeField(queryset=Scheme.objects.none(), empty_label=None)
    issuer = CleanCharField(max_length=200)
    number = CleanCharField(max_length=60)
    grade = CleanCharField(max_length=60)
    engagement = forms.ChoiceField(choices=Engagement.choices, widget=forms.RadioSelect)
    first_day = DateField()
    last_day = DateField()
    hours = forms.DecimalField(min_value=0.5, max_value=500, max_digits=5, decimal_places=1)
    result = forms.ChoiceField(choices=EvaluationResult.choices, widget=forms.RadioSelect)
    areas = forms.ModelMultipleChoiceField(
        queryset=TechnicalArea.objects.none(), widget=forms.CheckboxSelectMultiple
    )
    text = CleanCharField(
        label=_("Remarks"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    proof = FilesField(label=_("Proof"), required=False)
    submit_label = _("Record")
    confirm_leave = True

    def __init__(self, *args, kind, actor, **kwargs):
        super().__init__(*args, **kwargs)
        self.kind = kind
        asked = ASKED[kind]
        for name in set(self.fields) - set(asked) - {"text", "proof"}:
            del self.fields[name]
        for name, label in asked.items():
            field = self.fields[name]
            field.label, field.required = label, name not in _OPTIONAL[kind]
            field.help_text = _HINTS.get((kind, name), "")
        today = timezone.localdate()
        if "scheme" in asked:
            self.fields["scheme"].queryset = Scheme.objects.in_force(today)
        if "areas" in asked:
            self.fields["areas"].queryset = TechnicalArea.objects.in_force(today)
        self.offer_files(actor)

    def clean(self):
        facts = super().clean()
        first, last = facts.get("first_day"), facts.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", _("The last day lies before the first."))
        today = timezone.localdate()
        past = self.kind in (EntryKind.TRAINING, EntryKind.EVALUATION)
        if past and first and first > today:
            self.add_error("first_day", _("This day is still to come."))
        return facts

    def facts(self) -> dict:
        """Return the columns of the entry; a registration is called by its scheme and register."""
        facts = dict(self.cleaned_data)
        if self.kind == EntryKind.REGISTRATION:
            facts["title"] = f"{facts['scheme'].code} {facts['issuer']}"
        return facts

    def get_layout(self):
        wide = {"scheme", "areas", "engagement", "result"}
        fields = [columns(name) if name in wide else name for name in ASKED[self.kind]]
        return Layout(*fields, "text", "proof")


class StrikeForm(PortalForm, forms.Form):
    """Why an entry is struck off."""

    reason = CleanCharField(label=_("Reason"), max_length=500)
    submit_label = _("Strike off")
    submit_class = "btn-danger"


class EntriesField(forms.ModelMultipleChoiceField):
    """Entries of one's own profile."""

    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, obj):
        return str(obj)


class ProposalForm(PortalForm, forms.Form):
    """What a person wants to be counted for, and on what it rests; ``like`` is changed or renewed.

    ``entries`` are those of the person's profile.
    """

    role = forms.ChoiceField(
        label=_("Role"), choices=CompetenceRole.choices, widget=forms.RadioSelect
    )
    scheme = SchemeField(label=_("Scheme"), queryset=Scheme.objects.none(), empty_label=None)
    areas = forms.ModelMultipleChoiceField(
        label=_("Technical areas"),
        queryset=TechnicalArea.objects.none(),
        widget=forms.CheckboxSelectMultiple,
    )
    valid_from = DateField(label=_("Valid from"))
    valid_until = DateField(label=_("Valid until"))
    registration_number = CleanCharField(
        label=_("Registration number"),
        max_length=60,
        required=False,
        help_text=_("Of the registration as auditor in this scheme, where there is one."),
    )
    languages = forms.MultipleChoiceField(
        label=_("Languages"),
        choices=AuditLanguage.choices,
        initial=[AuditLanguage.ZH],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("In which the person can carry out an audit."),
    )
    support = EntriesField(
        label=_("It rests on"),
        queryset=Entry.objects.none(),
        required=False,
        help_text=_("Entries of your profile; record what is missing there first."),
    )
    grounds = CleanCharField(
        label=_("Grounds"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("What else shows that you know the work of these areas."),
    )
    submit_label = _("Propose")
    confirm_leave = True

    def __init__(self, *args, entries, like=None, **kwargs):
        today = timezone.localdate()
        start = _start(like) if like else {"valid_from": today}
        super().__init__(*args, initial=start, **kwargs)
        self.fields["scheme"].queryset = Scheme.objects.in_force(today)
        self.fields["areas"].queryset = TechnicalArea.objects.in_force(today)
        self.fields["support"].queryset = entries

    def clean(self):
        facts = super().clean()
        first, last = facts.get("valid_from"), facts.get("valid_until")
        if first and last and last < first:
            self.add_error("valid_until", _("The last day lies before the first."))
        elif last and last < timezone.localdate():
            self.add_error("valid_until", _("This day is over."))
        if not facts.get("support") and not facts.get("grounds"):
            message = _("Tick at least one entry, or say on what else it rests.")
            self.add_error("support", message)
        return facts

    def get_layout(self):
        return Layout(
            Group(_("What for"), *map(columns, ("role", "scheme", "areas"))),
            Group(_("Proof"), columns("support"), "grounds", "registration_number"),
            Group(_("Validity"), columns("languages"), "valid_from", "valid_until"),
        )


def _start(like) -> dict:
    names = ("role", "registration_number", "languages", "valid_from", "valid_until", "grounds")
    facts = {name: getattr(like, name) for name in names}
    return facts | {
        "scheme": like.scheme_id,
        "areas": [area.pk for area in like.areas.all()],
        "support": [entry.pk for entry in like.support.all()],
    }


class InterestForm(PortalForm, forms.Form):
    """What ties a person to one enterprise."""

    kind = forms.ChoiceField(
        label=_("What ties you to it"), choices=InterestKind.choices, widget=forms.RadioSelect
    )
    name = CleanCharField(label=_("Name of the enterprise"), max_length=200)
    country = CountryField(_("Country")).formfield(initial="CN")
    identifier = CodeField(
        label=_("Identifier"),
        max_length=40,
        help_text=_("In China the unified social credit code, elsewhere the registration number."),
    )
    began_on = DateField(label=_("Began on"))
    ended_on = DateField(
        label=_("Ended on"), required=False, help_text=_("Leave empty when it goes on.")
    )
    text = CleanCharField(
        label=_("Remarks"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    submit_label = _("Declare")
    confirm_leave = True

    def __init__(self, *args, own=True, **kwargs):
        super().__init__(*args, **kwargs)
        if not own:
            self.fields["kind"].label = _("What ties the person to it")

    def clean(self):
        facts = super().clean()
        began, ended = facts.get("began_on"), facts.get("ended_on")
        if began and ended and ended < began:
            self.add_error("ended_on", _("The last day lies before the first."))
        if facts.get("country") and facts.get("identifier"):
            try:
                facts["identifier"] = clean_identifier(facts["country"], facts["identifier"])
            except ValidationError as error:
                self.add_error("identifier", error)
        return facts

    def get_layout(self):
        return Layout(
            columns("kind"),
            Group(_("Enterprise"), "name", "country", "identifier"),
            Group(_("Time"), "began_on", "ended_on"),
            Field("text"),
        )


class InterestEndForm(PortalForm, forms.Form):
    """The last day of an interest that went on."""

    ended_on = DateField(label=_("Ended on"), help_text=_("A day that is set cannot be changed."))
    submit_label = _("Set the last day")
