"""``manage.py start``: from nothing to a page, in one process: each Django start costs a second."""

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser


class Command(BaseCommand):
    """Bring the database up to date, fill an empty one with the demonstration data, and serve."""

    help = "Migrates, seeds an empty database with the demonstration data, and serves."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("address", nargs="?", default="127.0.0.1:8000", help="host:port")

    def handle(self, *args: str, **options: str) -> None:
        call_command("migrate", verbosity=0)
        call_command("seed", demo=True, if_empty=True)
        call_command("runserver", options["address"], use_reloader=False)
