"""Notifications in the portal: what was told, by day; what is new is counted on every page."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from actors.user import MailPreference
from agreements.agreement import Confidentiality
from agreements.models import (
    AgendaItem,
    Article,
    Consultation,
    ConvenorTerm,
    LiaisonAppointment,
    Milestone,
    Notice,
    Rotation,
)
from agreements.notices import tell
from tests.agreements.portal_scenes import signed_in
from tests.cast import SIGNED, TODAY, again, enter_partner, enter_person, enter_rotation, enter_task

pytestmark = pytest.mark.django_db

PAGE = "/notices/"


@pytest.fixture
def party(agreement, alba, alice):
    """Alba, with Alice in post."""
    party = agreement.party_set.get(organization=alba)
    LiaisonAppointment.enter(by=None, party=party, person=alice.person, starts_on=SIGNED)
    return party


@pytest.fixture
def say(agreement, party):
    def say(subject="Water", on=TODAY, about=agreement, parties=(party,), **more):
        facts = {"subject": subject, "text": f"{subject} rises.", "parties": parties, **more}
        return tell("announcement", by=None, on=on, agreement=agreement, about=about, **facts)[0]

    return say


def page(user, **asked):
    return signed_in(again(user)).get(PAGE, asked).content.decode()


def test_they_stand_under_their_days_the_newest_first(say, alice):
    say("Early", on=TODAY - timedelta(days=1)), say("Late"), say("Later")
    seen = page(alice)
    places = [
        seen.index(text)
        for text in ("Monday 1 March 2027", "Later rises.", "Late rises.", "Sunday 28 February")
    ]
    assert places == sorted(places) and seen.index("Early rises.") > places[-1]


def test_what_is_new_is_counted_on_every_page_until_it_is_opened(say, alice, agreement):
    notice = say()
    client = signed_in(alice)
    assert client.get("/").context["unread"] == 1
    assert "not read yet" in client.get("/profile/").content.decode()
    answer = client.get(f"/notices/{notice.public_id}/")
    assert answer.url == reverse("agreement", args=[agreement.public_id])
    assert client.get("/").context["unread"] == 0
    assert Notice.objects.get().read_at is not None


def test_a_colleague_sees_it_as_somebody_elses_and_does_not_read_it_for_them(say, alice, alba):
    notice = say()
    colleague = enter_partner("clara", alba)
    seen = page(colleague)
    assert "Water rises." in seen and "For Alice, Alba District" in seen
    client = signed_in(colleague)
    assert client.get("/").context["unread"] == 0
    assert client.get(f"/notices/{notice.public_id}/").status_code == 302
    assert Notice.objects.get().is_unread


def test_everything_is_marked_as_read_at_once(say, alice, officer):
    for subject in ("One", "Two", "Three"):
        say(subject)
    client = signed_in(alice)
    answer = client.post("/notices/read/", follow=True)
    assert "3 notifications are marked as read." in answer.content.decode()
    assert not Notice.objects.unread().exists()
    assert client.get("/notices/read/").status_code == 405
    assert Client().post("/notices/read/").status_code == 302


def test_receipt_is_confirmed_with_a_button_and_then_said(say, alice):
    notice = say()
    address = f"/notices/{notice.public_id}/acknowledge/"
    assert address in page(alice)
    answer = signed_in(alice).post(address, follow=True)
    seen = answer.content.decode()
    assert "Receipt of “Water” is confirmed." in seen
    assert "Receipt confirmed on 1 Mar 2027 by Alice" in seen and address not in seen
    assert signed_in(alice).get(address).status_code == 409


def test_a_colleague_may_confirm_it_and_a_co_party_finds_nothing(say, alice, alba, bob):
    notice = say()
    address = f"/notices/{notice.public_id}/acknowledge/"
    assert signed_in(bob).post(address).status_code == 404
    assert signed_in(enter_partner("clara", alba)).post(address).status_code == 302
    assert Notice.objects.get().acknowledged_by.username == "clara"


def test_the_secretariat_sees_all_and_whom_nobody_answers_for(say, officer, agreement, brook):
    say()
    say("Lost", parties=[agreement.party_set.get(organization=brook)])
    seen = page(officer)
    assert "For Alice, Alba District · not read yet" in seen
    assert "For Brook District · <span" in seen and "nobody was in post" in seen
    assert "Confirm receipt" not in seen


def test_it_is_narrowed_by_what_became_of_it_and_by_kind(say, alice, alba):
    read, confirmed, own = say("Read"), say("Confirmed"), enter_person("Carl", alba)
    read.read(by=alice)
    confirmed.acknowledge(by=alice, on=TODAY)
    say("For Carl", parties=(), people=[own])
    say("New")

    def told(**asked):
        answer = signed_in(alice).get(PAGE, asked)
        return {item.notice.subject for item in answer.context["told"]}

    assert told() == {"Read", "Confirmed", "New"}
    assert told(state="mine") == {"Read", "Confirmed", "New"}
    assert told(state="unread") == {"New"}
    assert told(state="unconfirmed") == {"Read", "New"}
    assert told(kind="announcement", state="nonsense") == {"Read", "Confirmed", "New"}


def test_of_what_may_no_longer_be_seen_it_shows_nothing(say, alice, agreement):
    notice = say()
    agreement.edit(by=None, confidentiality=Confidentiality.SECRETARIAT)
    assert "Water" not in page(alice) and "Nothing has been told yet" in page(alice)
    client = signed_in(again(alice))
    assert client.get("/").context["unread"] == 0
    for address in (f"/notices/{notice.public_id}/", f"/notices/{notice.public_id}/acknowledge/"):
        assert client.get(address).status_code == 404


def test_it_leads_to_the_page_of_what_it_is_about(
    say, alice, agreement, officer, alba, brook, short_horizon
):
    task = enter_task(agreement, by=officer)
    under = {"by": officer, "agreement": agreement}
    rotation = enter_rotation(agreement, alba, brook, by=officer)
    home = f"/agreements/{agreement.public_id}/"
    ways = {
        task: f"/tasks/{task.public_id}/",
        Article.enter(number="1", **under): f"{home}articles/",
        Milestone.enter(name="Review", due_on=date(2027, 4, 1), **under): f"{home}timetable/",
        Rotation.objects.get(pk=rotation.pk): f"{home}rotation/",
        ConvenorTerm.objects.filter(rotation=rotation).first(): f"{home}rotation/",
        LiaisonAppointment.objects.get(): f"{home}parties/",
        agreement: home,
    }
    meeting = Consultation.enter(
        title="Meeting", starts_at=datetime(2027, 3, 20, 6, tzinfo=UTC), **under
    )
    item = AgendaItem.propose(by=officer, on=TODAY, consultation=meeting, title="Water")
    ways |= dict.fromkeys((meeting, item), f"/consultations/{meeting.public_id}/")
    client = signed_in(alice)
    for about, way in ways.items():
        notice = say(about=about)
        assert client.get(f"/notices/{notice.public_id}/").url == way
        assert client.get(way).status_code == 200


def test_three_cost_no_more_queries_than_one(say, alice):
    def cost():
        client = signed_in(alice)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(PAGE).status_code == 200
        return len(captured)

    say()
    one = cost()
    say(), say()
    assert cost() == one


class TestPreferences:
    @pytest.mark.parametrize("chosen", MailPreference.values)
    def test_one_chooses_when_to_be_written_to(self, alice, chosen):
        answer = signed_in(alice).post("/profile/mail/", {"mail_preference": chosen}, follow=True)
        assert answer.status_code == 200
        assert again(alice).mail_preference == chosen
        assert f'value="{chosen}" checked' in answer.content.decode()

    @pytest.mark.parametrize("chosen", ["", "hourly"])
    def test_anything_else_changes_nothing(self, alice, chosen):
        signed_in(alice).post("/profile/mail/", {"mail_preference": chosen})
        assert again(alice).mail_preference == MailPreference.AT_ONCE

    def test_a_stranger_to_the_house_is_asked_to_sign_in(self):
        assert Client().post("/profile/mail/", {"mail_preference": "none"}).status_code == 302

    def test_the_page_says_where_it_is_sent(self, alice):
        assert "alice@example.org" in signed_in(alice).get("/profile/").content.decode()
