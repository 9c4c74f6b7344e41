"""The register of certificates, for all parties."""

from datetime import timedelta

import django_filters
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from certification.enums import CertificateStatus
from certification.lists.reminding import reminding
from certification.queries.certificates import register as register_of
from certification.services.certificate_content import verify_url
from certification.services.reminders import SOON, certificate_remind
from foundation.lists import Action, Empty, Filters, ListPage, View, register
from foundation.tables import Column
from organisations.enums import Kind
from organisations.rights import ACTS, MANAGER
from schemes.models import Scheme

SUSPENSION_SOON = timedelta(days=30)
_S = CertificateStatus
_IN_USE = Q(status__in=(_S.VALID, _S.SUSPENDED))
_CELLS = "certification/cells"
_NUMBER = Column(_("Certificate"), template=f"{_CELLS}/certificate.html", sort="number", main=True)
_HOLDER = Column(_("Holder"), template=f"{_CELLS}/certificate_holder.html", sort="holder")
_BODY = Column(_("Certification body"), field="body.name")
_STATUS = Column(_("Status"), template=f"{_CELLS}/certificate_status.html")
_ENDS = Column(_("Ends"), template=f"{_CELLS}/certificate_ends.html", sort="expires_on")
# What is the same in every row of a reader is left out.
_COLUMNS = {
    Kind.ENTERPRISE: (_NUMBER, _BODY, _STATUS, _ENDS),
    Kind.BODY: (_NUMBER, _HOLDER, _STATUS, _ENDS),
}


def _ending(actor) -> Q:
    return Q(status=_S.VALID, expires_on__lte=timezone.localdate() + SOON)


def _suspensions_ending(actor) -> Q:
    until = timezone.localdate() + SUSPENSION_SOON
    return Q(status=_S.SUSPENDED, suspended_until__lte=until)


class CertificateFilters(Filters):
    hint = _("Number, holder or credit code")
    words = ("number", "holder_zh", "holder_en", "holder_identifier")

    status = django_filters.ChoiceFilter(
        label=_("Status"), choices=_S.choices, empty_label=_("Every status")
    )
    scheme = django_filters.ModelChoiceFilter(
        label=_("Scheme"),
        queryset=Scheme.objects.order_by("position"),
        to_field_name="code",
        empty_label=_("Every scheme"),
    )

    def condition(self, words):
        return super().condition(words) | Q(holder_identifier__iexact=words.replace(" ", ""))


class CertificateList(ListPage):
    name = "certificates"
    url_name = "certification:certificates"
    title = _("Certificates")
    counted = ngettext_lazy("%(n)s certificate", "%(n)s certificates", "n")
    right = ACTS
    filters = CertificateFilters
    views = (
        View("", _("All certificates")),
        View("valid", _("Valid"), Q(status=_S.VALID)),
        View("ending", _("Ending in 90 days"), _ending),
        View("suspended", _("Suspended"), Q(status=_S.SUSPENDED)),
        View("suspensions", _("Suspensions ending in 30 days"), _suspensions_ending, hot=True),
        View(
            "requested",
            _("Cancellation asked for"),
            _IN_USE & Q(cancellation_requested_at__isnull=False),
            hot=True,
        ),
    )
    sorts = {
        "expires_on": ("expires_on",),
        "number": ("number",),
        "effective_on": ("effective_on",),
        "suspended_until": ("suspended_until",),
        "holder": ("holder_zh", "holder_en"),
    }
    order = "expires_on"
    bulk = (reminding(certificate_remind),)

    def rows(self, actor):
        return register_of(actor)

    def columns_for(self, actor):
        return _COLUMNS.get(actor.kind, (_NUMBER, _HOLDER, _BODY, _STATUS, _ENDS))

    def actions(self, actor):
        found = [
            Action(_("Decisions"), reverse("certification:decisions")),
            Action(_("Reported changes"), reverse("certification:changes")),
        ]
        if MANAGER(actor):
            found.append(Action(_("Monthly reports"), reverse("certification:reports")))
        return tuple(found)

    def empty_for(self, actor):
        if actor.kind == Kind.ENTERPRISE:
            text = _("Your first certificate appears here on the day of the decision.")
        else:
            text = _("A certificate appears here as soon as certification is granted.")
        return Empty(_("No certificate yet"), text, "shield")

    def export_columns(self, actor):
        return (
            (_("Certificate number"), lambda row: row.number),
            (_("Status"), lambda row: row.get_status_display()),
            (_("Name in Chinese"), lambda row: row.holder_zh),
            (_("Name in English"), lambda row: row.holder_en),
            (_("Identifier"), lambda row: row.holder_identifier),
            (_("Scheme"), lambda row: row.scheme.code),
            (_("Standard"), lambda row: row.edition.designation),
            (_("Scope in Chinese"), lambda row: row.scope_zh),
            (_("Scope in English"), lambda row: row.scope_en),
            (_("Certification body"), lambda row: row.body.name),
            (_("First issued"), lambda row: row.first_issued_on),
            (_("Effective from"), lambda row: row.effective_on),
            (_("Printed expiry"), lambda row: row.expires_on),
            (_("Suspended until"), lambda row: row.suspended_until),
            (_("Public page"), _public_page),
        )


def _public_page(row) -> str:
    return verify_url(row.code) if row.status != _S.ISSUING else ""


CERTIFICATES = register(CertificateList())
