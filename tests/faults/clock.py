"""Stories under a clock that is wrong; run as a module with the name of one."""

import datetime as dt
import json
import sys
from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")


def main(what):
    """Play one story on an empty database and say what went wrong."""
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    story = Story()
    getattr(story, what)()
    said = {"problems": story.problems, "note": story.said}
    sys.stdout.write(json.dumps(said, ensure_ascii=False) + "\n")


class Story:
    """One portal with a clock."""

    def __init__(self):
        self.problems, self.said = [], ""

    def demand(self, holds, otherwise):
        if not holds:
            self.problems.append(otherwise)

    def at(self, moment):
        """Let it be a moment, from which the clock goes on."""
        import time_machine

        return time_machine.travel(moment, tick=True)

    def granted(self, cast):
        """Decide on a new case and do everything it asks for; return the certificate."""
        from certification.flows.cases import CASE_FLOW
        from foundation import jobs
        from foundation.workflow import perform
        from tests.faults import world

        [case] = world.cases(cast, 1)
        perform(CASE_FLOW, case, "grant", cast.actor("certifier"), reason="Conforms.")
        jobs.run_due()
        return case.certificates.get()

    def wrong(self):
        """Return the names of the checks that find something."""
        from foundation import checkup

        return {check.name for check, _finding in checkup.examine().findings()}

    def ahead(self):
        from django.contrib.auth.tokens import default_token_generator
        from django.test import Client

        from foundation import jobs, sweeps
        from tests.faults import world

        now = dt.datetime.now(tz=CHINA)
        with self.at(now - dt.timedelta(days=3 * 365 - 300)):
            cast = world.begin()
            old = self.granted(cast)
        new = self.granted(cast)
        client = Client(SERVER_NAME="127.0.0.1")
        client.force_login(cast.owner)
        token = default_token_generator.make_token(cast.owner)
        with self.at(now + dt.timedelta(days=400)):
            for step in sweeps.in_order():
                step.run(sweeps.silent)
            jobs.run_due()
            for certificate, status in ((old, "expired"), (new, "valid")):
                certificate.refresh_from_db()
                self.demand(certificate.status == status, f"{certificate}: {certificate.status}")
            answer = client.get("/desk/")
            self.demand(answer.status_code == 302, f"an old session opens: {answer.status_code}")
            fresh = default_token_generator.check_token(cast.owner, token)
            self.demand(not fresh, "an old link to reset a password is taken")
            self.demand(not self.wrong(), f"the doctor names {self.wrong()}")
        self.said = "expired: what had run out, and nothing else"

    def back(self):
        from foundation import checkup
        from tests.faults import world

        cast = world.begin()
        first = self.granted(cast)
        now = dt.datetime.now(tz=CHINA)
        with self.at(now - dt.timedelta(days=2)):
            self.demand(self.wrong() == {"journal.clock"}, f"the doctor names {self.wrong()}")
            second = self.granted(cast)
        third = self.granted(cast)
        serials = [int(row.number.split()[3]) for row in (first, second, third)]
        self.demand(serials == [1, 2, 3], f"numbers {serials}")
        found = [finding.text for _check, finding in checkup.examine().findings()]
        self.demand(not found, f"afterwards the doctor names {found}")
        self.said = "alarm while it was wrong, order kept"

    def leap(self):
        from tests.faults import world

        with self.at(dt.datetime(2028, 2, 29, 10, tzinfo=CHINA)):
            certificate = self.granted(world.begin())
            end = certificate.expires_on
            self.demand(end == dt.date(2031, 2, 27) or end == dt.date(2031, 2, 28), f"ends {end}")
            self.demand(not self.wrong(), f"the doctor names {self.wrong()}")
        self.said = f"granted 2028-02-29, ends {end}"

    def midnight(self):
        from tests.faults import world

        with self.at(dt.datetime(2026, 12, 31, 23, 50, tzinfo=CHINA)):
            cast = world.begin()
            first = self.granted(cast)
        cases = []
        for moment in ((2026, 12, 31, 23, 59, 59), (2027, 1, 1, 0, 0, 0)):
            with self.at(dt.datetime(*moment, tzinfo=CHINA)):
                cases.append(self.granted(cast))
        numbers = [" ".join(row.number.split()[1:4]) for row in (first, *cases)]
        self.said = ", ".join(numbers)
        with self.at(dt.datetime(2027, 1, 1, 8, tzinfo=CHINA)):
            self.demand(numbers[0] == "26 Q 00001", f"numbers {numbers}")
            self.demand(numbers[2] == "27 Q 00001" or numbers[1] == "27 Q 00001", f"{numbers}")
            self.demand(not self.wrong(), f"the doctor names {self.wrong()}")


if __name__ == "__main__":
    main(sys.argv[1])
