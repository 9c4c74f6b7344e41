"""What a body is approved for, and what its people are competent for."""

from datetime import date

import django_filters
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Q
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from foundation.access import SIGNED_IN
from foundation.formatting import day, listed
from foundation.forms import DateField
from foundation.lists import Action, Empty, Filters, ListPage, View, register
from foundation.tables import Column
from organisations.enums import Kind
from organisations.models import Organisation
from schemes.enums import CompetenceRole
from schemes.models import Competence, Scheme, TechnicalArea
from schemes.queries import cover, matrix
from schemes.queries.approval_list import approvals_of, lasting, line
from schemes.queries.cautions import AUDITING
from schemes.rights import OWN_COMPETENCE, READS_TEAM, RECORD_APPROVAL, RECORD_COMPETENCE

SHEET = "schemes/competence.html"
TODAY = "today"
# What may be missing in a pair, by the role that lacks people.
LACKS = {
    CompetenceRole.AUDITOR.value: (_("Auditors"), cover.FEW),
    CompetenceRole.LEAD_AUDITOR.value: (_("Lead auditors"), cover.NO_LEAD),
    CompetenceRole.CERTIFIER.value: (_("Certifiers"), cover.NO_CERTIFIER),
}


def day_asked(as_of: str) -> date:
    """Return the day that an address names: ``today`` or as in 2027-03-16. Raises Http404."""
    if as_of == TODAY:
        return timezone.localdate()
    try:
        return DateField().clean(as_of)
    except ValidationError:
        raise Http404 from None


def body_seen(actor, pk) -> Organisation:
    """Return a certification body that the actor may see. Raises Http404."""
    rows = Organisation.objects.visible_to(actor).filter(kind=Kind.BODY)
    return get_object_or_404(rows, pk=pk)


def _lasting(actor) -> Q:
    return lasting(timezone.localdate())


def _ended(actor) -> Q:
    return Q(valid_to__lt=timezone.localdate())


class ApprovalFilters(Filters):
    hint = _("Reference or scheme")
    words = (
        "reference",
        "accreditation",
        "scheme__code",
        "scheme__certificate_title_zh",
        "scheme__certificate_title_en",
    )

    scheme = django_filters.ModelChoiceFilter(
        label=_("Scheme"),
        queryset=Scheme.objects.order_by("position"),
        to_field_name="code",
        empty_label=_("Every scheme"),
    )


class ApprovalList(ListPage):
    name = "approvals"
    url_name = "schemes:approvals"
    place_names = ("pk",)
    title = _("Approvals")
    counted = ngettext_lazy("%(n)s approval", "%(n)s approvals", "n")
    right = SIGNED_IN
    filters = ApprovalFilters
    template = "schemes/approvals.html"
    columns = (
        Column(_("Scheme"), template="schemes/cells/approval.html", main=True, sort="scheme"),
        Column(_("Technical areas"), field="areas"),
        Column(_("Accreditation"), field="row.accreditation"),
        Column(_("In force"), template="schemes/cells/approval_days.html", sort="from"),
        Column(_("State"), template="schemes/cells/standing.html"),
    )
    views = (
        View("", _("Holding now or later"), _lasting),
        View("ended", _("Ended"), _ended),
        View("all", _("All approvals")),
    )
    sorts = {"scheme": ("scheme__position", "valid_from"), "from": ("valid_from",)}

    def rows(self, actor, pk):
        return approvals_of(actor, body_seen(actor, pk))

    def prepare(self, rows, actor):
        today = timezone.localdate()
        return [line(row, today) for row in rows]

    def context(self, listing):
        return {"body": body_seen(listing.actor, listing.place["pk"])}

    def actions(self, actor, pk):
        if not RECORD_APPROVAL(actor):
            return ()
        url = reverse("schemes:approval_record", args=[pk])
        return (Action(_("Record an approval"), url, primary=True),)

    def empty_for(self, actor, pk):
        title = _("No approval is recorded")
        if not RECORD_APPROVAL(actor):
            text = _("The operator of the portal records what a body is approved for.")
            return Empty(title, text, "shield")
        text = _("Until then no application to this body can be accepted.")
        url = reverse("schemes:approval_record", args=[pk])
        return Empty(title, text, "shield", url, _("Record an approval"))

    def export_columns(self, actor):
        return (
            (_("Approval reference"), lambda item: item.row.reference),
            (_("Scheme"), lambda item: item.row.scheme.code),
            (_("Technical areas"), lambda item: _codes(item.row)),
            (_("Accreditation"), lambda item: item.row.accreditation),
            (_("In force from"), lambda item: item.row.valid_from),
            (_("Last day in force"), lambda item: item.row.valid_to),
            (_("State"), lambda item: item.standing.label),
        )


