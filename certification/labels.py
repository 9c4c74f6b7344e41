"""How files of applications and offers are called, and when they may change."""

from django.utils.translation import gettext_lazy as _

from certification.enums import DocumentKind
from certification.flows.complaint_acts import LABEL
from certification.queries.dossiers import COPY
from certification.services.changes import EVIDENCE
from certification.services.mergers import EVIDENCE as OF_MERGER
from certification.services.offers import CONTRACT, OFFER
from foundation.attachments import movable, name_labels
from organisations.rights import ENTERPRISE

name_labels(**{kind.value: kind.label for kind in DocumentKind})
name_labels(
    **{
        COPY: _("Copy of the application"),
        OFFER: _("Offer"),
        CONTRACT: _("Contract"),
        LABEL: _("File of a complaint or an appeal"),
        EVIDENCE: _("Evidence of a reported change"),
        OF_MERGER: _("Evidence of a merger"),
    }
)
movable(
    "certification.application",
    lambda record, actor: record.is_editable and bool(ENTERPRISE(actor, record)),
)
