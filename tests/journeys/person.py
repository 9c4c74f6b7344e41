"""A person at a browser: goes somewhere, fills in, sends, reads."""

from pathlib import Path

from foundation import jobs
from tests.people import PASSWORD


class Person:
    """One account with a browser of its own."""

    def __init__(self, open_page, user=None, *, language="en", **screen):
        self.user = user
        self.page = open_page(user, language=language, **screen)

    def go(self, address: str) -> "Person":
        """Open an address and check that it answers; sign in again after days away."""
        response = self.page.goto(address)
        if self.user and "/accounts/login/" in self.page.url:
            self.page.fill('main [name="login"]', self.user.email)
            self.page.fill('main [name="password"]', PASSWORD)
            with self.page.expect_navigation():
                self.page.press('main [name="password"]', "Enter")
            response = self.page.goto(address)
        assert response.ok, f"{response.status} {address}"
        return self

    def read(self) -> str:
        """Return the words of the main part of the page."""
        return self.page.locator("main").inner_text()

    def fill(self, **answers) -> "Person":
        """Fill in fields by their names; lists tick boxes, paths choose files."""
        for name, value in answers.items():
            self._answer(name.replace("__", "-"), value)
        return self

    def _answer(self, name, value):
        fields = self.page.locator(f'main [name="{name}"]')
        assert fields.count(), f"no field {name} at {self.page.url}: {self.read()}"
        kind = fields.first.evaluate("e => e.type || e.tagName.toLowerCase()")
        if kind in ("radio", "checkbox"):
            wanted = [str(item) for item in (value if isinstance(value, list) else [value])]
            for field in fields.all():
                chosen = value is True or field.get_attribute("value") in wanted
                if kind == "radio" and not chosen:
                    continue
                field.set_checked(chosen)
        elif kind.startswith("select"):
            fields.first.select_option(value if isinstance(value, list) else str(value))
        elif isinstance(value, Path):
            fields.first.set_input_files(value)
        else:
            fields.first.fill(str(value))

    def send(self, form: str = "main form", **button) -> "Person":
        """Press the one primary button of a form and let the server do what follows."""
        named = "".join(f'[name="{name}"][value="{value}"]' for name, value in button.items())
        kinds = (
            (f"button{named}",) if named else ("button.btn-primary", "button.btn-danger", "button")
        )
        found = [self.page.locator(f"{form} {kind}") for kind in kinds]
        press = next(locator for locator in found if locator.count())
        with self.page.expect_navigation():
            press.first.click()
        jobs.run_due()
        return self

    def upload(self, form: str, name: str) -> "Person":
        """Send a form with a file, which goes up in place, and wait until the page names it."""
        self.page.locator(f"{form} button").last.click()
        self.page.locator("main .files a", has_text=name).first.wait_for()
        return self

    def act(self, obj, action: str, **answers) -> "Person":
        """Take an action of an object on its page: open, fill in, send, arrive elsewhere."""
        prefix = {"certification.application": "applications", "certification.case": "cases",
                  "certification.certificate": "certificates", "audits.audit": "audits",
                  "audits.finding": "findings", "certification.evaluation": "evaluations",
                  "organisations.bodyprofile": "bodies"}[obj._meta.label_lower]  # fmt: skip
        address = f"/{prefix}/{obj.pk}/do/{action}/"
        self.go(address).fill(**answers).send()
        assert address not in self.page.url, self.read()
        obj.refresh_from_db()
        return self
