"""The certification bodies, for operators and authorities."""

import django_filters
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from foundation.access import IS_OPERATOR, Right
from foundation.lists import Empty, Filters, ListPage, View, register
from foundation.tables import Column
from organisations.enums import BodyStatus, Kind
from organisations.models import Organisation

SEES_BODIES = IS_OPERATOR | Right(
    "member of an authority",
    lambda actor, obj: Right.allow(actor.kind == Kind.AUTHORITY, _("Only an authority.")),
    {"supervisor", "inspector"},
)


class BodyFilters(Filters):
    hint = _("Name, identifier or approval number")
    words = ("name_zh", "name_en", "identifier", "body_profile__approval_number")

    status = django_filters.ChoiceFilter(
        label=_("Status"),
        field_name="body_profile__status",
        choices=BodyStatus.choices,
        empty_label=_("Every status"),
    )


class BodyList(ListPage):
    name = "bodies"
    url_name = "organisations:bodies"
    title = _("Certification bodies")
    counted = ngettext_lazy("%(n)s body", "%(n)s bodies", "n")
    right = SEES_BODIES
    filters = BodyFilters
    columns = (
        Column(
            _("Certification body"), template="organisations/cells/body.html", main=True,
            sort="name",
        ),
        Column(_("Approval number"), field="body_profile.approval_number"),
        Column(_("Status"), template="organisations/cells/status.html"),
        Column(_("Registered"), template="foundation/cells/created.html", sort="registered"),
    )  # fmt: skip
    views = (
        View("", _("All bodies")),
        View(
            "new",
            _("Waiting for admission"),
            Q(body_profile__status=BodyStatus.REGISTERED),
            hot=True,
        ),
        View("approved", BodyStatus.APPROVED.label, Q(body_profile__status=BodyStatus.APPROVED)),
        View("suspended", BodyStatus.SUSPENDED.label, Q(body_profile__status=BodyStatus.SUSPENDED)),
    )
    sorts = {"name": ("name_zh",), "registered": ("created_at",)}
    order = "name"
    empty = Empty(_("No bodies here"), icon="people")

    def rows(self, actor):
        rows = Organisation.objects.visible_to(actor).filter(kind=Kind.BODY)
        return rows.select_related("body_profile")

    def export_columns(self, actor):
        return (
            (_("Name in Chinese"), lambda row: row.name_zh),
            (_("Name in English"), lambda row: row.name_en),
            (_("Identifier"), lambda row: row.identifier),
            (_("Approval number"), lambda row: row.body_profile.approval_number),
            (_("Status"), lambda row: row.body_profile.get_status_display()),
            (_("Registered"), lambda row: timezone.localdate(row.created_at)),
        )


BODIES = register(BodyList())
