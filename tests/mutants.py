"""Remove every rule of access in turn and see whether a test turns red (script/mutations).

A pytest plugin. It collects the suite, learns in one run which tests meet which rule, and then,
for each rule, runs those tests in a process of their own in which this one rule does not hold.
A rule nobody misses has no test. Each processor has a lane: its share of the rules, and a
database and files of its own.
"""

import inspect
import json
import os
import re
import shutil
import sqlite3
import sys
import traceback
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from _pytest.runner import runtestprotocol
from django.apps import apps
from django.conf import settings
from django.db import connections
from django.urls import URLPattern, get_resolver

from foundation.access import ALLOWED, PUBLIC, Right, declared_right, public
from foundation.models import VisibleQuerySet
from foundation.workflow import FLOWS, Transition
from schemes.models.approval import BodyApprovalQuerySet

RED, GREEN, ANYWAY = 0, 3, 4
_SAID = {RED: "red", GREEN: "GREEN", ANYWAY: "red with the rule too"}
LANES = os.cpu_count() or 1
MOST = 25  # tests tried for one rule, those that meet it alone first
_OURS = {config.name for config in apps.get_app_configs() if "." not in config.name}
_DOORS = "tests/matrix/test_urls.py"
_TABLE = "tests/matrix/test_flows.py"
_STRANGERS = "tests/leaks/test_rows.py"


@dataclass(frozen=True)
class Rule:
    """One rule: its kind and name, how to remove it, and where the tests of its kind stand."""

    kind: str
    name: str
    remove: Callable[[], None]
    tests: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        return f"{self.kind}: {self.name}"


def all_rules() -> list[Rule]:
    """Return every rule of the product that says who may do or see what, and when."""
    return [*rights(), *addresses(), *transitions(), *rows()]


def rights():
    """Every right with a name of its own: it lets everybody pass."""
    found = {}
    for module in list(sys.modules.values()):
        where = getattr(module, "__name__", "")
        if where.partition(".")[0] in _OURS:
            for name, value in vars(module).items():
                if isinstance(value, Right) and value is not PUBLIC:
                    found.setdefault(id(value), []).append((where.count("."), f"{where}.{name}"))
                    RIGHTS[id(value)] = value
    for key, names in found.items():
        yield Rule("right", min(names)[1], _opener(RIGHTS[key]), (_DOORS, _TABLE))


RIGHTS: dict[int, Right] = {}


def _opener(right):
    def remove():
        right._test = lambda actor, obj: ALLOWED

    return remove


def addresses(patterns=None, prefix="", namespace=""):
    """Every address of ours: it is open to everybody."""
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        path = prefix + str(entry.pattern)
        if path.startswith(("admin/", "i18n/")):
            continue
        if not isinstance(entry, URLPattern):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from addresses(entry.url_patterns, path, inner)
        elif declared_right(entry.callback, f"{namespace}{entry.name or ''}") is not PUBLIC:
            yield Rule("address", f"/{path}", _unlocked(entry), (_DOORS,))


def _unlocked(entry):
    def remove():
        entry.callback = public(inspect.unwrap(entry.callback))

    return remove


def transitions():
    """Every right, guard and required fact of every action."""
    for flow in FLOWS.values():
        for row in flow.transitions:
            name = name_of_row(flow, row)
            yield Rule("action", name, _set(row, right=PUBLIC), (_TABLE,))
            for guard in row.guards:
                left = tuple(other for other in row.guards if other is not guard)
                yield Rule("guard", f"{name} {name_of(guard)}", _set(row, guards=left))
            for fact in row.requires:
                left = tuple(other for other in row.requires if other != fact)
                yield Rule("fact", f"{name} {fact}", _set(row, requires=left), (_TABLE,))


def name_of_row(flow, row) -> str:
    """Name a row of a flow's table; the same action may stand in several."""
    alone = sum(other.action == row.action for other in flow.transitions) == 1
    return f"{flow.name}.{row.action}" + ("" if alone else f" from {' '.join(row.sources)}")


def name_of(guard) -> str:
    return getattr(guard, "__qualname__", repr(guard)).replace(".<locals>", "")


def _set(row, **values):
    def remove():
        for name, value in values.items():
            object.__setattr__(row, name, value)

    return remove


