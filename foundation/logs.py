"""The log: one record a line, with its request and its actor, and nothing that is secret.

Production writes JSON, everything else a line to read (PORTAL_LOG). What a request or a job is
about is bound once (``bound``, ``bind``) and stands in every record written on its way.
"""

import json
import logging
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from structlog.contextvars import (
    bind_contextvars,
    bound_contextvars,
    clear_contextvars,
    get_contextvars,
    merge_contextvars,
)
from structlog.stdlib import ProcessorFormatter

bind, bound, forget = bind_contextvars, bound_contextvars, clear_contextvars

_HARMLESS = (
    # The password in an address of a service.
    (re.compile(r"(?<=://)[^\s/@]+@"), "[left out]@"),
    (re.compile(r"[^\s@<>()\[\]\"',;:=]+@[\w-]+(?:\.[\w-]+)*"), "[e-mail]"),
    # PostgreSQL repeats the values of the row that it refused.
    (re.compile(r"DETAIL:.*?(?=\n[A-Z]|\Z)", re.DOTALL), "DETAIL: [left out]"),
)
# What ends a line somewhere, or turns its reading direction.
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_LINE_ENDS = {"\n": "\\n", "\r": "\\r"}
_FIRST = ("time", "level", "logger", "event", "request_id")
_SIMPLE = re.compile(r"[\w.:/+-]+")


class Raised(logging.Filter):
    """Lets through what has a trace."""

    def filter(self, record):
        return bool(record.exc_info)


@contextmanager
def quiet() -> Iterator[None]:
    """Write only what went wrong, for work of which a person watches the progress."""
    root = logging.getLogger()
    before = root.level
    root.setLevel(logging.WARNING)
    try:
        yield
    finally:
        root.setLevel(before)


def request_id() -> str:
    """Return the id of the request that this work goes back to; empty when there is none."""
    return get_contextvars().get("request_id", "")


def of_actor(actor) -> dict:
    """Return who acts, as every record names it: identifiers, never names."""
    facts = {"user": actor.user.pk if actor.user else None, "organisation": actor.organisation_id}
    return {name: value for name, value in facts.items() if value is not None}


def new_id() -> str:
    """Return a new id for a request, or for work that no request asked for."""
    return secrets.token_hex(8)


def event(name: str, *, level: int = logging.INFO, **facts) -> None:
    """Write what operators look for by name, such as ``access.denied``; None says nothing."""
    said = {key: value for key, value in facts.items() if value is not None}
    structlog.stdlib.get_logger("portal.events").log(level, name, **said)


def route_of(request) -> str:
    """Return the name of the view that answers a request: an address may hold a secret."""
    match = getattr(request, "resolver_match", None)
    return (match.view_name or match.route) if match else "-"


def formatter(*, as_json: bool) -> ProcessorFormatter:
    """Return the formatter of all handlers: JSON for programs, else a line for people."""
    return ProcessorFormatter(
        foreign_pre_chain=[*_FACTS, _without_path],
        pass_foreign_args=True,
        processors=[
            ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            _without_secrets,
            _as_json if as_json else _as_text,
        ],
    )


def _without_path(logger, method, facts):
    """Let Django's own records of a request name its route instead of its address."""
    record, words = facts["_record"], facts.pop("positional_args")
    request = getattr(record, "request", None)
    if hasattr(request, "resolver_match") and isinstance(words, tuple) and words:
        facts["event"] = record.msg % (*words[:-1], route_of(request))
    return facts


def _without_secrets(logger, method, facts):
    return {name: _cleaned(value) for name, value in facts.items()}


def _cleaned(value):
    if value is None or isinstance(value, bool | int | float):
        return value
    text = str(value)
    for pattern, instead in _HARMLESS:
        text = pattern.sub(instead, text)
    return text


def _one_line(text: str) -> str:
    return _UNSEEN.sub(lambda m: _LINE_ENDS.get(m[0]) or f"\\u{ord(m[0]):04x}", text)


def _as_json(logger, method, facts) -> str:
    first = {name: facts[name] for name in _FIRST if name in facts}
    return _one_line(json.dumps(first | facts, ensure_ascii=False))


def _as_text(logger, method, facts) -> str:
    trace = facts.pop("exception", "")
    head = (
        f"{facts['time']} {facts['level'].upper()} {facts['logger']} "
        f"[{facts.get('request_id', '-')}] {facts['event']}"
    )
    rest = [f"{name}={_word(value)}" for name, value in facts.items() if name not in _FIRST]
    return _one_line(" ".join([head, *rest]) + (f"\n{trace}" if trace else ""))


def _word(value) -> str:
    text = str(value)
    return text if _SIMPLE.fullmatch(text) else json.dumps(text, ensure_ascii=False)


_FACTS = (
    merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
)
structlog.configure(
    processors=[
        structlog.stdlib.filter_by_level,
        *_FACTS,
        ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=True,
)
