"""The project: settings, addresses, the landing page, the desk, the demo."""

from portal.celery import app as celery_app

__all__ = ["celery_app"]