def rows():
    """Every rule about who is given which rows: everybody is given all."""
    seen = {VisibleQuerySet, BodyApprovalQuerySet}  # says nothing; gives everybody all anyway
    for model in apps.get_models():
        queryset = getattr(getattr(model, "objects", None), "_queryset_class", object)
        for base in queryset.__mro__:
            if "visible_to" in vars(base) and base not in seen:
                seen.add(base)
                name = f"{base.__module__}.{base.__name__}"
                yield Rule("rows", name, _shown(base), (_STRANGERS,))


def _shown(queryset):
    def remove():
        queryset.visible_to = lambda self, actor: self.all()

    return remove


# Which tests meet which rule.


class Meetings:
    """Note for each rule the tests in which it was asked, and stood in the way if it can."""

    def __init__(self):
        self.test = ""
        self.found: dict[str, list[str]] = {}

    def note(self, key):
        tests = self.found.setdefault(key, [])
        if self.test not in tests:
            tests.append(self.test)

    def watch(self, rules):
        """Put an ear on guards, facts and rows."""
        self._watch_transitions()
        for rule in rules:
            if rule.kind == "rows":
                where, _dot, name = rule.name.rpartition(".")
                self._watch_rows(getattr(sys.modules[where], name), rule.key)
            if rule.kind == "right":
                where, _dot, name = rule.name.rpartition(".")
                self._watch_right(getattr(sys.modules[where], name), rule.key)

    def _watch_right(self, right, key):
        inner = right._test

        def test(actor, obj):
            answer = inner(actor, obj)
            if not answer:
                self.note(key)
            return answer

        right._test = test

    def _watch_rows(self, queryset, key):
        inner = queryset.visible_to

        def visible_to(rows, actor):
            self.note(key)
            return inner(rows, actor)

        queryset.visible_to = visible_to

    def _watch_transitions(self):
        names = {
            id(row): name_of_row(flow, row) for flow in FLOWS.values() for row in flow.transitions
        }
        inner = Transition.blockers

        def blockers(row, obj, actor, data=None):
            name = names.get(id(row))
            for guard in row.guards:
                if list(guard(obj, actor, data)):
                    self.note(f"guard: {name} {name_of(guard)}")
            for fact in row.requires if data is not None else ():
                if data.get(fact) in (None, ""):
                    self.note(f"fact: {name} {fact}")
            return inner(row, obj, actor, data)

        Transition.blockers = blockers


# The run.


def pytest_addoption(parser):
    parser.addoption("--rules", default="", help="only the rules this pattern is found in")
    parser.addoption("--meetings", help="a file that keeps which tests meet which rule")


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session):
    """Run the mutants instead of the tests; the session fails when a rule is not missed."""
    items = [item for item in session.items if not item.get_closest_marker("servers")]
    wanted = re.compile(session.config.getoption("rules"))
    rules = [rule for rule in all_rules() if wanted.search(rule.key)]
    if not rules:
        pytest.exit("No rule has such a name.", 2)
    # The session's fixtures, the database among them, are made once and inherited.
    first = next(item for item in items if "cast" in item.fixturenames)
    if _is_red(first, items[-1]):
        pytest.exit("The suite is red without any change.", 2)
    meetings, red = _learned(session, items, rules)
    say = session.config.get_terminal_writer().line
    for test in red:
        say(f"red while one listens, so it shows nothing: {test}")
    items = [item for item in items if item.nodeid not in red]
    by_id = {item.nodeid: item for item in items}

    def judged(lane):
        told = {}
        for rule in rules[lane::LANES]:
            chosen = [item for item in items if item.nodeid.startswith(rule.tests or "\0")]
            chosen.sort(key=lambda item: "db" in item.fixturenames)  # tables of words are quickest
            met = sorted(meetings.get(rule.key, []), key=lambda test: _spread(meetings, test))
            chosen += [by_id[test] for test in met[:MOST] if test in by_id]
            status = _missed_by(rule, chosen, items)
            say(f"{_SAID[status]:6}{rule.key}")
            told[rule.key] = status, len(chosen)
        return told

    told = {key: value for lane in _in_lanes(judged) for key, value in lane.items()}
    outcome: dict[str, Counter] = {}
    for rule in rules:
        outcome.setdefault(rule.kind, Counter())[told[rule.key][0]] += 1
    missed = [(key, tried) for key, (status, tried) in told.items() if status != RED]
    _tell(say, outcome, missed)
    session.testsfailed = len(missed)
    return True


def _spread(meetings, test) -> int:
    """Return how many rules a test meets: one about a single rule is the likeliest to miss it."""
    return sum(test in tests for tests in meetings.values())


