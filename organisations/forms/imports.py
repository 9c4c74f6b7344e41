"""Judge a spreadsheet of organisations row by row, as registration would; nothing is written."""

from dataclasses import dataclass, field

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.forms import PortalForm
from foundation.sheets import SheetRow, read_sheet
from organisations.enums import Kind
from organisations.forms.organisations import OrganisationForm
from organisations.identifiers import clean_identifier
from organisations.lookalikes import skeleton
from organisations.models import Organisation

FACTS = tuple(OrganisationForm.Meta.fields)
COLUMNS = ("kind", *FACTS)
# A certification body brings a profile and is admitted by its flow: it registers itself.
KINDS = (Kind.ENTERPRISE.value, Kind.LABORATORY.value, Kind.AUTHORITY.value)
NEW, KNOWN, WRONG = "new", "known", "wrong"
_SALT = "organisations.import"
_GOOD_FOR = 3600


@dataclass
class CheckedRow:
    """What became of a row: its facts, whether it is new, and what is wrong by column."""

    number: int
    outcome: str
    facts: dict
    errors: dict[str, list[str]] = field(default_factory=dict)
    warning: str = ""

    @property
    def label(self):
        return {
            NEW: gettext_lazy("New"),
            KNOWN: gettext_lazy("Registered already, unchanged"),
            WRONG: gettext_lazy("Wrong"),
        }[self.outcome]

    @property
    def problems(self):
        """Return (column, text) of everything that is wrong."""
        return [(name, text) for name, texts in self.errors.items() for text in texts]


class ImportForm(PortalForm, forms.Form):
    """The file to import."""

    file = forms.FileField(label=gettext_lazy("File (XLSX or CSV)"))

    def clean_file(self):
        self.rows = read_sheet(self.cleaned_data["file"], COLUMNS)
        return self.cleaned_data["file"]


def check_rows(rows: list[SheetRow]) -> list[CheckedRow]:
    """Judge every row as registration would.

    A row that is registered already with the same facts is known, with others wrong.
    """
    checked = [_check(row) for row in rows]
    seen: dict = {}
    for row in checked:
        key = tuple(str(row.facts.get(name, "")) for name in ("kind", "country", "identifier"))
        if row.outcome != WRONG and seen.setdefault(key, row.number) != row.number:
            words = _("The same organisation stands in row %(number)s.")
            row.outcome = WRONG
            row.errors["identifier"] = [words % {"number": seen[key]}]
    _warn_of_lookalikes([row for row in checked if row.outcome == NEW])
    return checked


def _check(row: SheetRow) -> CheckedRow:
    kind = row.cells.get("kind", "").lower() or Kind.ENTERPRISE.value
    data = {name: row.cells.get(name, "") for name in FACTS}
    data["country"] = data["country"].upper() or "CN"
    facts = {"kind": kind, **data}
    if kind not in KINDS:
        words = _("Use one of these: %(choices)s.") % {"choices": ", ".join(KINDS)}
        return CheckedRow(row.number, WRONG, facts, {"kind": [words]})
    known = _known(kind, data)
    before = {name: getattr(known, name) for name in FACTS} if known else {}
    form = OrganisationForm(data, instance=known, kind=kind)
    errors = {name: [str(text) for text in texts] for name, texts in form.errors.items()}
    errors |= {name: [text] for name, text in row.errors.items()}
    if errors:
        return CheckedRow(row.number, WRONG, facts, errors)
    facts = {"kind": kind, **{name: form.cleaned_data[name] for name in FACTS}}
    if known is None:
        return CheckedRow(row.number, NEW, facts)
    words = _("Registered already with another value: correct it on the page of the organisation.")
    differs = {name: [words] for name in FACTS if (before[name] or "") != (facts[name] or "")}
    return CheckedRow(row.number, WRONG if differs else KNOWN, facts, differs)


def _known(kind, data):
    try:
        identifier = clean_identifier(data["country"], data["identifier"])
    except ValidationError:
        return None
    return Organisation.objects.filter(
        kind=kind, country=data["country"], identifier=identifier
    ).first()


def _warn_of_lookalikes(rows):
    """Name the organisations on the portal whose names look like those of new rows."""
    looks = {skeleton(row.facts[name]) for row in rows for name in ("name_zh", "name_en")} - {""}
    present: dict = {}
    for name in ("look_zh", "look_en"):
        for one in Organisation.objects.filter(**{f"{name}__in": looks}):
            present[getattr(one, name)] = one
    for row in rows:
        for name in ("name_zh", "name_en"):
            other = present.get(skeleton(row.facts[name]))
            if other:
                row.warning = _("Its name looks like that of %(name)s.") % {"name": other.name}


def seal(rows: list[SheetRow]) -> str:
    """Return rows as a signed text that the confirmation sends back."""
    facts = [[row.number, row.cells] for row in rows]
    return signing.dumps(facts, salt=_SALT, compress=True)


def unseal(text: str) -> list[SheetRow]:
    """Return the rows of a signed text. Raises ValidationError when it is changed or too old."""
    try:
        facts = signing.loads(text, salt=_SALT, max_age=_GOOD_FOR)
    except signing.BadSignature:
        raise ValidationError(_("This preview is too old. Choose the file again.")) from None
    return [SheetRow(number, cells, {}) for number, cells in facts]
