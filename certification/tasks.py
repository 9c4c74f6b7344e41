from celery import shared_task

from certification.services import certificates


@shared_task(name="certification.sweep")
def sweep():
    certificates.sweep()