def _is_red(item, following) -> bool:
    return any(report.failed for report in runtestprotocol(item, log=False, nextitem=following))


def _learned(session, items, rules) -> tuple[dict[str, list[str]], list[str]]:
    """Return which tests meet which rule, and the tests that are red as it is."""
    place = session.config.getoption("meetings")
    if place and Path(place).exists():
        return tuple(json.loads(Path(place).read_text()))
    found, red = {}, []
    for met, failed in _in_lanes(lambda lane: _learn(_share(items, lane), rules)):
        red += failed
        for key, tests in met.items():
            found.setdefault(key, []).extend(tests)
    if place:
        Path(place).write_text(json.dumps([found, red]))
    return found, red


def _share(items, lane) -> list:
    """Return a lane's tests: whole files, for what they set up once."""
    places = list(dict.fromkeys(item.path for item in items))[lane::LANES]
    return [item for item in items if item.path in places]


def _learn(items, rules) -> tuple[dict[str, list[str]], list[str]]:
    meetings = Meetings()
    meetings.watch(rules)
    red = []
    for number, item in enumerate(items):
        meetings.test = item.nodeid
        if _is_red(item, items[(number + 1) % len(items)]):
            red.append(item.nodeid)
    return meetings.found, red


def _missed_by(rule, chosen, items) -> int:
    """Tell whether a test turns red without the rule, and green again with it."""
    told = settings.FILES_DIR.with_suffix(".red")
    status = _ended(_child(lambda: _try(rule, chosen, items, told)))
    if status != RED:
        return status
    test = next(item for item in chosen if item.nodeid == told.read_text())
    return RED if _ended(_child(lambda: _try(None, [test], items, told))) == GREEN else ANYWAY


def _try(rule, chosen, items, told) -> int:
    if rule is not None:
        rule.remove()
    red = next((item for item in chosen if _is_red(item, items[0])), None)
    if red is None:
        return GREEN
    told.write_text(red.nodeid)
    return RED


# Processes of their own.


def _in_lanes(work) -> list:
    """Do the work of every lane (its number is given) at once; return what each found."""
    folder = Path(os.environ["PORTAL_DATA_DIR"])

    def alone(lane):
        own = folder / f"lane{lane}"
        shutil.rmtree(own, ignore_errors=True)
        if settings.FILES_DIR.exists():
            shutil.copytree(settings.FILES_DIR, own)
        own.mkdir(exist_ok=True)
        settings.FILES_DIR = own
        (folder / f"lane{lane}.json").write_text(json.dumps(work(lane)))
        return RED

    children = [_child(lambda lane=lane: alone(lane)) for lane in range(LANES)]
    if any([_ended(child) != RED for child in children]):  # noqa: C419 -- all have to end
        pytest.exit("A lane did not reach its end.", 2)
    return [json.loads((folder / f"lane{lane}.json").read_text()) for lane in range(LANES)]


def _child(work) -> int:
    """Begin some work in a copy of this process with a copy of the database; return its number."""
    child = os.fork()
    if child:
        return child
    status = ANYWAY
    try:
        database = connections["default"].settings_dict
        own = f"{database['NAME']}.{os.getpid()}"
        connections["default"].close()
        with (
            closing(sqlite3.connect(database["NAME"])) as whole,
            closing(sqlite3.connect(own)) as to,
        ):
            whole.backup(to)  # a copy of the file alone would lack what lies in its log
        database["NAME"] = own
        status = work()
    except Exception:  # noqa: BLE001 -- whatever it is, it has to be seen
        traceback.print_exc()
    finally:
        connections["default"].close()
        Path(own).unlink(missing_ok=True)
        os._exit(status)


def _ended(child) -> int:
    """Wait for a child and return the status it ended with."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _tell(say, outcome, missed):
    say(f"\n{'removed':28}{'rules':>6}{'red':>6}")
    names = {
        "right": "rights",
        "address": "rights of addresses",
        "action": "rights of actions",
        "guard": "guards of actions",
        "fact": "required facts of actions",
        "rows": "who is given which rows",
    }
    for kind, counts in outcome.items():
        say(f"{names[kind]:28}{counts.total():6}{counts[RED]:6}")
    total = sum(counts.total() for counts in outcome.values())
    red = sum(counts[RED] for counts in outcome.values())
    say(f"{'all':28}{total:6}{red:6}  {red / max(total, 1):.1%}")
    for key, tried in missed:
        say(f"not missed: {key} ({tried} tests tried)")
