"""``manage.py verify_record``: check that nothing in the record was moved, changed or cut out."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from governance.record import Event, broken_links


class Command(BaseCommand):
    """Walk the whole chain of events and tell every broken link."""

    help = "Checks the chain of the record; exits with 1 and the broken links if it is not whole."

    def handle(self, *args: Any, **options: Any) -> None:
        broken = 0
        for sentence in broken_links():
            broken += 1
            self.stderr.write(sentence)
        count = Event.objects.count()
        if broken:
            raise CommandError(f"The record is broken: {broken} faults in {count} events.")
        self.stdout.write(f"The record is whole: {count} events.")
