"""Take pictures of every page kind: both widths, both themes, both languages.

    script/pictures.py [--base http://127.0.0.1:8000] [--out var/pictures] [name ...]

Needs a running server with the demonstration. Prints each picture and every complaint of the
browser; exits 1 when there was one.
"""

import argparse
import itertools
import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

PASSWORD = "portal-demo"  # noqa: S105 -- the published one of the demo
# name: (account, address or the list page whose first link leads there)
PAGES = {
    "landing": ("", "/"),
    "verify": ("", "/verify/"),
    "no-match": ("", "/verify/?q=034+26+Q+99999"),
    "directory": ("", "/directory/"),
    "body": ("", ("/directory/", 'a[href^="/directory/bodies/"]')),
    "holder": ("", ("/directory/", 'a[href^="/directory/organisations/"]')),
    "certificate-public": (
        "owner",
        (
            "/certificates/",
            'main a[href^="/certificates/"]:not([href*="export"])',
            'main a[href*="/c/"]',
        ),
    ),
    "sign-in": ("", "/accounts/login/"),
    "sign-up": ("", "/accounts/signup/"),
    "desk-owner": ("owner", "/desk/"),
    "case": ("owner", ("/cases/", 'main table a[href^="/cases/"]')),
    "finding": ("owner", ("/findings/", 'main table a[href^="/findings/"]')),
    "applications": ("owner", "/applications/"),
    "application-new": ("owner", "/applications/new/"),
    "application": ("owner", ("/applications/", 'main table a[href^="/applications/"]')),
    "certificates": ("owner", "/certificates/"),
    "certificate": (
        "owner",
        ("/certificates/", 'main table a[href^="/certificates/"]'),
    ),
    "organisation": ("owner", ("/organisations/own/",)),
    "notices": ("owner", "/notices/"),
    "desk-reviewer": ("reviewer", "/desk/"),
    "queue": ("reviewer", "/applications/"),
    "review": (
        "reviewer",
        (
            "/applications/?status=in_review",
            'main table a[href^="/applications/"]',
            'a[href$="/review/"]',
        ),
    ),
    "audit-time": (
        "reviewer",
        (
            "/applications/?status=in_review",
            'main table a[href^="/applications/"]',
            'a[href$="/audit-time/"], a[href$="/do/set_time/"]',
        ),
    ),
    "desk-planner": ("planner", "/desk/"),
    "audits-to-plan": ("planner", "/audits/to-plan/"),
    "audits": ("planner", "/audits/"),
    "audit": ("auditor", ("/audits/", 'main table a[href^="/audits/"]')),
    "desk-certifier": ("certifier", "/desk/"),
    "decision": (
        "certifier",
        ("/cases/?status=deciding", 'main table a[href^="/cases/"]', 'a[href$="/decision/"]'),
    ),
    "desk-manager": ("manager", "/desk/"),
    "ratings": ("manager", "/evaluations/"),
    "desk-supervisor": ("supervisor", "/desk/"),
    "desk-operator": ("operator", "/desk/"),
    "jobs": ("operator", "/jobs/"),
    "bodies": ("operator", "/bodies/"),
    "help": ("", "/help/"),
}
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--disable-dev-shm-usage"]  # fmt: skip
WIDTHS, THEMES, LANGUAGES = (1280, 360), ("light", "dark"), ("en", "zh-CN")


def sign_in(context, account):
    page = context.new_page()
    page.goto("/accounts/login/")
    page.fill('[name="login"]', f"{account}@demo.example")
    page.fill('[name="password"]', PASSWORD)
    page.press('[name="password"]', "Enter")
    page.wait_for_url("**/desk/")
    page.close()


def reach(page, target):
    """Open an address, or follow the first link of each kind from a list page."""
    first, *links = (target,) if isinstance(target, str) else target
    page.goto(first)
    for link in links:
        address = page.locator(link).first.get_attribute("href", timeout=4000)
        page.goto(address)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--base", default="http://127.0.0.1:8000")
    parser.add_argument("--out", default="var/pictures", type=Path)
    parser.add_argument("--few", action="store_true", help="two pictures a page instead of eight")
    parser.add_argument("names", nargs="*")
    chosen = parser.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    combinations = list(itertools.product(LANGUAGES, THEMES, WIDTHS))
    if chosen.few:
        combinations = [("en", "light", 1280), ("zh-CN", "dark", 360)]
    complaints = []
    names = chosen.names or list(PAGES)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        accounts = sorted({PAGES[name][0] for name in names})
        for (language, theme, width), account in itertools.product(combinations, accounts):
            context = browser.new_context(
                base_url=chosen.base, locale=language, color_scheme=theme,
                viewport={"width": width, "height": 800 if width == WIDTHS[0] else 640},
                timezone_id="Asia/Shanghai", reduced_motion="reduce",
            )  # fmt: skip
            if account:
                sign_in(context, account)
            for name in names:
                if PAGES[name][0] != account:
                    continue
                page = context.new_page()
                page.on(
                    "console",
                    lambda said, n=name: (
                        said.type == "error" and complaints.append(f"{n}: {said.text}")
                    ),
                )
                try:
                    reach(page, PAGES[name][1])
                except Exception as error:  # noqa: BLE001 -- one page must not hide the others
                    complaints.append(f"{name}: {error}")
                file = chosen.out / f"{name}-{language[:2]}-{width}-{theme}.png"
                page.screenshot(path=file, full_page=True)
                print(file)
                page.close()
            context.close()
        browser.close()
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
