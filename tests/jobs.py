"""Jobs that only tests ask for; the worker of the tests knows them too."""

from pathlib import Path

from foundation.jobs import job


@job("tests.append")
def append(row):
    """Add a line to a file, so that a second run of the same job would show."""
    with Path(row.payload["path"]).open("a") as file:
        file.write(f"{row.key}\n")
