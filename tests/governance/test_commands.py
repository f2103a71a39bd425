"""The commands of the foundation: tokens on the command line, and the check of the record."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from actors.models import Region, User
from governance import clock
from governance.models import Event, Token

pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    return User.objects.create_user("wei", password="a-good-password-9")


def run(*args, **options):
    out = StringIO()
    call_command(*args, stdout=out, stderr=StringIO(), **options)
    return out.getvalue()


class TestToken:
    def test_it_is_printed_alone_and_opens(self, user):
        key = run("token", "--user", "wei")
        assert key.endswith("\n") and len(key.split()) == 1
        token = Token.opened_by(key.strip(), clock.now())
        assert token.user == user and set(token.scopes) == {"read", "write"}

    def test_scope_and_days_are_as_asked(self, user):
        run("token", "--user", "wei", "--scope", "read", "--scope", "tasks:write", "--days", "5")
        token = Token.objects.get()
        assert token.scopes == ["read", "tasks:write"]
        left = token.expires_at - clock.now()
        assert timedelta(days=4, hours=23) < left <= timedelta(days=5)

    def test_the_key_is_not_kept(self, user):
        key = run("token", "--user", "wei").strip()
        told = str(list(Event.objects.values())) + str(list(Token.objects.values()))
        assert key not in told

    @pytest.mark.parametrize(
        "args",
        [
            ("--user", "nobody"),
            ("--user", "wei", "--scope", "rule"),
            ("--user", "wei", "--days", "0"),
            ("--user", "wei", "--days", "99999999"),
            (),
        ],
    )
    def test_what_cannot_be_is_refused_and_nothing_printed(self, user, args):
        out = StringIO()
        with pytest.raises(CommandError):
            call_command("token", *args, stdout=out)
        assert out.getvalue() == "" and not Token.objects.exists()

    def test_a_user_who_cannot_sign_in_gets_none(self, user):
        User.objects.update(is_active=False)
        with pytest.raises(CommandError):
            run("token", "--user", "wei")


class TestVerifyRecord:
    def test_a_whole_record_is_counted(self):
        Region.enter(by=None, name="North")
        Region.enter(by=None, name="South")
        assert "2" in run("verify_record")

    def test_an_empty_record_is_whole(self):
        assert "0" in run("verify_record")

    @pytest.mark.parametrize(
        ("break_it", "told"),
        [
            (lambda: Event.objects.filter(sequence=1).update(verb="delete"), "event 1 was changed"),
            (lambda: Event.objects.filter(sequence=1).delete(), "event 1 is missing"),
            (lambda: Event.objects.filter(sequence=2).delete(), "cut"),
        ],
    )
    def test_broken_links_are_told_and_it_fails(self, break_it, told):
        Region.enter(by=None, name="North")
        Region.enter(by=None, name="South")
        break_it()
        err = StringIO()
        with pytest.raises(CommandError):
            call_command("verify_record", stdout=StringIO(), stderr=err)
        assert told in err.getvalue()
