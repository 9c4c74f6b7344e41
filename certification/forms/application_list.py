"""What a list of applications can be narrowed to; the address holds all of it."""

from dataclasses import dataclass
from itertools import product
from typing import Any

import django_filters
from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _

from certification.enums import ApplicationKind, ApplicationStatus
from certification.models import Application
from organisations.enums import Kind
from schemes.models import Scheme

_S = ApplicationStatus
SORTS = ("number", "created_at", "changed_at", "submitted_at", "review_due_on")
_CLOSED = (_S.SIGNED, _S.DECLINED, _S.REJECTED, _S.CANCELLED)


@dataclass(frozen=True)
class View:
    """A saved view: some statuses under a name."""

    key: str
    label: Any
    statuses: tuple[str, ...]
    hot: bool = False


_ENTERPRISE = (
    View("open", _("Open"), tuple(s for s in _S if s not in _CLOSED)),
    View("yours", _("Waiting for you"), (_S.RETURNED, _S.OFFERED), hot=True),
    View("drafts", _("Drafts"), (_S.DRAFT,)),
    View("body", _("With the body"), (_S.SUBMITTED, _S.IN_REVIEW, _S.ACCEPTED)),
    View("closed", _("Closed"), _CLOSED),
    View("all", _("All"), tuple(_S)),
)
_BODY = (
    View("open", _("Open"), tuple(s for s in _S if s not in (*_CLOSED, _S.DRAFT))),
    View("new", _("New"), (_S.SUBMITTED,), hot=True),
    View("review", _("In review"), (_S.IN_REVIEW,)),
    View("offer", _("To be offered"), (_S.ACCEPTED,)),
    View("applicant", _("With the applicant"), (_S.RETURNED, _S.OFFERED)),
    View("closed", _("Closed"), _CLOSED),
    View("all", _("All"), tuple(s for s in _S if s != _S.DRAFT)),
)


def views_for(actor) -> tuple[View, ...]:
    """Return the saved views of this kind of party; the first is the usual one."""
    return _ENTERPRISE if actor.kind == Kind.ENTERPRISE else _BODY


class ApplicationFilter(django_filters.FilterSet):
    """Search, kind, scheme and saved view of a list of applications."""

    q = django_filters.CharFilter(label=_("Number or name"), method="search")
    kind = django_filters.ChoiceFilter(
        label=_("Kind"), choices=ApplicationKind.choices, empty_label=_("Every kind")
    )
    scheme = django_filters.ModelChoiceFilter(
        label=_("Standard"),
        field_name="schemes__scheme",
        queryset=Scheme.objects.all(),
        to_field_name="code",
        empty_label=_("Every standard"),
    )

    class Meta:
        model = Application
        fields = ("q", "kind", "scheme")

    def __init__(self, data, *, queryset, actor):
        super().__init__(data, queryset=queryset)
        self.views = views_for(actor)
        wanted = data.get("view", "")
        self.view = next((view for view in self.views if view.key == wanted), self.views[0])
        for name, widget in (("q", "form-control"), ("kind", "form-select"),
                             ("scheme", "form-select")):  # fmt: skip
            self.form.fields[name].widget.attrs["class"] = widget
        self.form.fields["q"].widget.attrs |= {
            "placeholder": self.form.fields["q"].label,
            "type": "search",
            "maxlength": 100,
        }

    def search(self, rows, name, value):
        words = value.strip()
        wanted = Q(number__icontains=words)
        for party, language in product(("enterprise", "body"), ("zh", "en")):
            wanted |= Q(**{f"{party}__name_{language}__icontains": words})
        return rows.filter(wanted)

    def counts(self) -> dict[str, int]:
        """Return how many rows each saved view has under the present search."""
        rows = self.qs.order_by().values_list("status").annotate(n=Count("pk", distinct=True))
        by_status = dict(rows)
        return {
            view.key: sum(by_status.get(status, 0) for status in view.statuses)
            for view in self.views
        }

    def rows(self):
        """Return what the list shows, in the order the address asks for."""
        sort = self.data.get("sort", "")
        order = sort if sort.removeprefix("-") in SORTS else "-changed_at"
        return self.qs.filter(status__in=self.view.statuses).order_by(order, "-created_at")
