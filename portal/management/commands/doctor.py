import json
import time
from contextlib import suppress

from django.core.management.base import BaseCommand
from django.db import Error

from foundation import checkup

SHOWN = 20


class Command(BaseCommand):
    help = (
        "Ask whether records, journal, numbers, jobs and files agree; name what does not, and "
        "its cure. The exit status is 0 when nothing is wrong, else 1."
    )
    # The doctor says itself which migrations wait.
    requires_migrations_checks = False
    requires_system_checks = ()

    def add_arguments(self, parser):
        parser.add_argument("--strict", action="store_true", help="count warnings as faults")
        parser.add_argument("--quick", action="store_true", help="do not read every stored file")
        parser.add_argument("--repair", action="store_true", help="cure what is safe to cure")
        parser.add_argument("--json", action="store_true", help="print the report as JSON")

    def handle(self, *args, strict, quick, repair, **options):
        begin = time.monotonic()
        report = checkup.examine(quick=quick, repair=repair)
        sound = report.is_sound(strict=strict)
        # A database that cannot keep the result is a fault that the report names itself.
        with suppress(Error):
            checkup.remember(report)
        if options["json"]:
            self.stdout.write(json.dumps(_facts(report, sound), ensure_ascii=False, indent=1))
        else:
            self._tell(report, verbose=options["verbosity"] > 1)
            count = len(report.findings(None if strict else checkup.ERROR))
            self.stdout.write(
                f"{len(report.results)} checks in {time.monotonic() - begin:.1f} s: "
                + ("all well" if sound else f"{count} faults")
            )
        if not sound:
            raise SystemExit(1)

    def _tell(self, report, *, verbose):
        for result in report.results:
            if not result.findings:
                if verbose:
                    self.stdout.write(f"ok     {result.check.name}: {result.check.meaning}")
                continue
            self.stdout.write(f"\n{result.check.name}: {result.check.meaning}")
            for finding in result.findings[:SHOWN]:
                word = "cured" if finding.repaired else finding.level
                self.stdout.write(f"  {word:<8}{finding.text} [{finding.record}]")
                if not finding.repaired:
                    self.stdout.write(f"          {finding.cure}")
            if len(result.findings) > SHOWN:
                self.stdout.write(f"          and {len(result.findings) - SHOWN} more")


def _facts(report, sound):
    return {
        "sound": sound,
        "checks": [
            {
                "name": result.check.name,
                "meaning": str(result.check.meaning),
                "seconds": round(result.seconds, 3),
                "findings": [
                    {
                        "text": finding.text,
                        "cure": str(finding.cure),
                        "record": finding.record,
                        "level": finding.level,
                        "repaired": finding.repaired,
                    }
                    for finding in result.findings
                ],
            }
            for result in report.results
        ],
    }
