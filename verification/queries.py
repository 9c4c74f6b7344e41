"""What the public may find and read of certificates, and nothing else."""

import logging
import unicodedata
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db.models import Avg, Count, Exists, OuterRef, Prefetch, Q, Subquery
from django.urls import reverse
from django.utils import timezone

from certification.documents.certificate import content_digest
from certification.enums import CertificateStatus, RevisionStatus
from certification.models import Certificate, CertificateRevision, Evaluation, FormerHolder
from certification.queries.evaluations import threshold
from certification.queries.mergers import cases_once_held, former_holders
from foundation import files
from organisations.enums import BodyStatus, Kind
from organisations.models import Organisation
from schemes.queries import lapsed_approval
from verification.texts import status_on

logger = logging.getLogger(__name__)

SHOWN = 50
# Seconds for which a document that was found whole counts as whole.
VOUCHED_FOR = 300
NEAR = 3
NEAR_POOL = 2000
NEAR_PREFIX = 4
SHORTEST_NAME = 2
LONGEST = 200


@dataclass
class Lookup:
    """The outcome of a search: certificates that match, or numbers that come near."""

    words: str
    certificates: list = field(default_factory=list)
    more: bool = False
    near: list = field(default_factory=list)

    @property
    def only(self):
        """The one certificate meant, when there is exactly one."""
        return self.certificates[0] if len(self.certificates) == 1 else None


def key_of(words: str) -> str:
    """Return typed words as a number is compared: half-width, capitals, no blanks or hyphens."""
    text = unicodedata.normalize("NFKC", words).upper()
    return "".join(c for c in text if not c.isspace() and c not in "-‐‑‒–—\x00")


def _rows():
    return Certificate.objects.published().select_related("edition", "scheme", "body")


def find(words: str) -> Lookup:
    """Look certificates up by number, code, identifier of the holder, or its name.

    The first of these that matches answers; a name needs two characters.
    """
    words = unicodedata.normalize("NFKC", words.replace("\x00", "")).strip()[:LONGEST]
    key = key_of(words)
    found = Lookup(words)
    if not key:
        return found
    exact = (
        Q(number_key=key),
        Q(code__iexact="".join(words.split())),
        _held(Q(holder_identifier=key), Q(identifier=key)),
    )
    for condition in exact:
        rows = list(_rows().filter(condition)[: SHOWN + 1])
        if rows:
            break
    else:
        rows = []
        if len(words) >= SHORTEST_NAME:
            named = _held(
                Q(holder_zh__icontains=words) | Q(holder_en__icontains=words),
                Q(name_zh__icontains=words) | Q(name_en__icontains=words),
            )
            rows = list(_rows().filter(named).order_by("holder_zh", "holder_en")[: SHOWN + 1])
    found.certificates, found.more = rows[:SHOWN], len(rows) > SHOWN
    if not rows:
        found.near = _near(key)
    return found


def _held(now: Q, before: Q) -> Q:
    """Return the condition on the holder printed today, or on one before a merger."""
    cases = cases_once_held(before)
    return now | Q(case__in=cases) if cases else now


def _near(key: str) -> list:
    """Return certificates whose number differs by a slip from what was typed."""
    if len(key) <= NEAR_PREFIX or not any(c.isdigit() for c in key):
        return []
    pool = dict(
        Certificate.objects.published()
        .filter(number_key__startswith=key[:NEAR_PREFIX])
        .values_list("number_key", "pk")[:NEAR_POOL]
    )
    keys = get_close_matches(key, pool, n=NEAR, cutoff=0.85)
    rows = _rows().in_bulk([pool[near] for near in keys])
    return [rows[pool[near]] for near in keys]


def certificate_by_code(code: str) -> Certificate | None:
    """Return a published certificate with its revision in force and its events, or None."""
    # PostgreSQL takes no NUL; no code of ours has a character that cannot be printed.
    if not code.isprintable():
        return None
    revisions = CertificateRevision.objects.filter(status=RevisionStatus.ISSUED)
    return (
        _rows()
        .select_related("body__body_profile", "enterprise__successor")
        .prefetch_related(
            "events",
            Prefetch("revisions", revisions.select_related("file"), to_attr="revisions_in_force"),
        )
        .filter(code=code)
        .first()
    )


def in_force(certificate):
    """Return the revision that counts now: the one issued last."""
    return next(iter(certificate.revisions_in_force), None)


def vouches_for(certificate) -> bool:
    """Tell whether content and document in force are, byte for byte, those that were issued.

    What was found whole is not read again for some minutes.
    """
    revision = in_force(certificate)
    if revision is None:
        return False
    key = f"vouched:{revision.pk}"
    if cache.get(key):
        return True
    whole = content_digest(revision.content) == revision.digest
    try:
        files.open_checked(revision.file).close()
    except OSError as error:
        logger.error("certificate %s is not vouched for: %s", certificate.number, error)  # noqa: TRY400 -- the sentence says it
        return False
    if whole:
        cache.set(key, True, VOUCHED_FOR)
    else:
        logger.error("certificate %s: its content was changed", certificate.number)
    return whole


def address_of(certificate) -> str:
    """Return the public address of a certificate, with host."""
    return settings.BASE_URL + reverse("verification:certificate", args=[certificate.code])


def lapsed_of(certificate, status: str, today):
    """Return the suspended or withdrawn approval of its body for its scheme, or None.

    What is over anyway does not depend on it.
    """
    if status not in (CertificateStatus.VALID, CertificateStatus.SUSPENDED):
        return None
    return lapsed_approval(body=certificate.body, scheme=certificate.scheme, on=today)


def _lapsed_facts(lapsed):
    if lapsed is None:
        return None
    return {"standing": lapsed.standing, "since": _day(lapsed.valid_from)}


