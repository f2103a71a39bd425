"""Meetings behind every door: what who left, who is a guest, and who does not host may reach."""

from datetime import date, timedelta
from typing import Any

import pytest

from agreements.models import (
    AgendaItem,
    Attendance,
    Consultation,
    GroupMembership,
    Minutes,
    SpecialGroup,
)
from governance.access import may, visible_to
from tests.agreements.mechanisms.meetings import attend, enter_meeting, enter_series, propose
from tests.agreements.portal_scenes import read as read_all
from tests.api_stage import Caller
from tests.cast import TODAY, again, enter_rotation

pytestmark = pytest.mark.django_db
BY = {"by": None, "on": TODAY}
LATER = TODAY + timedelta(days=20)


@pytest.fixture
def convening(officer: Any, agreement: Any, alba: Any, brook: Any, short_horizon: None) -> Any:
    """Alba convenes in the first half of 2027, Brook in the second."""
    return enter_rotation(agreement, alba, brook, by=officer, starts_on=date(2027, 1, 1))


@pytest.mark.parametrize("facts", [{}, {"host": "brook"}])
def test_nobody_plans_a_meeting_by_naming_themselves_its_host(
    convening: Any, agreement: Any, brook: Any, alba: Any, alice: Any, bob: Any, facts: Any
) -> None:
    said = {"agreement": str(agreement.public_id), "starts_at": "2027-03-20T10:00:00+08:00"}
    if facts:
        said["host"] = str(brook.public_id)
    assert Caller(again(bob)).post("consultations/", said).status_code == 403
    assert not Consultation.objects.exists()
    assert Caller(again(alice)).post("consultations/", said).status_code == 201
    ahead = said | {"starts_at": "2027-08-20T10:00:00+08:00"}
    assert Caller(again(bob)).post("consultations/", ahead).status_code == 201


def test_of_a_fixed_series_only_its_host_sets_dates(
    convening: Any, agreement: Any, brook: Any, alba: Any, alice: Any, bob: Any
) -> None:
    series = enter_series(agreement, host_rule="fixed", host=brook)
    for host in (None, alba):
        stated = Consultation(agreement=agreement, series=series, host=host)
        assert may(again(bob), "create", stated) is None
    group = SpecialGroup.enter(by=None, agreement=agreement, name="Air")
    series = enter_series(agreement, group=group, host_rule="fixed", host=brook)
    stated = Consultation(agreement=agreement, series=series, group=group, host=alba)
    assert may(again(alice), "create", stated) is not None


@pytest.mark.parametrize(("reader", "status"), [("alice", 200), ("bob", 403), ("auditor", 200)])
def test_how_minutes_came_about_is_read_by_whoever_writes_or_oversees(
    request: pytest.FixtureRequest, agreement: Any, alba: Any, reader: str, status: int
) -> None:
    meeting = enter_meeting(enter_series(agreement), TODAY, host=alba).convene(**BY)
    minutes = Minutes.draft(meeting, **BY, text="A first thought.")
    asks = Caller(again(request.getfixturevalue(reader)))
    answer = asks.get(f"minutes/{minutes.public_id}/revisions/")
    assert answer.status_code == status
    assert ("A first thought." in answer.text) is (status == 200)


def test_a_host_that_a_guest_does_not_know_is_not_named_to_it(
    convening: Any, agreement: Any, alba: Any, brook: Any, corva: Any, dunes: Any, stranger: Any
) -> None:
    group = SpecialGroup.enter(by=None, agreement=agreement, name="Air")
    for organization in (corva, dunes):
        GroupMembership.enter(by=None, group=group, organization=organization)
    talks = enter_meeting(enter_series(agreement, group=group), LATER)
    answer = Caller(again(stranger)).get(f"consultations/{talks.public_id}/").json()
    assert (answer["host"], answer["host_name"], answer["host_now"]) == (None, None, None)


@pytest.fixture
def left(agreement: Any, brook: Any) -> date:
    """The day from which Brook is no longer a party: ten days ago."""
    day = TODAY - timedelta(days=10)
    party = agreement.party_set.get(organization=brook)
    party.withdraw(by=None, on=day - timedelta(days=5), effective_on=day)
    return day


MEETING_NOUNS = (Consultation, AgendaItem, Attendance, Minutes)


@pytest.mark.parametrize(
    ("set_for", "held", "reads"),
    [(-3, -3, True), (-3, 3, False), (3, -3, True), (3, 3, False), (-3, 0, False)],
)
def test_who_left_reads_the_meetings_held_while_it_belonged(
    agreement: Any, alba: Any, bob: Any, left: date, set_for: int, held: int, reads: bool
) -> None:
    """Whatever day they had been set for."""
    begin = left - timedelta(days=8)
    meeting = enter_meeting(enter_series(agreement), left + timedelta(days=set_for), on=begin)
    propose(meeting, "Noise")
    meeting.convene(by=None, on=begin)
    attend(meeting, alba)
    meeting.close(by=None, on=TODAY, held_on=left + timedelta(days=held))
    Minutes.draft(meeting, **BY, text="It was loud.")
    for noun in MEETING_NOUNS:
        assert visible_to(again(bob), noun).exists() is reads, noun
    seen = Caller(again(bob)).get(f"consultations/{meeting.public_id}/").status_code
    assert seen == (200 if reads else 404)


