"""The admin site: who gets in is a right of the portal, as everywhere else."""

from django.contrib.admin import AdminSite
from django.utils.translation import gettext_lazy as _

from organisations.rights import WORKS_IN_ADMIN


class Administration(AdminSite):
    """Operators look everything up; the desk of a body its own records."""

    index_title = _("Records")
    site_url = "/desk/"

    def has_permission(self, request):
        """Let in whoever works here; what is shown is asked again for each model."""
        return bool(WORKS_IN_ADMIN(request.actor))
