"""What a certificate says, frozen: built once when it is decided, hashed, never changed.

Contents per ISO/IEC 17021-1:2015 8.2.2.
"""

import base64
import copy
import io
from collections import defaultdict
from datetime import date

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from PIL import Image

from certification.documents.certificate import Snapshot, missing_glyphs
from certification.documents.words import STATUS_WORDS
from certification.enums import Cause
from certification.models import Application, ApplicationScheme
from foundation import files
from foundation.canonical import plain
from organisations.models import Organisation
from organisations.queries import LOGO, SIGNATURE
from schemes.models import BodyApproval

CHINA = "CN"
PICTURE_PIXELS = (640, 640)

# Both languages stand on paper, whatever the reader's language is.
REVISION_REASONS = {
    Cause.ISSUE: ("首次发证", "First issue"),
    Cause.RENEWAL: ("再认证换证", "Recertification"),
    Cause.EXTENSION: ("扩大认证范围", "Scope extended"),
    Cause.SCOPE: ("缩小认证范围", "Scope reduced"),
    Cause.MERGER: ("获证组织合并", "Holder merged into another enterprise"),
    Cause.CORRECTION: ("证书信息变更", "Facts on the certificate changed"),
}


def verify_url(code: str) -> str:
    """Return the public address that the QR code leads to."""
    return f"{settings.BASE_URL}/c/{code}/"


def build(
    *,
    application: Application,
    row: ApplicationScheme,
    issuer: dict,
    number: str,
    code: str,
    decided_on: date,
    expires_on: date,
    draft: bool = False,
) -> Snapshot:
    """Return the content of the first revision of a certificate for one scheme applied for."""
    enterprise = application.enterprise
    return plain(
        {
            "number": number,
            "code": code,
            "revision": 1,
            "verify_url": verify_url(code),
            "issuer": issuer,
            "scheme": {
                "code": row.scheme.code,
                "title_zh": row.scheme.certificate_title_zh,
                "title_en": row.scheme.certificate_title_en,
            },
            "standard": standard(row.edition, decided_on),
            "holder": holder(enterprise),
            "scope_zh": application.scope_zh,
            "scope_en": application.scope_en,
            "exclusions": application.exclusions,
            "technical_areas": technical_areas(row),
            "dates": {
                "first_issued_on": decided_on,
                "effective_on": decided_on,
                "issued_on": decided_on,
                "expires_on": expires_on,
                "decided_on": decided_on,
            },
            "sites": sites(application),
            "revisions": [_entry(1, decided_on, Cause.ISSUE)],
            "status_words": STATUS_WORDS,
            "specimen": settings.DEMO,
            "draft": draft,
            "languages": ["zh", "en"] if enterprise.country == CHINA else ["en", "zh"],
        }
    )


def revise(content: Snapshot, *, cause: str, decided_on: date, issuer: dict, **changes) -> Snapshot:
    """Return the content of the next revision: the present one with changes.

    ``changes`` may hold ``holder`` and ``dates`` (merged), ``scope_zh``, ``scope_en``, ``sites``,
    ``standard`` and ``technical_areas`` (replaced). The issuer is stated as it is today.
    """
    new = copy.deepcopy(content)
    new["revision"] = content["revision"] + 1
    new["issuer"] = issuer
    new["dates"] |= {"issued_on": decided_on, "decided_on": decided_on}
    for name, value in changes.items():
        new[name] = new[name] | value if name in ("holder", "dates") else value
    new["revisions"] = [*content["revisions"], _entry(new["revision"], decided_on, cause)]
    new["specimen"] = settings.DEMO
    return plain(new)


def _entry(revision: int, on: date, cause: str) -> dict:
    zh, en = REVISION_REASONS[cause]
    return {"revision": revision, "issued_on": on, "reason_zh": zh, "reason_en": en}


def issuers(body: Organisation, on: date, *, pictures: bool = True) -> dict:
    """Return what certificates say of the body that issues them, by scheme.

    Without ``pictures`` logo and signature are left out, for what is not printed.
    """
    profile = body.body_profile
    approvals = BodyApproval.objects.in_force(on).filter(body=body).order_by("valid_from")
    accreditations = dict(approvals.values_list("scheme", "accreditation"))
    common = {
        "name_zh": body.name_zh,
        "name_en": body.name_en,
        "approval_number": profile.approval_number,
        "address": body.address_zh or body.address_en,
        "logo": _picture(body, LOGO) if pictures else None,
        "signature": _picture(body, SIGNATURE) if pictures else None,
        "signatory": {
            "name_zh": profile.signatory_zh,
            "name_en": profile.signatory_en,
            "title_zh": profile.signatory_title_zh,
            "title_en": profile.signatory_title_en,
        },
    }
    return defaultdict(
        lambda: common | {"accreditation": ""},
        {
            scheme: common | {"accreditation": accreditation}
            for scheme, accreditation in accreditations.items()
        },
    )


def _picture(body: Organisation, label: str) -> str | None:
    """Return a stored picture as a ``data:`` image no larger than print needs, or None."""
    row = files.attachments_of(body, label).last()
    if row is None:
        return None
    with Image.open(io.BytesIO(files.read(row.file))) as picture:
        picture.thumbnail(PICTURE_PIXELS)
        out = io.BytesIO()
        picture.convert("RGBA").save(out, format="PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()


def holder(enterprise: Organisation) -> dict:
    """Return what a certificate says of its holder, as registered today."""
    return {
        "name_zh": enterprise.name_zh,
        "name_en": enterprise.name_en,
        "identifier": enterprise.identifier,
        "identifier_kind": "uscc" if enterprise.country == CHINA else "other",
        "address_zh": enterprise.address_zh,
        "address_en": enterprise.address_en,
    }


def standard(edition, on: date) -> dict:
    """Return the designations of an edition that hold on a day."""
    together = edition.designations(on)
    national = edition.designation_cn if edition.designation_cn in together else ""
    return {"iso": edition.designation, "gb": national}


def technical_areas(row: ApplicationScheme) -> str:
    return "; ".join(f"{area.code} {area.title_zh} {area.title_en}" for area in row.areas.all())


def sites(application: Application) -> list[dict]:
    """Return the sites applied for, each with what is certified there."""
    return [
        {
            "name_zh": row.site.name_zh,
            "name_en": row.site.name_en,
            "address_zh": row.site.address_zh,
            "address_en": row.site.address_en,
            "scope_zh": row.site.activities_zh,
            "scope_en": row.site.activities_en,
        }
        for row in application.sites.all()
    ]


def problems(content: Snapshot) -> list:
    """Return in words what keeps a content from being printed as a certificate."""
    found = []
    if not (content["holder"]["name_zh"] or content["holder"]["name_en"]):
        found.append(_("The certificate names no holder."))
    if not (content["holder"]["address_zh"] or content["holder"]["address_en"]):
        found.append(_("The certificate states no address of the holder."))
    if not (content["scope_zh"] or content["scope_en"]):
        found.append(_("The certificate states no scope."))
    if not content["sites"]:
        found.append(_("The certificate covers no site."))
    issuer_facts = content["issuer"]
    if not issuer_facts["approval_number"]:
        found.append(_("The approval number of the body is missing."))
    signatory = issuer_facts["signatory"]
    if not (signatory["name_zh"] or signatory["name_en"]):
        found.append(_("Nobody is named who signs the certificates."))
    if characters := missing_glyphs(content):
        found.append(
            _(
                "No font can print these characters: %(characters)s. Correct the text before "
                "anything is issued."
            )
            % {"characters": " ".join(characters)}
        )
    return found
