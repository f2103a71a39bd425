"""``manage.py seed [--demo]``: the real case and, if asked for, a demonstration around it."""

import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.contrib.auth.hashers import make_password
from django.core.management.base import BaseCommand, CommandError, CommandParser

from actors.calendar_keeping import ensure_default
from actors.models import Person, User
from actors.user import Role
from agreements import package
from agreements.mechanisms.agenda_proposals import propose_to_agendas
from agreements.models import Agreement
from governance import clock
from governance.record import record, unit
from seeds import demo_notices

SEEDS = Path(__file__).resolve().parents[2]
# The sign-ins of the demonstration: role, and the office e-mail of their person.
SIGN_INS: dict[str, tuple[str, str]] = {
    "admin": (Role.ADMINISTRATOR, "gao.yuan@secretariat.example.org"),
    "secretariat": (Role.SECRETARIAT, "ma.lan@secretariat.example.org"),
    "auditor": (Role.AUDITOR, "xu.qing@secretariat.example.org"),
    "shapingba": (Role.PARTNER, "lin.yue@shapingba.example.org"),
    "beibei": (Role.PARTNER, "he.jing@beibei.example.org"),
    "cqupt": (Role.PARTNER, "tang.rui@cqupt.example.org"),
}


class Command(BaseCommand):
    """Load the seeds through the same verbs as people use; twice is like once."""

    help = "Loads the real agreements; --demo adds illustrative data and sign-ins."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--demo", action="store_true", help="Add illustrative data and the sign-ins."
        )
        parser.add_argument(
            "--if-empty",
            action="store_true",
            help="Do nothing when the database holds an agreement or a user.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["if_empty"] and (Agreement.objects.exists() or User.objects.exists()):
            self.stdout.write("The database holds data already: it is left as it is.")
            return
        with unit():
            ensure_default(on=clock.today())
            for file in packages("packages"):
                self._load(file)
            if options["demo"]:
                for file in packages("demo"):
                    self._load(file)
                demo_notices.supervise_lately(clock.today())
                propose_to_agendas(clock.today())
                password = os.environ.get("DEMO_PASSWORD") or secrets.token_urlsafe(9)
                # They share one password: hashing it once saves seconds of the first start.
                hashed = make_password(password)
                made = [name for name in SIGN_INS if _sign_in(name, hashed)]
                demo_notices.tell_the_parties(clock.today())
                demo_notices.keep_the_mail(clock.today())
        if options["demo"]:
            self._tell(made, password)

    def _load(self, file: Path) -> None:
        """Load one, unless it is there already: what people have changed since stays."""
        name = str(file.relative_to(SEEDS))
        try:
            data = package.read(file, name)
            if _is_there(data):
                self.stdout.write(f"seeds/{name}: already there")
                return
            package.load(data, by=None, on=clock.today(), file=name)
        except package.PackageInvalid as wrong:
            for problem in wrong.problems:
                self.stderr.write(f"{problem.file}: {problem.path or '/'}: {problem.reason}")
            raise CommandError(f"seeds/{name} cannot be loaded; nothing was.") from wrong
        self.stdout.write(f"seeds/{name}: loaded")

    def _tell(self, made: list[str], password: str) -> None:
        if not made:
            self.stdout.write("The sign-ins of the demonstration exist already; none was changed.")
            return
        self.stdout.write(f"Sign in as: {', '.join(made)}")
        if os.environ.get("DEMO_PASSWORD"):
            self.stdout.write("Password: the one in DEMO_PASSWORD")
        else:
            self.stdout.write(f"Password: {password}")


def packages(folder: str) -> Iterator[Path]:
    """The packages of a folder of the seeds, in the order of their names."""
    yield from sorted((SEEDS / folder).glob("*.yaml"))


def _is_there(data: dict[str, Any]) -> bool:
    """Whether the agreement of a package is there, or has been added to by the demonstration."""
    found = package.agreements_of(data)
    return (found.filter(illustrative=True) if data.get("extends") else found).exists()


def _sign_in(name: str, hashed: str) -> bool:
    """Make the sign-in of that name unless there is one, on record; whether it was made."""
    if User.objects.filter(username=name).exists():
        return False
    role, email = SIGN_INS[name]
    person = Person.objects.get(email=email)
    with unit():
        user = User.objects.create(
            username=name, email=email, password=hashed, role=role, person=person
        )
        record(user, "create", by=None, on=clock.today(), after={"username": name, "role": role})
    return True