def _codes(row) -> str:
    return "; ".join(area.code for area in row.areas.all())


class CompetenceFilters(Filters):
    hint = _("Name of the person")
    words = ("user__name", "user__name_latin")

    scheme = django_filters.ModelChoiceFilter(
        label=_("Scheme"),
        queryset=Scheme.objects.order_by("position"),
        to_field_name="code",
        empty_label=_("Every scheme"),
    )
    role = django_filters.ChoiceFilter(
        label=_("Role"), choices=CompetenceRole.choices, empty_label=_("Every role")
    )
    without = django_filters.ModelChoiceFilter(
        label=_("Not in area"),
        queryset=TechnicalArea.objects.order_by("position"),
        to_field_name="code",
        empty_label=_("Whatever the area"),
        method="lacking",
    )

    def lacking(self, rows, name, area):
        """Keep those who are near to an area: they audit in the scheme, and not in the area."""
        if area is None:
            return rows
        holds = Competence.objects.approved().filter(
            user=OuterRef("user"),
            body=OuterRef("body"),
            scheme=OuterRef("scheme"),
            role__in=AUDITING,
            areas=area,
            valid_until__gte=timezone.localdate(),
        )
        return rows.filter(role__in=AUDITING).exclude(Exists(holds))


def _view(name, *, hot=False) -> View:
    label, where = matrix.VIEWS[name]
    return View(name, label, lambda actor: where(), hot=hot)


class CompetenceList(ListPage):
    """Competences line by line for search, counts and files; the page shows them as a matrix."""

    name = "competence"
    url_name = "schemes:competence"
    place_names = ("pk",)
    title = _("Competence")
    counted = ngettext_lazy("%(n)s competence", "%(n)s competences", "n")
    right = SIGNED_IN
    filters = CompetenceFilters
    template = SHEET
    views = tuple(_view(name, hot=name in matrix.HOT) for name in matrix.VIEWS)
    sorts = {"person": ("user__name", "scheme__position", "role")}
    order = "person"

    def rows(self, actor, pk):
        return matrix.competences_of(actor, body_seen(actor, pk))

    def prepare(self, rows, actor):
        today = timezone.localdate()
        return [matrix.line(row, today) for row in rows]

    def heading(self, listing):
        return self.title if matrix.sees_team(listing.actor) else _("My competence")

    def sentence(self, listing):
        if not matrix.sees_team(listing.actor):
            return super().sentence(listing)
        count = listing.shown.paginator.count
        return ngettext("%(count)s person", "%(count)s people", count) % {"count": count}

    def shown(self, listing):
        """Return the people whose competences match, and those of the team who have none."""
        body = body_seen(listing.actor, listing.place["pk"])
        narrow = bool(listing.view.name or {"scheme", "role", "without"} & listing.asked.keys())
        wanted = matrix.Wanted(narrow=narrow, words=listing.words)
        people = matrix.people_listed(listing.actor, body, listing.rows, wanted)
        return Paginator(people, self.per_page).get_page(listing.query.get("page"))

    def context(self, listing):
        body = body_seen(listing.actor, listing.place["pk"])
        today = timezone.localdate()
        schemes = list(Scheme.objects.in_force(today))
        chosen = listing.asked.get("scheme", [""])[0]
        shown = [scheme for scheme in schemes if chosen in ("", scheme.code)]
        team = matrix.sees_team(listing.actor)
        rows = self.rows(listing.actor, **listing.place).filter(pk__in=listing.rows.values("pk"))
        people = listing.shown.object_list
        return {
            "body": body,
            "people": matrix.matrix(listing.actor, body, people, rows, shown),
            "shown": shown,
            "covers": matrix.coverage(body, today) if team else [],
            "may_record": bool(RECORD_COMPETENCE(listing.actor, Competence(body=body))),
        }

    def actions(self, actor, pk):
        found = []
        if matrix.sees_team(actor):
            found.append(Action(_("By technical area"), COVER.url(pk=pk, as_of=TODAY)))
        if OWN_COMPETENCE(actor, Competence(user=actor.user, body_id=pk)):
            url = reverse("schemes:profile", args=[pk, actor.user.pk])
            found.append(Action(_("My profile"), url))
        if RECORD_COMPETENCE(actor, Competence(body_id=pk)):
            url = reverse("schemes:competence_record", args=[pk])
            found.append(Action(_("Record a competence"), url, primary=True))
        return found

    def empty_for(self, actor, pk):
        title = _("No competence is recorded")
        if not RECORD_COMPETENCE(actor, Competence(body_id=pk)):
            return Empty(title, _("A manager of the body records it."), "people")
        text = _(
            "Only people with a valid competence can be planned for audits and decide on "
            "certification."
        )
        url = reverse("schemes:competence_record", args=[pk])
        return Empty(title, text, "people", url, _("Record a competence"))

    def export_columns(self, actor):
        return (
            (_("Person"), lambda item: item.row.user.name),
            (_("Scheme"), lambda item: item.row.scheme.code),
            (_("Role"), lambda item: item.row.get_role_display()),
            (_("Technical areas"), lambda item: _codes(item.row)),
            (_("Languages"), lambda item: "; ".join(item.row.languages)),
            (_("Registration number"), lambda item: item.row.registration_number),
            (_("Valid from"), lambda item: item.row.valid_from),
            (_("Valid until"), lambda item: item.row.valid_until),
            (_("State"), lambda item: item.standing.label),
        )


