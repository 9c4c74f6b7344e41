"""Who is told what about complaints and appeals."""

from uuid import uuid4

from certification.models import Complaint
from foundation import jobs
from foundation.models import Job
from foundation.models.jobs import JobState
from foundation.notices import in_both, notify
from organisations.enums import Role

MAIL = "certification.mail_complainant"


def _facts(complaint: Complaint) -> dict:
    enterprise = complaint.enterprise
    return {
        "number": complaint.number,
        "body_zh": complaint.body.name_zh,
        "body_en": complaint.body.name_en,
        "enterprise_zh": enterprise.name_zh if enterprise else "",
        "enterprise_en": enterprise.name_en if enterprise else "",
        **in_both("about", lambda row: row.title, complaint),
    }


def tell(kind: str, complaint: Complaint, people, **facts) -> None:
    """Tell people with an account; never the person it is about."""
    notify(
        kind,
        to=[person for person in people if person and person.pk != complaint.subject_id],
        obj=complaint,
        url=complaint.get_absolute_url(),
        **_facts(complaint),
        **facts,
    )


def tell_managers(kind: str, complaint: Complaint, **facts) -> None:
    tell(kind, complaint, complaint.body.people(Role.MANAGER), **facts)


def tell_handlers(kind: str, complaint: Complaint, **facts) -> None:
    """Tell who handles it, and the managers while nobody does."""
    people = [complaint.handler] if complaint.handler else complaint.body.people(Role.MANAGER)
    tell(kind, complaint, people, **facts)


def tell_complainant(event: str, complaint: Complaint) -> None:
    """Tell who complained or appealed: by mail where an address was given, or as a notice."""
    if complaint.is_appeal:
        tell(f"appeal.{event}", complaint, complaint.enterprise.people(Role.OWNER))
    elif complaint.email:
        jobs.enqueue(
            MAIL, key=f"complainant:{uuid4()}", subject=complaint, payload={"event": event}
        )


def tell_holder(kind: str, complaint: Complaint) -> None:
    """Tell the organisation a complaint is about, once it was passed on."""
    tell(kind, complaint, complaint.enterprise.people(Role.OWNER, Role.MEMBER))


def forget_mails(keys) -> None:
    """Delete the e-mails to complainants that wait or failed; those being sent are over soon."""
    rows = Job.objects.filter(kind=MAIL, subject_id__in=keys)
    rows.exclude(state=JobState.RUNNING).delete()
