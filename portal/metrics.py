"""/metrics: what Prometheus reads, from this machine or with a token."""

import os
from time import perf_counter

from django.conf import settings
from django.http import HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from foundation.access import public
from portal import health, state
from portal.requests import is_local


class StateCollector(Collector):
    """The records of the installation, counted when they are asked for."""

    def collect(self):
        """Yield one family for each measure; those of the database only while it answers."""
        begin = perf_counter()
        failed = health.failed()
        ready = GaugeMetricFamily("portal_ready", "1 when this part works.", labels=["part"])
        for name in health.checks():
            ready.add_metric([name], name not in failed)
        yield ready
        if not failed.keys() & health.ESSENTIAL:
            for measure in state.measures():
                family = GaugeMetricFamily(measure.name, measure.help, labels=measure.labels)
                for labels, value in measure.values:
                    family.add_metric(labels, value)
                yield family
        took = perf_counter() - begin
        yield GaugeMetricFamily("portal_metrics_seconds", "What this answer took.", value=took)


def may_read(request) -> bool:
    """Tell whether a request comes from this machine itself, or carries the token."""
    sent = request.headers.get("Authorization", "").removeprefix("Bearer ")
    token = settings.METRICS_TOKEN
    return is_local(request) or bool(token and constant_time_compare(sent, token))


@never_cache
@require_safe
@public
def metrics(request):
    """Answer with all measures in the text form of Prometheus."""
    if not may_read(request):
        return HttpResponse(
            "loopback or token only\n",
            status=401,
            headers={"WWW-Authenticate": "Bearer"},
            content_type="text/plain",
        )
    registry = CollectorRegistry()
    registry.register(StateCollector())
    several = "PROMETHEUS_MULTIPROC_DIR" in os.environ
    if several:
        MultiProcessCollector(registry)
    own = b"" if several else generate_latest(REGISTRY)
    return HttpResponse(own + generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
