from celery import shared_task

from foundation import files, jobs


@shared_task(name="foundation.run_job")
def run_job(job_id):
    jobs.run(job_id)


@shared_task(name="foundation.relay")
def relay():
    jobs.relay()


@shared_task(name="foundation.sweep_files")
def sweep_files():
    files.sweep()
