"""One form for each page of an application."""

from datetime import date

from crispy_forms.bootstrap import StrictButton
from crispy_forms.layout import Div, Field, Layout
from django import forms
from django.core.validators import RegexValidator
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from certification.enums import (
    ApplicationKind,
    AuditLanguage,
    DocumentKind,
    IntegrationLevel,
    PreviousStatus,
)
from certification.forms.applications import (
    LooseForm,
    PastDateField,
    StepForm,
    YesNoField,
    question,
)
from certification.questions import HOLDERS
from foundation.calendar import add_months
from foundation.file_fields import FileField
from foundation.formatting import month, nowrap
from foundation.forms import DateField, Group, PortalForm
from organisations.models import Organisation, Site
from schemes.models import StandardEdition, TechnicalArea
from schemes.queries import bodies_approved_for

_FEW = 8
_MONTHS_AHEAD = 18
_TELEPHONE = RegexValidator(
    r"^\+?[0-9][0-9 ()/.\-]{4,38}$",
    gettext_lazy("A telephone number has digits, spaces and the signs + - ( ) only."),
)


def inline(name: str) -> Field:
    """Lay the choices of a question side by side."""
    return Field(name, wrapper_class="inline")


class EditionsField(forms.ModelMultipleChoiceField):
    """The editions of standards that are in force, one for each scheme at most."""

    widget = forms.CheckboxSelectMultiple
    default_error_messages = {
        "twice": gettext_lazy("Choose one edition of %(standard)s only."),
        "invalid_choice": gettext_lazy("Choose standards from the list."),
    }

    def __init__(self, **kwargs):
        super().__init__(queryset=StandardEdition.objects.none(), **kwargs)

    def fill(self) -> None:
        """Offer what is in force today."""
        today = timezone.localdate()
        self.queryset = StandardEdition.objects.in_force(today).select_related("scheme")

    def label_from_instance(self, obj):
        name = nowrap(obj.designations(timezone.localdate()))
        return format_html('{}<span class="hint">{}</span>', name, obj.scheme.title)

    def clean(self, value):
        chosen = super().clean(value)
        schemes = [edition.scheme_id for edition in chosen]
        for edition in chosen:
            if schemes.count(edition.scheme_id) > 1:
                raise forms.ValidationError(
                    self.error_messages["twice"],
                    code="twice",
                    params={"standard": edition.scheme.title},
                )
        return chosen


class BodyField(forms.ModelChoiceField):
    """The bodies that are approved for everything applied for."""

    widget = forms.RadioSelect
    default_error_messages = {
        "invalid_choice": gettext_lazy(
            "This body is not approved for all the standards you chose. Choose one of these."
        )
    }

    def __init__(self, **kwargs):
        kwargs.setdefault("empty_label", None)
        super().__init__(queryset=Organisation.objects.none(), **kwargs)

    def fill(self, editions) -> None:
        """Offer the bodies approved today for the schemes of these editions."""
        required = {edition.scheme: () for edition in editions}
        rows = bodies_approved_for(required, timezone.localdate()).select_related("body_profile")
        self.queryset = rows.order_by("name_zh", "name_en") if required else rows.none()
        if self.queryset.count() > _FEW:
            self.empty_label = _("Choose a body")
            self.widget = forms.Select()
        self.widget.choices = self.choices

    def label_from_instance(self, obj):
        if isinstance(self.widget, forms.Select) and not isinstance(self.widget, forms.RadioSelect):
            return obj.name
        profile = obj.body_profile
        facts = [_("Approval %(number)s") % {"number": profile.approval_number}]
        if profile.accreditation_number:
            facts.append(f"{profile.accreditation_body} {profile.accreditation_number}".strip())
        return format_html('{}<span class="hint">{}</span>', obj.name, " · ".join(facts))


