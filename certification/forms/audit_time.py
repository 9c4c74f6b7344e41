"""The reviewer's side of the audit-time page: people, factors, sites, integration.

One page holds several small forms that together give the inputs of a calculation; see
certification.services.audit_time for their shape.
"""

from decimal import Decimal

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Layout
from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from certification.services import audit_time
from foundation.forms import CleanCharField, PortalForm
from foundation.models.base import in_language
from schemes.enums import FactorDirection
from schemes.queries import factors_in_force

MOST_PEOPLE = 1_000_000
MOST_FACTORS = 20
MOST_DAYS = 999
_KINDS = {
    "initial": _("Initial audit, stage 1 and 2"),
    "surveillance": _("Surveillance audit"),
    "recertification": _("Recertification audit"),
}


class _Part(PortalForm, forms.Form):
    """A part of the one form of the page; rows of fields stand side by side."""

    rows: tuple[tuple[str, ...], ...] = ()

    @cached_property
    def helper(self):
        """Build the layout without a form of its own."""
        helper = FormHelper(self)
        helper.form_tag = False
        helper.disable_csrf = True
        rows = [[name for name in row if name in self.fields] for row in self.rows]
        helper.layout = Layout(*(Div(*row, css_class=_row_class(row)) for row in rows if row))
        return helper


def _row_class(row: list[str]) -> str:
    """A reason takes more room than the figure it explains."""
    reasoned = len(row) > 1 and row[-1].endswith("reason")
    return f"side of-{len(row)}{' reasoned' if reasoned else ''}"


def _people(label, **options):
    return forms.IntegerField(label=label, min_value=0, max_value=MOST_PEOPLE, **options)


def _percent(label, most=100, **options):
    return forms.DecimalField(
        label=label,
        required=False,
        min_value=0,
        max_value=most,
        max_digits=5,
        decimal_places=1,
        **options,
    )


def _reason(label=None):
    return CleanCharField(label=label or _("Reason"), required=False, max_length=500)


class SiteForm(_Part):
    """The people of one site by shift, and what this site saves."""

    rows = (
        ("day", "second", "night"),
        ("part_time", "part_time_hours"),
        ("repetitive", "repetitive_as"),
        ("repetitive_reason",),
        ("reduction_percent", "reduction_reason"),
    )

    day = _people(_("Day shift"))
    second = _people(_("Second shift"))
    night = _people(_("Night shift"))
    part_time = _people(_("Part-time people"))
    part_time_hours = forms.DecimalField(
        label=_("Their hours a week"), min_value=0, max_value=40, max_digits=4, decimal_places=1
    )
    repetitive = _people(_("In identical simple work"))
    repetitive_as = _people(_("Counted as"))
    repetitive_reason = _reason(_("Why they count as fewer"))
    reduction_percent = _percent(_("Saved at this site (%)"), 99)
    reduction_reason = _reason()

    def __init__(self, data=None, *, site: dict, alone: bool, **kwargs):
        self.site = site
        day, second, night = site["shifts"]
        kept = {**site, "day": day, "second": second, "night": night}
        kept["reduction_percent"] = _blank(site["reduction_percent"])
        super().__init__(data, initial=kept, **kwargs)
        if alone or site["central"]:
            del self.fields["reduction_percent"], self.fields["reduction_reason"]

    @property
    def name(self) -> str:
        return in_language(self.site["name_zh"], self.site["name_en"])

    def clean(self):
        """Keep the group of identical work within the site, and not larger than it is."""
        facts = super().clean()
        if facts.get("repetitive_as", 0) > facts.get("repetitive", 0):
            self.add_error("repetitive_as", _("They cannot count as more than they are."))
        if facts.get("repetitive") and not facts.get("repetitive_as"):
            self.add_error("repetitive_as", _("Count them as one at least."))
        return facts

    def inputs(self) -> dict:
        """Return the site as the calculation keeps it."""
        facts = self.cleaned_data
        return {
            **self.site,
            "shifts": [facts["day"], facts["second"], facts["night"]],
            "part_time": facts["part_time"],
            "part_time_hours": _text(facts["part_time_hours"]),
            "repetitive": facts["repetitive"],
            "repetitive_as": facts["repetitive_as"],
            "repetitive_reason": facts["repetitive_reason"],
            "reduction_percent": _text(facts.get("reduction_percent")),
            "reduction_reason": facts.get("reduction_reason", ""),
        }


