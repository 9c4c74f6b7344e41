"""Print what production is made of, from the locked requirements, as CycloneDX 1.5 JSON."""

import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PIN = re.compile(
    r"(?ms)^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)(.*?)(?=^[A-Za-z0-9]|\Z)",
)
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def components(text):
    """Return the parts that a locked list of requirements names; each has a hash."""
    found = [
        {
            "type": "library",
            "name": name,
            "version": version,
            "purl": f"pkg:pypi/{name.lower()}@{version}",
            "hashes": [{"alg": "SHA-256", "content": value} for value in HASH.findall(rest)],
        }
        for name, version, rest in PIN.findall(text)
    ]
    if bare := [part["name"] for part in found if not part["hashes"]]:
        sys.exit(f"These are not locked by a hash: {', '.join(bare)}")
    return found


def main():
    """Print the list."""
    parts = components((ROOT / "requirements.txt").read_text())
    facts = {"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1, "components": parts}
    print(json.dumps(facts, indent=1))


if __name__ == "__main__":
    main()