class CoverFilters(Filters):
    hint = _("Area or name of a person")
    words = ("technicalarea__code", "technicalarea__title_zh", "technicalarea__title_en")

    scheme = django_filters.ModelChoiceFilter(
        label=_("Scheme"),
        field_name="bodyapproval__scheme",
        queryset=Scheme.objects.order_by("position"),
        to_field_name="code",
        empty_label=_("Every scheme"),
    )
    lacks = django_filters.ChoiceFilter(
        label=_("What is missing"),
        choices=[(name, label) for name, (label, _where) in LACKS.items()],
        empty_label=_("Whether or not something is"),
        method="lacking",
    )

    def search(self, rows, name, value):
        """Keep the areas, and those somebody of this name covers."""
        words = " ".join(value.split())
        if not words:
            return rows
        covered = cover.named(rows, words).values("pk")
        return rows.filter(self.condition(words) | Q(pk__in=covered))

    def lacking(self, rows, name, value):
        """Keep the pairs that lack people in this role."""
        return rows.filter(LACKS[value][1]) if value in LACKS else rows


class CoverList(ListPage):
    """Scheme by technical area as of a day: the other side of the matrix of people.

    The day is part of the address, so that views, links and files all mean the same day.
    """

    name = "cover"
    url_name = "schemes:cover"
    place_names = ("pk", "as_of")
    title = _("Competence by technical area")
    counted = ngettext_lazy("%(n)s area of a scheme", "%(n)s areas of schemes", "n")
    right = READS_TEAM
    filters = CoverFilters
    template = "schemes/cover.html"
    columns = (
        Column(_("Technical area"), template="schemes/cells/cover_area.html", main=True),
        Column(_("Scheme"), field="scheme.code"),
        Column(_("Auditors"), template="schemes/cells/cover_auditors.html"),
        Column(_("Lead auditors"), write=lambda item: listed(item.leads) or "–"),
        Column(_("Certifiers"), write=lambda item: listed(item.certifiers) or "–"),
        Column(_("State"), template="schemes/cells/cover_state.html"),
    )
    views = (
        View("", _("All areas")),
        View("gaps", _("Only gaps"), cover.GAPS, hot=True),
        View("soon", _("Gaps within 90 days"), cover.SOON, hot=True),
    )
    sorts = {
        "scheme": ("bodyapproval__scheme__position", "technicalarea__position"),
        "area": ("technicalarea__position", "bodyapproval__scheme__position"),
    }
    order = "scheme"
    empty = Empty(
        _("The body is approved for nothing on this day"),
        _("The operator of the portal records what a body is approved for."),
        "shield",
    )

    def rows(self, actor, pk, as_of):
        rows = cover.cover_rows(body_seen(actor, pk), day_asked(as_of))
        return rows.select_related("bodyapproval__body", "bodyapproval__scheme", "technicalarea")

    def prepare(self, rows, actor):
        return cover.pairs(rows)

    def sentence(self, listing):
        words = super().sentence(listing)
        on = day(day_asked(listing.place["as_of"]))
        return gettext("%(words)s as of %(date)s") % {"words": words, "date": on}

    def context(self, listing):
        return {
            "body": body_seen(listing.actor, listing.place["pk"]),
            "on": day_asked(listing.place["as_of"]),
        }

    def actions(self, actor, pk, as_of):
        return (Action(_("By person"), COMPETENCE.url(pk=pk)),)

    def export_columns(self, actor):
        return (
            (_("Scheme"), lambda item: item.scheme.code),
            (_("Technical area"), lambda item: item.area.code),
            (_("Title"), lambda item: item.area.title),
            (_("Auditors"), lambda item: "; ".join(item.auditors)),
            (_("Auditors required"), lambda item: item.least),
            (_("Lead auditors"), lambda item: "; ".join(item.leads)),
            (_("Certifiers"), lambda item: "; ".join(item.certifiers)),
            (_("State"), lambda item: item.standing.label),
            (_("Missing"), lambda item: "; ".join(item.gaps or item.soon)),
        )


APPROVALS = register(ApprovalList())
COMPETENCE = register(CompetenceList())
COVER = register(CoverList())
