import uuid

from django.utils.functional import SimpleLazyObject

from organisations.actors import SESSION_KEY, actor_for


class ActorMiddleware:
    """Give each request its actor, fetched when first looked at."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.actor = SimpleLazyObject(lambda: _actor_of(request))
        return self.get_response(request)


def _actor_of(request):
    chosen = request.session.get(SESSION_KEY)
    return actor_for(request.user, uuid.UUID(chosen) if chosen else None)
