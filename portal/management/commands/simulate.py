import json
from argparse import SUPPRESS
from datetime import date
from pathlib import Path
from time import perf_counter

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from portal.simulation import report
from portal.simulation.play import last_day, simulated
from portal.simulation.scratch import is_scratch, run_apart


class Command(BaseCommand):
    help = (
        "Play years of certification with random parties in a database made for it, and check "
        "every day that nothing is wrong (docs/simulation.md)."
    )

    def add_arguments(self, parser):
        parser.add_argument("--years", type=float, default=6)
        parser.add_argument("--enterprises", type=int, default=300)
        parser.add_argument("--bodies", type=int, help="usually one for a hundred enterprises")
        parser.add_argument("--seed", type=int, default=7)
        parser.add_argument("--until", type=date.fromisoformat, help="stop before this day")
        parser.add_argument(
            "--every",
            type=int,
            default=100,
            help="render one document in so many, store blank pages for the others; 1 renders all",
        )
        parser.add_argument(
            "--covered", action="store_true", help="fail too when a transition was never taken"
        )
        parser.add_argument("--report", type=Path, help="write what was found here, as JSON")
        parser.add_argument("--inner", action="store_true", help=SUPPRESS)

    def handle(self, *args, inner, **options):
        if min(options["years"], options["enterprises"], options["every"]) <= 0:
            raise CommandError("Years, enterprises and documents are more than nothing.")
        if not inner:
            if status := run_apart(_arguments(options)):
                raise CommandError("The simulation found faults.", returncode=status)
            return
        if not is_scratch():
            raise CommandError("A simulation runs on data of its own; leave --inner away.")
        if connection.vendor == "sqlite":
            # Nobody needs these rows after a power cut.
            connection.cursor().execute("PRAGMA synchronous=OFF")
        call_command("migrate", verbosity=0)
        facts = self._play(options)
        if options["report"]:
            options["report"].write_text(json.dumps(facts, indent=1, ensure_ascii=False))
        for line in report.lines_of(facts):
            self.stdout.write(line)
        if facts["faults"] or (options["covered"] and facts["never"]):
            raise CommandError(_again(options))

    def _play(self, options) -> dict:
        begin = perf_counter()
        bodies = options["bodies"] or max(1, options["enterprises"] // 100)
        with simulated(
            seed=options["seed"],
            enterprises=options["enterprises"],
            bodies=bodies,
            every=options["every"],
        ) as world:
            world.play(options["until"] or last_day(options["years"]), self._teller(begin))
            return report.facts_of(world, perf_counter() - begin)

    def _teller(self, begin):
        def tell(day):
            if day.day == 1:
                self.stdout.write(f"{day:%Y-%m} after {perf_counter() - begin:.0f} s")
                self.stdout.flush()

        return tell


def _arguments(options) -> list[str]:
    names = ("years", "enterprises", "bodies", "seed", "until", "every", "report")
    given = [f"--{name}={options[name]}" for name in names if options[name] is not None]
    return [*given, *(["--covered"] if options["covered"] else [])]


def _again(options) -> str:
    names = ("years", "enterprises", "bodies", "seed")
    facts = " ".join(f"--{name} {options[name]}" for name in names if options[name] is not None)
    return f"Something is wrong. The same again: manage.py simulate {facts} --until DAY"
