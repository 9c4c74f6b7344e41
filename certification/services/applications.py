"""What happens to an application until it is submitted, and when it is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from certification.enums import ApplicationKind, DocumentKind
from certification.models import (
    Application,
    ApplicationScheme,
    ApplicationSite,
    ApplicationVersion,
)
from certification.queries.dossiers import COPY, COPY_JOB, dossier_of
from certification.queries.snapshots import snapshot_of
from certification.questions import ANSWERS
from certification.services.numbers import next_number
from foundation import files, jobs, journal, work
from foundation.access import Access
from foundation.actor import Actor
from foundation.canonical import digest, plain
from foundation.formatting import day
from foundation.models import Attachment, Job, StoredFile
from foundation.notices import in_both, notify
from foundation.workflow import NotAllowed, WrongState
from organisations.enums import Role
from organisations.models import Site
from organisations.queries import LICENCE
from organisations.rights import ADMINISTERS, ENTERPRISE, IN_ENTERPRISE
from organisations.services.organisations import save_site
from schemes.models import StandardEdition, TechnicalArea

_LISTS = ("schemes", "areas", "sites")
# What an enterprise said before and need not type again (WCAG 2.2, 3.3.7).
_LASTING = (
    "scope_zh",
    "scope_en",
    "exclusions",
    "processes",
    "outsourced",
    "legal_obligations",
    "languages",
    "safety_conditions",
    "system_since",
    "integration",
    "remote_possible",
    "contact_name",
    "contact_phone",
    "contact_email",
)


@dataclass(frozen=True)
class Clash:
    """An answer that somebody else changed meanwhile: theirs stands, the other was not kept."""

    field: str
    theirs: Any
    by: str
    at: str


@transaction.atomic
def application_start(
    *, actor: Actor, kind: str, schemes: Iterable[StandardEdition], body=None
) -> Application:
    """Begin a draft, filled with what the enterprise has told before. Raises NotAllowed."""
    _allow(IN_ENTERPRISE(actor))
    enterprise = actor.organisation
    if enterprise.successor_id is not None:
        raise NotAllowed(merging_words(enterprise))
    application = Application(
        kind=ApplicationKind(kind), enterprise=enterprise, body=body, created_by=actor.user
    )
    before = _last_submitted(enterprise)
    for name in _LASTING if before else ():
        setattr(application, name, getattr(before, name))
    application.contact_name = application.contact_name or actor.user.name
    application.contact_email = application.contact_email or actor.user.email
    application.contact_phone = application.contact_phone or enterprise.phone
    application.save()
    _store_schemes(application, list(schemes))
    if before:
        areas = TechnicalArea.objects.in_force(timezone.localdate())
        _store_areas(application, areas.filter(pk__in=before.schemes.values("areas")))
    _store_sites(application, list(enterprise.sites.filter(active=True)))
    journal.record(application, "application.start", actor, internal_to=enterprise.pk)
    return application


def merging_words(enterprise) -> str:
    """Say why an enterprise that goes up in another one does not apply any more."""
    return _("Your enterprise merges into %(name)s, which applies from now on.") % {
        "name": enterprise.successor.name
    }


def _last_submitted(enterprise) -> Application | None:
    rows = Application.objects.filter(enterprise=enterprise, submitted_at__isnull=False)
    return rows.order_by("-submitted_at").first()


def answers_of(application: Application) -> dict:
    """Return the present answers as plain values, rows by their keys, to compare with."""
    answers = {name: plain(getattr(application, name)) for name in ANSWERS if name != "body"}
    rows = list(application.schemes.prefetch_related("areas"))
    return answers | {
        "body": _plain(application.body_id),
        "schemes": _keys(row.edition_id for row in rows),
        "areas": _keys({area.pk for row in rows for area in row.areas.all()}),
        "sites": _keys(application.sites.values_list("site_id", flat=True)),
    }


def _keys(values) -> list[str]:
    return sorted(str(value) for value in values)


def _plain(value):
    """Return an answer as ``answers_of`` does: rows by key, in a fixed order."""
    if hasattr(value, "pk"):
        return str(value.pk)
    if isinstance(value, list | tuple) and all(hasattr(item, "pk") for item in value):
        return _keys(item.pk for item in value)
    return plain(value)


@transaction.atomic
def application_answer(
    *, application: Application, actor: Actor, answers: Mapping, seen: Mapping | None = None
) -> list[Clash]:
    """Keep some answers of a draft; return those that somebody else changed meanwhile.

    ``seen`` are the plain answers the person had before the eyes when typing: what the person
    left alone keeps what others wrote, and what both changed differently is a clash and is not
    written. Without it the last word counts. Raises NotAllowed and WrongState.
    """
    row = _editable(application, actor)
    present = answers_of(row)
    changed, clashes = [], []
    for field, value in answers.items():
        mine, theirs = _plain(value), present[field]
        base = seen.get(field, theirs) if seen is not None else theirs
        if mine == theirs or (mine == base and theirs != base):
            continue
        if field == "body" and row.number:
            raise WrongState(_("An application stays with the body it was sent to."))
        if theirs not in (base, mine):
            edit = row.edits.get(field, {})
            clashes.append(Clash(field, theirs, edit.get("by", ""), edit.get("at", "")))
            continue
        changed.append(field)
    if changed:
        _write(row, {field: answers[field] for field in changed}, actor)
    application.refresh_from_db()
    return clashes


def _write(row: Application, answers: Mapping, actor: Actor) -> None:
    for field, value in answers.items():
        if field == "schemes":
            _store_schemes(row, value)
        elif field == "areas":
            _store_areas(row, value)
        elif field == "sites":
            _store_sites(row, value)
        else:
            setattr(row, field, value)
    now = timezone.now().isoformat()
    edit = {"by": actor.name, "user": actor.user.pk, "at": now}
    row.edits |= dict.fromkeys(answers, edit)
    columns = [field for field in answers if field not in _LISTS]
    row.save(update_fields=[*columns, "edits", "changed_at"])
    if "schemes" in answers:  # the desk says what is applied for
        work.refresh(row)


def _store_schemes(application: Application, editions: list[StandardEdition]) -> None:
    """Make the schemes those of the editions; a new one takes over the areas of the others."""
    wanted = {edition.scheme_id: edition for edition in editions}
    held = {row.scheme_id: row for row in application.schemes.prefetch_related("areas")}
    areas = {area for row in held.values() for area in row.areas.all()}
    application.schemes.exclude(scheme__in=wanted).delete()
    for scheme_id, edition in wanted.items():
        if scheme_id in held:
            application.schemes.filter(scheme=scheme_id).update(edition=edition)
        else:
            row = ApplicationScheme.objects.create(
                application=application, scheme_id=scheme_id, edition=edition
            )
            row.areas.set(areas)


def _store_areas(application: Application, areas: Iterable[TechnicalArea]) -> None:
    for row in application.schemes.all():
        row.areas.set(areas)


def _store_sites(application: Application, sites: list) -> None:
    held = set(application.sites.values_list("site_id", flat=True))
    application.sites.exclude(site__in=sites).delete()
    for site in sites:
        if site.pk not in held:
            ApplicationSite.objects.create(application=application, site=site)


@transaction.atomic
def application_attach(
    *,
    application: Application,
    actor: Actor,
    kind: str,
    given,
) -> Attachment:
    """Add a document: a new upload, or a stored file of the enterprise.

    Raises NotAllowed, WrongState, and ValidationError when the upload is refused.
    """
    row = _editable(application, actor)
    if isinstance(given, StoredFile) and given.organisation_id != row.enterprise_id:
        raise NotAllowed(_("This is not a file of the enterprise."))
    stored = files.store(given, actor=actor, most=settings.LARGE_FILE_LIMIT)
    attachment = files.attach(stored, row, DocumentKind(kind).value)
    row.save(update_fields=["changed_at"])
    return attachment


@transaction.atomic
def application_detach(*, application: Application, actor: Actor, attachment: Attachment) -> None:
    """Take a document out again; the file stays with the enterprise and earlier versions."""
    row = _editable(application, actor)
    attachment.delete()
    row.save(update_fields=["changed_at"])


@transaction.atomic
def application_add_site(*, application: Application, actor: Actor, facts: Mapping) -> Site:
    """Register a site of the enterprise and count it in. Raises NotAllowed and WrongState."""
    row = _editable(application, actor)
    _allow(ADMINISTERS(actor, row.enterprise))
    site = save_site(actor=actor, organisation=row.enterprise, facts=facts)
    ApplicationSite.objects.create(application=row, site=site)
    row.save(update_fields=["changed_at"])
    return site


def _allow(access: Access) -> None:
    if not access:
        raise NotAllowed(access.reason)


def _editable(application: Application, actor: Actor) -> Application:
    """Lock the application and check that the actor may change its answers now."""
    row = Application.objects.select_for_update(of=("self",)).get(pk=application.pk)
    _allow(ENTERPRISE(actor, row))
    if not row.is_editable:
        raise WrongState(
            _("The answers cannot be changed any more: the application is now “%(state)s”.")
            % {"state": row.get_status_display()}
        )
    return row


def submission_record(*, application: Application, actor: Actor) -> dict:
    """Number the application, keep what was submitted word for word, and tell both sides.

    Runs inside the transition. Returns the facts for the journal.
    """
    now = timezone.now()
    first = not application.number
    if first:
        application.number = _next_number(timezone.localtime(now).year)
    dossier = dossier_of(application)
    application.review_due_on = dossier.rules.limit("review_working_days").last_day(dossier.today)
    application.submitted_at, application.declared_by = now, actor.user
    application.save(
        update_fields=["number", "review_due_on", "submitted_at", "declared_by", "changed_at"]
    )
    version = _keep_version(application, dossier, actor)
    _tell(application, actor, first=first)
    return {"number": application.number, "version": version.version, "sha256": version.sha256}


def _next_number(year: int) -> str:
    return f"A-{year}-{next_number(scope='portal', series='A', year=year):04}"


def _keep_version(application: Application, dossier, actor: Actor) -> ApplicationVersion:
    """Freeze the answers, and hold on to the files they name."""
    number = application.versions.count() + 1
    snapshot = snapshot_of(application, dossier)
    snapshot |= {"number": application.number, "version": number}
    version = ApplicationVersion.objects.create(
        application=application,
        version=number,
        snapshot=snapshot,
        sha256=digest(snapshot),
        submitted_by=actor.user,
    )
    for row in dossier.documents:
        files.attach(row.file, version, row.label)
    for row in dossier.licences:
        files.attach(row.file, version, LICENCE)
    return version


def _facts(application: Application) -> dict:
    return {
        "number": application.number,
        "enterprise_zh": application.enterprise.name_zh,
        "enterprise_en": application.enterprise.name_en,
        "body_zh": application.body.name_zh,
        "body_en": application.body.name_en,
    }


def _tell(application: Application, actor: Actor, *, first: bool) -> None:
    body, url = application.body, application.get_absolute_url()
    reviewers = [application.reviewer] if application.reviewer else body.people(Role.REVIEWER)
    kind = "application.submitted" if first else "application.completed"
    notify(kind, to=reviewers, obj=application, url=url, **_facts(application))
    owners = application.enterprise.people(Role.OWNER)
    notify(
        "application.received",
        to=[actor.user, *owners],
        obj=application,
        url=url,
        **_facts(application),
        **in_both("due", day, application.review_due_on),
    )


def cancellation_tell(*, application: Application) -> None:
    """Tell the body that an application it has received is withdrawn."""
    if not application.number:
        return
    body = application.body
    people = [application.reviewer] if application.reviewer else body.people(Role.REVIEWER)
    people += body.people(Role.MANAGER)
    notify(
        "application.cancelled",
        to=people,
        obj=application,
        url=application.get_absolute_url(),
        **_facts(application),
    )


def copy_request(*, version: ApplicationVersion, actor: Actor) -> Job:
    """Ask for the PDF of a sent version; asking again gives the same job."""
    return jobs.enqueue(COPY_JOB, key=f"{COPY_JOB}:{version.pk}", subject=version, actor=actor)


@transaction.atomic
def copy_keep(*, version: ApplicationVersion, data: bytes) -> StoredFile:
    """Keep the PDF of a sent version, for whoever may see the application."""
    application = version.application
    name = f"{application.number}-{version.version}.pdf"
    file = files.write_document(data, name, organisation_id=application.enterprise_id)
    files.attach(file, version, COPY)
    return file
