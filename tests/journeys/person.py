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
                self.check(field, chosen)
        elif kind.startswith("select"):
            self.select(fields.first, value)
        elif isinstance(value, Path):
            self.give_file(fields.first, value)
        else:
            self.write(fields.first, str(value))

    def follow(self, locator):
        """Press what leads to another page, and arrive there."""
        self.reach(locator)
        with self.page.expect_navigation():
            self.press(locator)

    # What hands do; the keyboard does it otherwise.

    def reach(self, locator):
        """Go to an element; a mouse is there at once."""

    def press(self, locator):
        """Press a button or follow a link."""
        locator.click()

    def check(self, field, chosen=True):
        """Choose a radio button, or tick a box or not."""
        field.set_checked(chosen)

    def select(self, field, value):
        """Choose from a list."""
        field.select_option(value if isinstance(value, list) else str(value))

    def write(self, field, text: str):
        """Replace what stands in a field."""
        field.fill(text)

    def give_file(self, field, path: Path):
        """Choose a file."""
        field.set_input_files(path)

    def send(self, form: str = "main form", **button) -> "Person":
        """Press the one primary button of a form and let the server do what follows."""
        named = "".join(f'[name="{name}"][value="{value}"]' for name, value in button.items())
        kinds = (
            (f"button{named}",) if named else ("button.btn-primary", "button.btn-danger", "button")
        )
        found = [self.page.locator(f"{form} {kind}") for kind in kinds]
        press = next(locator for locator in found if locator.count())
        self.follow(press.first)
        jobs.run_due()
        return self

    def upload(self, form: str, name: str) -> "Person":
        """Send a form with a file, which goes up in place, and wait until the page names it."""
        self.press(self.page.locator(f"{form} button").last)
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


_IS_AT = """e => document.activeElement === e || (
    e.type === "radio" && document.activeElement.type === "radio"
    && document.activeElement.name === e.name && document.activeElement.form === e.form)"""
# What has the focus is seen: a part of it is in the window and nothing lies over that part, and
# the browser shows that it has the focus.
_IS_SEEN = """() => {
    const e = document.activeElement;
    const shown = e.matches(".visually-hidden, [type=radio], [type=checkbox], [type=file]")
        && e.labels && e.labels.length ? e.labels[0] : e;
    const box = shown.getBoundingClientRect();
    const x = Math.min(Math.max(box.left + Math.min(box.width / 2, 40), 0), innerWidth - 1);
    const ys = [box.top + 3, box.top + box.height / 2, box.bottom - 3];
    return e.matches(":focus-visible") && ys.some(y => {
        const top = document.elementFromPoint(x, y);
        return top && (shown.contains(top) || top.contains(shown));
    });
}"""
_MOST_STOPS = 400


class Keyboard(Person):
    """Somebody without a mouse: Tab, Shift-Tab, Space, Enter, arrows and letters, nothing else."""

    def __init__(self, open_page, user=None, **looks):
        super().__init__(open_page, user, **looks)
        # The browser hands its file choosers over from the start, not only when one is awaited.
        self.page.on("filechooser", lambda chooser: None)

    def reach(self, locator):
        """Move the focus to an element, from the beginning of the page past the way to its text.

        Fails when Tab does not get there, or the focus is not seen there.
        """
        element = locator.element_handle()
        keys = self.page.keyboard
        if self.page.evaluate("document.activeElement === document.body"):
            keys.press("Tab")
            assert self.page.evaluate("document.activeElement.hash") == "#main", self.page.url
            keys.press("Enter")
        for _stop in range(_MOST_STOPS):
            if element.evaluate(_IS_AT):
                assert self.page.evaluate(_IS_SEEN), f"the focus is hidden: {locator}"
                return
            keys.press("Tab")
        raise AssertionError(f"Tab does not reach {locator} at {self.page.url}")

    def press(self, locator):
        self.reach(locator)
        self.page.keyboard.press("Enter")

    def check(self, field, chosen=True):
        self.reach(field)
        if field.get_attribute("type") == "checkbox":
            if field.is_checked() != chosen:
                self.page.keyboard.press("Space")
        else:
            self.page.keyboard.press("Space")
            while not field.evaluate("e => document.activeElement === e"):
                self.page.keyboard.press("ArrowDown")
        assert field.is_checked() == chosen

    def select(self, field, value):
        self.reach(field)
        places = "(e, value) => [...e.options].findIndex(option => option.value === value)"
        self.page.keyboard.press("Home")
        for _step in range(field.evaluate(places, str(value))):
            self.page.keyboard.press("ArrowDown")
        assert field.input_value() == str(value)

    def write(self, field, text):
        self.reach(field)
        if field.get_attribute("type") == "date":
            # The parts stand in the order of the language of the browser itself: American.
            year, month, day = text.split("-")
            self.page.keyboard.type(f"{month}{day}{year}")
        else:
            self.page.keyboard.press("Control+a")
            self.page.keyboard.insert_text(text)
        assert field.input_value() == text

    def give_file(self, field, path):
        self.reach(field)
        with self.page.expect_file_chooser() as chooser:
            self.page.keyboard.press("Enter")
        chooser.value.set_files(path)
