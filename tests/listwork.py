"""Many rows for tests of lists."""

import uuid

from django.db import connection
from django.test.utils import CaptureQueriesContext

from certification.enums import CaseStatus
from certification.models import Case
from schemes.models import RuleSet


def cases(cast, number, *, first=0, status=CaseStatus.AUDITING, **facts) -> list[Case]:
    """Store bare cases of the cast's enterprise and body, numbered from ``L-0000`` on."""
    given = {"enterprise": cast.enterprise, "body": cast.body, **facts}
    rules = RuleSet.objects.first()
    rows = [
        Case(
            number=f"L-{first + n:04}", status=status, thread=uuid.uuid4(), rule_set=rules, **given
        )
        for n in range(number)
    ]
    return Case.objects.bulk_create(rows)


def queries_of(client, address) -> int:
    """Return how many queries a page takes the second time it is asked for."""
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)
