"""``manage.py daily [--on DATE]``: everything that happens by itself on a day."""

import traceback
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from agreements import daily
from governance import clock


class Command(BaseCommand):
    """Do the steps of today, and of the days on which nobody ran it; twice is like once."""

    help = "Does what happens by itself on a day, for every day since the last run."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--on", metavar="DATE", help="Up to this day; without it, today.")

    def handle(self, *args: Any, **options: Any) -> None:
        until = _day(options["on"]) if options["on"] else clock.today()
        failures = 0
        for day in daily.days_to_run(until):
            steps = 0
            for name, did, wrong in daily.run_day(day):
                steps += 1
                if wrong is None:
                    self.stdout.write(f"{day}  {name}: {did}")
                    continue
                failures += 1
                self.stderr.write(f"{day}  {name}: failed")
                self.stderr.write("".join(traceback.format_exception(wrong)))
            if not steps:
                self.stdout.write(f"{day}  all done already")
        if failures:
            raise CommandError(f"{failures} step(s) failed; the next run tries them again.")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as wrong:
        raise CommandError(f"--on takes a day such as 2027-03-01, not {text!r}.") from wrong
