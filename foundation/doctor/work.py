"""What the doctor asks about the rows of waiting work."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation import work
from foundation.checkup import Finding, check


@check("work.queues", gettext_lazy("The queues show exactly what the records wait for."))
def queues():
    """Compare the rows with what records and rights say now."""
    for record in work.stale():
        yield Finding(
            _("The queue differs from what this record waits for."),
            _("It is made anew every night, and by “manage.py rebuild_work” at once."),
            record,
            repair=work.rebuild,
        )
