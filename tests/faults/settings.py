"""The settings of the portal under faults: the real ones, durable, with shorter waits.

A job counts as left lying after some seconds instead of minutes, so that one fault after the
other can be watched to its end. Everything that keeps work from getting lost is as in production.
"""

import os
from datetime import timedelta

from portal.settings import *  # noqa: F403
from portal.settings import CELERY_BEAT_SCHEDULE, CELERY_BROKER_TRANSPORT_OPTIONS, LOGGING

JOB_LEASE = int(os.environ.get("FAULTS_LEASE", "40"))
JOB_REPUBLISH_AFTER = 3
JOB_PAUSE = 1
# Short only while jobs are tried that have no end.
CELERY_TASK_TIME_LIMIT = int(os.environ.get("FAULTS_TIME_LIMIT", "600"))
CELERY_TASK_SOFT_TIME_LIMIT = CELERY_TASK_TIME_LIMIT - 5
CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"] = JOB_LEASE
CELERY_BEAT_SCHEDULE["relay"]["schedule"] = timedelta(seconds=1)
CELERY_IMPORTS = ["tests.faults.jobs"]
# Signing costs nothing: it is not what is tried here.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
LOGGING["root"]["level"] = "WARNING"
