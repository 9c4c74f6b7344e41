"""The public form of a complaint, that of an appeal, and the forms of the acts on them."""

from django import forms
from django.contrib.auth import get_user_model
from django.utils.translation import gettext_lazy as _

from certification.enums import About, Conclusion
from certification.flows.complaint_acts import case_named
from certification.queries.complaints import certificate_named, independent_people, public_bodies
from certification.services.complaints import Filing
from foundation.examination import PAPERS
from foundation.file_fields import FilesField
from foundation.forms import CleanCharField, Group, PortalForm
from foundation.transition_forms import TransitionForm
from organisations.enums import ROLES_OF, Kind
from organisations.models import Organisation

LONGEST = 8000
# Anybody may send them, so little of them.
MOST_FILES, FILE_LIMIT = 3, 10 * 1024**2
_PUBLIC = (About.BODY, About.AUDITOR, About.HOLDER)


def _text(label, hint="", rows=8):
    return CleanCharField(
        label=label,
        help_text=hint,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": rows}),
    )


def _files():
    return FilesField(
        label=_("Files"),
        required=False,
        accept=PAPERS,
        limit=FILE_LIMIT,
        most=MOST_FILES,
        from_vault=False,
    )


class Person(forms.ModelChoiceField):
    """A choice of people by name."""

    def __init__(self, label, **kwargs):
        super().__init__(
            queryset=get_user_model().objects.none(), label=label, empty_label=_("Choose"), **kwargs
        )

    def offer(self, people) -> None:
        """Let one of these people be chosen."""
        rows = get_user_model().objects.filter(pk__in=[person.pk for person in people])
        self.queryset = rows.order_by("name")

    def label_from_instance(self, obj):
        return obj.name


