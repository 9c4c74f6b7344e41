"""The steps of a sign-in."""

from allauth.account.authentication import get_authentication_records
from allauth.mfa.stages import AuthenticateStage


class SecondStep(AuthenticateStage):
    """Asks for a second factor, unless one was given on the way: by passkey, or at a provider."""

    def _should_handle(self, request):
        records = get_authentication_records(request, self.login.user)
        if any(record["method"] == "mfa" for record in records):
            return False
        return super()._should_handle(request)
