from crispy_forms.layout import Layout
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from foundation.examination import IMAGES, PAPERS
from foundation.file_fields import FileField
from foundation.forms import CleanCharField, CodeField, DateField, Group, PortalForm
from organisations.identifiers import clean_identifier, uscc_region
from organisations.models import BodyProfile, Organisation, Site
from organisations.patterns import check_pattern

NAMES = ("name_zh", "name_en", "address_zh", "address_en", "legal_representative")


def _depends(field, hint) -> None:
    """Say in the hint when a field is needed, instead of calling it optional."""
    field.depends, field.help_text = True, hint


class OrganisationForm(PortalForm, forms.ModelForm):
    """The facts of an organisation, checked as the law writes them."""

    identifier = CodeField(label=_("Unified social credit code or registration number"))
    licence_valid_until = DateField(
        label=_("Licence valid until"),
        required=False,
        help_text=_("Leave empty when the licence is long-term."),
    )
    submit_label = _("Save")

    class Meta:
        model = Organisation
        fields = [
            "country",
            "identifier",
            "name_zh",
            "name_en",
            "address_zh",
            "address_en",
            "region",
            "legal_representative",
            "phone",
            "email",
            "website",
            "licence_valid_until",
        ]
        field_classes = dict.fromkeys(NAMES, CleanCharField)

    def __init__(self, *args, kind=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.kind = kind or self.instance.kind
        self.fields["legal_representative"].required = True
        _depends(
            self.fields["name_zh"],
            _("As on the licence. Outside China one name, Chinese or English, is enough."),
        )
        _depends(self.fields["address_zh"], _("One of the two addresses is enough."))
        _depends(
            self.fields["region"],
            _("Six digits, GB/T 2260. Left empty, it is taken from the credit code."),
        )

    def get_layout(self):
        return Layout(
            Group(_("Identity"), "country", "identifier", "name_zh", "name_en",
                  "legal_representative", "licence_valid_until"),
            Group(_("Registered address"), "address_zh", "address_en", "region"),
            Group(_("How to reach you"), "phone", "email", "website"),
        )  # fmt: skip

    def clean(self):
        facts = super().clean()
        country, identifier = str(facts.get("country") or ""), facts.get("identifier")
        if country and identifier:
            try:
                facts["identifier"] = clean_identifier(country, identifier)
            except ValidationError as error:
                self.add_error("identifier", error)
            else:
                self._refuse_duplicate(country, facts["identifier"])
        if not facts.get("name_zh") and not facts.get("name_en"):
            self.add_error("name_zh", _("Fill in at least one name."))
        if country == "CN" and not facts.get("name_zh") and facts.get("name_en"):
            self.add_error("name_zh", _("Fill in the legal name as on the licence."))
        if not facts.get("address_zh") and not facts.get("address_en"):
            self.add_error("address_zh", _("Fill in the registered address."))
        if country == "CN" and not facts.get("region") and "identifier" not in self.errors:
            facts["region"] = uscc_region(facts.get("identifier", ""))
        region = facts.get("region")
        if region and not (region.isdecimal() and len(region) == Organisation.REGION_DIGITS):
            self.add_error("region", _("A region code has six digits, such as 330200."))
        return facts

    def _refuse_duplicate(self, country, identifier):
        same = Organisation.objects.filter(
            kind=self.kind, country=country, identifier=identifier
        ).exclude(pk=self.instance.pk)
        if same.exists():
            self.add_error(
                "identifier",
                _("This organisation is registered already. Ask its owner to add you as a member."),
            )


class RegistrationForm(OrganisationForm):
    """Facts and licence of an organisation that is new on the portal."""

    licence = FileField(label=_("Copy of the licence"), accept=PAPERS)
    submit_label = _("Register")

    def get_layout(self):
        return Layout(*super().get_layout().fields, Group(_("Licence"), "licence"))


class ProfileForm(PortalForm, forms.ModelForm):
    """What a body is approved as, and how its certificates look and count."""

    approval_number = CleanCharField(label=_("Approval number"), max_length=40)
    approval_valid_until = DateField(label=_("Approval valid until"), required=False)
    short_code = CodeField(label=_("Short code in certificate numbers"), max_length=8)
    number_pattern = CleanCharField(
        label=_("Certificate number pattern"),
        max_length=60,
        initial=BodyProfile._meta.get_field("number_pattern").default,
        help_text=BodyProfile._meta.get_field("number_pattern").help_text,
    )
    submit_label = _("Save")

    class Meta:
        model = BodyProfile
        fields = [
            "approval_number",
            "approval_valid_until",
            "accreditation_body",
            "accreditation_number",
            "short_code",
            "number_pattern",
            "signatory_zh",
            "signatory_en",
            "signatory_title_zh",
            "signatory_title_en",
        ]

    def clean_number_pattern(self):
        return check_pattern(self.cleaned_data["number_pattern"])

    def get_layout(self):
        return Layout(
            Group(_("Approval and accreditation"), "approval_number", "approval_valid_until",
                  "accreditation_body", "accreditation_number"),
            Group(_("Certificate numbers"), "short_code", "number_pattern"),
            Group(_("Who signs"), "signatory_zh", "signatory_en", "signatory_title_zh",
                  "signatory_title_en"),
        )  # fmt: skip


class PictureForm(PortalForm, forms.Form):
    """A logo or the picture of a signature."""

    picture = FileField(label=_("Picture"), accept=IMAGES)
    submit_label = _("Store the picture")


class LicenceForm(PortalForm, forms.Form):
    """A new copy of the licence."""

    licence = FileField(label=_("Copy of the licence"), accept=PAPERS)
    submit_label = _("Store the licence")


class SiteForm(PortalForm, forms.ModelForm):
    """A site, its people by shift and where it is."""

    submit_label = _("Save the site")

    class Meta:
        model = Site
        fields = [
            "name_zh",
            "name_en",
            "is_central",
            "address_zh",
            "address_en",
            "region",
            "latitude",
            "longitude",
            "activities_zh",
            "activities_en",
            "day_shift",
            "second_shift",
            "night_shift",
            "part_time",
            "part_time_hours",
            "repetitive",
        ]
        field_classes = dict.fromkeys(
            ("name_zh", "name_en", "address_zh", "address_en", "activities_zh", "activities_en"),
            CleanCharField,
        )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _depends(self.fields["name_zh"], _("One name, Chinese or English, is enough."))
        _depends(self.fields["address_zh"], _("One of the two addresses is enough."))

    @classmethod
    def of(cls, organisation, data=None, instance=None):
        """Return the form of a site; the first of an organisation begins as its head office."""
        initial = {}
        if instance is None and not organisation.sites.filter(active=True).exists():
            initial = {
                "name_zh": "总部" if organisation.name_zh else "",
                "name_en": "Head office" if organisation.name_en else "",
                "is_central": True,
                "address_zh": organisation.address_zh,
                "address_en": organisation.address_en,
                "region": organisation.region,
            }
        return cls(data, instance=instance, initial=initial)

    def get_layout(self):
        return Layout(
            Group(_("Site"), "name_zh", "name_en", "is_central"),
            Group(_("Address"), "address_zh", "address_en", "region", "latitude", "longitude"),
            Group(_("Activities"), "activities_zh", "activities_en"),
            Group(_("People"), "day_shift", "second_shift", "night_shift", "part_time",
                  "part_time_hours", "repetitive",
                  hint=_("Everybody under your control counts, temporary staff too.")),
        )  # fmt: skip

    def clean(self):
        facts = super().clean()
        if not facts.get("name_zh") and not facts.get("name_en"):
            self.add_error("name_zh", _("Fill in at least one name."))
        if not facts.get("address_zh") and not facts.get("address_en"):
            self.add_error("address_zh", _("Fill in the address of the site."))
        full = sum(facts.get(name) or 0 for name in ("day_shift", "second_shift", "night_shift"))
        if (facts.get("repetitive") or 0) > full:
            self.add_error("repetitive", _("This is more than the people on all shifts."))
        if (facts.get("latitude") is None) != (facts.get("longitude") is None):
            self.add_error("longitude", _("Fill in latitude and longitude, or neither."))
        return facts
