"""``manage.py start``: from nothing to a page, in one process: each Django start costs a second."""

from threading import Event, Thread

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import connections

from governance.delivery.worker import work


class Command(BaseCommand):
    """Bring the database up to date, fill an empty one with the demonstration data, and serve.

    Beside the server runs a worker, so that mail is sent; what happens by itself on a day is done
    once for today.
    """

    help = "Migrates, seeds an empty database with the demonstration data, serves, sends mail."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("address", nargs="?", default="127.0.0.1:8000", help="host:port")

    def handle(self, *args: str, **options: str) -> None:
        call_command("migrate", verbosity=0)
        call_command("seed", demo=True, if_empty=True)
        call_command("daily")
        stop = Event()
        worker = Thread(target=self._work, args=(stop,), name="worker", daemon=True)
        worker.start()
        try:
            call_command("runserver", options["address"], use_reloader=False)
        finally:
            stop.set()
            worker.join(timeout=5)

    def _work(self, stop: Event) -> None:
        try:
            work(stop, self.stdout.write)
        finally:
            connections.close_all()
