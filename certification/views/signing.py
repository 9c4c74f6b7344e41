"""The page of an act that asks for the password again."""

from allauth.core import ratelimit

from foundation.views.transitions import TransitionView


class SigningView(TransitionView):
    """A transition view whose forms may ask for the password; guessing it is slowed down."""

    def handle(self, obj, transition):
        """Perform the act, unless this person has tried too often."""
        form = self.forms.get(transition.action)
        if self.request.method == "POST" and getattr(form, "signs", False):
            refusal = ratelimit.consume_or_429(
                self.request, action="reauthenticate", user=self.request.user
            )
            if refusal:
                return refusal
        return super().handle(obj, transition)
