"""Running a meeting in the portal: who is there, the quorum, item by item, decisions."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from actors.models import Organization, User
from agreements.mechanisms.agenda_rules import Status as ItemStatus
from agreements.mechanisms.special_group import GroupMembership
from agreements.models import Agreement, Attendance, Consultation, Decision, SpecialGroup, Task
from agreements.tasks import Status as TaskStatus
from tests.agreements.mechanisms.meetings import attend, enter_meeting, enter_series, propose
from tests.agreements.portal_scenes import read, signed_in
from tests.cast import TODAY, again, enter_task

DUE = date(2027, 12, 1)


@pytest.fixture
def meeting(agreement: Agreement, brook: Organization) -> Consultation:
    """Called for today by Brook, who hosts; both are needed."""
    series = enter_series(agreement, host_rule="fixed", host=brook, quorum_kind="number", quorum=2)
    return enter_meeting(series, TODAY, title="Spring meeting").convene(by=None, on=TODAY)


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


# who comes in


@pytest.mark.parametrize(
    ("reader", "status"), [("officer", 200), ("bob", 200), ("alice", 403), ("stranger", 404)]
)
def test_host_and_secretariat_run_the_meeting(
    meeting: Consultation, reader: str, status: int, request: pytest.FixtureRequest
):
    user = request.getfixturevalue(reader)
    page = get(user, address("meeting", meeting), status)
    assert ("Who is there" in page) is (status == 200)
    if status != 404:
        offered = address("meeting", meeting) in get(user, address("consultation", meeting))
        assert offered is (status == 200)


def test_before_it_is_called_there_is_no_meeting_to_run(agreement: Agreement, officer: User):
    planned = enter_meeting(enter_series(agreement), TODAY)
    assert "has not been called" in get(officer, address("meeting", planned), 409)


# attendance


def test_one_click_sets_a_state_and_the_quorum_follows(
    meeting: Consultation, alba: Organization, brook: Organization, bob: User
):
    assert "0 of 2 are there or represented. No quorum: 2 needed." in get(
        bob, address("meeting", meeting)
    )
    for organization in (alba, brook):
        path = address("attendance_state", meeting, organization=organization.public_id)
        page = post(bob, path, state="present", next="meeting")
    assert "2 of 2 are there or represented. Quorum met: 2 needed." in page
    assert "The attendance of Brook District is registered." in page


def test_with_htmx_the_list_answers_alone_with_the_quorum(
    meeting: Consultation, alba: Organization, bob: User
):
    path = address("attendance_state", meeting, organization=alba.public_id)
    answer = signed_in(bob).post(path, {"state": "present"}, headers={"hx-request": "true"})
    page = read(answer)
    assert answer.status_code == 200
    assert "<html" not in page
    assert "1 of 2 is there or represented. No quorum: 2 needed." in page
    assert 'hx-swap-oob="innerHTML"' in page


SPOKE: dict[str, Any] = {"name": "Li", "mandate": "Letter 7"}


@pytest.mark.parametrize(
    ("before", "state", "kept"),
    [
        ({"state": "present", **SPOKE}, "present", {**SPOKE, "excuse": ""}),
        ({"state": "present", **SPOKE}, "absent", {"name": "", "mandate": "", "excuse": ""}),
        ({"state": "represented", **SPOKE}, "present", {"name": "", "mandate": "", "excuse": ""}),
        ({"state": "represented", **SPOKE}, "represented", {**SPOKE, "excuse": ""}),
        ({"state": "excused", "excuse": "Flood"}, "absent", {"excuse": "Flood"}),
        ({"state": "excused", "excuse": "Flood"}, "present", {"excuse": ""}),
    ],
)
def test_another_state_drops_who_spoke_or_why_nobody_did(
    meeting: Consultation,
    alba: Organization,
    brook: Organization,
    alice: User,
    bob: User,
    before: dict[str, Any],
    state: str,
    kept: dict[str, str],
):
    attend(meeting, brook)
    by = brook if before["state"] == "represented" else None
    attend(meeting, alba, represented_by=by, person=alice.person, **before)
    post(bob, address("attendance_state", meeting, organization=alba.public_id), state=state)
    row = Attendance.objects.get(organization=alba)
    assert row.state == state
    assert {name: getattr(row, name) for name in kept} == kept
    same = state == before["state"]
    assert (row.person is not None, row.represented_by is not None) == (same, same and bool(by))


def test_whoever_is_represented_is_asked_by_whom_and_its_person_is_not_proposed(
    meeting: Consultation, alba: Organization, brook: Organization, alice: User, bob: User
):
    attend(meeting, alba, person=alice.person, mandate="Director")
    path = address("attendance", meeting, organization=alba.public_id)
    assert f"{path}?next=meeting&amp;state=represented" in get(bob, address("meeting", meeting))
    page = get(alice, f"{path}?state=represented")
    assert f'value="{alice.person_id}" selected' not in page and "Director" not in page
    assert f'value="{alice.person_id}" selected' in get(alice, path)


def test_the_list_names_who_represents_and_who_speaks(
    meeting: Consultation, alba: Organization, brook: Organization, bob: User
):
    attend(meeting, brook)
    attend(meeting, alba, state="represented", represented_by=brook, name="Li", mandate="Letter 7")
    assert "by Brook District (Li), Letter 7" in get(bob, address("consultation", meeting))


@pytest.mark.parametrize(
    ("facts", "tone"), [({}, ""), ({"quorum_kind": "number", "quorum": 1}, " quorum-missed")]
)
def test_a_quorum_that_nobody_stated_is_neither_met_nor_missed(
    agreement: Agreement, officer: User, facts: dict[str, Any], tone: str
):
    made = enter_meeting(enter_series(agreement, **facts), TODAY).convene(by=None, on=TODAY)
    for name in ("consultation", "meeting"):
        page = get(officer, address(name, made))
        assert f'class="quorum{tone or " "}"' in page


def test_whoever_registers_what_somebody_registered_meanwhile_is_shown_it_first(
    meeting: Consultation, alba: Organization, alice: User, bob: User
):
    path = address("attendance", meeting, organization=alba.public_id)
    attend(meeting, alba, state="excused", excuse="Flood")  # while Alice's form was open
    page = post(alice, path, 409, version="", state="present", name="Li")
    assert "Somebody else changed this meanwhile." in page and 'value="Li"' in page
    row = Attendance.objects.get(organization=alba)
    assert row.excuse == "Flood" and f'name="version" value="{row.version}"' in page
    post(alice, path, version=str(row.version), state="present", name="Li")
    row.refresh_from_db()
    assert (row.state, row.name) == ("present", "Li")


def test_a_partner_registers_itself_with_a_mandate_and_nobody_else(
    meeting: Consultation, alba: Organization, brook: Organization, alice: User
):
    page = get(alice, address("consultation", meeting))
    assert "say who comes for your organization." in page
    own = address("attendance", meeting, organization=alba.public_id)
    other = address("attendance", meeting, organization=brook.public_id)
    assert own in page and other not in page
    page = post(alice, own, state="present", person=str(alice.person_id), mandate="Director")
    assert "The attendance of Alba District is registered." in page
    assert "Alice, Director" in page
    assert "say who comes" not in page
    post(alice, other, 403, state="absent")


def test_a_representation_without_a_mandate_is_refused_at_its_field(
    meeting: Consultation, alba: Organization, alice: User
):
    own = address("attendance", meeting, organization=alba.public_id)
    page = post(alice, own, 422, state="represented", name="Somebody")
    assert "Say by whom it is represented" in page
    assert 'value="Somebody"' in page


def test_somebody_invited_is_on_the_list_and_does_not_count(
    meeting: Consultation, corva: Organization, officer: User, bob: User
):
    page = post(
        officer,
        address("invite", meeting),
        organization=str(corva.pk),
        state="present",
        name="Cora",
    )
    assert "It does not count for the quorum." in page
    assert "0 of 2 are there" in page and "Cora" in page
    assert corva.label in get(bob, address("consultation", meeting))


def test_an_organization_that_has_no_place_there_is_not_found(
    meeting: Consultation, dunes: Organization, officer: User
):
    path = address("attendance", meeting, organization=dunes.public_id)
    get(officer, path, 404)


def test_a_guest_of_the_group_sees_and_joins_its_meeting_alone(
    agreement: Agreement, meeting: Consultation, dunes: Organization, stranger: User, officer: User
):
    group = SpecialGroup.enter(by=officer, agreement=agreement, name="Water")
    GroupMembership.enter(by=officer, group=group, organization=dunes)
    series = enter_series(agreement, name="Water rounds", group=group)
    own = enter_meeting(series, TODAY, title="Water round").convene(by=officer, on=TODAY)
    guest = again(stranger)
    page = get(guest, address("consultation", own))
    assert "Water round" in page
    assert address("agreement", agreement) not in page
    path = address("attendance", own, organization=dunes.public_id)
    assert path in page
    assert "is registered" in post(guest, path, state="present")
    get(guest, address("consultation", meeting), 404)


# item by item


@pytest.fixture
def item(meeting: Consultation, alba: Organization, brook: Organization) -> Any:
    attend(meeting, alba, brook)
    return propose(meeting, "Noise").accept(by=None, on=TODAY)


def test_a_note_is_kept_and_an_item_is_discussed(meeting: Consultation, item: Any, bob: User):
    path = address("agenda_item_note", item)
    page = post(bob, path, minutes_note="Loud.", do="note", version=str(item.version))
    assert "Your note on “Noise” is kept." in page and "Loud." in page
    item.refresh_from_db()
    page = post(bob, path, minutes_note="Too loud.", do="discuss", version=str(item.version))
    assert "“Noise” is recorded as discussed." in page
    item.refresh_from_db()
    assert (item.status, item.minutes_note) == (ItemStatus.DISCUSSED, "Too loud.")
    assert "everything is dealt with: close the consultation." in page


def test_a_note_that_somebody_else_overtook_is_not_lost(
    meeting: Consultation, item: Any, bob: User, officer: User
):
    path, read_at = address("agenda_item_note", item), str(item.version)
    post(officer, path, minutes_note="Theirs", do="note", version=read_at)
    page = post(bob, path, 409, minutes_note="Mine", do="note", version=read_at)
    assert "Somebody else changed this meanwhile." in page and "Mine" in page


@pytest.mark.parametrize(("do", "title"), [("decide", "Record decision"), ("defer", "Defer to")])
def test_the_note_is_kept_on_the_way_to_a_decision_or_a_deferral(
    item: Any, bob: User, do: str, title: str
):
    page = post(
        bob,
        address("agenda_item_note", item),
        minutes_note="Loud.",
        do=do,
        version=str(item.version),
    )
    assert title in page
    item.refresh_from_db()
    assert item.minutes_note == "Loud."


def test_before_its_day_nobody_is_asked_to_close_it(
    agreement: Agreement, brook: Organization, bob: User
):
    series = enter_series(agreement, host_rule="fixed", host=brook)
    early = enter_meeting(series, date(2027, 3, 9)).convene(by=None, on=TODAY)
    page = get(bob, address("meeting", early))
    assert "It is set for 9 March 2027, which is still to come." in page
    assert "everything is dealt with" not in page


def test_why_an_item_went_on_is_read_in_the_readers_language(
    meeting: Consultation, item: Any, bob: User
):
    meeting.close(by=None, on=TODAY)
    page = get(bob, address("consultation", meeting))
    assert "“Not reached before the consultation was closed.”" in page
    bob.choose_language("zh-hans", by=bob)
    page = get(again(bob), address("consultation", meeting))
    translation.activate("en")
    assert "会商结束前未及讨论。" in page and "Not reached before" not in page


def test_closing_says_what_is_left_open(meeting: Consultation, item: Any, bob: User):
    page = get(bob, address("meeting", meeting))
    assert "1 item is still open: when you close, it goes to the next consultation." in page
    close = address("consultation_verb", meeting, verb="close")
    assert "it counts as held" in post(bob, close, on=str(TODAY), held_on=str(TODAY))
    item.refresh_from_db()
    assert item.status == ItemStatus.DEFERRED


# decisions


def decided(user: User, meeting: Consultation, status: int = 200, **said: Any) -> str:
    facts = {"text": "Close the clubs at ten.", "decided_on": str(TODAY), "rows": "1", **said}
    return post(user, address("decide", meeting), status, **facts)


def test_a_decision_with_positions_and_tasks_settles_its_item(
    meeting: Consultation, item: Any, alba: Organization, brook: Organization, bob: User
):
    page = decided(
        bob,
        meeting,
        item=str(item.pk),
        all_for="on",
        **{
            f"stance_{alba.public_id.hex}": "reserved",
            f"note_{alba.public_id.hex}": "Eleven.",
            "task0_title": "Tell the clubs",
            "task0_lead": str(alba.pk),
            "task0_due_on": str(DUE),
        },
    )
    assert "Decision 2027-1 is recorded, with what follows from it." in page
    made = Decision.objects.get()
    held = list(made.positions.values_list("organization", "stance", "note"))
    assert held == [(alba.pk, "reserved", "Eleven."), (brook.pk, "for", "")]
    task = Task.objects.get()
    assert (task.decision, task.lead, task.due_on) == (made, alba, DUE)
    assert task.status == TaskStatus.ASSIGNED
    item.refresh_from_db()
    assert item.status == ItemStatus.DISCUSSED
    page = get(bob, address("decision", made))
    for words in ("Close the clubs at ten.", "Eleven.", "Tell the clubs", "2 of 2 were there"):
        assert words in page, words


def test_a_decision_changes_the_task_that_its_item_is_about(
    meeting: Consultation,
    alba: Organization,
    brook: Organization,
    agreement: Agreement,
    officer: User,
):
    attend(meeting, alba, brook)
    task = enter_task(agreement, by=officer, status=TaskStatus.ACCEPTED, lead=alba)
    item = propose(meeting, task=task).accept(by=None, on=TODAY)
    decided(officer, meeting, item=str(item.pk), effect="reschedule", task_due_on=str(DUE))
    task.refresh_from_db()
    assert task.due_on == DUE
    made = Decision.objects.get()
    assert "New due date: 1 December 2027" in get(officer, address("decision", made))


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"text": ""}, "Say what was decided"),
        ({"effect": "suspend"}, "Say which task is meant."),
        ({"task0_due_on": str(DUE)}, "Give a title in English or in Chinese."),
        ({"decided_on": "2027-03-02"}, "still to come"),
    ],
)
def test_what_is_missing_is_refused_at_its_field_and_what_was_typed_stays(
    meeting: Consultation, item: Any, bob: User, said: dict[str, str], words: str
):
    page = decided(bob, meeting, 422, **{"text_zh": "", **said})
    assert words in page
    assert not Decision.objects.exists() and not Task.objects.exists()


def test_room_for_another_task_keeps_what_was_typed(meeting: Consultation, item: Any, bob: User):
    page = decided(bob, meeting, another="1", task0_title="Tell the clubs")
    assert 'name="task1_title"' in page and 'value="Tell the clubs"' in page
    assert "Close the clubs at ten." in page
    assert not Decision.objects.exists()


def test_without_a_quorum_nothing_is_decided(meeting: Consultation, alba: Organization, bob: User):
    attend(meeting, alba)
    assert "There is no quorum" in get(bob, address("decide", meeting), 409)
    assert "There is no quorum" in decided(bob, meeting, 409)


def test_a_partner_reads_decisions_and_takes_none(
    meeting: Consultation, item: Any, bob: User, alice: User
):
    decided(bob, meeting, item=str(item.pk))
    made = Decision.objects.get()
    assert "Close the clubs at ten." in get(alice, address("consultation", meeting))
    page = get(alice, address("decision", made))
    assert "Change decision" not in page and "Revoke decision" not in page
    decided(alice, meeting, 403)
    post(alice, address("decision_edit", made), 403, text="No")
    post(alice, address("decision_verb", made, verb="revoke"), 403, reason="No")


def test_a_decision_is_put_better_and_revoked(
    meeting: Consultation, item: Any, alba: Organization, bob: User
):
    decided(bob, meeting, item=str(item.pk))
    made = Decision.objects.get()
    page = post(
        bob,
        address("decision_edit", made),
        text="Close at eleven.",
        decided_on=str(TODAY),
        version=str(made.version),
        **{f"stance_{alba.public_id.hex}": "for"},
    )
    assert "Close at eleven." in page and "Decision 2027-1 is changed." in page
    path = address("decision_verb", made, verb="revoke")
    assert "You revoked Decision 2027-1." in post(bob, path, reason="Overtaken")
    assert "Change decision" not in get(bob, address("decision", made))


def test_decisions_of_an_agreement_are_found_by_how_far_they_went(
    meeting: Consultation, item: Any, alba: Organization, bob: User, alice: User, stranger: User
):
    decided(bob, meeting, text="With a task", task0_title="Do it", task0_lead=str(alba.pk))
    decided(bob, meeting, text="With none")
    path = address("agreement_decisions", meeting.agreement)
    page = get(alice, path)
    assert "With a task" in page and "With none" in page
    assert page.index("Decision 2027-2") < page.index("Decision 2027-1")
    open_ones = get(alice, f"{path}?standing=open")
    assert "With a task" in open_ones and "With none" not in open_ones
    assert "With none" in get(alice, f"{path}?search=none")
    get(stranger, path, 404)


# queries


@pytest.mark.parametrize("name", ["consultation", "meeting", "agreement_decisions"])
def test_the_number_of_queries_does_not_grow(
    meeting: Consultation, item: Any, alba: Organization, officer: User, bob: User, name: str
):
    obj = meeting.agreement if name == "agreement_decisions" else meeting
    counted = []
    for rows in (1, 2):  # one, then three
        for place in range(rows):
            more = propose(meeting, f"More {rows}{place}").accept(by=None, on=TODAY)
            decided(officer, meeting, item=str(more.pk), task0_title="Do", task0_lead=str(alba.pk))
        client = signed_in(bob)
        client.get(address(name, obj))
        with CaptureQueriesContext(connection) as queries:
            client.get(address(name, obj))
        counted.append(len(queries))
    assert counted[0] == counted[1]


def test_a_task_leads_back_to_its_decision(
    meeting: Consultation, item: Any, alba: Organization, bob: User, alice: User
):
    decided(bob, meeting, task0_title="Do it", task0_lead=str(alba.pk))
    task = Task.objects.get()
    page = get(alice, address("task", task))
    assert address("decision", Decision.objects.get()) in page
