"""The groups of notices about certification, and why some of them cannot be switched off.

Required are what a body has to communicate and what begins or ends a period of the client:

- declined applications with their reasons: ISO/IEC 17021-1:2015 9.1.2;
- decisions on certification: ISO/IEC 17021-1:2015 9.5, with the right to appeal of 9.7;
- suspension, withdrawal, reduction and their end: ISO/IEC 17021-1:2015 9.6.5;
- every step of an appeal: ISO/IEC 17021-1:2015 9.7;
- an offer, which can be signed until its last day only: the contract of the portal.
"""

from django.utils.translation import gettext_lazy as _

from foundation.models import Delivery
from foundation.notices import Group, Required, register_group
from organisations.enums import Kind

DECLINED = Required(
    _("Declined applications"),
    _("A body must tell an applicant why it declines."),
)
DECIDED = Required(
    _("Decisions on your certification"),
    _("A body must tell its client what it decides; the time for an appeal begins then."),
)
STATUS = Required(
    _("Suspension, withdrawal, expiry and their end"),
    _("Whoever holds a certificate must know whether it may be used."),
)
APPEALS = Required(
    _("Your appeals"),
    _("A body must acknowledge an appeal, report on it and say formally when it ends."),
)
OFFERED = Required(
    _("Offers to sign"),
    _("An offer can be signed until its last day only."),
)
RESOLVE = Required(
    _("Missed limits of certificates"),
    _("Whether a certificate is suspended or withdrawn has to be decided within days."),
)

APPLICATIONS = register_group(
    Group(
        "applications",
        _("Applications and offers"),
        _("What the body asks, accepts and offers."),
        parties=frozenset({Kind.ENTERPRISE}),
        position=10,
    )
)
CERTIFICATES = register_group(
    Group(
        "certificates",
        _("Decisions and certificates"),
        _("What was decided and issued."),
        parties=frozenset({Kind.ENTERPRISE}),
        position=20,
    )
)
EXPIRY = register_group(
    Group(
        "expiry",
        _("Dates that come nearer"),
        _("The end of a certificate, and audits that must take place before a day."),
        parties=frozenset({Kind.ENTERPRISE, Kind.BODY}),
        position=50,
    )
)
NEWS = register_group(
    Group(
        "news",
        _("Progress and ratings"),
        _("Nothing has to be done at once."),
        usual=Delivery.DIGEST,
        parties=frozenset({Kind.ENTERPRISE, Kind.BODY}),
        position=70,
    )
)
