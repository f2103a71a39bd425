"""The worker, as its own process, and a mail server that takes, refuses, or lets it wait."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from random import Random
from threading import Event, Thread
from time import monotonic, sleep
from urllib.parse import quote

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import override_settings

from governance import clock
from governance.delivery import worker
from governance.delivery.carrier import mail_of
from governance.delivery.outbox import LEASE, Message, Status, post_mail
from governance.environment import email
from tests.machine.smtp import Mailbox, mail_server

INVITATION = "\r\n".join(
    ["BEGIN:VCALENDAR", "METHOD:REQUEST", "BEGIN:VEVENT", "SUMMARY:会议", "END:VEVENT", ""]
).encode()


def post(subject="News", to="ann@example.org", **facts):
    return post_mail(to, subject, f"{subject}, in short.\n", **facts)


def statuses():
    return dict(Message.objects.values_list("subject", "status"))


@pytest.fixture
def mailbox():
    with mail_server() as mailbox:
        yield mailbox


@pytest.fixture
def sending(mailbox):
    """Mail from this very process goes to the mailbox."""
    with override_settings(**email(mailbox.url)):
        yield mailbox


def run_once():
    call_command("worker", once=True)


class TestMail:
    """What a mail looks like."""

    pytestmark = pytest.mark.django_db

    def test_it_is_plain_text_from_the_system_under_a_name_that_stays(self):
        message = post("Flood")
        made = mail_of(message).message()
        assert made.get_content_type() == "text/plain" and made["Subject"] == "Flood"
        assert made["From"] == "Concord <no-reply@testserver>" and made["To"] == message.to
        assert made["Message-ID"] == f"<{message.public_id}@testserver>"
        assert made["Message-ID"] == mail_of(message).message()["Message-ID"]
        assert made["Auto-Submitted"] == "auto-generated"

    def test_chinese_arrives_as_it_was_written(self, sending):
        post("关于会议的通知")
        run_once()
        (mail,) = sending.mails
        assert mail["Subject"] == "关于会议的通知"
        assert mail.get_body().get_content().startswith("关于会议的通知, in short.")

    @pytest.mark.parametrize(
        ("content", "method"),
        [
            (INVITATION, "REQUEST"),
            (INVITATION.replace(b"REQUEST", b"CANCEL"), "CANCEL"),
            (INVITATION.replace(b"METHOD:REQUEST\r\n", b""), None),
        ],
    )
    def test_a_calendar_file_is_an_invitation_and_a_file(self, sending, content, method):
        post(attachments=[("invite.ics", content, "text/calendar")])
        run_once()
        parts = {part.get_content_type(): part for part in sending.mails[0].walk()}
        assert set(parts) == {
            *("multipart/mixed", "multipart/alternative"),
            *("text/plain", "text/calendar", "application/ics"),
        }
        calendar = parts["text/calendar"]
        assert calendar.get_param("method") == method
        assert (
            calendar.get_content().replace("\n", "\r\n").replace("\r\r", "\r") == content.decode()
        )
        assert parts["application/ics"].get_filename() == "invite.ics"
        assert parts["application/ics"].get_content() == content

    def test_another_file_is_a_file(self, sending):
        post(attachments=[("list.csv", b"a;b", "text/csv")])
        run_once()
        (file,) = sending.mails[0].iter_attachments()
        assert (file.get_filename(), file.get_content_type()) == ("list.csv", "text/csv")


class TestOutcome:
    """What becomes of a message."""

    pytestmark = pytest.mark.django_db

    def test_once_empties_the_queue_and_ends(self, sending):
        for number in range(3):
            post(f"News {number}", order_key="news")
        run_once()
        assert sending.subjects() == ["News 0", "News 1", "News 2"]
        assert set(statuses().values()) == {Status.SENT}

    def test_one_that_is_refused_for_good_is_given_up_and_stops_nobody(self, sending):
        sending.refusing["gone@example.org"] = "550 no such person"
        post("lost", to="gone@example.org")
        post("kept")
        run_once()
        assert statuses() == {"lost": Status.FAILED, "kept": Status.SENT}
        assert "550" in Message.objects.failed().get().last_error

    def test_one_that_is_refused_for_now_is_tried_again(self, sending):
        sending.refusing["full@example.org"] = "452 mailbox full"
        post(to="full@example.org")
        run_once()
        message = Message.objects.get()
        assert (message.status, message.attempts) == (Status.WAITING, 1)
        assert message.due_at > clock.actual() and "452" in message.last_error
        sending.refusing.clear()
        Message.objects.update(due_at=clock.actual())
        run_once()
        message.refresh_from_db()
        assert (message.status, message.attempts, message.last_error) == (Status.SENT, 2, "")

    @pytest.mark.parametrize("address", ["ann@example.org\nBcc: all@example.org", ""])
    def test_an_address_that_is_none_is_given_up(self, sending, address):
        post(to=address)
        run_once()
        assert statuses() == {"News": Status.FAILED} and sending.mails == []

    def test_a_server_that_is_away_is_tried_again(self):
        with mail_server() as gone:
            url = gone.url
        post()
        with override_settings(**email(url)):
            run_once()
        message = Message.objects.get()
        assert message.status == Status.WAITING and "refused" in message.last_error.lower()

    def test_it_goes_on_until_it_is_stopped(self, sending, monkeypatch):
        monkeypatch.setattr(worker, "REST", 0.01)
        stop, lines = Event(), []

        def tell(line):
            lines.append(line)
            stop.set()

        post()
        worker.work(stop, tell)
        assert len(lines) == 1 and lines[0].endswith("try 1: sent")


def database_url():
    """The test database as a child process is told of it."""
    told = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:////{str(told['NAME']).lstrip('/')}"
    place = f"{quote(told['USER'])}:{quote(told['PASSWORD'])}@/{told['NAME']}"
    return f"postgres://{place}?host={quote(told['HOST'], safe='')}&port={told['PORT']}"


@contextmanager
def process(mailbox: Mailbox) -> Iterator[subprocess.Popen[bytes]]:
    """A worker of its own, gone at the end whatever happens."""
    environment = os.environ | {"DATABASE_URL": database_url(), "EMAIL_URL": mailbox.url}
    command = [sys.executable, "manage.py", "worker"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as started:
        try:
            yield started
        finally:
            started.kill()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
class TestProcess:
    """Real processes, killed and told to end."""

    def test_killed_in_the_middle_of_sending_it_is_sent_again_after_the_lease(self, sending):
        message = post("Killed")
        sending.slow.set()
        with process(sending) as killed:
            assert sending.holding.wait(30)
            killed.send_signal(signal.SIGKILL)
            killed.wait(10)
        sending.slow.clear()
        message.refresh_from_db()
        assert message.status == Status.WAITING and message.leased_until > clock.actual()
        run_once()
        assert len(sending.mails) == 1  # the dead one's lease still holds it
        Message.objects.update(leased_until=clock.actual() - timedelta(seconds=1))
        run_once()
        message.refresh_from_db()
        assert (message.status, message.attempts) == (Status.SENT, 2)
        # The receiver knows it for the same one.
        assert [mail["Message-ID"] for mail in sending.mails] == [message.message_id] * 2

    def test_told_to_end_it_finishes_what_it_has_in_hand_and_takes_no_more(self, mailbox):
        post("First"), post("Second")
        mailbox.slow.set()
        with process(mailbox) as ending:
            assert mailbox.holding.wait(30)
            ending.send_signal(signal.SIGTERM)
            sleep(0.2)
            mailbox.free.set()
            output, _nothing = ending.communicate(timeout=10)
        assert ending.returncode == 0 and output.count(b": sent") == 1
        assert statuses() == {"First": Status.SENT, "Second": Status.WAITING}

    def test_several_at_once_send_each_message_once_and_each_order_in_its_order(self, sending):
        for number in range(60):
            post(f"{number % 3}:{number:02}", order_key=f"order {number % 3}")

        def work():
            try:
                worker.work(Event(), lambda line: None, once=True)
            finally:
                connection.close()

        hands = [Thread(target=work) for _hand in range(4)]
        for hand in hands:
            hand.start()
        for hand in hands:
            hand.join(60)
        run_once()  # a hand ends when all that waits is held up by another
        subjects = sending.subjects()
        assert len(subjects) == len(set(subjects)) == 60
        for order in "012":
            own = [subject for subject in subjects if subject.startswith(order)]
            assert own == sorted(own)


@pytest.mark.soak
@pytest.mark.django_db(transaction=True)
def test_killed_time_and_again_nothing_is_lost_and_only_what_was_in_hand_comes_twice(mailbox):
    """Each kill may send the one message in hand again; the order of a key holds through it all."""
    chance, kills = Random(3), 20
    for number in range(200):
        post(f"{number % 5}:{number:03}", order_key=f"order {number % 5}")
    for _kill in range(kills):
        before = len(mailbox.mails)
        with process(mailbox) as killed:
            until = monotonic() + 30
            while len(mailbox.mails) == before and monotonic() < until:
                sleep(0.001)
            sleep(chance.random() / 50)
            killed.send_signal(signal.SIGKILL)
        # The dead hold nothing any more; else each kill would cost the length of a lease.
        Message.objects.update(leased_until=None)
    with override_settings(**email(mailbox.url)):
        run_once()
    assert set(statuses().values()) == {Status.SENT}
    came = [mail["Subject"] for mail in mailbox.mails]
    assert len(set(came)) == 200
    assert len(came) <= 200 + kills
    for order in "01234":
        first_come = list(dict.fromkeys(one for one in came if one.startswith(order)))
        assert first_come == sorted(first_come)


def test_a_lease_outlasts_every_pause_of_one_sending():
    timeout = email("smtp://localhost")["EMAIL_TIMEOUT"]
    # Connecting, greeting, TLS, greeting again, signing in (2), from, to, data (2), leaving.
    assert timedelta(seconds=11 * timeout) < LEASE
