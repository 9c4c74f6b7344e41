"""The records under which faults happen, made by the services with a journal that is whole."""

from django.core.management import call_command
from django.db import transaction

from certification.models import Case
from foundation import journal, work
from foundation.actor import SYSTEM
from organisations.models import BodyProfile
from tests.certification.casework import deciding_case
from tests.people import enrol


@transaction.atomic
def begin():
    """Fill an empty portal with the cast; return it."""
    call_command("sync_schemes", verbosity=0)
    cast = enrol()
    for profile in BodyProfile.objects.all():
        journal.record(profile, "body.approve", SYSTEM, before="registered", after="approved")
    return cast


def cases(cast, count: int) -> list[Case]:
    """Return cases that wait for their decision, each with what its journal should tell."""
    made = []
    for _number in range(count):
        with transaction.atomic():
            case = deciding_case(cast)
            for application in case.applications.all():
                journal.record(
                    application, "application.sign", cast.actor("owner"),
                    before="offered", after="signed",
                )  # fmt: skip
            made.append(case)
    work.rebuild()
    return made
