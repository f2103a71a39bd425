"""The seeds: the real case as far as it is known, and a demonstration that says what it is."""

import os
import time
from datetime import date
from io import StringIO
from unittest import mock

import pytest
from django.core.management import call_command
from django.test import TestCase

from actors.models import Organization, User
from agreements import package
from agreements.mechanisms.convenor_terms import convenor_term
from agreements.mechanisms.liaison_coverage import uncovered
from agreements.mechanisms.liaison_officer import LiaisonAppointment
from agreements.models import (
    Agreement,
    Article,
    Consultation,
    Indicator,
    Notice,
    Party,
    Rotation,
    SpecialGroup,
    Task,
)
from governance import clock
from governance.access import visible_to
from governance.base import Sourced
from governance.delivery.outbox import Message, Status
from governance.models import Event
from governance.record import broken_links
from seeds.management.commands.seed import packages

NOW = date(2026, 11, 22)
FRAMEWORK, LABORATORY = "WSC-ECO-2021", "WSC-FPGA-LAB"


def seed(**options):
    out = StringIO()
    with clock.fixed(NOW):
        call_command("seed", stdout=out, **options)
    return out.getvalue()


@pytest.mark.parametrize("folder", ["packages", "demo"])
def test_every_seed_has_the_shape_of_a_package(folder):
    for file in packages(folder):
        assert package.shape_problems(package.read(file)) == []


@pytest.mark.django_db
class TestRealCase:
    def test_the_framework_agreement_is_signed_by_six_bureaus_for_their_parties(self):
        seed()
        agreement = Agreement.objects.get(reference=FRAMEWORK)
        assert (agreement.status, agreement.signed_on) == ("signed", date(2021, 1, 21))
        parties = Party.objects.filter(agreement=agreement)
        assert parties.count() == 6
        for party in parties:
            assert party.signing_body.parent == party.organization
            assert party.signing_body.kind == "government_department"

    def test_what_is_not_published_stays_unknown(self):
        seed()
        agreement = Agreement.objects.get(reference=FRAMEWORK)
        rotation = Rotation.objects.get()
        assert agreement.entry_into_force is None and agreement.in_force_on is None
        assert rotation.length is None and rotation.starts_on is None
        assert not rotation.seats.exists() and not rotation.terms.exists()
        assert not agreement.series.get().cadence
        assert not Task.objects.exists() and not SpecialGroup.objects.exists()

    def test_every_fact_says_where_it_stands_and_none_is_made_up(self):
        seed()
        for model in (Agreement, Article, Organization, Party, Rotation):
            assert not model.objects.filter(illustrative=True).exists()
            assert not model.objects.filter(source="").exists()
        assert not User.objects.exists()

    def test_loading_a_real_package_again_changes_nothing(self):
        seed()
        events = Event.objects.count()
        for file in packages("packages"):
            assert package.load(package.read(file), by=None, on=NOW).changes_nothing
        assert Event.objects.count() == events


