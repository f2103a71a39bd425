"""Minutes in the portal: written without loss, circulated, confirmed by the parties, approved."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from actors.models import Organization, User
from agreements.mechanisms.deciding import decide
from agreements.mechanisms.minutes import Status, Way
from agreements.models import (
    AgendaItem,
    Agreement,
    Confirmation,
    Consultation,
    Decision,
    Minutes,
)
from tests.agreements.mechanisms.meetings import attend, enter_meeting, enter_series, propose
from tests.agreements.portal_scenes import read, signed_in
from tests.cast import TODAY, enter_organization, enter_party


@pytest.fixture
def meeting(agreement: Agreement, alba: Organization, brook: Organization) -> Consultation:
    """Held today by Brook, who hosts; silence of ten days counts as agreeing."""
    series = enter_series(agreement, host_rule="fixed", host=brook, minutes_silence_days=10)
    made = enter_meeting(series, TODAY, title="Spring meeting").convene(by=None, on=TODAY)
    attend(made, alba, brook)
    item = propose(made, "Noise").accept(by=None, on=TODAY)
    item.edit(by=None, minutes_note="It is loud.")
    decide(made, by=None, on=TODAY, agenda_item=item, text="Close at ten.")
    return made.close(by=None, on=TODAY)


@pytest.fixture
def minutes(meeting: Consultation) -> Minutes:
    return Minutes.draft(meeting, by=None, on=TODAY, text="It was loud.\nNobody slept.")


def address(name: str, obj: Any, **more: Any) -> str:
    return reverse(name, kwargs={"id": obj.public_id, **more})


def post(user: User, path: str, status: int = 200, **data: Any) -> str:
    answer = signed_in(user).post(path, data, follow=True)
    assert answer.status_code == status, read(answer)
    return read(answer)


def get(user: User, path: str, status: int = 200) -> str:
    answer = signed_in(user).get(path)
    assert answer.status_code == status
    return read(answer)


# writing


def test_the_host_begins_with_what_agenda_notes_and_decisions_say(meeting: Consultation, bob: User):
    page = get(bob, address("consultation", meeting))
    assert address("minutes_write", meeting) in page
    page = get(bob, address("minutes_write", meeting))
    for words in ("1. Noise", "It is loud.", "Decision 2027-1: Close at ten."):
        assert words in page, words
    page = post(bob, address("minutes_write", meeting), text="We met.")
    assert "The minutes are saved as revision 1." in page and "We met." in page


@pytest.mark.parametrize(
    ("language", "title_zh", "text_zh", "begun", "empty"),
    [
        ("en", "噪音", "十点关门。", ("Close at ten.", "1. 噪音", "〔2027〕1号：十点关门。"), ""),
        ("en", "噪音", "", ("Close at ten.",), "text_zh"),
        ("zh-hans", "噪音", "", ("1. 噪音", "〔2027〕1号：Close at ten.", "1. Noise"), ""),
        ("zh-hans", "", "", ("〔2027〕1号：Close at ten.", "1. Noise"), ""),
    ],
)
def test_they_begin_in_the_readers_language_and_in_the_other_where_all_is_said_in_it(
    meeting: Consultation,
    bob: User,
    language: str,
    title_zh: str,
    text_zh: str,
    begun: tuple[str, ...],
    empty: str,
):
    AgendaItem.objects.update(title_zh=title_zh)
    Decision.objects.update(text_zh=text_zh)
    bob.language = language
    bob.save()
    page = get(bob, address("minutes_write", meeting))
    translation.activate("en")
    for words in begun:
        assert words in page, words
    if empty:
        assert re.search(rf'<textarea name="{empty}"[^>]*>\s*</textarea>', page)


def test_a_text_to_begin_with_is_promised_only_where_there_is_one(
    agreement: Agreement, brook: Organization, bob: User
):
    series = enter_series(agreement, host_rule="fixed", host=brook)
    bare = enter_meeting(series, TODAY).convene(by=None, on=TODAY).close(by=None, on=TODAY)
    page = get(bob, address("consultation", bare))
    assert "write the minutes." in page and "stand there already" not in page


def test_the_paper_gives_the_day_on_which_it_was_held(
    agreement: Agreement, brook: Organization, bob: User
):
    series = enter_series(agreement, host_rule="fixed", host=brook)
    made = enter_meeting(series, TODAY - timedelta(days=4)).convene(by=None, on=date(2027, 2, 20))
    made.close(by=None, on=TODAY, held_on=date(2027, 2, 26))
    for name in ("minutes", "agenda_sheet"):
        page = get(bob, address(name, made))
        head = page[page.index("sheet-facts") : page.index("</dl>", page.index("sheet-facts"))]
        assert "26 February 2027" in head and "25 February" not in head and "10:00" not in head


@pytest.mark.parametrize(
    ("reader", "status"), [("officer", 200), ("alice", 403), ("stranger", 404)]
)
def test_host_and_secretariat_write_and_others_read(
    minutes: Minutes, reader: str, status: int, request: pytest.FixtureRequest
):
    user, consultation = request.getfixturevalue(reader), minutes.consultation
    get(user, address("minutes_write", consultation), status)
    page = get(user, address("minutes", consultation), 404 if status == 404 else 200)
    assert ("It was loud." in page) is (status != 404)
    assert (address("minutes_write", consultation) in page) is (status == 200)
    revision = address("minutes_revision", consultation, number=1)
    get(user, revision, 200 if status == 200 else 404)


def test_when_somebody_saved_meanwhile_both_texts_are_shown_and_nothing_is_lost(
    minutes: Minutes, bob: User, officer: User
):
    path = address("minutes_write", minutes.consultation)
    post(officer, path, text="It was quiet.", based_on="1")
    page = post(bob, path, 409, text="It was very loud.", based_on="1")
    assert "Somebody saved another text meanwhile" in page
    assert "officer saved revision 2" in page
    assert "It was quiet." in page and "It was very loud.</textarea>" in page
    assert 'name="based_on" value="2"' in page
    assert Minutes.objects.get().text == "It was quiet."
    page = post(bob, path, text="It was very loud.", based_on="2")
    assert "The minutes are saved as revision 3." in page


def test_revisions_are_compared_word_by_word(minutes: Minutes, bob: User):
    minutes.revise(by=None, on=TODAY, text="It was very loud.\nNobody slept.", text_zh="很吵。")
    page = get(bob, address("minutes_revision", minutes.consultation, number=2))
    assert "new: </span>very " in page
    assert "Nobody slept." in page and "很吵。" in page
    page = get(bob, address("minutes_revision", minutes.consultation, number=1) + "?with=2")
    assert "gone: </span>very " in page
    get(bob, address("minutes_revision", minutes.consultation, number=3), 404)


# circulating, confirming, approving


def test_the_host_circulates_with_a_time_for_objections(minutes: Minutes, bob: User, alice: User):
    path = address("minutes_verb", minutes, verb="circulate")
    assert "Whoever says nothing within 10 days counts as agreeing." in get(bob, path)
    page = post(bob, path)
    assert "the participants are asked to confirm them" in page
    assert "Whoever says nothing by 11 March 2027 counts as agreeing." in page
    assert "Confirm the minutes" in get(alice, address("consultation", minutes.consultation))


def test_a_party_confirms_with_a_reservation_that_stays_with_the_minutes(
    minutes: Minutes, alice: User, bob: User, alba: Organization
):
    minutes.circulate(by=None, on=TODAY)
    path = address("minutes_confirm", minutes)
    said = {"sha256": minutes.sha256, "organization": str(alba.public_id), "stance": "reserved"}
    assert "Say what the reservation is." in post(alice, path, 422, **said)
    page = post(alice, path, note="Not that loud.", **said)
    assert "Your answer is recorded with the minutes." in page
    assert "“Not that loud.”" in page
    page = get(bob, address("consultation", minutes.consultation))
    assert "Reservation of Alba District: “Not that loud.”" in page


def test_with_the_last_word_they_are_approved(
    minutes: Minutes, alice: User, bob: User, alba: Organization, brook: Organization
):
    minutes.circulate(by=None, on=TODAY)
    path = address("minutes_confirm", minutes)
    for user, own in ((alice, alba), (bob, brook)):
        said = {"sha256": minutes.sha256, "organization": str(own.public_id)}
        page = post(user, path, stance="confirmed", **said)
    assert "It was the last one missing: the minutes are approved." in page
    minutes.refresh_from_db()
    assert (minutes.status, minutes.approved_by) == (Status.APPROVED, Way.EXPRESSLY)
    get(bob, address("minutes_write", minutes.consultation), 409)
    own = address("attendance", minutes.consultation, organization=brook.public_id)
    assert own not in get(bob, address("consultation", minutes.consultation))


def test_nobody_gives_another_partys_word(
    minutes: Minutes, alice: User, stranger: User, brook: Organization
):
    minutes.circulate(by=None, on=TODAY)
    path = address("minutes_confirm", minutes)
    said = {
        "sha256": minutes.sha256,
        "organization": str(brook.public_id),
        "stance": "confirmed",
    }
    post(alice, path, 422, **said)
    post(stranger, path, 404, **said)
    assert not Confirmation.objects.exists()


def test_a_text_that_changed_under_the_reader_is_not_confirmed(
    minutes: Minutes, alice: User, alba: Organization
):
    read_text = minutes.sha256
    minutes.revise(by=None, on=TODAY, text="It was quiet.")
    minutes.circulate(by=None, on=TODAY)
    said = {"organization": str(alba.public_id), "stance": "confirmed"}
    page = post(alice, address("minutes_confirm", minutes), 409, sha256=read_text, **said)
    assert "Somebody else changed this meanwhile." in page and "It was quiet." in page
    assert not Confirmation.objects.exists()


def test_a_word_to_an_older_text_shows_as_a_mismatch(
    minutes: Minutes, alba: Organization, alice: User
):
    minutes.circulate(by=None, on=TODAY)
    Confirmation.give(minutes, alba, by=None, on=TODAY)
    minutes.revise(by=None, on=TODAY, text="It was quiet.")
    minutes.circulate(by=None, on=TODAY)
    page = get(alice, address("minutes", minutes.consultation))
    assert "To another text: Confirmed" in page and "revision 1" in page
    assert address("minutes_confirm", minutes) in page


def test_the_secretariat_records_the_word_of_a_party(
    minutes: Minutes, officer: User, alba: Organization
):
    minutes.circulate(by=None, on=TODAY)
    said = {"sha256": minutes.sha256, "organization": str(alba.public_id)}
    post(officer, address("minutes_confirm", minutes), stance="confirmed", **said)
    assert Confirmation.objects.get().organization == alba


def test_minutes_not_yet_circulated_are_not_confirmed(minutes: Minutes, alice: User):
    page = get(alice, address("minutes_confirm", minutes), 409)
    assert "have not been circulated yet" in page


# papers and work


def test_the_papers_tell_who_was_there_and_what_was_decided(
    minutes: Minutes, alice: User, meeting: Consultation
):
    page = get(alice, address("minutes", meeting))
    for words in ("Alba District", "Close at ten.", "Monday 1 March 2027", "sheet"):
        assert words in page, words
    assert "Noise" in get(alice, address("agenda_sheet", meeting))


def test_the_paper_in_chinese_is_called_as_civil_servants_call_it(
    minutes: Minutes, alice: User, meeting: Consultation
):
    alice.language = "zh-hans"
    alice.save()
    page = get(alice, address("minutes", meeting))
    assert "会议纪要" in page and "议定事项" in page
    translation.activate("en")


@pytest.mark.parametrize(
    ("reader", "label"), [("bob", "Circulate minutes"), ("alice", None), ("stranger", None)]
)
def test_my_work_asks_the_host_for_what_is_next(
    minutes: Minutes, reader: str, label: str | None, request: pytest.FixtureRequest
):
    page = get(request.getfixturevalue(reader), reverse("my_work"))
    assert ('id="meetings"' in page) is (label is not None)
    if label is not None:
        assert label in page


def test_my_work_asks_for_calls_answers_attendance_and_words(
    agreement: Agreement,
    alba: Organization,
    brook: Organization,
    alice: User,
    bob: User,
    minutes: Minutes,
):
    series = minutes.consultation.series
    planned = enter_meeting(series, TODAY.replace(day=20), title="Planned")
    propose(planned, proposed_by=alba)
    called = enter_meeting(series, TODAY.replace(day=25), title="Called").convene(by=None, on=TODAY)
    minutes.circulate(by=None, on=TODAY)
    page = get(bob, reverse("my_work"))
    for words in ("Call consultation", "Answer proposals", "Register attendance"):
        assert words in page, words
    page = get(alice, reverse("my_work"))
    assert "Call consultation" not in page and "Answer proposals" not in page
    assert "Confirm the minutes" in page
    attend(called, alba)
    assert "Register attendance" not in get(alice, reverse("my_work"))


@pytest.mark.parametrize("name", ["minutes", "my_work"])
def test_the_number_of_queries_does_not_grow(
    minutes: Minutes, agreement: Agreement, alice: User, name: str
):
    minutes.circulate(by=None, on=TODAY)
    path = address(name, minutes.consultation) if name == "minutes" else reverse(name)
    counted = []
    for rows in (1, 2):
        for place in range(rows):
            other = enter_organization(f"More {rows}{place}")
            enter_party(agreement, other, joined_on=TODAY, signed_on=TODAY)
            Confirmation.give(minutes, other, by=None, on=TODAY)
            series = minutes.consultation.series
            enter_meeting(series, TODAY.replace(day=20 + place + rows)).convene(by=None, on=TODAY)
        client = signed_in(alice)
        client.get(path)
        with CaptureQueriesContext(connection) as queries:
            client.get(path)
        counted.append(len(queries))
    assert counted[0] == counted[1]
