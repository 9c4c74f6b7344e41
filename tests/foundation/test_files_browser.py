"""Files in a browser: a lost connection, a closed tab, choosing again, looking at pages."""

import hashlib

import pytest
from playwright.sync_api import expect

from foundation import files
from foundation.models import StoredFile, Upload
from tests.browser import faults, rules_broken
from tests.certification.applications import empty_draft, step_url
from tests.corpus import make
from tests.foundation.test_files import upload
from tests.foundation.test_preview import document

LONG = 60_000  # milliseconds, on a busy machine
PIECES = "**/files/uploads/**"

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def manual(tmp_path):
    """Return the path of a valid PDF of 6 MB."""
    path = tmp_path / "manual.pdf"
    with path.open("wb") as handle:
        handle.writelines(make.filled_pdf(6 * 1024**2))
    return path


@pytest.fixture
def documents(cast, open_page):
    """Return the page of an application's documents, with the kind of the next one chosen."""
    application = empty_draft(cast)
    page = open_page(cast.owner)
    page.goto(step_url(application, "documents"))
    page.select_option("[name=kind]", "manual")
    return page, application


class Line:
    """Lets two pieces through and holds the others, until the line is cut."""

    def __init__(self, page):
        self.page, self.pieces, self.held, self.is_cut = page, 0, [], False
        self.refusal = None
        page.route(PIECES, self.pass_on)

    def pass_on(self, route):
        is_piece = route.request.method == "PATCH"
        self.pieces += is_piece
        if self.is_cut:
            route.abort("internetdisconnected")
        elif self.refusal:
            route.fulfill(status=self.refusal)
        elif is_piece and self.pieces > 2:
            self.held.append(route)
        else:
            route.continue_()

    def cut(self):
        self.page.context.set_offline(True)
        self.is_cut = True
        for route in self.held:
            route.abort("internetdisconnected")

    def refuse(self, status):
        """Answer every piece as a proxy does that lets none of this size through."""
        self.refusal = status
        for route in self.held:
            route.fulfill(status=status)

    def mend(self):
        self.page.unroute(PIECES)
        self.page.context.set_offline(False)


def forget_cuts(console):
    """Take out of `console` what the browser says of a cut that the test made itself."""
    console[:] = [said for said in console if "ERR_INTERNET_DISCONNECTED" not in said]


def words_of(page):
    return page.locator(".parts [data-words]")


def uploading_of(page):
    return page.locator("[data-uploading]")


def begun(page, manual) -> Line:
    """Choose the file and wait until two of its pieces have arrived."""
    line = Line(page)
    page.set_input_files("[name=upload]", manual)
    expect(words_of(page)).to_contain_text("33 %", timeout=LONG)
    return line


def send(page, application):
    """Send the form and return the one file that hangs on the application now."""
    page.get_by_role("button", name="Add the document").click()
    page.wait_for_selector("text=The document is attached.", timeout=LONG)
    return files.attachments_of(application).get().file


def test_an_upload_survives_a_lost_connection(documents, manual, console):
    page, application = documents
    line = begun(page, manual)
    line.cut()
    expect(words_of(page)).to_contain_text("Connection lost at", timeout=LONG)
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    assert Upload.objects.get().received == 2 * 1024**2
    assert rules_broken(page) == []
    line.mend()
    expect(words_of(page)).to_contain_text("Received, 6.0 MB", timeout=LONG)
    file = send(page, application)
    assert file.sha256 == hashlib.sha256(manual.read_bytes()).hexdigest()
    assert (StoredFile.objects.count(), Upload.objects.count()) == (1, 1)
    forget_cuts(console)


