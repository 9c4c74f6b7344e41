"""Ratings: those a body was given, or those an enterprise gave and is asked for."""

import django_filters
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from certification.enums import Dimension, EvaluationStatus, Moment
from certification.queries.evaluations import evaluations_for, published_mean, threshold
from foundation.lists import Action, Empty, Filters, ListPage, View, register
from foundation.tables import Column
from organisations.enums import Kind
from organisations.rights import BODY_DESK, ENTERPRISE

PARTIES = ENTERPRISE | BODY_DESK
_S = EvaluationStatus
_CELLS = "certification/cells"
_BODY_VIEWS = (
    View("", _("All ratings")),
    View("unanswered", _("Without a reply"), Q(status=_S.GIVEN)),
    View("replied", _S.REPLIED.label, Q(status=_S.REPLIED)),
)


class EvaluationFilters(Filters):
    hint = _("Number or name")
    words = (
        "case__number",
        "case__enterprise__name_zh",
        "case__enterprise__name_en",
        "case__body__name_zh",
        "case__body__name_en",
    )

    status = django_filters.ChoiceFilter(
        label=_("Status"), choices=_S.choices, empty_label=_("Every status")
    )
    moment = django_filters.ChoiceFilter(label=_("About"), choices=Moment.choices)

    def __init__(self, data, *, queryset, actor):
        super().__init__(data, queryset=queryset, actor=actor)
        if actor.kind == Kind.BODY:
            field = self.form.fields["status"]
            field.choices = [choice for choice in field.choices if choice[0] != _S.ASKED]


class EvaluationList(ListPage):
    name = "evaluations"
    url_name = "certification:evaluations"
    title = _("Ratings")
    counted = ngettext_lazy("%(n)s rating", "%(n)s ratings", "n")
    right = PARTIES
    filters = EvaluationFilters
    template = "certification/evaluation_list.html"
    columns = (
        Column(_("Rating"), template=f"{_CELLS}/evaluation.html", main=True),
        Column(_("About"), template=f"{_CELLS}/evaluation_about.html", sort="given"),
        Column(_("Mean"), template=f"{_CELLS}/evaluation_mean.html", number=True, sort="mean"),
        Column(_("Status"), template=f"{_CELLS}/evaluation_status.html"),
    )
    sorts = {"given": ("given_at", "created_at"), "mean": ("mean",), "asked": ("created_at",)}
    order = "-asked"
    empty = Empty(
        _("No ratings here"),
        _("The enterprise is asked after each audit and each decision."),
        "star",
    )

    def rows(self, actor):
        return evaluations_for(actor)

    def views_for(self, actor):
        if actor.kind == Kind.BODY:
            return _BODY_VIEWS
        return (
            _BODY_VIEWS[0],
            View("asked", _("Waiting for you"), Q(status=_S.ASKED), hot=True),
            *_BODY_VIEWS[1:],
        )

    def actions(self, actor, **place):
        """Lead to what else is said of the service."""
        return (Action(_("Complaints and appeals"), reverse("certification:complaints")),)

    def context(self, listing):
        if listing.actor.kind != Kind.BODY:
            return {}
        body = listing.actor.organisation
        published = published_mean(body)
        return {
            "is_body": True,
            "published": published,
            "dimensions": _labelled(published.dimensions) if published else [],
            "threshold": threshold(body),
        }

    def export_columns(self, actor):
        return (
            (_("Case"), lambda row: row.case.number),
            (_("Enterprise"), lambda row: row.case.enterprise.name),
            (_("Certification body"), lambda row: row.case.body.name),
            (_("About"), lambda row: row.get_moment_display()),
            (_("Status"), lambda row: row.get_status_display()),
            (_("Mean"), lambda row: row.mean),
            (_("Rated on"), lambda row: row.given_at and timezone.localdate(row.given_at)),
            (_("Comment"), lambda row: row.comment),
            (_("Reply"), lambda row: row.reply),
        )


def _labelled(values: dict) -> list[dict]:
    return [
        {"label": dimension.label, "value": values[dimension.value]}
        for dimension in Dimension
        if dimension.value in values
    ]


EVALUATIONS = register(EvaluationList())
