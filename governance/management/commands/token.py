"""``manage.py token --user NAME``: a key to the API, alone on standard output."""

from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from governance.tokens import SCOPES, Token

MOST_DAYS = 3650


class Command(BaseCommand):
    """Issue a token for a user; it is shown this once."""

    help = "Prints a new token for a user, and nothing else."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--user", required=True, help="The sign-in name it acts for.")
        parser.add_argument(
            "--scope",
            action="append",
            help="read or write, or a family such as tasks:read; may be repeated. Default: both.",
        )
        parser.add_argument("--days", type=int, default=90, help="Valid for so many days.")
        parser.add_argument("--name", default="", help="What it is for.")

    def handle(self, *args: Any, **options: Any) -> None:
        user = get_user_model().objects.filter(username=options["user"]).first()
        if user is None:
            raise CommandError(f"There is no user “{options['user']}”.")
        if not user.is_active:
            raise CommandError(f"The user “{options['user']}” cannot sign in.")
        if not 1 <= options["days"] <= MOST_DAYS:
            raise CommandError(f"A token is valid for 1 to {MOST_DAYS} days.")
        try:
            _token, key = Token.issue(
                user,
                by=None,
                scopes=options["scope"] or SCOPES,
                days=options["days"],
                name=options["name"],
            )
        except ValidationError as wrong:
            raise CommandError(" ".join(wrong.messages)) from wrong
        self.stdout.write(key)
