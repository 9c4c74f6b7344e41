"""Reporting a merger: which enterprise goes up in which, from when, and what shows it."""

from datetime import timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from certification.services.mergers import enterprise_with
from foundation.file_fields import FilesField
from foundation.forms import CleanCharField, CodeField, DateField, PortalForm
from organisations.identifiers import clean_identifier

ENDS, GOES_ON = "ends", "goes_on"
_FURTHEST = timedelta(days=3 * 366)


class MergerForm(PortalForm, forms.Form):
    """The other enterprise is named by its identifier; it is asked to confirm."""

    submit_label = _("Report the merger")
    confirm_leave = True
    own = forms.ChoiceField(label=_("What becomes of your enterprise"), widget=forms.RadioSelect)
    country = CountryField().formfield(label=_("Country of the other enterprise"), initial="CN")
    identifier = CodeField(
        label=_("Identifier of the other enterprise"),
        help_text=_(
            "In China the unified social credit code, elsewhere the registration number. It has "
            "to be registered on this portal, a newly founded one too."
        ),
    )
    takes_effect_on = DateField(
        label=_("Takes effect on"), help_text=_("The day of the registration of the merger.")
    )
    description = CleanCharField(
        label=_("What merges, and what goes on as before"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Sites, people and processes, for the certification bodies to assess."),
    )
    uploads = FilesField(
        label=_("Documents that show it"),
        help_text=_("The notice of registration of the merger, or the merger agreement."),
    )

    def __init__(self, *args, enterprise, **kwargs):
        self.enterprise = enterprise
        super().__init__(*args, **kwargs)
        self.fields["own"].choices = [
            (GOES_ON, _("%(name)s goes on and takes the other over") % {"name": enterprise.name}),
            (ENDS, _("%(name)s goes up in the other and ends") % {"name": enterprise.name}),
        ]

    def clean_takes_effect_on(self):
        """Refuse a slip of the year."""
        day = self.cleaned_data["takes_effect_on"]
        if abs(day - timezone.localdate()) > _FURTHEST:
            raise ValidationError(_("This lies more than three years from today."))
        return day

    def clean(self):
        """Find the other enterprise."""
        facts = super().clean()
        country, identifier = str(facts.get("country") or ""), facts.get("identifier")
        if not country or not identifier:
            return facts
        try:
            other = enterprise_with(country, clean_identifier(country, identifier))
        except ValidationError as error:
            self.add_error("identifier", error)
            return facts
        if other is None:
            text = _("No enterprise is registered under this identifier on this portal.")
            self.add_error("identifier", text)
        elif other == self.enterprise:
            self.add_error("identifier", _("This is your own enterprise: name the other one."))
        return facts | {"other": other}

    def facts(self) -> dict:
        """Return what the service asks for."""
        facts = self.cleaned_data
        pair = (self.enterprise, facts["other"])
        absorbed, absorbing = pair if facts["own"] == ENDS else reversed(pair)
        names = ("description", "takes_effect_on", "uploads")
        return {"absorbed": absorbed, "absorbing": absorbing} | {n: facts[n] for n in names}
