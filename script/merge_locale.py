"""Bring the Chinese catalogue up to date with the sources, and say what is missing.

Translations come from locale/parts/*.po (new ones, by area) and from the catalogue itself. The
result, locale/zh_Hans/LC_MESSAGES/django.po, holds exactly the strings of the sources, sorted;
it is compiled beside itself. With --check nothing is written: an outdated catalogue, a missing
or a doubtful translation, or two translations of one string are errors. With --finish the parts
are deleted once everything they say stands in the catalogue.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = ROOT / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
PARTS = ROOT / "locale" / "parts"
HEADER = """msgid ""
msgstr ""
"Language: zh_Hans\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"
"""
HEAD = re.compile(r'(#.*\n)*msgid ""\nmsgstr')
CONFLICT = "#-#-#-#-#"


def gettext(*command):
    """Run a gettext program and return what it prints; its complaint ends the script."""
    result = subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, check=False, cwd=ROOT
    )
    if result.returncode:
        sys.exit(result.stderr)
    return result.stdout


def entries(text):
    """Return the entries of a catalogue without its header."""
    blocks = text.strip().split("\n\n")
    return [block for block in blocks if block and not HEAD.match(block)]


def extract(folder):
    """Collect the strings of a copy of the sources and return the template's path."""
    listed = gettext("git", "ls-files", "-co", "--exclude-standard", "*.py", "*.html", "*.txt")
    for name in listed.splitlines():
        source = ROOT / name
        if name.startswith(("tests/", "bench/", "script/", "requirements")) or not source.exists():
            continue
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)
    (folder / "locale").mkdir(exist_ok=True)
    command = [sys.executable, "-m", "django", "makemessages", "-l", "zh_Hans", "-v", "0"]
    command += ["--keep-pot", "--no-location", "-e", "html,txt,py"]
    environment = {k: v for k, v in os.environ.items() if k != "DJANGO_SETTINGS_MODULE"}
    subprocess.run(command, cwd=folder, env=environment, check=True)
    return folder / "locale" / "django.pot"


def conflicts():
    """Return the strings that the parts translate in two ways."""
    parts = sorted(PARTS.glob("*.po"))
    if not parts:
        return []
    merged = gettext("msgcat", "--no-wrap", *parts)
    return [block for block in entries(merged) if CONFLICT in block]


def merged_catalogue(template, folder):
    """Return the new catalogue: the template's strings with the translations there are."""
    sources = [*sorted(PARTS.glob("*.po")), *([CATALOGUE] if CATALOGUE.exists() else [])]
    known = folder / "known.po"
    known.write_text(gettext("msgcat", "--use-first", "--no-wrap", *sources), encoding="utf-8")
    new = gettext(
        "msgmerge", "-q", "--no-fuzzy-matching", "--no-wrap", "--sort-output", known, template
    )
    path = folder / "new.po"
    path.write_text(new, encoding="utf-8")
    body = entries(gettext("msgattrib", "--no-obsolete", "--no-wrap", path))
    path.write_text("\n\n".join([HEADER.strip(), *body]) + "\n", encoding="utf-8")
    return path


def report(title, blocks):
    """Print what is wrong, if anything; return whether something is."""
    if blocks:
        print(f"{title}: {len(blocks)}", *blocks, sep="\n\n", end="\n\n", file=sys.stderr)
    return bool(blocks)


def main():
    """Merge or check; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing, fail when outdated")
    parser.add_argument("--finish", action="store_true", help="delete the merged parts")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = merged_catalogue(extract(folder), folder)
        gettext("msgfmt", "--check", "-o", folder / "new.mo", path)
        wrong = report("Translated in two ways", conflicts())
        wrong |= report("Not translated", entries(gettext("msgattrib", "--untranslated", path)))
        wrong |= report("Doubtful", entries(gettext("msgattrib", "--only-fuzzy", path)))
        if options.check:
            if not CATALOGUE.exists() or CATALOGUE.read_bytes() != path.read_bytes():
                print("The catalogue is out of date: run script/merge_locale.py", file=sys.stderr)
                wrong = True
            return int(wrong)
        CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, CATALOGUE)
        shutil.copy(folder / "new.mo", CATALOGUE.with_suffix(".mo"))
    if options.finish and not wrong:
        shutil.rmtree(PARTS, ignore_errors=True)
    return int(wrong and options.finish)


if __name__ == "__main__":
    sys.exit(main())
