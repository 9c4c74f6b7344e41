"""What every template knows about the installation."""

from django.conf import settings


def portal(request):
    """Add the portal's name, its address and whether this is the demo."""
    return {
        "portal_name": settings.PORTAL_NAME,
        "base_url": settings.BASE_URL,
        "demo": settings.DEMO,
    }
