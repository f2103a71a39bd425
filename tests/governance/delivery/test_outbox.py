"""The outbox: nothing is lost, nothing is sent twice without need, nothing blocks the rest."""

from datetime import date, timedelta

import pytest
from django.db import transaction

from governance import clock
from governance.delivery.outbox import (
    LEASE,
    MOST_TRIES,
    OLD_AFTER,
    PAUSES,
    ROW_KEPT_FOR,
    SENT_TEXT_KEPT_FOR,
    TEXT_KEPT_FOR,
    Message,
    Status,
    post_mail,
)
from governance.lifecycle import Refused
from governance.models import Event
from governance.record import unit

pytestmark = pytest.mark.django_db

TODAY = date(2027, 3, 1)


def post(text="Hello", **facts):
    return post_mail("ann@example.org", "News", text, **facts)


def again(message):
    return Message.objects.get(pk=message.pk)


@pytest.fixture
def now():
    return clock.actual() + timedelta(seconds=1)


class TestPosting:
    def test_what_is_rolled_back_is_not_sent(self):
        with unit():
            post()
            transaction.set_rollback(True)
        assert not Message.objects.exists()

    def test_it_waits_from_now_on_whatever_day_the_daily_run_plays(self, now):
        with clock.fixed(date(2099, 1, 1)):
            message = post()
        assert list(Message.objects.due(now)) == [message]

    def test_its_heading_is_one_line(self):
        assert post_mail("ann@example.org", "One\r\nBcc: all", "text").subject == "One Bcc: all"

    def test_its_attachments_are_kept_as_they_are(self):
        file = ("invite.ics", "会议".encode(), "text/calendar")
        assert again(post(attachments=[file])).files() == [file]

    def test_neither_text_nor_address_enters_the_record(self):
        post("very secret").cancel(by=None, on=TODAY)
        told = str(list(Event.objects.values()))
        assert "secret" not in told and "ann@" not in told and Event.objects.count() == 1


class TestClaiming:
    def test_a_message_is_held_by_one_worker(self, now):
        message = post()
        assert Message.objects.claim(now) == message
        assert Message.objects.claim(now) is None

    def test_one_whose_worker_was_killed_falls_free_with_its_lease(self, now):
        message = post()
        Message.objects.claim(now)
        assert Message.objects.claim(now + LEASE - timedelta(seconds=1)) is None
        taken = Message.objects.claim(now + LEASE)
        assert (taken, taken.attempts) == (message, 2)

    def test_the_worker_that_was_too_slow_settles_nothing(self, now):
        post()
        slow = Message.objects.claim(now)
        quick = Message.objects.claim(now + LEASE)
        assert quick.delivered(now) and not slow.fail(now, "slow")
        assert again(slow).status == Status.SENT

    def test_one_that_kills_its_workers_is_given_up(self, now):
        post("poison")
        for tries in range(MOST_TRIES):
            assert Message.objects.claim(now + tries * LEASE).attempts == tries + 1
        healthy = post("healthy")
        assert Message.objects.claim(now + MOST_TRIES * LEASE) == healthy
        poison = Message.objects.get(status=Status.FAILED)
        assert poison.body == "poison" and poison.last_error

    def test_a_look_at_an_empty_outbox_begins_no_transaction(self, now, django_assert_num_queries):
        with django_assert_num_queries(1):
            assert Message.objects.claim(now) is None


class TestOrder:
    def test_those_of_one_order_leave_one_after_the_other(self, now):
        first, second = post(order_key="meeting"), post(order_key="meeting")
        assert Message.objects.claim(now) == first
        assert Message.objects.claim(now) is None
        claimed = Message.objects.get(pk=first.pk)
        claimed.delivered(now)
        assert Message.objects.claim(now) == second

    def test_a_pause_of_the_first_holds_up_its_order_and_nobody_else(self, now):
        post(order_key="a"), post(order_key="a")
        other, free = post(order_key="b"), post()
        Message.objects.claim(now).fail(now, "down")
        assert [Message.objects.claim(now), Message.objects.claim(now)] == [other, free]
        assert Message.objects.claim(now) is None

    @pytest.mark.parametrize("status", [Status.FAILED, Status.CANCELLED])
    def test_one_that_is_over_lets_the_next_go(self, now, status):
        post(order_key="a")
        second = post(order_key="a")
        Message.objects.exclude(pk=second.pk).update(status=status)
        assert Message.objects.claim(now) == second


