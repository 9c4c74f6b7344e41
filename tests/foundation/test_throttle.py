"""What costs much is limited by address or by key, in windows of time."""

import datetime as dt

import pytest
import time_machine
from django.test import RequestFactory

from foundation.throttle import allow

START = dt.datetime(2026, 3, 16, 4, 0, tzinfo=dt.UTC)


@pytest.fixture
def clock():
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


def asked(address="203.0.113.1", **facts) -> bool:
    request = RequestFactory().get("/", REMOTE_ADDR=address)
    return allow(request, "trial", amount=2, seconds=60, **facts)


def test_an_action_is_allowed_so_often_in_a_window(clock):
    assert [asked() for _n in range(4)] == [True, True, False, False]
    clock.shift(dt.timedelta(seconds=60))
    assert [asked() for _n in range(3)] == [True, True, False]


def test_each_address_and_each_key_counts_for_itself(clock):
    assert [asked() for _n in range(3)] == [True, True, False]
    assert [asked("203.0.113.2") for _n in range(3)] == [True, True, False]
    assert [asked(key="user") for _n in range(3)] == [True, True, False]


def test_a_header_anybody_can_send_gives_no_new_address(clock):
    request = RequestFactory().get("/", REMOTE_ADDR="203.0.113.1")
    answers = []
    for n in range(3):
        request.META["HTTP_X_FORWARDED_FOR"] = f"198.51.100.{n}"
        answers.append(allow(request, "trial", amount=2, seconds=60))
    assert answers == [True, True, False]
