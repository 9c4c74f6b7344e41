"""The forms of offers and contracts."""

from decimal import Decimal

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Layout
from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from certification.queries.review import current_offer
from certification.services import offers
from certification.services.offers import FeeLine, same_name
from foundation.forms import CleanCharField, DateField
from foundation.models.base import in_language
from foundation.transition_forms import TransitionForm

MOST_LINES = 30


class FeeLineForm(forms.Form):
    """One fee line; a line with nothing in it is left out."""

    zh = CleanCharField(label=_("Text in Chinese"), required=False, max_length=200)
    en = CleanCharField(label=_("Text in English"), required=False, max_length=200)
    quantity = forms.DecimalField(
        label=_("Quantity"), required=False, min_value=0, max_digits=8, decimal_places=2
    )
    unit_price = forms.DecimalField(
        label=_("Unit price"), required=False, min_value=0, max_digits=10, decimal_places=2
    )

    @cached_property
    def helper(self):
        """Build the layout inside the form of the offer."""
        helper = FormHelper(self)
        helper.form_tag = False
        helper.disable_csrf = True
        helper.layout = Layout(Div("zh", "en", "quantity", "unit_price", css_class="side"))
        return helper

    @property
    def is_blank(self) -> bool:
        """Whether nobody typed a text or a price; a proposed quantity alone counts for nothing."""
        facts = self.cleaned_data
        return not (facts.get("zh") or facts.get("en")) and facts.get("unit_price") is None

    def clean(self):
        """Ask for text, quantity and price of a line that was begun."""
        facts = super().clean()
        if self.errors or self.is_blank:
            return facts
        if not (facts["zh"] or facts["en"]):
            self.add_error("zh", _("Say what this fee is for."))
        if facts["quantity"] is None:
            self.add_error("quantity", _("Enter the quantity, or empty the line."))
        if facts["unit_price"] is None:
            self.add_error("unit_price", _("Enter the price of one, or empty the line."))
        return facts

    @property
    def line(self) -> FeeLine:
        """The fee line that was typed."""
        facts = self.cleaned_data
        zh, en = facts["zh"] or facts["en"], facts["en"] or facts["zh"]
        return FeeLine(zh, en, facts["quantity"], facts["unit_price"])

    @property
    def text(self) -> str:
        """What was typed, in the reader's language."""
        return in_language(self["zh"].value() or "", self["en"].value() or "")

    @property
    def amount(self) -> Decimal | None:
        """The amount as far as it can be computed from what was typed."""
        facts = getattr(self, "cleaned_data", None) or self._initial_facts()
        if facts.get("quantity") is None or facts.get("unit_price") is None:
            return None
        return FeeLine("", "", facts["quantity"], facts["unit_price"]).amount

    def _initial_facts(self) -> dict:
        found = {name: self.initial.get(name) for name in ("quantity", "unit_price")}
        return {name: Decimal(value) if value else None for name, value in found.items()}


FeeLineFormSet = forms.formset_factory(
    FeeLineForm, extra=1, max_num=MOST_LINES, validate_max=True, absolute_max=MOST_LINES
)


class OfferForm(TransitionForm):
    """Fee lines, currency, validity and terms of an offer."""

    is_preview = False

    currency = forms.ChoiceField(
        label=_("Currency"), choices=[(code, code) for code in offers.CURRENCIES]
    )
    valid_until = DateField(label=_("Open until"))
    terms = CleanCharField(
        label=_("Terms"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("For example when fees are due, and what is not included."),
    )

    def __init__(self, data=None, files=None, *, obj, **kwargs):
        usual = {
            "currency": "CNY",
            "valid_until": offers.valid_until(obj),
            "terms": offers.usual_terms(obj),
        }
        super().__init__(data, files, obj=obj, initial=usual, **kwargs)
        self.fee_lines = FeeLineFormSet(
            data, prefix="lines", initial=None if data else offers.usual_lines(obj)
        )
        self.submit_label = ""
        self.helper.form_tag = False

    def is_valid(self):
        """Check the lines with the rest, so that everything is said at once."""
        whole, lines = super().is_valid(), self.fee_lines.is_valid()
        return whole and lines

    def clean_valid_until(self):
        day = self.cleaned_data["valid_until"]
        if day < timezone.localdate():
            raise ValidationError(_("Choose a day that is still to come."))
        return day

    @property
    def chosen_currency(self) -> str:
        """The currency the sums are shown in."""
        value = self["currency"].value()
        return value if value in offers.CURRENCIES else offers.CURRENCIES[0]

    @property
    def total(self) -> Decimal:
        """The sum of what can be computed so far."""
        amounts = [form.amount for form in self.fee_lines.forms]
        return sum((amount for amount in amounts if amount is not None), start=Decimal("0.00"))

    def facts(self) -> dict:
        lines = [form.line for form in self.fee_lines.forms if not form.is_blank]
        return self.cleaned_data | {"lines": lines}


class SignForm(TransitionForm):
    """Signing: the own name, the hash of what was read; the base asks who sits there."""

    name = CleanCharField(
        label=_("Your full name"),
        max_length=100,
        help_text=_("As it stands in your account: your signature."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    agreed = forms.BooleanField(label="")
    sha256 = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args, obj, address=None, **kwargs):
        self.address = address
        offer = current_offer(obj)
        shown = offer.file.sha256 if offer is not None and offer.file is not None else ""
        super().__init__(*args, obj=obj, initial={"sha256": shown}, **kwargs)
        self.submit_class = "btn-primary"
        self.fields["agreed"].label = _(
            "I may sign for %(enterprise)s, and I have read the offer and the audit time."
        ) % {"enterprise": obj.enterprise.name}
        self.fields["agreed"].error_messages["required"] = _("Tick this to sign.")

    def clean_name(self):
        name = self.cleaned_data["name"]
        if not same_name(name, self.actor.user):
            raise ValidationError(_("Type your own full name, as it stands in your account."))
        return name

    def facts(self) -> dict:
        """Return name, hash and the network address."""
        typed = {name: self.cleaned_data[name] for name in ("name", "sha256")}
        return typed | {"address": self.address}
