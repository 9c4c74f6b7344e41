"""What every template knows about the installation."""

from django.conf import settings


def portal(request):
    """Add the portal's name, its address, whether this is the demo and where its mail lies."""
    return {
        "portal_name": settings.PORTAL_NAME,
        "base_url": settings.BASE_URL,
        "demo": settings.DEMO,
        "demo_mail": settings.DEMO_MAIL,
        "contact": settings.CONTACT,
    }