class TestDemonstration(TestCase):
    """Seeded once for all: each test looks at it, or changes it in its own transaction."""

    ROLES = {
        "admin": "administrator",
        "secretariat": "secretariat",
        "auditor": "auditor",
        "shapingba": "partner",
        "beibei": "partner",
        "cqupt": "partner",
    }

    @classmethod
    def setUpTestData(cls):
        begun = time.process_time()
        with mock.patch.dict(os.environ, DEMO_PASSWORD="seed-password-7"):
            cls.told = seed(demo=True)
        cls.seconds = time.process_time() - begun

    def test_it_takes_seconds(self):
        assert self.seconds < 15

    def test_seeding_again_changes_nothing(self):
        events = Event.objects.count()
        assert "none was changed" in seed(demo=True)
        for file in packages("demo"):
            assert package.load(package.read(file), by=None, on=NOW).changes_nothing
        assert Event.objects.count() == events

    def test_what_people_changed_since_stays(self):
        task = Task.objects.filter(due_on__isnull=False).first()
        task.edit(by=None, due_on=date(2027, 12, 1), cause="other", reason="Agreed anew")
        seed(demo=True)
        task.refresh_from_db()
        assert task.due_on == date(2027, 12, 1)

    def test_only_an_empty_database_is_filled_if_so_asked(self):
        events = Event.objects.count()
        assert seed(demo=True, if_empty=True).count("\n") == 1
        assert Event.objects.count() == events

    def test_every_made_up_row_says_so(self):
        for model in Sourced.__subclasses__():
            silent = model._default_manager.filter(illustrative=False)
            assert not silent.filter(source__icontains="made up").exists(), model
        for model in (Task, Indicator, SpecialGroup, Consultation, LiaisonAppointment):
            assert not model.objects.filter(illustrative=False).exists(), model

    def test_somebody_convenes(self):
        agreement = Agreement.objects.get(reference=FRAMEWORK)
        for day, holder in (
            (date(2021, 7, 1), "九龙坡区"),
            (NOW, "沙坪坝区"),
            (date(2027, 1, 15), "北碚区"),
        ):
            (found,) = convenor_term(agreement, day).holders.all()
            assert found.short_name_zh == holder

    def test_tasks_stand_in_every_light_now_and_some_weeks_later(self):
        for day in (NOW, date(2026, 12, 20), date(2027, 1, 15)):
            lights = set(Task.objects.with_light(day).values_list("light", flat=True))
            assert lights == {"not_started", "on_track", "at_risk", "overdue", "done", None}

    def test_consultations_lie_behind_and_ahead(self):
        closed = Consultation.objects.filter(status="closed", series__level="leaders")
        assert [one.held_on for one in closed.order_by("held_on")] == [
            date(2026, 3, 26),
            date(2026, 6, 25),
            date(2026, 9, 24),
        ]
        ahead = Consultation.objects.filter(series__level="leaders", status="planned").first()
        assert (ahead.day, ahead.starts_at.astimezone(ahead.zone).hour) == (date(2026, 12, 31), 14)

    def test_every_party_has_a_liaison_officer(self):
        assert not uncovered(Party.objects.all(), NOW).exists()

    def test_the_parties_have_been_told_something_and_nobody_made_up_is_written_to(self):
        told = Notice.objects.count()
        assert told > 6 and Notice.objects.unread().exists()
        assert Notice.objects.exclude(acknowledged_on=None).exists()
        assert set(Message.objects.values_list("status", flat=True)) == {Status.CANCELLED}
        seed(demo=True)
        assert Notice.objects.count() == told

    def test_the_record_is_whole(self):
        assert not list(broken_links())

    def test_names_are_in_both_languages(self):
        for model in (Organization, SpecialGroup, Indicator):
            assert not model.objects.filter(name="").exists()
            assert not model.objects.filter(name_zh="").exists()
        assert not Task.objects.filter(title_zh="").exists()

    def test_the_sign_ins_have_their_roles_and_the_password_given(self):
        users = User.objects.all()
        assert {user.username: user.role for user in users} == self.ROLES
        assert all(user.check_password("seed-password-7") for user in users)
        assert not any(user.language for user in users)
        assert all(name in self.told for name in self.ROLES)
        assert "seed-password-7" not in self.told

    def test_partners_see_their_own_agreement_alone(self):
        for name, reference in (
            ("shapingba", FRAMEWORK),
            ("beibei", FRAMEWORK),
            ("cqupt", LABORATORY),
        ):
            user = User.objects.get(username=name)
            with clock.fixed(NOW):
                seen = visible_to(user, Agreement).values_list("reference", flat=True)
                assert list(seen) == [reference]
                assert visible_to(user, Task).exists()


@pytest.mark.django_db
def test_a_random_password_is_printed(monkeypatch):
    monkeypatch.delenv("DEMO_PASSWORD", raising=False)
    password = seed(demo=True).rstrip().rpartition("Password: ")[2]
    assert User.objects.get(username="beibei").check_password(password)