def facts(certificate, now=None) -> dict[str, Any]:
    """Return the public facts of a certificate as JSON states them.

    Dates are ISO 8601, ``checked_at`` is UTC. ``content_sha256`` covers the canonical content of
    the revision in force, ``file_sha256`` its PDF.
    """
    now = now or timezone.now()
    today = timezone.localdate(now)
    status = status_on(certificate, today)
    revision = in_force(certificate)
    profile = getattr(certificate.body, "body_profile", None)
    return {
        "number": certificate.number,
        "address": address_of(certificate),
        "status": status,
        "reduced": certificate.is_reduced,
        "suspended_until": _day(
            certificate.suspended_until if status == CertificateStatus.SUSPENDED else None
        ),
        "holder": {
            "name_zh": certificate.holder_zh,
            "name_en": certificate.holder_en,
            "identifier": certificate.holder_identifier,
        },
        "former_holders": [
            {
                "name_zh": row["holder"].name_zh,
                "name_en": row["holder"].name_en,
                "identifier": row["holder"].identifier,
                "until": _day(row["until"]),
            }
            for row in former_holders(certificate)
        ],
        "holder_merged_into": _successor_facts(certificate.enterprise),
        "scheme": certificate.scheme.code,
        "standard": {
            "iso": certificate.edition.designation,
            "cn": certificate.edition.designation_cn,
        },
        "scope_zh": certificate.scope_zh,
        "scope_en": certificate.scope_en,
        "sites": revision.content.get("sites", []) if revision else [],
        "first_issued_on": _day(certificate.first_issued_on),
        "effective_on": _day(certificate.effective_on),
        "expires_on": _day(certificate.expires_on),
        "revision": revision.revision if revision else None,
        "issued_on": _day(revision.issued_on if revision else None),
        "content_sha256": revision.digest if revision else None,
        "file_sha256": revision.file.sha256 if revision else None,
        "body": {
            "name_zh": certificate.body.name_zh,
            "name_en": certificate.body.name_en,
            "approval_number": profile.approval_number if profile else "",
            "approval_lapsed": _lapsed_facts(lapsed_of(certificate, status, today)),
            "accreditation_number": profile.accreditation_number if profile else "",
        },
        "history": [_event_facts(event) for event in certificate.events.all()],
        "checked_at": now.astimezone(timezone.get_fixed_timezone(0)).isoformat(),
    }


def _successor_facts(holder) -> dict[str, Any] | None:
    """Return into whom a holder has merged that ended, or None."""
    if holder.ended_on is None:
        return None
    other = holder.successor
    return {
        "name_zh": other.name_zh,
        "name_en": other.name_en,
        "identifier": other.identifier,
        "on": _day(holder.ended_on),
    }


def _event_facts(event) -> dict[str, Any]:
    return {
        "on": _day(event.on),
        "status": event.after,
        "cause": event.cause,
        "revision": event.revision,
        "until": _day(event.until),
    }


def _day(value) -> str | None:
    return value.isoformat() if value else None


def bodies():
    """Return the admitted bodies with the number of their certificates now in force."""
    valid = Q(issued_certificates__status=CertificateStatus.VALID)
    return (
        Organisation.objects.filter(kind=Kind.BODY, body_profile__status=BodyStatus.APPROVED)
        .select_related("body_profile")
        .annotate(valid_certificates=Count("issued_certificates", filter=valid))
        .order_by("name_zh", "name_en")
    )


def ratings_of(bodies) -> dict:
    """Map bodies to their published mean and count; those with too few ratings are left out."""
    given = (
        Evaluation.objects.filter(case__body__in=bodies)
        .exclude(given_at=None)
        .values("case__body")
        .annotate(mean=Avg("mean"), count=Count("pk"))
    )
    country = {body.pk: str(body.country) for body in bodies}
    least = {code: threshold(body) for code, body in {country[b.pk]: b for b in bodies}.items()}
    return {
        row["case__body"]: row for row in given if row["count"] >= least[country[row["case__body"]]]
    }


def holders(words: str = ""):
    """Return organisations with at least one published certificate, by name."""
    own = Certificate.objects.filter(enterprise=OuterRef("pk"))
    rows = Organisation.objects.filter(Exists(own.published()), kind=Kind.ENTERPRISE)
    words = unicodedata.normalize("NFKC", words.replace("\x00", "")).strip()[:LONGEST]
    if words:
        rows = rows.filter(
            Q(name_zh__icontains=words)
            | Q(name_en__icontains=words)
            | Q(identifier=key_of(words))
            | Q(pk__in=_holders_today(words))
        )
    # Counted for the rows of a page alone, which an index gives in their order.
    valid = Count("pk", filter=Q(status=CertificateStatus.VALID))
    counted = own.order_by().values("enterprise").annotate(n=valid).values("n")
    return rows.annotate(valid_certificates=Subquery(counted)).order_by("name_zh", "name_en", "pk")


def _holders_today(words: str) -> list:
    """Return the keys of those who hold today what somebody of this name held before a merger."""
    named = Q(name_zh__icontains=words) | Q(name_en__icontains=words)
    rows = FormerHolder.objects.filter(named | Q(identifier=key_of(words)))
    return list(rows.values_list("case__enterprise", flat=True)[:SHOWN])


def went_to(key) -> Organisation | None:
    """Return who holds what an organisation held before it ended by a merger, or None."""
    if not FormerHolder.objects.filter(enterprise=key, enterprise__ended_on__isnull=False).exists():
        return None
    return holders().filter(pk=Organisation.objects.get(pk=key).successor_id).first()


def certificates_of(holder):
    """Return everything that was ever issued to one organisation, newest first."""
    return _rows().filter(enterprise=holder).order_by("-effective_on", "number")