@pytest.mark.parametrize(
    "path",
    [
        "agenda-items/?search=Noise",
        "attendances/",
        "decisions/?standing=no_task",
        "minutes/?search=loud",
        "confirmations/",
        "consultations/?ordering=held_on",
        "minutes/export/?as=json",
        "agenda-items/export/?as=csv",
    ],
)
@pytest.mark.parametrize("reader", ["stranger", "bob"])
def test_who_left_or_never_belonged_finds_nothing_of_a_later_meeting_in_any_list(
    request: pytest.FixtureRequest, agreement: Any, alba: Any, left: date, reader: str, path: str
) -> None:
    meeting = enter_meeting(enter_series(agreement), TODAY).convene(**BY)
    propose(meeting, "Noise").accept(**BY)
    attend(meeting, alba)
    Minutes.draft(meeting, **BY, text="It was loud.")
    answer = Caller(again(request.getfixturevalue(reader))).get(path)
    assert answer.status_code == 200
    found = read_all(answer)
    for words in ("Noise", "loud", str(meeting.public_id)):
        assert words not in found


@pytest.mark.parametrize("who", ["bob", "stranger"])
def test_who_left_or_never_belonged_writes_nothing_about_a_meeting(
    request: pytest.FixtureRequest, agreement: Any, alba: Any, brook: Any, left: date, who: str
) -> None:
    meeting = enter_meeting(enter_series(agreement), left - timedelta(days=3), host=brook)
    meeting.convene(by=None, on=left - timedelta(days=4))
    item = propose(meeting, "Noise", proposed_by=brook, bound=False)
    minutes = Minutes.draft(meeting, **BY, text="Loud.")
    minutes.consultation.close(by=None, on=TODAY, held_on=left - timedelta(days=3))
    minutes.circulate(**BY)
    asks = Caller(again(request.getfixturevalue(who)))
    key = str(meeting.public_id)
    for path, facts in {
        "agenda-items/": {"consultation": key, "title": "Mine"},
        "attendances/": {"consultation": key, "organization": str(brook.public_id)},
        "decisions/": {"consultation": key, "text": "We decide."},
        "minutes/": {"consultation": key, "text": "We met."},
        "confirmations/": {"minutes": str(minutes.public_id)},
        f"consultations/{key}/close/": {},
        f"agenda-items/{item.public_id}/withdraw/": {},
        f"minutes/{minutes.public_id}/approve/": {},
    }.items():
        assert asks.post(path, facts).status_code in {400, 403, 404}, path
    assert not Attendance.objects.exists()
    minutes.refresh_from_db()
    assert minutes.revision == 1 and not minutes.confirmations.exists()


def test_who_was_merely_entered_reads_and_does_not_speak(
    agreement: Any, alba: Any, corva: Any, cora: Any
) -> None:
    agreement.party_set.model.enter(by=None, agreement=agreement, organization=corva)
    meeting = enter_meeting(enter_series(agreement), LATER).convene(**BY)
    asks, key = Caller(again(cora)), str(meeting.public_id)
    assert asks.get(f"consultations/{key}/").status_code == 200
    for path, facts in {
        "agenda-items/": {"consultation": key, "title": "x", "proposed_by": str(corva.public_id)},
        "attendances/": {"consultation": key, "organization": str(corva.public_id)},
    }.items():
        assert asks.post(path, facts).status_code == 403, path


@pytest.mark.parametrize(("accepted", "status"), [(False, 200), (True, 403)])
def test_a_party_puts_its_proposal_better_until_it_is_on_the_agenda(
    agreement: Any, alba: Any, brook: Any, alice: Any, bob: Any, accepted: bool, status: int
) -> None:
    meeting = enter_meeting(enter_series(agreement), LATER, host=alba)
    item = propose(meeting, "Noise", proposed_by=brook)
    if accepted:
        item.accept(**BY)
    path = f"agenda-items/{item.public_id}/"
    answer = Caller(again(bob)).patch(path, {"title": "Noise at night"}, **{"If-Match": "*"})
    assert answer.status_code == status
    answer = Caller(again(alice)).patch(path, {"title": "Noise by day"}, **{"If-Match": "*"})
    assert answer.status_code == 200


# what is fixed


def test_approved_minutes_fix_attendance_decisions_and_notes(
    agreement: Any, alba: Any, officer: Any
) -> None:
    meeting = enter_meeting(enter_series(agreement), TODAY).convene(**BY)
    item = propose(meeting).accept(**BY).discuss(**BY)
    attend(meeting, alba)
    meeting.close(**BY)
    Minutes.draft(meeting, **BY, text="Loud.").approve(**BY)
    asks, key = Caller(again(officer)), str(meeting.public_id)
    row = Attendance.objects.get()
    for answer in (
        asks.post("decisions/", {"consultation": key, "text": "Too late."}),
        asks.post("attendances/", {"consultation": key, "organization": str(alba.public_id)}),
        asks.patch(f"attendances/{row.public_id}/", {"state": "absent"}, **{"If-Match": "*"}),
        asks.ask("delete", f"attendances/{row.public_id}/", **{"If-Match": "*"}),
        asks.post(f"agenda-items/{item.public_id}/discuss/", {"minutes_note": "Quiet."}),
    ):
        assert answer.status_code == 409, answer.json()
    assert AgendaItem.objects.get().minutes_note == ""