class WishForm(PortalForm, forms.Form):
    """What a new application is about, before a body can be chosen."""

    submit_label = gettext_lazy("Continue")

    kind = forms.ChoiceField(
        label=gettext_lazy("What do you apply for?"),
        choices=ApplicationKind.choices,
        widget=forms.RadioSelect,
        initial=ApplicationKind.INITIAL,
    )
    schemes = EditionsField(
        label=gettext_lazy("For which standards?"),
        help_text=gettext_lazy("Several together make one integrated audit possible."),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["schemes"].fill()
        self.helper.form_method = "get"


class ChoiceOfBodyForm(PortalForm, forms.Form):
    """The body that a new application goes to; it can be chosen later too."""

    submit_label = gettext_lazy("Begin the application")

    body = BodyField(
        label=gettext_lazy("Which certification body?"),
        required=False,
        help_text=gettext_lazy(
            "All of these are approved for what you chose. You can also decide later."
        ),
    )

    def __init__(self, *args, editions, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["body"].fill(editions)


class CertificationForm(StepForm):
    """Kind, standards, technical areas, and the body unless it has the application already."""

    slug = "certification"

    kind = forms.ChoiceField(choices=ApplicationKind.choices, widget=forms.RadioSelect)
    schemes = EditionsField(
        help_text=gettext_lazy("Several together make one integrated audit possible.")
    )
    areas = forms.ModelMultipleChoiceField(
        queryset=TechnicalArea.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("What your organisation does, as the accreditors count it."),
    )
    body = BodyField(
        help_text=gettext_lazy("Only bodies approved for all the standards you chose are listed.")
    )

    def present(self, application):
        rows = list(application.schemes.prefetch_related("areas"))
        return {
            "kind": application.kind,
            "schemes": [row.edition_id for row in rows],
            "areas": list({area.pk for row in rows for area in row.areas.all()}),
            "body": application.body_id,
        }

    def adapt(self):
        schemes = self.fields["schemes"]
        schemes.fill()
        self.fields["areas"].queryset = TechnicalArea.objects.in_force(timezone.localdate())
        chosen = self.data.getlist("schemes") if self.is_bound else self.initial["schemes"]
        wanted = {str(key) for key in chosen}
        self.fields["body"].fill([row for row in schemes.queryset if str(row.pk) in wanted])
        if self.application.number:
            del self.fields["body"]

    def get_layout(self):
        last = filter(self.fields.__contains__, ["body"])
        return Layout("kind", "schemes", Field("areas", wrapper_class="columns"), *last, "seen")


class SiteChoiceField(forms.ModelMultipleChoiceField):
    """The enterprise's own sites, each with its people."""

    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, obj):
        people = ngettext("%(count)s person", "%(count)s people", obj.headcount) % {
            "count": obj.headcount
        }
        role = _("central function") if obj.is_central else ""
        facts = " · ".join(filter(None, (people, role, obj.address)))
        return format_html('{}<span class="hint">{}</span>', obj.name, facts)


class SitesForm(StepForm):
    """The sites the certification shall cover."""

    slug = "sites"

    sites = SiteChoiceField(
        queryset=Site.objects.none(),
        help_text=gettext_lazy("Every place where people work under the management system."),
    )

    def present(self, application):
        return {"sites": list(application.sites.values_list("site_id", flat=True))}

    def adapt(self):
        rows = Site.objects.filter(organisation=self.application.enterprise, active=True)
        self.fields["sites"].queryset = rows

    def get_layout(self):
        more = StrictButton(
            _("Save and add a site"),
            type="submit",
            name="next",
            value="site",
            css_class="btn-quiet",
        )
        return Layout("sites", Div(more, css_class="acts mb-4"), "seen")


class ScopeForm(StepForm):
    """What is done under the management system."""

    slug = "scope"

    scope_zh = question(
        1000,
        rows=4,
        help_text=gettext_lazy(
            "As it shall stand on the certificate: products, services and activities."
        ),
    )
    scope_en = question(
        2000, rows=4, help_text=gettext_lazy("The same in English, for the English certificate.")
    )
    processes = question(
        2000, rows=5, help_text=gettext_lazy("From order to delivery, one line each.")
    )
    outsourced = question(
        1000, rows=3, help_text=gettext_lazy("What others do for you. “None” is an answer.")
    )
    legal_obligations = question(
        2000,
        rows=4,
        help_text=gettext_lazy("Laws, regulations and permits for your products and sites."),
    )
    exclusions = question(
        1000,
        rows=3,
        required=False,
        help_text=gettext_lazy("For example 8.3, because nothing is designed."),
    )

    def adapt(self):
        chinese = str(self.application.enterprise.country) == "CN"
        self.fields["scope_zh"].required = chinese
        self.fields["scope_en"].required = not chinese
        if not chinese:
            self.order_fields(["scope_en", "scope_zh"])


class SystemForm(StepForm):
    """How long the system has been in operation, and what the audit should know."""

    slug = "system"

    system_since = PastDateField(
        help_text=gettext_lazy("The day it was put into force for all sites.")
    )
    internal_audit_on = PastDateField(required=False)
    management_review_on = PastDateField(required=False)
    integration = forms.ChoiceField(choices=IntegrationLevel.choices, widget=forms.RadioSelect)
    consultancy_used = YesNoField(
        label=gettext_lazy("Did a consultancy help you with the management system?")
    )
    consultancy_by = question(
        200,
        required=False,
        css="medium",
        label=gettext_lazy("If so, which one?"),
        help_text=gettext_lazy("It keeps auditors away who worked there."),
    )
    consultancy_until = DateField(
        required=False, label=gettext_lazy("Until when? Leave empty while it goes on.")
    )
    languages = forms.MultipleChoiceField(
        choices=AuditLanguage.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("In which your people can be interviewed."),
    )
    remote_possible = YesNoField(label=gettext_lazy("Could a part of the audit be done remotely?"))
    safety_conditions = question(
        1000,
        rows=3,
        help_text=gettext_lazy("Protective equipment, access rules, dangers. “None” is an answer."),
    )
    wished_month = forms.TypedChoiceField(
        required=False,
        coerce=date.fromisoformat,
        empty_value=None,
        help_text=gettext_lazy("A wish, not a promise."),
    )

    def adapt(self):
        today = timezone.localdate().replace(day=1)
        months = [add_months(today, ahead) for ahead in range(1, _MONTHS_AHEAD + 1)]
        wish = self.application.wished_month
        if wish is not None and wish not in months:
            months.insert(0, wish)
        choices = [("", _("No wish")), *((row.isoformat(), month(row)) for row in months)]
        self.fields["wished_month"].choices = choices
        if self.application.schemes.count() < 2:  # noqa: PLR2004 -- one alone is not integrated
            del self.fields["integration"]

    def get_layout(self):
        dates = ("system_since", "internal_audit_on", "management_review_on")
        return Layout(
            Group(_("In operation"), *dates, *filter(self.fields.__contains__, ["integration"])),
            Group(_("Consultancy"), inline("consultancy_used"), "consultancy_by",
                  "consultancy_until"),
            Group(_("The audit"), inline("languages"), inline("remote_possible"),
                  "safety_conditions", "wished_month"),
            "seen",
        )  # fmt: skip


class HistoryForm(StepForm):
    """The certificate the enterprise holds or held."""

    slug = "history"

    had_certificate = YesNoField(
        label=gettext_lazy("Do you hold a certificate for one of these standards, or did you?")
    )
    previous_number = question(60, css="medium")
    previous_body = question(200)
    previous_expires_on = DateField()
    previous_status = forms.ChoiceField(
        choices=[("", gettext_lazy("Choose a status")), *PreviousStatus.choices]
    )
    previous_accredited = YesNoField(label=gettext_lazy("Is it accredited?"))
    previous_open_majors = YesNoField(
        label=gettext_lazy("Are major nonconformities of its audits still open?")
    )
    previous_own_fault = YesNoField(
        label=gettext_lazy("Was it ever suspended or withdrawn through your own fault?")
    )
    withdrawn_on = PastDateField(required=False, label=gettext_lazy("If so, when?"))
    previous_body_lost_on = PastDateField(
        required=False,
        label=gettext_lazy("If the body that issued it lost its approval: when?"),
    )

    def adapt(self):
        if self.application.kind in HOLDERS:
            del self.fields["had_certificate"]
        if self.application.kind != ApplicationKind.TRANSFER:
            self.fields["previous_accredited"].required = False
            self.fields["previous_open_majors"].required = False

    def get_layout(self):
        rows = [
            inline(name) if isinstance(self.fields[name], YesNoField) else name
            for name in self.questions
        ]
        first = 1 if "had_certificate" in self.fields else 0
        return Layout(*rows[:first], Group(_("The certificate"), *rows[first:]), "seen")


class ContactForm(StepForm):
    """Whom the body talks to."""

    slug = "contact"

    contact_name = question(100, css="medium")
    contact_phone = question(40, css="medium", validators=[_TELEPHONE])
    contact_email = forms.EmailField(max_length=254)


class DocumentForm(LooseForm, forms.Form):
    """One more document: a new upload, or a file of the enterprise."""

    submit_label = gettext_lazy("Add the document")
    submit_class = "btn-quiet"

    kind = forms.ChoiceField(label=gettext_lazy("What is it?"), choices=DocumentKind.choices)
    upload = FileField(label=gettext_lazy("File"), is_large=True)

    def clean(self):
        """Ask for exactly one file, unless the one chosen was refused already."""
        facts = super().clean()
        if not facts.get("kind"):
            self.add_error("kind", _("Say what it is."))
        if not facts.get("upload") and "upload" not in self.errors:
            self.add_error("upload", _("Choose a file."))
        return facts


FORMS = {
    form.slug: form
    for form in (CertificationForm, SitesForm, ScopeForm, SystemForm, HistoryForm, ContactForm)
}

__all__ = ["FORMS", "ChoiceOfBodyForm", "DocumentForm", "WishForm"]
