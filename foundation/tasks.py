import logging

from celery import shared_task

from foundation import anchor, checkup, daily, files, heartbeats, jobs, statistics, undo, work

log = logging.getLogger(__name__)


@shared_task(name="foundation.run_job")
def run_job(job_id):
    jobs.run(job_id)


@shared_task(name="foundation.relay")
def relay():
    heartbeats.beat(heartbeats.RELAY, every=heartbeats.EVERY)
    jobs.relay()


@shared_task(name="foundation.sweep_files")
def sweep_files():
    files.sweep()


@shared_task(name="foundation.rebuild_work")
def rebuild_work():
    work.rebuild()


@shared_task(name="foundation.renew_statistics")
def renew_statistics():
    statistics.renew()


@shared_task(name="foundation.daily")
def ask_for_the_day():
    daily.ask()


@shared_task(name="foundation.anchor")
def renew_anchor():
    """Keep the heads of the journal outside the database; say it when they do not fit."""
    for problem in anchor.write():
        log.error("journal: %s", problem)


@shared_task(name="foundation.doctor")
def doctor():
    """Ask everything, once a night, and name what is wrong."""
    report = checkup.examine()
    checkup.remember(report)
    for check, finding in report.findings(checkup.ERROR):
        log.error("doctor: %s: %s [%s]", check.name, finding.text, finding.record)


@shared_task(name="foundation.sweep_undo")
def sweep_undo():
    undo.sweep()
