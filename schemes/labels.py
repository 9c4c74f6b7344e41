"""How files of profiles are called."""

from django.utils.translation import gettext_lazy as _

from foundation.attachments import name_labels
from schemes.services.entries import PROOF

name_labels(**{PROOF: _("Proof")})
