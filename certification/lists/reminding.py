"""Reminding enterprises from a list."""

from collections.abc import Callable

from django.utils.translation import gettext_lazy as _

from foundation.lists.bulk import BulkAction
from organisations.rights import REMINDS


def reminding(each: Callable) -> BulkAction:
    """Return the action that reminds the enterprises of many records; ``each`` does it for one."""
    return BulkAction(
        "remind",
        _("Remind the enterprise"),
        each,
        text=_("The people of each enterprise get a message and an e-mail, once a day at most."),
        right=REMINDS,
    )
