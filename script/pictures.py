"""Take pictures of every page kind: both widths, both themes, both languages.

    script/pictures.py [--base ADDRESS] [--out FOLDER] [--few] [--rules] [name ...]

Needs a running server with the demonstration and its PORTAL_DATA_DIR, where the objects of
pictures.txt are looked up. Prints each picture, then every complaint: of the browser, about an
unexpected status, about a page wider than its window; with --rules also what breaks WCAG 2.2 AA or
is too small to hit (this needs what script/bootstrap --tests installs). Exits 1 when there was one.
"""

import argparse
import itertools
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import django
from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
django.setup()

from django.apps import apps  # noqa: E402 -- models need the set-up above
from django.urls import reverse  # noqa: E402

from organisations.models import Membership  # noqa: E402

TABLE = Path(__file__).with_suffix(".txt")
PASSWORD = "portal-demo"  # noqa: S105 -- the published one of the demo
OF_ENTERPRISE = ("owner", "member")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--disable-dev-shm-usage"]  # fmt: skip
WIDTHS, THEMES, LANGUAGES = (1280, 360), ("light", "dark"), ("en", "zh-CN")
TOO_WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@dataclass(frozen=True)
class Page:
    """A page kind of the table: the account (e-mail, or empty), the address, the status."""

    account: str
    address: str
    status: int


def found(words):
    """Return the newest object described by a model's name and filters (``status=open``)."""
    name, *filters = words.split()
    model = next(m for m in apps.get_models() if m.__name__ == name)
    values = {key: None if value == "None" else value for key, value in
              (each.split("=", 1) for each in filters)}  # fmt: skip
    chosen = model.objects.filter(**values).order_by("-created_at", "pk").first()
    if chosen is None:
        raise LookupError(f"the demonstration has no {words}")
    return chosen


def account(who, thing):
    """Return the e-mail of the demo account that has the role in the object's organisation."""
    if not who:
        return ""
    audit = getattr(thing, "audit", thing)
    if who == "lead":
        return audit.members.get(role="lead").user.email
    owner = getattr(thing, "application", None) or getattr(thing, "case", None) or audit
    side = "enterprise" if who in OF_ENTERPRISE else "body"
    people = Membership.objects.filter(role=who, organisation=getattr(owner, side, None))
    return people.first().user.email if people else f"{who}@demo.example"


def table(names):
    """Return the page kinds of these names, or all, by name, and what cannot be shown."""
    pages, missing = {}, []
    for name, who, where, words, status in rows(names):
        try:
            thing = found(words) if words else None
        except LookupError as error:
            missing.append(f"{name}: {error}")
            continue
        pages[name] = Page(account(who, thing), address(where, thing), int(status or 200))
    return pages, missing


def address(where, thing):
    """Return the address of an object's page; its key stands first, or where there is a ``*``."""
    if thing is None:
        return where
    named, *more = where.split()
    key = thing.code if named == "verification:certificate" else thing.pk
    parts = more if "*" in more else ["*", *more]
    return reverse(named, args=[key if part == "*" else part for part in parts])


def rows(names):
    """Return the lines of the table with these names, or all. Raises ValueError."""
    lines = [line for line in TABLE.read_text().splitlines() if line and line[0] != "#"]
    parts = [([*map(str.strip, line.split("|")), "", ""])[:5] for line in lines]
    every = [row[0] for row in parts]
    wrong = {name for name in every if every.count(name) > 1} or set(names) - set(every)
    if wrong:
        raise ValueError(f"not in the table, or twice: {', '.join(sorted(wrong))}")
    return [row for row in parts if not names or row[0] in names]


def sign_in(context, email):
    """Sign in through the form."""
    page = context.new_page()
    page.goto("/accounts/login/")
    page.fill('[name="login"]', email)
    page.fill('[name="password"]', PASSWORD)
    page.press('[name="password"]', "Enter")
    page.wait_for_url("**/desk/")
    page.close()


def take(context, page, file, rules):
    """Take one picture; return the complaints."""
    complaints = []
    tab = context.new_page()
    tab.on(
        "console",
        lambda said: (
            said.type in ("error", "warning")
            and not (page.status != 200 and f"status of {page.status}" in said.text)  # noqa: PLR2004
            and complaints.append(said.text)
        ),
    )
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    try:
        answer = tab.goto(page.address)
        if answer.status != page.status:
            complaints.append(f"status {answer.status} at {page.address}")
        if tab.evaluate(TOO_WIDE):
            complaints.append(f"wider than the window: {page.address}")
        tab.screenshot(path=file, full_page=True)
        complaints += rules(tab)
        print(file, flush=True)
    except Exception as error:  # noqa: BLE001 -- one page must not hide the others
        complaints.append(str(error))
    tab.close()
    return [f"{file.stem}: {complaint}" for complaint in complaints]


def broken_rules(tab):
    """Return what the page breaks of the rules that the tests look for too."""
    from tests.browser import LEAST, SMALL, rules_broken  # noqa: PLC0415 -- tools of the tests

    # As high as the page, so that the bar at the foot of a phone covers nothing.
    height = tab.evaluate("document.documentElement.scrollHeight")
    tab.set_viewport_size({"width": tab.viewport_size["width"], "height": height})
    found = [f"{rule}: {html[:200]}" for _url, rule, html in rules_broken(tab)]
    return found + [f"small target: {one}" for one in tab.evaluate(SMALL, LEAST)]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--base", default="http://127.0.0.1:8000")
    parser.add_argument("--out", default="var/pictures", type=Path)
    parser.add_argument("--few", action="store_true", help="two pictures a page instead of eight")
    parser.add_argument("--rules", action="store_true", help="also look for what is inaccessible")
    parser.add_argument("names", nargs="*")
    chosen = parser.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    combinations = list(itertools.product(LANGUAGES, THEMES, WIDTHS))
    if chosen.few:
        combinations = [("en", "light", 1280), ("zh-CN", "dark", 360)]
    pages, complaints = table(chosen.names)
    accounts = sorted({page.account for page in pages.values()})
    rules = broken_rules if chosen.rules else lambda tab: []
    session = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        for email, (language, theme, width) in itertools.product(accounts, combinations):
            context = browser.new_context(
                base_url=chosen.base, storage_state=session.get(email),
                locale=language, color_scheme=theme,
                viewport={"width": width, "height": 800 if width == WIDTHS[0] else 640},
                timezone_id="Asia/Shanghai", reduced_motion="reduce",
            )  # fmt: skip
            if email and email not in session:
                sign_in(context, email)
                session[email] = context.storage_state()
            for name, page in pages.items():
                if page.account == email:
                    file = chosen.out / f"{name}-{language[:2]}-{width}-{theme}.png"
                    complaints += take(context, page, file, rules)
            context.close()
        browser.close()
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
