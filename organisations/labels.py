"""How the files of an organisation are called, and when they may change."""

from django.utils.translation import gettext_lazy as _

from foundation.attachments import movable, name_labels
from organisations.queries import LICENCE, LOGO, SIGNATURE
from organisations.rights import ADMINISTERS

name_labels(**{LICENCE: _("Licence"), LOGO: _("Logo"), SIGNATURE: _("Signature on certificates")})
movable("organisations.organisation", lambda record, actor: bool(ADMINISTERS(actor, record)))
