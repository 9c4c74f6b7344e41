"""Register organisations that a spreadsheet names."""

from django.db import transaction

from foundation import journal
from organisations.models import Organisation


@transaction.atomic
def import_organisations(*, actor, rows: list[dict]) -> list[Organisation]:
    """Register organisations, all or none; an operator gives their first owner a role later.

    ``rows`` are cleaned facts with their kind. Raises IntegrityError when somebody registered one
    of them meanwhile.
    """
    made = [Organisation.objects.create(**facts) for facts in rows]
    for organisation in made:
        journal.record(organisation, "organisation.registered", actor, {"imported": True})
    return made
