"""What may stand nowhere in the source: text that becomes code, queries or markup by itself."""

import ast
import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(__file__).resolve().parents[2]
APPS = ("foundation", "accounts", "organisations", "schemes", "certification", "audits",
        "verification", "portal")  # fmt: skip
MODULES = [path for app in APPS for path in sorted((ROOT / app).rglob("*.py"))
           if "migrations" not in path.parts]  # fmt: skip
TEMPLATES = sorted((ROOT / "templates").rglob("*.*"))

MAKE_CODE = {"eval", "exec", "compile", "__import__"}
UNPACK_OBJECTS = {"pickle", "marshal", "shelve", "dill", "jsonpickle"}
QUERIES = {"raw", "extra", "RawSQL"}
# A subclass of SafeLoader, which builds plain data only.
SAFE_LOADER = "schemes/yaml_lines.py"
# Triggers and the manifest of a backup name tables, which no parameter can.
BUILDS_STATEMENTS = {"foundation/triggers.py", "portal/backup/manifest.py"}
# Where markup is put together by hand; each was read by somebody who asked what is inside.
WRITES_MARKUP = {
    "audits/documents/common.py",
    "certification/documents/offer.py",
    "certification/documents/words.py",
    "certification/views/application_facts.py",
    "foundation/lists/filters.py",
    "foundation/markup.py",
    "foundation/templatetags/portal_ui.py",
}


def calls(path):
    """Yield (name, call) of everything a module calls: ``eval``, ``connection.execute``, …"""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name):
                yield node.func.id, "", node
            elif isinstance(node.func, ast.Attribute):
                yield node.func.attr, ast.unparse(node.func.value), node


def where(test) -> list[str]:
    """Return file and line of every call for which the test is true."""
    return [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in MODULES
        for name, of, node in calls(path)
        if test(name, of, node)
    ]


def test_no_code_is_made_from_text():
    assert where(lambda name, of, node: not of and name in MAKE_CODE) == []
    loads = where(lambda name, of, node: of == "yaml" and name in {"load", "unsafe_load"})
    assert [place.partition(":")[0] for place in loads] == [SAFE_LOADER]
    imported = [
        f"{path.relative_to(ROOT)}: {name.name}"
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in node.names
        if {name.name, getattr(node, "module", "")} & UNPACK_OBJECTS
    ]
    assert imported == []
    assert settings.CELERY_ACCEPT_CONTENT == ["json"]
    assert settings.SESSION_SERIALIZER.endswith("JSONSerializer")


def test_no_query_is_put_together_from_text():
    """Values go beside a statement; only names of our own tables are put into one."""
    assert where(lambda name, of, node: name in QUERIES and "objects" in of) == []
    assert where(lambda name, of, node: name == "RawSQL") == []

    def builds(name, of, node):
        first = node.args[0] if node.args else None
        if name not in {"execute", "executemany"} or first is None:
            return False
        built = isinstance(first, ast.BinOp) and isinstance(first.op, ast.Mod | ast.Add)
        return built or isinstance(first, ast.JoinedStr)

    assert {place.partition(":")[0] for place in where(builds)} == BUILDS_STATEMENTS


def test_markup_is_written_only_where_it_was_reviewed():
    marks = where(lambda name, of, node: name in {"mark_safe", "SafeString"})
    assert {place.partition(":")[0] for place in marks} == WRITES_MARKUP


def found(pattern, texts) -> set[str]:
    return {
        str(path.relative_to(ROOT / "templates"))
        for path, text in texts
        if re.search(pattern, text, re.IGNORECASE)
    }


def test_no_template_takes_text_for_markup():
    """Drawings of our own are markup: QR code, rosette, page numbers."""
    texts = [(path, path.read_text(encoding="utf-8")) for path in TEMPLATES]
    assert found(r"\|\s*safe", texts) == {
        "certification/certificate.html",
        "foundation/pdf/document.html",
        "verification/certificate.html",
    }
    plain = found(r"\bautoescape\s+off\b", texts)
    assert {name for name in plain if not name.endswith(".txt")} == set()


@pytest.mark.parametrize(
    "pattern",
    [
        r"<script(?![^>]*\ssrc=)", r"\son[a-z]+\s*=\s*[\"']", r"\sstyle\s*=\s*[\"']",
        r"=\s*[\"']\s*javascript:",
    ],
)  # fmt: skip
def test_no_template_holds_a_script_or_style_in_a_line(pattern):
    texts = [
        (path, re.sub(r"{%.*?%}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL))
        for path in TEMPLATES
    ]
    assert found(pattern, texts) == set()


def test_no_style_sheet_asks_how_a_device_is_held():
    sheets = list((ROOT / "static").rglob("*.css"))
    assert len(sheets) > 5
    asking = [path.name for path in sheets if "orientation" in path.read_text(encoding="utf-8")]
    assert asking == []


def salts(path) -> set[str]:
    """Return the salts of signatures in a module, at the call or under a name."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {
        target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    return {
        names[word.value.id] if isinstance(word.value, ast.Name) else word.value.value
        for _name, _of, node in calls(path)
        for word in node.keywords
        if word.arg == "salt" and ast.unparse(word.value) != "None"
    }


def test_every_purpose_of_a_signature_and_every_hash_stands_in_the_inventory():
    page = (ROOT / "docs/crypto.md").read_text(encoding="utf-8")
    found = set().union(*(salts(path) for path in MODULES))
    listed = set(re.findall(r"^\| `([\w.]+)` \|", page.partition("## Purposes")[2], re.MULTILINE))
    assert found == listed
    made = {name for path in MODULES for name, of, _node in calls(path) if of == "hashlib"}
    assert made == {"sha256", "sha1", "file_digest"}
    assert where(lambda name, of, node: (of, name) == ("hashlib", "sha1")) == [
        place
        for place in where(lambda name, of, node: name == "sha1")
        if place.startswith("accounts/passwords.py")
    ]
