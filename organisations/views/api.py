"""The first address of the programming interface: who the key is."""

from django.http import JsonResponse
from django.views.decorators.http import require_safe

from foundation.access import needs
from organisations.scopes import scoped


@require_safe
@needs(scoped("identity"))
def me(request):
    """Name the key, its person, its organisation and what it may do."""
    actor, key = request.actor, request.actor.key
    organisation = actor.organisation
    answer = JsonResponse(
        {
            "key": {
                "name": key.name,
                "prefix": key.prefix,
                "scopes": key.scopes,
                "expires_at": key.expires_at.isoformat(),
            },
            "person": {"name": actor.user.name, "email": actor.user.email},
            "organisation": {
                "id": str(organisation.pk),
                "kind": organisation.kind,
                "name_zh": organisation.name_zh,
                "name_en": organisation.name_en,
                "identifier": organisation.identifier,
            },
            "roles": sorted(actor.roles),
        }
    )
    answer["Cache-Control"] = "no-store"
    return answer
