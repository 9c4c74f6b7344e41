"""What our second factors are called, how they are kept, and who may not be without."""

import base64

from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from foundation import identity
from organisations.actors import actor_for
from organisations.rights import needs_second_factor


def _cipher() -> MultiFernet:
    """Return what encrypts with the present key and reads what older ones wrote."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet(
        [
            Fernet(base64.urlsafe_b64encode(
                HKDF(SHA256(), 32, salt=None, info=b"second factors").derive(key.encode())
            ))
            for key in keys
        ]
    )  # fmt: skip


class FactorAdapter(DefaultMFAAdapter):
    """Names the portal in authenticator apps and passkeys, and encrypts what it keeps of them."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _(
            "This code is not right, or it was used already. Wait for the next one."
        ),
        "cannot_delete_authenticator": _(
            "This is your last second factor, and your work needs one. Add another first."
        ),
    }

    def get_totp_issuer(self):
        return settings.PORTAL_NAME

    def get_public_key_credential_rp_entity(self):
        return super().get_public_key_credential_rp_entity() | {"name": settings.PORTAL_NAME}

    def generate_authenticator_name(self, user, type):  # noqa: A002 -- the library's word
        number = identity.factors_of(user).filter(type=type).count() + 1
        return gettext("Passkey %(number)s") % {"number": number}

    def encrypt(self, text):
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text):
        return _cipher().decrypt(encrypted_text.encode()).decode()

    def can_delete_authenticator(self, authenticator):
        """Keep the last factor of a person who must have one."""
        user = authenticator.user
        others = identity.factors_of(user).exclude(pk=authenticator.pk)
        return others.exists() or not needs_second_factor(actor_for(user))
