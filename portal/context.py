"""What every template knows about the installation."""

from django.conf import settings

from foundation import standstill


def portal(request):
    """Add the portal's name, its address, whether this is the demo and where its mail lies.

    ``read_only`` tells that nothing can be saved at the moment.
    """
    return {
        "portal_name": settings.PORTAL_NAME,
        "base_url": settings.BASE_URL,
        "demo": settings.DEMO,
        "demo_mail": settings.DEMO_MAIL,
        "contact": settings.CONTACT,
        "oidc_providers": settings.OIDC_PROVIDERS,
        "read_only": standstill.is_on(),
    }