class ComplaintForm(PortalForm, forms.Form):
    """What anybody can complain about, without an account and without a name."""

    submit_label = _("Send the complaint")
    confirm_leave = True

    about = forms.ChoiceField(
        label=_("What is it about?"),
        choices=[(kind.value, kind.label) for kind in _PUBLIC],
        widget=forms.RadioSelect,
    )
    certificate = CleanCharField(
        label=_("Number of the certificate, or the code behind its QR"),
        required=False,
        max_length=120,
        help_text=_("If you have it: then you need not choose the certification body."),
    )
    body = forms.ModelChoiceField(
        label=_("Certification body"),
        queryset=Organisation.objects.none(),
        required=False,
        empty_label=_("Choose"),
        help_text=_("The one named on the certificate."),
    )
    named = CleanCharField(
        label=_("Name of the auditor or of the organisation"),
        required=False,
        max_length=200,
        help_text=_("An auditor never sees your complaint."),
    )
    text = _text(_("What happened?"), _("When, where, what exactly, and what you expect."))
    files = _files()
    name = CleanCharField(
        label=_("Your name"),
        required=False,
        max_length=100,
        help_text=_("You may leave it out. Only who handles the complaint sees it."),
    )
    email = forms.EmailField(
        label=_("Your e-mail address"),
        required=False,
        max_length=254,
        help_text=_("You may leave it out: then the private page you get is the only way."),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["body"].queryset = public_bodies()
        self.fields["body"].label_from_instance = lambda body: body.name
        self.found = None

    def get_layout(self):
        return [
            Group(_("About whom"), "about", "certificate", "body", "named"),
            Group(_("What happened"), "text", "files"),
            Group(_("About you, if you like"), "name", "email"),
        ]

    def clean(self):
        """Find the certificate, and through it the body."""
        data = super().clean()
        words = data.get("certificate", "")
        self.found = certificate_named(words) if words else None
        if self.found is None and not data.get("body") and "body" not in self.errors:
            if words:
                self.add_error(
                    "certificate",
                    _(
                        "No certificate here has this number or code. Check it; if you think it "
                        "is forged, choose the certification body that it names."
                    ),
                )
            else:
                self.add_error("body", _("Choose the certification body, or give a certificate."))
        if data.get("about") == About.AUDITOR and not data.get("named"):
            self.add_error("named", _("Give the name of the auditor."))
        return data

    def filing(self) -> Filing:
        """Return what is to be filed; a certificate found names the body."""
        data = self.cleaned_data
        return Filing(
            about=data["about"],
            body=self.found.body if self.found else data["body"],
            text=data["text"],
            certificate=self.found,
            certificate_named=data["certificate"][:60],
            named=data["named"],
            name=data["name"],
            email=data["email"],
            uploads=tuple(data["files"]),
        )


class AppealForm(PortalForm, forms.Form):
    """Why a decision or a finding should be looked at again."""

    submit_label = _("Send the appeal")
    confirm_leave = True

    text = _text(
        _("Why should it be looked at again?"),
        _("What is wrong with it, and what it should be instead."),
    )
    files = _files()


class SayForm(TransitionForm):
    """One text; what it is called depends on the act."""

    LABELS = {
        "ask": _("Your question"),
        "progress": _("How it stands"),
        "pass_on": _("What the organisation reads"),
        "report": _("What was found, and what you propose"),
        "dismiss": _("Reason"),
        "send_back": _("What is missing"),
        "settle": _("What was decided, on which page"),
        "close": _("What was done"),
        "note": _("Note"),
    }
    HINTS = {
        "ask": _("The complainant reads it."),
        "progress": _("The complainant reads it."),
        "dismiss": _("The complainant reads it word for word."),
        "close": _("The complainant reads it word for word."),
    }

    text = _text("")

    def __init__(self, *args, transition, **kwargs):
        super().__init__(*args, transition=transition, **kwargs)
        self.fields["text"].label = self.LABELS[transition.action]
        self.fields["text"].help_text = self.HINTS.get(transition.action, "")


class SendForm(TransitionForm):
    """A text with files, of who complained or of the organisation concerned."""

    text = _text(_("Your text"))
    files = _files()

    def offer_files(self, actor):
        """Nobody without an account has files kept."""
        if actor.is_authenticated:
            super().offer_files(actor)

    def facts(self):
        return {"text": self.cleaned_data["text"], "uploads": self.cleaned_data["files"]}


class HandlerForm(TransitionForm):
    """Who handles it: people who took no part."""

    handler = Person(_("Who handles it"))

    def __init__(self, *args, obj, **kwargs):
        super().__init__(*args, obj=obj, **kwargs)
        self.fields["handler"].offer(independent_people(obj))


class AdmitForm(HandlerForm):
    """Who handles it; whom and which case it concerns, where that is not known yet."""

    person = Person(_("Whom it is about"), help_text=_("This person never sees the complaint."))
    matter = CleanCharField(
        label=_("Case or certificate concerned"),
        required=False,
        max_length=60,
        help_text=_("Its number. Whoever took part in that case then handles nothing here."),
    )

    def __init__(self, *args, obj, **kwargs):
        super().__init__(*args, obj=obj, **kwargs)
        if obj.about == About.AUDITOR and obj.subject_id is None:
            self.fields["person"].offer(obj.body.people(*ROLES_OF[Kind.BODY]))
        else:
            del self.fields["person"]
        if obj.case_id is not None or obj.is_appeal:
            del self.fields["matter"]

    def get_layout(self):
        return [name for name in ("person", "matter", "handler") if name in self.fields]

    def clean_matter(self):
        words = self.cleaned_data["matter"]
        found = case_named(self.obj.body, words) if words else None
        if words and found is None:
            raise forms.ValidationError(_("No case and no certificate of yours has this number."))
        return found

    def facts(self):
        facts = super().facts()
        return facts | {"case": facts.pop("matter", None)}


class DeciderForm(TransitionForm):
    """Who decides: people who took no part."""

    decider = Person(_("Who decides"))

    def __init__(self, *args, obj, **kwargs):
        super().__init__(*args, obj=obj, **kwargs)
        self.fields["decider"].offer(independent_people(obj))


class DecideForm(TransitionForm):
    """The conclusion, in words for who complained, and what stays within the body."""

    conclusion = forms.ChoiceField(
        label=_("Conclusion"), choices=Conclusion.choices, widget=forms.RadioSelect
    )
    text = _text(
        _("Decision, for who complained"),
        _("What was found, what follows and what is done. They read it word for word."),
    )
    internal = CleanCharField(
        label=_("For the body alone"),
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Corrections and corrective actions, people to talk to."),
    )

    def get_layout(self):
        rest = [name for name in self.fields if name not in ("conclusion", "text", "internal")]
        return ["conclusion", "text", "internal", *rest]


FORMS = {
    **dict.fromkeys(SayForm.LABELS, SayForm),
    **dict.fromkeys(("add", "answer", "answer_as_client"), SendForm),
    "admit": AdmitForm,
    "name_handler": HandlerForm,
    "name_decider": DeciderForm,
    "decide": DecideForm,
}
