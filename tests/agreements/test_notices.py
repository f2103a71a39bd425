"""Notices: whoever is in post that day is told, once, in their language, and nobody else."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from actors.models import Organization, User
from actors.organization import Kind
from actors.user import MailPreference, Role
from agreements import membership, notice_words
from agreements.agreement import Confidentiality, Status
from agreements.mechanisms.liaison_officer import Rank
from agreements.models import LiaisonAppointment, Notice, Party
from agreements.notice_mail import DIGEST_REACHES_BACK
from agreements.notices import WORDS, send_digests, tell
from governance.access import may, own_organizations, unread, visible_to
from governance.lifecycle import Refused
from governance.models import Event, Message
from governance.record import unit
from tests.cast import (
    SIGNED,
    TODAY,
    again,
    enter_agreement,
    enter_partner,
    enter_party,
    enter_person,
    enter_task,
    enter_user,
)

pytestmark = pytest.mark.django_db

LATER = TODAY + timedelta(days=10)


@pytest.fixture
def party(agreement, alba) -> Party:
    return agreement.party_set.get(organization=alba)


@pytest.fixture
def ann(party, alba):
    """In post for Alba, without a sign-in."""
    person = enter_person("Ann", alba)
    LiaisonAppointment.enter(by=None, party=party, person=person, starts_on=SIGNED)
    return person


@pytest.fixture
def task(agreement, officer):
    return enter_task(agreement, by=officer, title="Plant trees", title_zh="植树")


def announce(agreement, text="The water rises.", **more):
    facts = {"by": None, "on": TODAY, "about": agreement, "subject": "Water", **more}
    return tell("announcement", agreement=agreement, text=text, **facts)


class TestRecipients:
    def test_a_party_is_told_through_whoever_is_in_post_that_day(self, agreement, party, ann, alba):
        beth = enter_person("Beth", alba)
        ann.liaison_appointments.get().edit(by=None, ends_on=LATER)
        LiaisonAppointment.enter(by=None, party=party, person=beth, starts_on=LATER)
        told = [
            announce(agreement, parties=[party], on=on)[0].person
            for on in (TODAY, LATER - timedelta(days=1), LATER)
        ]
        assert told == [ann, ann, beth]

    def test_a_deputy_stands_in_where_nobody_else_is(self, agreement, party, alba):
        deputy = enter_person("Dee", alba)
        LiaisonAppointment.enter(
            by=None, party=party, person=deputy, rank=Rank.DEPUTY, starts_on=SIGNED
        )
        (notice,) = announce(agreement, parties=[party])
        assert notice.person == deputy

    def test_without_anybody_it_stays_with_the_organization_and_shows_as_undeliverable(
        self, agreement, party, alice, alba
    ):
        (notice,) = announce(agreement, parties=[party])
        assert (notice.party, notice.organization, notice.person) == (party, alba, None)
        assert list(Notice.objects.undeliverable()) == [notice] and notice.is_undeliverable
        assert notice in visible_to(alice, Notice) and unread(alice) == 1
        assert not Message.objects.exists()

    def test_a_party_that_has_left_is_told_nothing(self, agreement, party, ann, officer):
        membership.withdraw(party, by=officer, on=TODAY, effective_on=LATER)
        assert announce(agreement, parties=[party], on=LATER - timedelta(days=1))
        assert announce(agreement, parties=[party], on=LATER) == []

    @pytest.mark.parametrize(
        "hidden",
        [{"status": Status.DRAFT}, {"confidentiality": Confidentiality.SECRETARIAT}],
    )
    def test_of_what_its_parties_may_not_see_nobody_is_told(self, officer, alba, brook, hidden):
        facts = {"status": Status.IN_FORCE, **hidden}
        agreement = enter_agreement(alba, brook, by=officer, **facts)
        parties = agreement.party_set.all()
        assert announce(agreement, parties=parties, organizations=[alba]) == []

    def test_each_is_told_once_on_one_occasion(self, agreement, party, ann, brook):
        people, parties = [ann, ann], [party, party]
        told = announce(agreement, parties=parties, people=people, organizations=[brook, brook])
        assert [(one.party, one.person, one.organization) for one in told] == [
            (party, ann, party.organization),
            (None, None, brook),
            (None, ann, None),
        ]


class TestOnce:
    def test_the_second_call_with_the_same_key_does_nothing(self, agreement, party, ann):
        assert len(announce(agreement, parties=[party], once="flood-1")) == 1
        assert announce(agreement, parties=[party], once="flood-1") == []
        assert len(announce(agreement, parties=[party], once="flood-2")) == 1
        assert Notice.objects.count() == Message.objects.count() == 2

    def test_a_recipient_who_was_not_told_yet_is(self, agreement, party, ann):
        announce(agreement, parties=[party], once="flood")
        (notice,) = announce(agreement, parties=agreement.party_set.all(), once="flood")
        assert notice.party != party

    def test_a_successor_is_not_told_again_what_the_party_was(self, agreement, party, ann, alba):
        announce(agreement, parties=[party], once="flood")
        ann.liaison_appointments.get().edit(by=None, ends_on=LATER)
        beth = enter_person("Beth", alba)
        LiaisonAppointment.enter(by=None, party=party, person=beth, starts_on=LATER)
        assert announce(agreement, parties=[party], on=LATER, once="flood") == []

    def test_without_a_key_it_is_told_every_time(self, agreement, party):
        announce(agreement, parties=[party]), announce(agreement, parties=[party])
        assert Notice.objects.count() == 2


@pytest.mark.parametrize(("days", "told"), [(0, 1), (30, 1), (31, 0)])
def test_what_is_logged_of_a_time_long_past_is_no_news(agreement, party, ann, days, told):
    announce(agreement, parties=[party], on=TODAY - timedelta(days=days))
    assert Notice.objects.count() == Message.objects.count() == told


class TestWords:
    def test_it_speaks_its_readers_language_of_days_and_names(self, agreement, task, monkeypatch):
        words = notice_words.Words("Due", "%(about)s", "%(about)s of %(who)s by %(due_on)s")
        monkeypatch.setitem(WORDS, "due", words)
        people = [enter_person("Ann")]
        brook = Organization.objects.get(name="Brook District")
        (notice,) = tell(
            *("due",),
            by=None,
            on=TODAY,
            agreement=agreement,
            about=task,
            people=people,
            due_on=date(2027, 12, 31),
            who=[brook],
        )
        assert notice.sentence == "Plant trees of Brook District by 31 December 2027"
        with translation.override("zh-hans"):
            assert notice.sentence == "植树 of 布鲁克区 by 2027年12月31日"
            assert notice.subject == str(notice) == "植树"

    @pytest.mark.parametrize(
        ("value", "text"),
        [
            (date(2027, 3, 25), "25 March 2027"),
            ("2027-03-25T14:00:00+08:00", "25 March 2027, 14:00"),
            ("2027-03-25T14:00:00+01:00", "25 March 2027, 14:00 (UTC+01:00)"),
            (7, 7),
            ("100%", "100%"),
            (["a", "b"], "a, b"),
            (None, None),
        ],
    )
    def test_values_are_kept_plain_and_read_as_people_write_them(self, value, text):
        assert notice_words.read(notice_words.kept(value)) == text

    def test_words_that_speak_of_what_was_not_given_are_refused(self, agreement, party):
        with pytest.raises(KeyError):
            tell(
                *("announcement",),
                by=None,
                on=TODAY,
                agreement=agreement,
                about=agreement,
                parties=[party],
            )
        assert not Notice.objects.exists()

    def test_an_unknown_kind_is_refused(self, agreement):
        with pytest.raises(KeyError):
            tell("gossip", by=None, on=TODAY, agreement=agreement, about=agreement)

    def test_every_kind_has_a_heading_of_one_line(self):
        assert all("\n" not in str(words.subject) for words in WORDS.values())


class TestMail:
    def mails(self):
        return [(mail.to, mail.subject) for mail in Message.objects.order_by("pk")]

    def test_it_is_written_with_the_notice_and_rolled_back_with_it(self, agreement, party, ann):
        def tell_and_fail():
            with unit():
                announce(agreement, parties=[party])
                raise LookupError

        with pytest.raises(LookupError):
            tell_and_fail()
        assert not Notice.objects.exists() and not Message.objects.exists()

    def test_it_says_what_is_told_of_which_agreement_and_where_to_look(self, agreement, party, ann):
        (notice,) = announce(agreement, parties=[party])
        mail = notice.message
        assert (mail.to, mail.subject) == ("ann@example.org", "Water")
        assert mail.body.startswith(
            f"The water rises.\nClean rivers\nhttp://testserver/notices/{notice.public_id}/\n"
        )
        assert notice.mailed_on == TODAY

    def test_it_is_written_in_the_recipients_language(self, agreement, party, alice):
        alice.choose_language("zh-hans", by=alice)
        agreement.edit(by=None, title_zh="清洁河流")
        (notice,) = announce(agreement, people=[alice.person])
        assert "清洁河流" in notice.message.body and "个人资料" in notice.message.body

    def test_who_has_no_sign_in_is_written_to_in_every_language_the_houses_first(
        self, agreement, party, ann, settings
    ):
        agreement.edit(by=None, title_zh="清洁河流")
        settings.LANGUAGE_CODE = "zh-hans"
        facts = {"organization": party.organization, "joined_on": TODAY}
        about = {"by": None, "on": TODAY, "agreement": agreement, "about": party}
        (notice,) = tell("officer_owed", parties=[party], **about, **facts)
        mail = notice.message
        assert mail.subject == "阿尔巴区须指定联络员 / Alba District owes a liaison officer"
        assert (
            mail.body.index("《清洁河流》") < mail.body.index("* * *") < mail.body.index("Please")
        )
        assert mail.body.count("\n-- \n") == 1 and mail.body.count("You are written to") == 1

    @pytest.mark.parametrize(
        ("preference", "sent"),
        [(MailPreference.AT_ONCE, 1), (MailPreference.DAILY, 0), (MailPreference.NONE, 0)],
    )
    def test_it_follows_the_readers_preference(self, agreement, alice, preference, sent):
        alice.choose_mail(preference, by=alice)
        announce(agreement, people=[alice.person])
        assert Message.objects.count() == sent and Notice.objects.count() == 1

    def test_who_was_barred_from_signing_in_is_written_nothing(self, agreement, alice):
        User.objects.filter(pk=alice.pk).update(is_active=False)
        announce(agreement, people=[alice.person])
        assert not Message.objects.exists()

    def test_a_person_without_an_address_is_told_in_the_portal_alone(self, agreement, ann):
        ann.edit(by=None, email="")
        (notice,) = announce(agreement, people=[ann])
        assert notice.message is None

    def test_a_guest_is_written_to_at_each_sign_in_of_the_organization(
        self, agreement, dunes, stranger
    ):
        enter_partner("second", dunes)
        announce(agreement, organizations=[dunes])
        assert self.mails() == [("second@example.org", "Water"), ("stranger@example.org", "Water")]

    def test_a_guest_who_wants_a_digest_is_written_to_at_once_one_who_wants_none_is_not(
        self, agreement, dunes, stranger
    ):
        stranger.choose_mail(MailPreference.DAILY, by=stranger)
        enter_partner("silent", dunes).choose_mail(MailPreference.NONE, by=None)
        announce(agreement, organizations=[dunes])
        assert self.mails() == [("stranger@example.org", "Water")]

    def test_an_invitation_travels_with_it_in_the_order_of_its_object(self, agreement, ann):
        files = [("invite.ics", b"BEGIN:VCALENDAR", "text/calendar")]
        (first,) = announce(agreement, people=[ann], attachments=files)
        (second,) = announce(agreement, people=[ann])
        assert first.message.files() == files
        assert first.message.order_key == second.message.order_key != ""

    def test_neither_text_nor_address_enters_the_record(self, agreement, party, ann):
        Event.objects.all()
        announce(agreement, text="secret word", parties=[party])
        (event,) = Event.objects.filter(object_type="agreements.notice")
        assert event.verb == "tell" and "secret word" not in str(event.after)
        assert "ann@example.org" not in str(event.after)


class TestDigest:
    @pytest.fixture
    def reader(self, alice):
        alice.choose_mail(MailPreference.DAILY, by=alice)
        return alice

    def test_it_gathers_what_was_not_mailed_yet_and_comes_once(self, agreement, reader):
        for text in ("One.", "Two."):
            announce(agreement, text=text, people=[reader.person])
        assert send_digests(TODAY) == 1
        (mail,) = Message.objects.all()
        assert mail.subject == "2 notifications"
        assert "One." in mail.body and "Two." in mail.body
        assert send_digests(TODAY) == send_digests(LATER) == 0
        assert set(Notice.objects.values_list("message", "mailed_on")) == {(mail.pk, TODAY)}

    def test_what_was_read_already_is_left_out(self, agreement, reader):
        (notice,) = announce(agreement, people=[reader.person])
        notice.read(by=reader)
        assert send_digests(TODAY) == 0

    def test_it_does_not_tell_the_whole_past(self, agreement, reader):
        announce(agreement, people=[reader.person])
        assert send_digests(TODAY + DIGEST_REACHES_BACK) == 0
        assert send_digests(TODAY + DIGEST_REACHES_BACK - timedelta(days=1)) == 1

    def test_it_says_nothing_of_an_agreement_that_was_left_meanwhile(
        self, agreement, party, reader, officer
    ):
        LiaisonAppointment.enter(by=None, party=party, person=reader.person, starts_on=SIGNED)
        announce(agreement, parties=[party])
        membership.withdraw(party, by=officer, on=TODAY, effective_on=LATER - timedelta(days=5))
        assert send_digests(LATER - timedelta(days=5)) == 0


class TestReading:
    @pytest.fixture
    def notice(self, agreement, alice):
        return announce(agreement, people=[alice.person])[0]

    def test_the_first_reading_stands(self, notice, alice):
        assert notice.is_unread and unread(alice) == 1
        first = notice.read(by=alice).read_at
        assert notice.read(by=alice).read_at == first and unread(again(alice)) == 0
        assert not Notice.objects.unread().exists() and not notice.is_unread

    def test_receipt_is_confirmed_once_by_somebody_on_a_day(self, notice, alice):
        notice.acknowledge(by=alice, on=TODAY)
        assert (notice.acknowledged_by, notice.acknowledged_on) == (alice, TODAY)
        assert not notice.is_unread and notice.is_acknowledged
        assert not Notice.objects.unacknowledged().exists()
        assert Event.objects.of(notice).last().verb == "acknowledge"
        with pytest.raises(Refused) as refused:
            notice.acknowledge(by=alice, on=TODAY)
        assert refused.value.guard == "acknowledged"

    def test_receipt_lies_not_before_the_telling(self, notice, alice):
        with pytest.raises(Refused) as refused:
            notice.acknowledge(by=alice, on=TODAY - timedelta(days=1))
        assert refused.value.guard == "not_told_yet"

    def test_the_twins_agree_on_whom_it_is_addressed_to(self, agreement, party, alba, brook, alice):
        announce(agreement, parties=[party], organizations=[brook], people=[alice.person])
        announce(agreement, people=[enter_person("Bert")])
        for person in (None, alice.person_id):
            for own in ([], [alba.pk], [alba.pk, brook.pk]):
                found = set(Notice.objects.addressed_to(person, own))
                assert found == {
                    one for one in Notice.objects.all() if one.is_addressed_to(person, own)
                }


class TestRights:
    def test_it_is_seen_by_its_recipient_their_organization_and_who_oversees(
        self, agreement, party, ann, alice, bob, stranger, officer, auditor
    ):
        (notice,) = announce(agreement, parties=[party])
        seeing = [
            user.username
            for user in (alice, bob, stranger, officer, auditor)
            if visible_to(user, Notice).filter(pk=notice.pk).exists()
        ]
        assert seeing == ["alice", "officer", "auditor"]
        assert unread(alice) == 0  # it is Ann's to read

    def test_only_the_recipients_side_confirms_it(
        self, agreement, party, ann, alice, bob, officer, auditor
    ):
        (notice,) = announce(agreement, parties=[party])
        allowed = {
            user.username: may(user, "acknowledge", notice) is None
            for user in (alice, bob, officer, auditor)
        }
        assert allowed == {"alice": True, "bob": False, "officer": True, "auditor": False}

    def test_it_goes_with_the_right_to_what_it_is_about(self, agreement, party, alice, task):
        (of_task,) = announce(agreement, parties=[party], about=task)
        (of_agreement,) = announce(agreement, parties=[party])
        assert set(visible_to(alice, Notice)) == {of_task, of_agreement}
        task.remove(by=None)
        assert set(visible_to(again(alice), Notice)) == {of_agreement}
        agreement.edit(by=None, confidentiality=Confidentiality.SECRETARIAT)
        assert not visible_to(again(alice), Notice).exists() and unread(again(alice)) == 0

    def test_who_has_left_reads_what_was_told_before(self, agreement, party, alice, officer):
        (before,) = announce(agreement, parties=[party], on=TODAY - timedelta(days=2))
        (after,) = announce(agreement, parties=[party])
        Party.objects.filter(pk=party.pk).update(withdrawn_on=TODAY)
        assert set(visible_to(again(alice), Notice)) == {before} and unread(again(alice)) == 1
        assert set(visible_to(officer, Notice)) == {before, after}

    def test_a_guest_reads_what_concerns_the_task_it_is_invited_to(
        self, agreement, task, dunes, stranger, officer
    ):
        (notice,) = announce(agreement, about=task, organizations=[dunes])
        assert not visible_to(stranger, Notice).exists()
        task.edit(by=officer, cooperating=[dunes])
        assert list(visible_to(again(stranger), Notice)) == [notice]
        assert unread(again(stranger)) == 1

    def test_one_who_acts_for_nobody_sees_nothing(self, agreement, party, ann):
        announce(agreement, parties=[party])
        assert not visible_to(enter_user("idle", Role.PARTNER), Notice).exists()

    def test_three_unread_cost_no_more_queries_than_one(
        self, agreement, party, alice, django_assert_num_queries
    ):
        for _once in range(3):
            announce(agreement, parties=[party])
            reader = again(alice)
            own_organizations(reader)  # asked on every page anyway
            with django_assert_num_queries(4):
                assert unread(reader) == Notice.objects.count()


def test_a_notice_is_about_something_of_a_known_kind(agreement, party, monkeypatch):
    monkeypatch.setitem(WORDS, "x" * 41, notice_words.Words("x", "x", "x"))
    with pytest.raises(ValidationError):
        tell("x" * 41, by=None, on=TODAY, agreement=agreement, about=agreement, parties=[party])


def test_a_company_of_its_own_is_told_like_any_party(officer, corva):
    agreement = enter_agreement(by=officer, status=Status.NEGOTIATING)
    party = enter_party(agreement, corva)
    assert corva.kind == Kind.ENTERPRISE
    (notice,) = announce(agreement, parties=[party])
    assert notice.organization == corva
