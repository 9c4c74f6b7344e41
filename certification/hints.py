"""A registered name or address that certificates do not show yet is offered to be reported."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from certification.enums import REPORTABLE
from certification.models import Case
from certification.queries.changes import unreported
from organisations.enums import Kind
from organisations.hints import Hint, source
from organisations.rights import ENTERPRISE


def report_url(case: Case, kind: str = "") -> str:
    """Return the address where a change is reported, its kind chosen already."""
    address = reverse("certification:change_new", args=[case.pk])
    return f"{address}?kind={kind}" if kind else address


@source
def facts_on_certificates(organisation, actor):
    """Yield one hint for each case whose certificates print other facts than are registered."""
    if organisation.kind != Kind.ENTERPRISE or actor.organisation_id != organisation.pk:
        return
    rows = Case.objects.visible_to(actor).filter(status__in=REPORTABLE)
    for case in rows.select_related("enterprise", "body"):
        kinds = unreported(case) if ENTERPRISE(actor, case) else []
        if kinds:
            yield Hint(
                _("Your certificates print another name or address"),
                _("Report the change to %(body)s; nothing is changed by itself.")
                % {"body": case.body.name},
                report_url(case, kinds[0]),
                _("Report the change"),
            )