class FactorForm(_Part):
    """One factor with its percentage and reason; the factor says which way it goes."""

    rows = (("key", "percent", "reason"),)

    key = forms.ChoiceField(label=_("Factor"), required=False)
    percent = _percent(_("Percent"), 300)
    reason = _reason()

    def __init__(self, *args, factors, **kwargs):
        super().__init__(*args, **kwargs)
        self.known = {factor.key: factor for factor in factors}
        groups = [
            (
                direction.label,
                [(f.key, _factor_label(f)) for f in factors if f.direction == direction],
            )
            for direction in FactorDirection
        ]
        self.fields["key"].choices = [("", _("No factor")), *groups]

    def clean(self):
        """Want factor and percentage together; the reason is asked for by the calculation."""
        facts = super().clean()
        if self.errors:
            return facts
        if facts["percent"] and not facts["key"]:
            self.add_error("key", _("Choose what this percentage is for."))
        elif facts["key"] and not facts["percent"]:
            self.add_error("percent", _("Enter a percentage above 0."))
        return facts

    def inputs(self) -> dict | None:
        """Return the factor with its sign, or None for an empty row."""
        facts = self.cleaned_data
        if not facts.get("key"):
            return None
        minus = self.known[facts["key"]].direction == FactorDirection.MINUS
        percent = -facts["percent"] if minus else facts["percent"]
        return {"key": facts["key"], "percent": _text(percent), "reason": facts["reason"]}


def _factor_label(factor) -> str:
    low, high = (_signed(value) for value in (factor.usual_min, factor.usual_max))
    return f"{factor.title} ({low} … {high} %)"


def _signed(value: Decimal) -> str:
    text = _text(value)
    return text.replace("-", "−") if value <= 0 else f"+{text}"


class _FactorSet(forms.BaseFormSet):
    def clean(self):
        """Refuse a factor that is used twice."""
        keys = [form.cleaned_data.get("key") for form in self.forms if form.is_valid()]
        used = [key for key in keys if key]
        if len(set(used)) < len(used):
            raise ValidationError(_("A factor is chosen twice. Add the percentages up in one row."))


FactorFormSet = forms.formset_factory(
    FactorForm, formset=_FactorSet, extra=2, max_num=MOST_FACTORS, absolute_max=MOST_FACTORS
)


class CellForm(_Part):
    """One scheme at one site: own headcount, and days set by a person where no table answers."""

    rows = (("persons", "persons_reason"), ("days", "reason"))

    persons = _people(_("People within this scheme, if fewer"), required=False)
    persons_reason = _reason(_("Why only these"))
    days = forms.DecimalField(
        label=_("Days of an initial audit"),
        required=False,
        min_value=0,
        max_value=MOST_DAYS,
        max_digits=5,
        decimal_places=1,
    )
    reason = _reason(_("Why so many days"))

    def __init__(self, data=None, *, site: dict, scheme: dict, single: bool, **kwargs):
        self.site = site
        manual = scheme["manual"].get(site["key"], {})
        own = site["persons_of"].get(scheme["code"], {})
        kept = {"persons": own.get("count"), "persons_reason": own.get("reason"), **manual}
        super().__init__(data, initial=kept, **kwargs)
        if single:
            del self.fields["persons"], self.fields["persons_reason"]

    @property
    def name(self) -> str:
        return in_language(self.site["name_zh"], self.site["name_en"])

    def clean(self):
        """A headcount of its own needs a reason on record."""
        facts = super().clean()
        if facts.get("persons") and not facts.get("persons_reason"):
            self.add_error("persons_reason", _("Say why only these people are counted."))
        return facts

    @property
    def own(self) -> dict | None:
        """The headcount within the scheme, if it was stated."""
        count = self.cleaned_data.get("persons")
        reason = self.cleaned_data.get("persons_reason")
        return {"count": count, "reason": reason} if count else None


