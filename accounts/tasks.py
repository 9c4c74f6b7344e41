from celery import shared_task

from accounts.services import history, sessions


@shared_task(name="accounts.sweep")
def sweep():
    """Forget sessions that expired and events that are older than they are kept."""
    sessions.forget_expired()
    history.forget_old()
