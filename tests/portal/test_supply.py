"""What the portal is made of and carries along: locked, patched, without secrets."""

import ast
import json
import re
import subprocess

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from tests.conftest import ROOT

LOCKED = ROOT / "requirements.txt"
# The first versions without faults that are known and concern us.
FLOORS = {
    "django": "5.2.8",
    "django-allauth": "65.16.1",
    "pillow": "13.0.0",
    "weasyprint": "70.0",
}
SECRETS = re.compile(
    r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{36}\b"
)
OURS = ("accounts", "audits", "certification", "foundation", "organisations", "portal", "schemes")


def kept_files(*kinds):
    """Return the files of the repository whose names end so."""
    done = subprocess.run(
        ["git", "ls-files", "-z", *kinds], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [ROOT / name for name in done.stdout.split("\0") if name and (ROOT / name).is_file()]


def parts():
    done = subprocess.run(
        [ROOT / "script" / "sbom"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


def test_everything_is_locked_by_version_and_hash():
    rows = [row for row in LOCKED.read_text().splitlines() if row[:1].isalnum()]
    pins = {Requirement(row.rstrip(" \\")).name.lower() for row in rows}
    listed = parts()
    assert (listed["bomFormat"], listed["specVersion"]) == ("CycloneDX", "1.5")
    assert {part["name"].lower() for part in listed["components"]} == pins
    assert all(part["hashes"] for part in listed["components"])


@pytest.mark.parametrize(("name", "floor"), sorted(FLOORS.items()))
def test_no_part_is_older_than_its_last_fault(name, floor):
    versions = {part["name"].lower(): part["version"] for part in parts()["components"]}
    assert Version(versions[name]) >= Version(floor)


def test_the_repository_holds_no_secret():
    texts = {path: path.read_bytes().decode(errors="replace") for path in kept_files()}
    assert [str(path) for path, text in texts.items() if SECRETS.search(text)] == []


def test_no_form_takes_all_fields_of_a_record():
    """What a form does not name cannot be written through it."""
    found = []
    for path in kept_files(*(f"{app}/**.py" for app in OURS)):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                name, value = node.targets[0].id, node.value
                everything = isinstance(value, ast.Constant) and value.value == "__all__"
                if everything or (name == "exclude" and "forms" in path.parts):
                    found.append(f"{path}:{node.lineno}")
    assert found == []


def test_scripts_keep_nothing_about_people_in_the_browser():
    """One module keeps the time of last use, so that tabs agree; nothing else is kept."""
    stores = re.compile(r"\b(localStorage|sessionStorage|indexedDB|caches\.open)\b")
    keeping = {
        path.name for path in kept_files("static/js/*.js") if stores.search(path.read_text())
    }
    assert keeping == {"idle.js"}
    written = re.findall(r"setItem\((.*)\);", (ROOT / "static" / "js" / "idle.js").read_text())
    assert written == ["KEY, Date.now()"]
