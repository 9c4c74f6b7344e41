"""The offer and the contract: transitions, what stands in their way, what they bring about."""

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from certification.enums import ApplicationStatus
from certification.flows.audit_time import audit_time_is_set
from certification.queries.review import current_offer, facts_of
from certification.services import offers as services
from foundation import files
from foundation.notices import notify
from foundation.workflow import REASON, Blocker, Transition
from organisations.enums import Role
from organisations.rights import MANAGER, OWNER

_S = ApplicationStatus


def has_fees(application, actor, data):
    if data is not None and data.get("lines") == []:
        yield Blocker(_("An offer needs at least one fee line."), field="lines")


def stays_open(application, actor, data):
    if data and data.get("valid_until") and data["valid_until"] < timezone.localdate():
        yield Blocker(_("The offer would be expired before anybody reads it."), field="valid_until")


def is_not_expired(application, actor, data):
    offer = current_offer(application)
    if offer is not None and offer.is_expired:
        yield Blocker(
            _("This offer has expired. Ask the certification body for a new one."),
            offer.get_absolute_url(),
        )


def document_is_ready(application, actor, data):
    offer = current_offer(application)
    if offer is None or offer.file is None:
        yield Blocker(
            _("The document of the offer is still being made. Come back in a minute."),
            offer.get_absolute_url() if offer else "",
        )


def document_is_the_one_shown(application, actor, data):
    """What was read is what is signed: the hash sent back is that of the stored bytes."""
    offer = current_offer(application)
    if data is None or offer is None or offer.file is None:
        return
    url = reverse("certification:application_sign", args=[application.pk])
    if data.get("sha256") != offer.file.sha256:
        yield Blocker(
            _("The offer has changed since you opened this page. Read the present one first."),
            url,
            field="sha256",
        )
        return
    try:
        files.read(offer.file)
    except OSError:
        yield Blocker(
            _("The stored document is damaged, so it cannot be signed. The body must offer anew."),
            url,
        )


def signs_in_own_name(application, actor, data):
    if data is not None and not services.same_name(data.get("name") or "", actor.user):
        yield Blocker(_("Type your own full name, as it stands in your account."), field="name")


def offered(application, actor, **data):
    wanted = {name: data[name] for name in ("lines", "valid_until", "currency")}
    wanted["terms"] = data.get("terms", "")
    offer = services.make_offer(application=application, actor=actor, **wanted)
    return {"version": offer.version, "total": f"{offer.currency} {offer.total}"}


def signed(application, actor, name, sha256, address=None, **data):
    signature = services.sign(
        application=application, name=name, sha256=sha256, address=address, actor=actor
    )
    _tell_body("offer.signed", application, Role.MANAGER, Role.PLANNER)
    return {"version": signature.offer.version, "sha256": sha256}


def rejected(application, actor, reason, **data):
    _tell_body("offer.rejected", application, Role.MANAGER, reason=reason)
    return {"version": current_offer(application).version}


def _tell_body(kind, application, *roles, **facts):
    notify(
        kind,
        to=application.body.people(*roles),
        obj=application,
        url=current_offer(application).get_absolute_url(),
        number=application.number,
        enterprise_zh=application.enterprise.name_zh,
        enterprise_en=application.enterprise.name_en,
        **facts,
    )


def body_may_certify(application, actor, data):
    """An approval lost since the acceptance is lost for offer and contract as well."""
    facts = facts_of(application)
    held = {(row.scheme_id, area.pk) for row in facts.approvals for area in row.areas.all()}
    for scheme, areas in facts.required.items():
        for area in areas:
            if (scheme.pk, area.pk) not in held:
                yield Blocker(
                    _("The body is not approved today for %(scheme)s in area %(area)s.")
                    % {"scheme": scheme.title, "area": area}
                )


_OFFER = {
    "action": "offer",
    "target": _S.OFFERED,
    "right": MANAGER,
    "past": _("Offer made"),
    "guards": (body_may_certify, audit_time_is_set, has_fees, stays_open),
    "effect": offered,
    "requires": ("lines", "valid_until", "currency"),
    "done_text": _("The offer is made. The applicant is told as soon as its document is ready."),
}

OFFER_TRANSITIONS = (
    Transition(
        sources=(_S.ACCEPTED,),
        title=_("Make the offer"),
        explain=_(
            "The applicant gets the fees together with the audit time, line by line, and may "
            "sign online until the offer expires."
        ),
        **_OFFER,
    ),
    Transition(
        sources=(_S.OFFERED,),
        title=_("Make a new offer"),
        explain=_("The new offer replaces the present one, which can then not be signed any more."),
        awaited=False,
        **_OFFER,
    ),
    Transition(
        action="sign",
        sources=(_S.OFFERED,),
        target=_S.SIGNED,
        right=OWNER,
        title=_("Sign the contract"),
        task=_("Answer the offer"),
        past=_("Contract signed"),
        guards=(
            body_may_certify,
            is_not_expired,
            document_is_ready,
            document_is_the_one_shown,
            signs_in_own_name,
        ),
        effect=signed,
        requires=("name", "sha256"),
        serious=True,
        confirmed=True,
        explain=_(
            "You conclude the certification contract for your organisation, as the document "
            "states it. The body then plans the audits with you."
        ),
        done_text=_("The contract is signed. The body plans the audits next."),
    ),
    Transition(
        action="reject",
        sources=(_S.OFFERED,),
        target=_S.REJECTED,
        right=OWNER,
        title=_("Reject the offer"),
        past=_("Offer rejected"),
        effect=rejected,
        requires=(REASON,),
        serious=True,
        explain=_(
            "The application ends here; nothing is due. You can apply again at any time. If only "
            "the terms are the trouble, ask the body for a new offer instead."
        ),
        done_text=_("The offer is rejected and the body has been told."),
    ),
)
