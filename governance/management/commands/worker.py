"""``manage.py worker``: carries what is in the outbox, for as long as it runs."""

import signal
from threading import Event
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from governance.delivery.worker import work


class Command(BaseCommand):
    """Send what waits; SIGTERM lets it finish the message in hand and end."""

    help = "Sends what is in the outbox; --once ends when nothing is due any more."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="Empty the queue and end.")

    def handle(self, *args: Any, **options: Any) -> None:
        stop = Event()
        before = {
            number: signal.signal(number, lambda *_signal: stop.set())
            for number in (signal.SIGTERM, signal.SIGINT)
        }
        try:
            work(stop, self._tell, once=options["once"])
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _tell(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
