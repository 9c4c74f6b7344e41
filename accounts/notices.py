"""What people are told about their own account; none of it can be switched off."""

from django.utils.translation import gettext_lazy as _

from foundation.notices import Group, Required, register, register_group

SAFETY = Required(
    _("New devices, keys and factors of your account"),
    _("It is how you learn that somebody else signs in as you."),
)
ACCOUNT = register_group(
    Group(
        "account",
        _("Your account"),
        _("Sign-ins from new devices and changes of your sign-in."),
        position=85,
    )
)

register(
    "accounts.new_device",
    title=_("Sign-in from a new device"),
    body=_("Your account was opened with %(device)s from address %(address)s. Was it not you? "
           "Change your password and end the other sessions on the security page."),
    group=ACCOUNT,
    required=SAFETY,
)  # fmt: skip
register(
    "accounts.connected",
    title=_("Another sign-in was connected"),
    body=_("%(provider)s opens your account from now on. Was it not you? Disconnect it on the "
           "security page and change your password."),
    group=ACCOUNT,
    required=SAFETY,
)  # fmt: skip
register(
    "accounts.key_made",
    title=_("An API key was made: %(name)s"),
    body=_("A program can read with it what you may see in %(organisation)s. Was it not you? End "
           "it on the page of your keys and change your password."),
    group=ACCOUNT,
    required=SAFETY,
)  # fmt: skip
register(
    "accounts.factors_taken_off",
    title=_("Your second factors were taken off"),
    body=_("An operator of the portal took them off because you could not use them any more. "
           "Set up a new one when you sign in. Was it not you who asked? Tell us at once."),
    group=ACCOUNT,
    required=SAFETY,
)  # fmt: skip