class CategoryForm(_Part):
    rows = (("category",),)

    category = forms.ChoiceField(label=_("Complexity or risk"), required=False)

    def __init__(self, *args, choices, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["category"].choices = [("", _("Not chosen yet")), *choices]


class SchemePart:
    """Everything asked about one scheme: category, factors, and its cells at the sites."""

    def __init__(self, data, *, row, scheme: dict, sites: list[dict], factors, single: bool):
        code = scheme["code"]
        self.scheme = scheme
        self.title = row.scheme.title
        self.code = code
        self.standard = row.edition
        choices = row.scheme.category_choices
        self.category = (
            CategoryForm(data, prefix=code, initial=scheme, choices=choices) if choices else None
        )
        self.factors = FactorFormSet(
            data,
            prefix=f"{code}-factor",
            initial=None if data else [_magnitude(factor) for factor in scheme["factors"]],
            form_kwargs={"factors": factors},
        )
        self.cells = [
            CellForm(data, prefix=f"{code}-{number}", site=site, scheme=scheme, single=single)
            for number, site in enumerate(sites)
        ]
        own = any(code in site["persons_of"] for site in sites)
        self.is_open = bool(scheme["manual"]) or own or bool(data)

    @property
    def forms(self) -> list:
        """All forms of this part, the set of factors counted as one."""
        return [*([self.category] if self.category else []), self.factors, *self.cells]

    def inputs(self) -> dict:
        """Return the scheme as the calculation keeps it."""
        factors = [form.inputs() for form in self.factors.forms]
        manual = {
            cell.site["key"]: {
                "days": _text(cell.cleaned_data["days"]),
                "reason": cell.cleaned_data["reason"],
            }
            for cell in self.cells
            if cell.cleaned_data["days"]
        }
        category = self.category.cleaned_data["category"] if self.category else ""
        return {
            "code": self.code,
            "category": category,
            "factors": [factor for factor in factors if factor],
            "manual": manual,
        }


def _magnitude(factor: dict) -> dict:
    return {**factor, "percent": abs(Decimal(factor["percent"]))}


class WholeForm(_Part):
    """What concerns all schemes and sites together."""

    rows = (
        ("kind",),
        ("sampling", "sampling_reason"),
        ("central_percent", "central_reason"),
        ("integration_percent", "integration_reason"),
    )

    kind = forms.ChoiceField(label=_("Audit"), choices=list(_KINDS.items()))
    sampling = forms.BooleanField(
        label=_("Audit a sample of the sites"),
        required=False,
        help_text=_("They do the same work under one system. The draw is fixed by the submission."),
    )
    sampling_reason = _reason(_("Why the sites can be sampled"))
    central_percent = _percent(_("Done by the central function (%)"), 99)
    central_reason = _reason()
    integration_percent = _percent(_("Saved by one integrated audit (%)"))
    integration_reason = _reason()

    def __init__(self, data=None, *, inputs: dict, **kwargs):
        kept = {
            "kind": inputs["kind"],
            "sampling": inputs["sampling"]["used"],
            "sampling_reason": inputs["sampling"]["reason"],
            "central_percent": _blank(inputs["central_share_percent"]),
            "central_reason": inputs["central_share_reason"],
            "integration_percent": _blank(inputs["integration"]["percent"]),
            "integration_reason": inputs["integration"]["reason"],
        }
        super().__init__(data, initial=kept, prefix="whole", **kwargs)
        others = [site for site in inputs["sites"] if not site["central"]]
        self._drop("sampling", unless=len(others) > 1)
        self._drop("central", unless=len(inputs["sites"]) > 1)
        self._drop("integration", unless=len(inputs["schemes"]) > 1)

    def _drop(self, part: str, *, unless: bool) -> None:
        if not unless:
            for name in [name for name in self.fields if name.startswith(part)]:
                del self.fields[name]

    def clean(self):
        """A sample needs a reason on record (IAF MD 1)."""
        facts = super().clean()
        if facts.get("sampling") and not facts.get("sampling_reason"):
            self.add_error("sampling_reason", _("Say why the sites can be sampled."))
        return facts

    def inputs(self, before: dict) -> dict:
        """Return what concerns all, as the calculation keeps it."""
        facts = self.cleaned_data
        return {
            "kind": facts["kind"],
            "sampling": {
                **before["sampling"],
                "used": facts.get("sampling", False),
                "reason": facts.get("sampling_reason", ""),
            },
            "central_share_percent": _text(facts.get("central_percent")),
            "central_share_reason": facts.get("central_reason", ""),
            "integration": {
                "percent": _text(facts.get("integration_percent")),
                "reason": facts.get("integration_reason", ""),
            },
        }


class AuditTimeForms:
    """All forms of the page over one set of inputs; ``rows`` have scheme and edition."""

    def __init__(self, rows, inputs: dict, data=None):
        self.before = inputs
        rows = {row.scheme.code: row for row in rows}
        factors = list(factors_in_force(rows, timezone.localdate()))
        sites = inputs["sites"]
        self.whole = WholeForm(data, inputs=inputs)
        self.sites = [
            SiteForm(data, prefix=f"site-{number}", site=site, alone=len(sites) == 1)
            for number, site in enumerate(sites)
        ]
        self.schemes = [
            SchemePart(
                data,
                row=rows[scheme["code"]],
                scheme=scheme,
                sites=sites,
                factors=[factor for factor in factors if factor.scheme.code == scheme["code"]],
                single=len(rows) == 1,
            )
            for scheme in inputs["schemes"]
        ]

    def open_where_needed(self, result: dict) -> None:
        """Unfold the schemes for which no table answers."""
        asked = {line["scheme"] for line in result["lines"] if line["key"] == "person"}
        for part in self.schemes:
            part.is_open = part.is_open or part.code in asked

    @property
    def forms(self) -> list:
        """Every form, so that errors can be listed at once."""
        parts = [form for part in self.schemes for form in part.forms]
        return [self.whole, *self.sites, *parts]

    def is_valid(self) -> bool:
        wrong = [form for form in self.forms if not form.is_valid()]
        return not wrong

    @property
    def singles(self) -> list:
        """Every single form in the order of the page, for a list of what is wrong."""
        parts = ([*form.forms] if hasattr(form, "forms") else [form] for form in self.forms)
        return [single for part in parts for single in part]

    @property
    def non_form_errors(self) -> list[str]:
        """What is wrong with a set of factors as a whole."""
        sets = [form for form in self.forms if hasattr(form, "non_form_errors")]
        return [str(error) for form in sets for error in form.non_form_errors()]

    def inputs(self) -> dict:
        """Return the inputs of a calculation made today. Valid forms only."""
        sites = [form.inputs() for form in self.sites]
        for part in self.schemes:
            for site, cell in zip(sites, part.cells, strict=True):
                others = {k: v for k, v in site["persons_of"].items() if k != part.code}
                site["persons_of"] = others | ({part.code: cell.own} if cell.own else {})
        return {
            **self.before,
            **self.whole.inputs(self.before),
            "on": timezone.localdate().isoformat(),
            "schemes": [part.inputs() for part in self.schemes],
            "sites": sites,
        }


def rows_of(application):
    """Return the schemes applied for, as the forms want them."""
    return application.schemes.select_related("scheme", "edition")


def _text(value) -> str:
    """Write a figure as the inputs keep it: no tail of zeros, 0 for nothing."""
    return format(Decimal(value or 0).normalize(), "f")


def _blank(figure: str) -> str:
    """Show nothing where nothing is saved."""
    return figure if Decimal(figure) else ""


def fresh_inputs(application) -> dict:
    """Return what the page begins with: the last calculation's choices on today's facts.

    After a resubmission the people and sites are those submitted last, and what was decided
    about a site or scheme that is still there is kept.
    """
    start = audit_time.starting_inputs(application)
    last = application.calculations.order_by("-created_at").first()
    if last is None:
        return start
    is_same = last.inputs["version"] == start["version"]
    kept = last.inputs if is_same else audit_time.carried_over(last.inputs, start)
    return as_of_today(kept, rows_of(application))


def as_of_today(inputs: dict, rows) -> dict:
    """Return kept inputs as they can be computed today; ``rows`` have scheme and edition.

    Left out is what is applied for no more, and factors that have gone out of force.
    """
    codes = {row.scheme.code for row in rows}
    schemes = [scheme for scheme in inputs["schemes"] if scheme["code"] in codes]
    today = timezone.localdate().isoformat()
    return {**inputs, "on": today, "schemes": _in_force(schemes)}


def _in_force(schemes: list[dict]) -> list[dict]:
    rows = factors_in_force([scheme["code"] for scheme in schemes], timezone.localdate())
    known = {(row.scheme.code, row.key) for row in rows}
    return [
        {**scheme, "factors": [f for f in scheme["factors"] if (scheme["code"], f["key"]) in known]}
        for scheme in schemes
    ]
