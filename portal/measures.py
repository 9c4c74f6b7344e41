"""What each web process counts; gunicorn's processes add up through files (portal/gunicorn.py)."""

from prometheus_client import Counter, Histogram

REQUESTS = Counter(
    "portal_requests", "Requests, by the name of the view.", ["route", "method", "status"]
)
SECONDS = Histogram(
    "portal_request_seconds",
    "How long requests took.",
    ["route", "method"],
    buckets=(0.025, 0.05, 0.1, 0.3, 1, 3, 10),
)
OUTAGES = Counter(
    "portal_database_errors", "Requests that ended because the database was away.", ["error"]
)


def count_request(*, route: str, method: str, status: int, seconds: float) -> None:
    """Count a request that ended; routes and methods are few, addresses would be endless."""
    REQUESTS.labels(route, method, status).inc()
    SECONDS.labels(route, method).observe(seconds)


def count_outage(error: Exception) -> None:
    """Count a request that the database let down."""
    OUTAGES.labels(type(error).__name__).inc()