def test_a_closed_tab_goes_on_when_the_same_file_is_chosen_again(documents, manual, console):
    page, application = documents
    line = begun(page, manual)
    address, context = page.url, page.context
    # Closing lets a piece that is held go on its way: it must not arrive after all.
    line.cut()
    page.close()
    forget_cuts(console)
    assert Upload.objects.get().received == 2 * 1024**2
    context.set_offline(False)
    page = context.new_page()
    pieces = []
    page.on("request", lambda request: request.method == "PATCH" and pieces.append(request))
    page.goto(address)
    page.select_option("[name=kind]", "manual")
    page.set_input_files("[name=upload]", manual)
    expect(words_of(page)).to_contain_text("Received", timeout=LONG)
    assert [int(sent.headers["upload-offset"]) for sent in pieces] == [
        number * 1024**2 for number in range(2, 7)
    ]
    assert send(page, application).sha256 == hashlib.sha256(manual.read_bytes()).hexdigest()
    assert StoredFile.objects.count() == 1


def test_a_form_sent_early_waits_for_its_file(documents, manual):
    page, application = documents
    page.set_input_files("[name=upload]", manual)
    assert send(page, application).size == manual.stat().st_size


@pytest.mark.parametrize("end", ["refused", "cancelled"])
def test_a_form_does_not_go_without_the_file_it_waits_for(documents, manual, console, end):
    page, _application = documents
    sent = []
    page.on("request", lambda one: one.is_navigation_request() and sent.append(one.method))
    line = begun(page, manual)
    add, state = page.get_by_role("button", name="Add the document"), uploading_of(page)
    add.click()
    expect(state).to_have_text("The form is sent as soon as the file is here.")
    if end == "refused":
        line.refuse(413)
        expect(page.locator(".parts progress")).to_have_count(0)
    else:
        page.get_by_role("button", name="Cancel").click()
    expect(state).to_have_text("")
    assert sent == []
    add.click()
    page.wait_for_selector("text=Choose a file")
    assert sent == ["POST"]
    console[:] = [said for said in console if "413" not in said and "422" not in said]


def test_a_cancelled_upload_leaves_nothing(documents, manual, console):
    page, _application = documents
    begun(page, manual)
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator(".parts li")).to_have_count(0)
    page.get_by_role("button", name="Add the document").click()
    page.wait_for_selector("text=Choose a file")
    assert (Upload.objects.count(), StoredFile.objects.count()) == (0, 0)
    console[:] = [said for said in console if "422" not in said]


def test_a_file_of_ones_own_is_chosen_without_a_script(cast, open_page):
    own = files.store(upload(document(), "mine.pdf"), actor=cast.actor("owner"))
    application = empty_draft(cast)
    page = open_page(cast.owner, script=False)
    page.goto(step_url(application, "documents"))
    page.select_option("[name=kind]", "manual")
    page.locator("details.vault summary").click()
    page.select_option("[name=upload-stored]", str(own.pk))
    assert send(page, application) == own


def test_a_large_file_needs_no_script(cast, open_page, manual):
    application = empty_draft(cast)
    page = open_page(cast.owner, script=False)
    page.goto(step_url(application, "documents"))
    page.select_option("[name=kind]", "manual")
    page.set_input_files("[name=upload]", manual)
    assert send(page, application).size == manual.stat().st_size


@pytest.mark.parametrize(
    ("width", "dark", "language"), [(1280, False, "en"), (360, True, "zh-hans")]
)
def test_the_pages_of_files_are_in_order(cast, open_page, width, dark, language):
    own = files.store(upload(document(), "mine.pdf"), actor=cast.actor("owner"))
    page = open_page(cast.owner, width=width, height=6000, dark=dark, language=language)
    addresses = [
        "/files/",
        "/files/add/",
        *(f"/files/{own.pk}/{name}/" for name in ("about", "version", "describe", "end", "view")),
        step_url(empty_draft(cast), "documents"),
    ]
    assert faults(page, addresses) == []
    page.goto(f"/files/{own.pk}/view/")
    drawn = page.locator(".leaf img")
    expect(drawn).to_have_count(3)
    drawn.last.scroll_into_view_if_needed()
    page.wait_for_function(
        "() => [...document.images].every(one => one.complete && one.naturalWidth)"
    )