class TestFailing:
    def test_the_pauses_grow_and_end_within_a_day(self):
        assert list(PAUSES) == sorted(PAUSES) and MOST_TRIES == 8
        assert timedelta(hours=23) < sum(PAUSES, timedelta()) < timedelta(hours=24)

    def test_it_is_tried_again_after_a_pause_and_given_up_in_the_end(self, now):
        post()
        for pause in PAUSES:
            message = Message.objects.claim(now)
            message.fail(now, "no answer")
            assert again(message).status == Status.WAITING
            assert Message.objects.claim(now + pause - timedelta(seconds=1)) is None
            now += pause
        last = Message.objects.claim(now)
        last.fail(now, "no answer")
        assert (again(last).status, again(last).last_error) == (Status.FAILED, "no answer")

    def test_what_can_never_succeed_is_given_up_at_once(self, now):
        post()
        message = Message.objects.claim(now)
        message.fail(now, "no such person", for_good=True)
        assert list(Message.objects.failed()) == [message]

    def test_a_queue_that_nobody_empties_shows(self, now):
        message = post()
        assert not Message.objects.overdue(now)
        assert list(Message.objects.overdue(now + OLD_AFTER)) == [message]


class TestPeople:
    @pytest.mark.parametrize("status", [Status.SENT, Status.FAILED, Status.CANCELLED])
    def test_they_send_it_again_with_all_its_tries(self, now, status):
        message = post()
        Message.objects.filter(pk=message.pk).update(status=status, attempts=8, last_error="x")
        message.replay(by=None, on=TODAY)
        assert Message.objects.claim(clock.actual()).attempts == 1
        assert Event.objects.get().verb == "replay"

    def test_they_cancel_what_waits_or_was_given_up(self, now):
        message = post()
        message.cancel(by=None, on=TODAY)
        assert Message.objects.claim(now) is None
        with pytest.raises(Refused) as refused:
            message.cancel(by=None, on=TODAY)
        assert refused.value.guard == "status_cancelled"

    def test_what_is_being_sent_cannot_be_cancelled(self, now):
        post()
        message = Message.objects.claim(now)
        with pytest.raises(Refused) as refused:
            message.cancel(by=None, on=TODAY)
        assert refused.value.guard == "under_way"

    def test_a_waiting_one_is_not_sent_again(self):
        with pytest.raises(Refused) as refused:
            post().replay(by=None, on=TODAY)
        assert refused.value.guard == "status_waiting"


class TestForgetting:
    @pytest.mark.parametrize(
        ("status", "kept_for"),
        [(Status.SENT, SENT_TEXT_KEPT_FOR), (Status.FAILED, TEXT_KEPT_FOR)],
    )
    def test_the_text_goes_when_nobody_needs_it(self, now, status, kept_for):
        message = post(attachments=[("a.txt", b"a", "text/plain")])
        Message.objects.update(status=status, done_at=now, created_at=now)
        assert Message.objects.forget(now + kept_for - timedelta(seconds=1)) == 0
        assert Message.objects.forget(now + kept_for) == 1
        message.refresh_from_db()
        assert (message.body, message.attachments, message.subject) == ("", [], "News")
        assert Message.objects.forget(now + kept_for) == 0
        with pytest.raises(Refused) as refused:
            message.replay(by=None, on=TODAY)
        assert refused.value.guard == "text_forgotten"

    def test_the_row_goes_after_a_year_and_what_waits_stays(self, now):
        post(), post("waits")
        Message.objects.filter(body="Hello").update(status=Status.SENT, done_at=now)
        Message.objects.forget(now + ROW_KEPT_FOR)
        assert [message.body for message in Message.objects.all()] == ["waits"]
