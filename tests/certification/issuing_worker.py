"""One of many processes that decide and issue at once, with rollbacks on the way.

Arguments: seed, id of the certifier, ids of the cases.
"""

import os
import random
import sys
from contextlib import suppress

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from django.db import OperationalError, transaction  # noqa: E402 -- needs the line above

from accounts.models import User  # noqa: E402 -- the same
from certification.enums import CaseStatus, RevisionStatus  # noqa: E402 -- the same
from certification.flows.cases import CASE_FLOW  # noqa: E402 -- the same
from certification.jobs.certificates import put_in_force  # noqa: E402 -- the same
from certification.models import Case, CertificateRevision  # noqa: E402 -- the same
from foundation.workflow import StaleState, WrongState, perform  # noqa: E402 -- the same
from organisations.actors import actor_for  # noqa: E402 -- the same
from tests.certification.casework import PDF  # noqa: E402 -- the same

ROLLBACKS = 0.5


def decide(case_id, actor, chance):
    """Grant one case, unless another process does; half of the grants are rolled back."""
    while True:
        case = Case.objects.get(pk=case_id)
        if case.status != CaseStatus.DECIDING:
            return
        try:
            with transaction.atomic():
                perform(CASE_FLOW, case, "grant", actor, reason="Conforms.")
                transaction.set_rollback(chance.random() < ROLLBACKS)
        except OperationalError:
            continue
        except (StaleState, WrongState):
            return


def issue_one():
    """Put some revision in force that waits for it, with a document that took no time to make."""
    waiting = CertificateRevision.objects.filter(status=RevisionStatus.ISSUING)
    revision = waiting.select_related("certificate").order_by("?").first()
    if revision is not None:
        with suppress(OperationalError, StaleState, WrongState):
            put_in_force(revision, PDF)


def main(seed, certifier, *cases):
    """Go through all cases in an order of one's own."""
    chance = random.Random(int(seed))  # noqa: S311 -- nothing secret
    actor = actor_for(User.objects.get(pk=certifier), confirmed=True)
    order = list(cases)
    chance.shuffle(order)
    for case_id in order:
        decide(case_id, actor, chance)
        issue_one()


if __name__ == "__main__":
    main(*sys.argv[1:])
