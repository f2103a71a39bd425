"""``manage.py load_package FILE``: load an agreement from a package, all or nothing."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from agreements import package
from agreements.package.steps import LEAVE
from governance import clock


class Command(BaseCommand):
    """Check, plan and load packages; see seeds/README.md for the format."""

    help = "Loads agreements from packages (JSON or YAML): each all or nothing, twice like once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="*", metavar="FILE")
        parser.add_argument(
            "--dry-run", action="store_true", help="Print what would be done, and do nothing."
        )
        parser.add_argument(
            "--schema", action="store_true", help="Print the JSON Schema of the format."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["schema"]:
            self.stdout.write(json.dumps(package.schema(), indent=2, ensure_ascii=False))
            return
        if not options["files"]:
            raise CommandError("Name a package to load, or ask for --schema.")
        for file in options["files"]:
            self._load(file, dry_run=options["dry_run"])

    def _load(self, file: str, *, dry_run: bool) -> None:
        act = package.plan if dry_run else package.load
        try:
            done = act(package.read(file), by=None, on=clock.today(), file=file)
        except package.PackageInvalid as wrong:
            for problem in wrong.problems:
                self.stderr.write(f"{problem.file}: {problem.path or '/'}: {problem.reason}")
            raise CommandError(f"{file} was not loaded.") from wrong
        for step in done.steps if dry_run else ():
            if step.action != LEAVE:
                self.stdout.write(str(step))
        self.stdout.write(f"{file}: {done.summary()}")
