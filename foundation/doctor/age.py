"""Database and files: of one moment, and free to be written."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation import anchor, standstill
from foundation.checkup import Finding, check


@check("database.age", gettext_lazy("Database and files are of the same moment."))
def age():
    """Compare the journal with its anchor, and the newest rows with the folder."""
    for text in anchor.mismatches():
        yield Finding(
            text,
            _("Restore both from one backup, or accept it: manage.py restore --accept REASON."),
        )


@check("database.open", gettext_lazy("The portal may be written."), operating=True)
def may_be_written():
    """Say that the portal is read-only, and why."""
    for text in standstill.reasons():
        yield Finding(
            _("The portal is read-only: %(reason)s") % {"reason": text},
            _("Look at the records, then: manage.py restore --accept REASON."),
        )
