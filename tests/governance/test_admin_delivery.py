"""Notices, the outbox and the daily run in the back office, and what of them needs a hand."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agreements import daily
from agreements.daily import DailyRun
from agreements.models import LiaisonAppointment, Notice
from agreements.notices import tell
from governance import clock
from governance.admin.delivery import sections
from governance.delivery.outbox import OLD_AFTER, Message, Status, post_mail
from governance.models import Event
from tests.cast import SIGNED, TODAY, enter_agreement, enter_person
from tests.typed import errors, typed

pytestmark = pytest.mark.django_db

NOTICES = "/secretariat/agreements/notice/"
OUTBOX = "/secretariat/governance/message/"
RUNS = "/secretariat/agreements/dailyrun/"


@pytest.fixture
def office(client, officer):
    client.force_login(officer)
    return client


@pytest.fixture
def ann(agreement, alba):
    """In post for Alba; nobody is for Brook."""
    person = enter_person("Ann", alba)
    party = agreement.party_set.get(organization=alba)
    LiaisonAppointment.enter(by=None, party=party, person=person, starts_on=SIGNED)
    return person


@pytest.fixture
def say(agreement, ann):
    def say(subject, on=TODAY):
        return tell(
            "announcement",
            by=None,
            on=on,
            agreement=agreement,
            about=agreement,
            parties=agreement.party_set.order_by("position"),
            subject=subject,
            text=f"{subject} rises.",
        )

    return say


def post(subject="News", **facts):
    message = post_mail("ann@example.org", subject, "Hello")
    Message.objects.filter(pk=message.pk).update(**facts)
    message.refresh_from_db()
    return message


def shown(client, page, **asked):
    answer = client.get(page, asked)
    assert answer.status_code == 200
    return answer.content.decode()


def needs(user):
    return {part.title: [(line.name, line.says) for line in part.lines] for part in sections(user)}


class TestNotices:
    def test_they_are_listed_with_their_recipient_and_their_mail(self, office, say):
        say("Water")
        seen = shown(office, NOTICES)
        assert "Ann, Alba District" in seen and "Waiting" in seen
        assert "Brook District, nobody was in post" in seen

    def test_they_are_narrowed_to_what_needs_a_hand(self, office, say):
        old, _lost = say("Old", on=TODAY - timedelta(days=8))
        new, lost = say("New")
        new.read(by=None)

        def found(state):
            changelist = office.get(NOTICES, {"state": state}).context["cl"]
            return {(one.subject, one.person_id) for one in changelist.queryset}

        assert found("undeliverable") == {("Old", None), ("New", None)}
        assert found("unread") == {("Old", old.person_id), ("Old", None), ("New", None)}
        assert found("chase") == {("Old", old.person_id), ("Old", None)}
        old.acknowledge(by=None, on=TODAY)
        assert found("chase") == {("Old", None)}
        assert found("unconfirmed") == {("Old", None), ("New", new.person_id), ("New", None)}
        assert lost.is_undeliverable

    def test_receipt_is_recorded_for_a_party_that_says_so(self, office, say, officer):
        told, _lost = say("Water")
        page = f"{NOTICES}{told.pk}/"
        assert "Confirm receipt" in shown(office, f"{page}change/")
        said = {"on": TODAY.isoformat(), "reason": "By telephone"}
        assert office.post(f"{page}verb/acknowledge/", said).status_code == 302
        told.refresh_from_db()
        assert (told.acknowledged_by, told.acknowledged_on) == (officer, TODAY)
        assert Event.objects.of(told).last().reason == "By telephone"

    def test_the_secretariat_writes_to_all_parties_of_an_agreement(
        self, office, ann, agreement, brook
    ):
        page = office.get(f"{NOTICES}add/")
        sent = typed(page, agreement=str(agreement.pk), subject="Flood", text_zh="涨水了。")
        assert office.post(f"{NOTICES}add/", sent).status_code == 302
        told, lost = Notice.objects.order_by("pk")
        assert (told.person, lost.organization, lost.person) == (ann, brook, None)
        assert (told.subject, told.sentence) == ("Flood", "涨水了。")
        assert told.message.to == "ann@example.org"

    def test_it_is_refused_without_words_or_without_anybody_to_tell(self, office, officer):
        draft = enter_agreement(by=officer, title="Draft")
        page = office.get(f"{NOTICES}add/")
        answer = office.post(f"{NOTICES}add/", typed(page, agreement=str(draft.pk), text="Hear."))
        assert errors(answer) == {"subject": ["Write it in English or in Chinese."]}
        sent = typed(page, agreement=str(draft.pk), subject="Hear", text="Hear.")
        answer = office.post(f"{NOTICES}add/", sent)
        assert errors(answer) == {"agreement": ["It has no party that could be told today."]}
        assert not Notice.objects.exists()

    def test_an_auditor_reads_and_confirms_nothing(self, client, auditor, say):
        client.force_login(auditor)
        told, _lost = say("Water")
        assert "Water rises." in shown(client, f"{NOTICES}{told.pk}/change/")
        assert client.post(f"{NOTICES}{told.pk}/verb/acknowledge/").status_code == 403
        assert client.get(f"{NOTICES}add/").status_code == 403

    def test_three_cost_no_more_queries_than_one(self, office, say):
        def cost():
            with CaptureQueriesContext(connection) as captured:
                shown(office, NOTICES)
            return len(captured)

        say("One")
        one = cost()
        say("Two"), say("Three")
        assert cost() == one


class TestOutbox:
    def test_it_shows_state_tries_and_what_went_wrong(self, office):
        post(status=Status.FAILED, attempts=8, last_error="550 no such person")
        seen = shown(office, OUTBOX)
        for text in ("ann@example.org", "News", "Given up", "8", "550 no such person"):
            assert text in seen

    def test_it_is_sent_again_and_cancelled_with_buttons(self, office):
        message = post(status=Status.FAILED)
        page = f"{OUTBOX}{message.pk}/"
        assert "Send again" in shown(office, f"{page}change/")
        assert office.post(f"{page}verb/replay/", {"reason": ""}).status_code == 302
        message.refresh_from_db()
        assert message.status == Status.WAITING
        assert office.post(f"{page}verb/cancel/", {"reason": "Wrong"}).status_code == 302
        message.refresh_from_db()
        assert message.status == Status.CANCELLED
        verbs = [event.verb for event in Event.objects.of(message)]
        assert verbs == ["replay", "cancel"]

    def test_what_is_refused_says_why(self, office):
        message = post(leased_until=clock.actual() + timedelta(minutes=1))
        assert "It is being sent at this moment." in shown(office, f"{OUTBOX}{message.pk}/change/")

    def test_an_auditor_reads_and_sends_nothing(self, client, auditor):
        client.force_login(auditor)
        message = post(status=Status.FAILED)
        assert "Hello" in shown(client, f"{OUTBOX}{message.pk}/change/")
        assert client.post(f"{OUTBOX}{message.pk}/verb/replay/").status_code == 403

    def test_nobody_writes_or_deletes_one_by_hand(self, office):
        message = post()
        assert office.get(f"{OUTBOX}add/").status_code == 403
        assert office.post(f"{OUTBOX}{message.pk}/delete/").status_code == 403


class TestNeeds:
    def test_nothing_is_said_while_all_goes_well(self, officer, monkeypatch):
        monkeypatch.setattr(daily, "STEPS", ())
        post(), post(status=Status.SENT)
        DailyRun.objects.create(day=TODAY - timedelta(days=1), finished_at=clock.actual())
        assert not any(needs(officer).values())

    def test_mail_that_was_given_up(self, officer):
        post("Lost", status=Status.FAILED, last_error="550 no such person")
        assert needs(officer)["Mail that could not be sent"] == [
            ("ann@example.org: Lost", "550 no such person")
        ]

    def test_a_queue_that_nobody_empties(self, officer):
        post("Old", due_at=clock.actual() - OLD_AFTER)
        ((name, says),) = needs(officer)["Mail that waits too long"]
        assert name == "Old" and says.endswith("is the worker running?")

    def test_a_daily_run_that_is_late(self, officer):
        assert needs(officer)["Daily runs that are late"] == [
            ("Reminders and plans are not made", "It has never run.")
        ]
        DailyRun.objects.create(day=TODAY - timedelta(days=2), finished_at=clock.actual())
        assert needs(officer)["Daily runs that are late"] == [
            ("Reminders and plans are not made", "last run for 27 February 2027")
        ]

    def test_a_step_that_failed(self, officer, office):
        run = DailyRun.objects.create(day=TODAY, failed={"digests written": "OSError: full"})
        assert needs(officer)["Daily runs that are late"] == [("1 March 2027", "digests written")]
        assert "OSError: full" in shown(office, RUNS)
        assert "OSError: full" in shown(office, f"{RUNS}{run.pk}/change/")

    def test_notices_that_reached_nobody_until_somebody_of_them_reads_it(self, officer, say):
        _told, lost = say("Water")
        title = "Notices that reached no liaison officer"
        assert needs(officer)[title] == [("Water", "Brook District")]
        Notice.objects.get(pk=lost.pk).read(by=None)
        assert needs(officer)[title] == []

    def test_the_first_page_leads_there(self, office):
        post("Lost", status=Status.FAILED, last_error="550")
        seen = shown(office, "/secretariat/")
        assert "Mail that could not be sent" in seen
        assert f'href="{OUTBOX}?status__exact=failed"' in seen
        assert shown(office, OUTBOX, status__exact="failed").count("Lost")
