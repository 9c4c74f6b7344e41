"""Register organisations and keep their facts, sites and files."""

from django.db import transaction

from foundation import files, journal, work
from foundation.examination import DOCUMENTS
from foundation.notices import notify
from organisations.actors import actor_in
from organisations.enums import Kind, Role
from organisations.models import BodyProfile, Membership, Organisation, Site
from organisations.queries import LICENCE, operators


@transaction.atomic
def register_enterprise(*, actor, facts: dict, licence=None) -> Organisation:
    """Register an enterprise; whoever does so is its first owner.

    ``facts`` are the cleaned fields of the organisation, ``licence`` an uploaded file or None.
    Raises IntegrityError when the identifier is registered already.
    """
    enterprise = Organisation.objects.create(kind=Kind.ENTERPRISE, **facts)
    return _founded(enterprise, actor, Role.OWNER, licence)


@transaction.atomic
def register_body(*, actor, facts: dict, profile: dict, licence=None) -> Organisation:
    """Register a certification body; it waits for the operator's approval."""
    body = Organisation.objects.create(kind=Kind.BODY, **facts)
    admission = BodyProfile.objects.create(organisation=body, **profile)
    _founded(body, actor, Role.MANAGER, licence)
    work.refresh(admission)
    notify(
        "organisations.body_registered",
        to=operators(),
        obj=body,
        url=body.get_absolute_url(),
        name_zh=body.name_zh,
        name_en=body.name_en,
    )
    return body


def _founded(organisation, actor, role, licence):
    Membership.objects.create(user=actor.user, organisation=organisation, role=role)
    founder = actor_in(actor.user, organisation)
    journal.record(organisation, "organisation.registered", founder)
    if licence is not None:
        store_file(actor=founder, organisation=organisation, upload=licence, label=LICENCE)
    return organisation


@transaction.atomic
def change_organisation(*, actor, organisation, facts: dict) -> Organisation:
    """Change the facts of an organisation; the journal keeps what was and what is."""
    changed = {
        name: [str(getattr(organisation, name) or ""), str(value or "")]
        for name, value in facts.items()
        if getattr(organisation, name) != value
    }
    if changed:
        for name in changed:
            setattr(organisation, name, facts[name])
        organisation.save(update_fields=[*changed, "changed_at"])
        journal.record(organisation, "organisation.changed", actor, changed)
    return organisation


@transaction.atomic
def change_profile(*, actor, profile, facts: dict) -> BodyProfile:
    """Change how a body's certificates are numbered and signed."""
    changed = [name for name, value in facts.items() if getattr(profile, name) != value]
    if changed:
        for name in changed:
            setattr(profile, name, facts[name])
        profile.save(update_fields=[*changed, "changed_at"])
        journal.record(profile.organisation, "organisation.changed", actor, {"fields": changed})
    return profile


@transaction.atomic
def save_site(*, actor, organisation, facts: dict, site=None) -> Site:
    """Add a site or change one; exactly one site is the central function."""
    site = site or Site(organisation=organisation)
    for name, value in facts.items():
        setattr(site, name, value)
    if not organisation.sites.exclude(pk=site.pk).filter(is_central=True, active=True).exists():
        site.is_central = True
    site.save()
    if site.is_central:
        organisation.sites.exclude(pk=site.pk).update(is_central=False)
    journal.record(organisation, "organisation.site_saved", actor, {"site": str(site.pk)})
    return site


@transaction.atomic
def end_site(*, actor, site) -> Site:
    """Take a site out of use; certificates that name it keep their text."""
    site.active = False
    site.save(update_fields=["active", "changed_at"])
    journal.record(site.organisation, "organisation.site_ended", actor, {"site": str(site.pk)})
    return site


@transaction.atomic
def store_file(*, actor, organisation, upload, label: str, accept=DOCUMENTS):
    """Store an uploaded file for an organisation. Raises ValidationError when refused."""
    stored = files.store(upload, actor=actor, accept=accept)
    files.attach(stored, organisation, label)
    journal.record(
        organisation,
        "organisation.file_stored",
        actor,
        {"label": label, "sha256": stored.sha256},
    )
    return stored
