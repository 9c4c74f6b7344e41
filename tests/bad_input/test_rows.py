"""The page of security is true: each row has its test, each field for files stands there."""

import importlib
import pkgutil
import re
from pathlib import Path

from django import forms
from django.apps import apps

from foundation.examination import DOCX, JPEG, PDF, PNG, XLSX
from foundation.file_fields import FileField

ROOT = Path(__file__).resolve().parents[2]
SECURITY = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
ROWS = {f"B{number}" for number in range(1, 43)}


def names_in(folder) -> list[str]:
    """Return the names of all tests in a folder and the folders in it."""
    return [
        name
        for path in sorted(folder.rglob("test_*.py"))
        for name in re.findall(
            r"^\s*def (test_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE
        )
    ]


def test_each_row_has_exactly_one_test_or_a_reason():
    rows = {
        cells[0]: cells[-1]
        for line in SECURITY.splitlines()
        if (cells := [cell.strip() for cell in line.strip("|").split("|")])[0] in ROWS
    }
    assert set(rows) == ROWS
    named = {row: re.findall(r"`(test_\w+)`", test) for row, test in rows.items()}
    kept = {
        row: names for row, names in named.items() if not rows[row].startswith("not applicable")
    }
    own = [name for name in names_in(Path(__file__).parent) if re.match(r"test_b\d", name)]
    by_row = {row: [n for n in own if n.startswith(f"test_b{int(row[1:]):02}_")] for row in kept}
    assert by_row == {row: names[:1] for row, names in kept.items()}
    assert sorted(own) == sorted(name for names in by_row.values() for name in names)


def test_every_test_that_the_page_names_exists():
    """``name``, ``folder/file.py::name``, and ``::name`` for the file named before."""
    plain = set(re.findall(r"`(test_\w+)`", SECURITY))
    assert plain - set(names_in(ROOT / "tests")) == set()
    missing, file = [], ""
    for path, name in re.findall(r"`([\w/]+\.py)?::(test_\w+)`", SECURITY):
        file = path or file
        text = (ROOT / "tests" / file).read_text(encoding="utf-8")
        if not re.search(rf"^\s*def {name}\(", text, re.MULTILINE):
            missing.append(f"{file}::{name}")
    assert missing == []


TYPES = {PDF: "PDF", PNG: "PNG", JPEG: "JPEG", DOCX: "DOCX", XLSX: "XLSX"}


def forms_of_ours():
    """Yield every form class of our apps."""
    for app in apps.get_app_configs():
        folder = Path(app.path)
        if not folder.is_relative_to(ROOT) or not (folder / "forms").exists():
            continue
        package = importlib.import_module(f"{app.name}.forms")
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            for form in vars(importlib.import_module(module.name)).values():
                if isinstance(form, type) and issubclass(form, forms.BaseForm):
                    yield form


def fields_for_files() -> dict[str, tuple[str, int] | None]:
    """Return types and megabytes of each field for files, under the form that brings it."""
    return {
        f"{form.__name__}.{name}": facts_of(field)
        for form in forms_of_ours()
        for name, field in form.base_fields.items()
        if isinstance(field, forms.FileField)
        and not any(name in getattr(base, "base_fields", {}) for base in form.__bases__)
    }


def facts_of(field) -> tuple[str, int] | None:
    if not isinstance(field, FileField):
        return None
    return ", ".join(TYPES[kind] for kind in field.accept), field.limit // 1024**2


def test_every_field_for_files_is_on_the_page():
    """With its types and its limit; ``None`` are those that judge for themselves."""
    lines = re.findall(r"^\| `(\w+\.\w+)` \| ([^|]+) \| (\d+) \|$", SECURITY, re.MULTILINE)
    written = {name: (types, int(most)) for name, types, most in lines}
    found = fields_for_files()
    assert set(written) == set(found)
    own = {name: facts for name, facts in found.items() if facts is not None}
    assert own == {name: written[name] for name in own}
    assert set(found) - set(own) == {"ImportForm.file"}
