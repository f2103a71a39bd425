"""The agenda in the portal: who proposes until when, who answers, what is told of an item."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from actors.models import Organization, User
from agreements.mechanisms.agenda_rules import Status
from agreements.models import AgendaItem, Agreement, Consultation
from tests.agreements.mechanisms.meetings import FIRST, SECOND, enter_meeting, enter_series, propose
from tests.agreements.portal_scenes import read, signed_in
from tests.cast import TODAY, enter_task


@pytest.fixture
def meeting(agreement: Agreement, brook: Organization) -> Consultation:
    """Hosted by Brook; proposals until the second of March."""
    series = enter_series(agreement, host_rule="fixed", host=brook, agenda_cutoff_days=7)
    return enter_meeting(series, FIRST, title="Spring meeting")


def page_of(user: User, consultation: Consultation) -> str:
    path = reverse("consultation", kwargs={"id": consultation.public_id})
    return read(signed_in(user).get(path))


def say(user: User, name: str, obj: Any, *, status: int = 200, **data: Any) -> str:
    """Post to an address about an object, and read on."""
    kwargs = {"id": obj.public_id, **({"verb": data.pop("verb")} if "verb" in data else {})}
    answer = signed_in(user).post(reverse(name, kwargs=kwargs), data, follow=True)
    assert answer.status_code == status
    return read(answer)


def test_a_partner_proposes_and_reads_until_when(meeting: Consultation, alice: User, alba: Any):
    assert "Proposals until 2 March 2027." in page_of(alice, meeting)
    page = say(
        alice, "propose", meeting, title="Noise", proposed_by=str(alba.public_id), accept="on"
    )
    assert "The host now takes it onto the agenda or declines it." in page
    item = AgendaItem.objects.get()
    assert (item.status, item.proposed_by) == (Status.PROPOSED, alba)
    assert "Proposed by Alba District" in page


def test_after_the_cut_off_a_partner_reads_why_not(agreement: Agreement, alba: Any, alice: User):
    meeting = enter_meeting(enter_series(agreement, agenda_cutoff_days=30), FIRST)
    page = page_of(alice, meeting)
    assert "Proposals were possible until 7 February 2027." in page
    assert reverse("propose", kwargs={"id": meeting.public_id}) not in page
    path = reverse("propose", kwargs={"id": meeting.public_id})
    answer = signed_in(alice).get(path)
    assert answer.status_code == 409
    assert "ask the host to add it" in read(answer)
    said = {"title": "Noise", "proposed_by": str(alba.public_id)}
    assert "ask the host to add it" in say(alice, "propose", meeting, status=409, **said)


def test_the_host_adds_to_the_agenda_after_the_cut_off_too(
    agreement: Agreement, brook: Organization, bob: User
):
    series = enter_series(agreement, agenda_cutoff_days=30, host_rule="fixed", host=brook)
    meeting = enter_meeting(series, FIRST)
    said = {"title": "Noise", "proposed_by": str(brook.public_id), "accept": "on"}
    assert "“Noise” is on the agenda." in say(bob, "propose", meeting, **said)


def test_the_secretariat_proposes_for_itself_or_for_a_party(
    meeting: Consultation, officer: User, alba: Organization
):
    say(officer, "propose", meeting, title="Ours", proposed_by="secretariat")
    say(officer, "propose", meeting, title="Theirs", proposed_by=str(alba.public_id))
    found = dict(AgendaItem.objects.values_list("title", "proposed_by"))
    assert found == {"Ours": None, "Theirs": alba.pk}


@pytest.mark.parametrize(
    ("reader", "offered"), [("bob", True), ("officer", True), ("alice", False)]
)
def test_host_and_secretariat_answer_proposals_and_others_are_not_offered_it(
    meeting: Consultation,
    alba: Organization,
    reader: str,
    offered: bool,
    request: pytest.FixtureRequest,
):
    item = propose(meeting, proposed_by=alba)
    user = request.getfixturevalue(reader)
    page = page_of(user, meeting)
    accept = reverse("agenda_item_verb", kwargs={"id": item.public_id, "verb": "accept"})
    assert (accept in page) is offered
    assert ("Answer proposals" in page) is offered
    say(user, "agenda_item_verb", item, verb="accept", status=200 if offered else 403)
    item.refresh_from_db()
    assert (item.status == Status.ACCEPTED) is offered


def test_a_declined_proposal_shows_the_reason(
    meeting: Consultation, alba: Organization, alice: User, bob: User
):
    item = propose(meeting, proposed_by=alba)
    assert "Please give a reason." in say(bob, "agenda_item_verb", item, verb="decline", status=422)
    say(bob, "agenda_item_verb", item, verb="decline", reason="Not for leaders")
    page = page_of(alice, meeting)
    assert "“Not for leaders”" in page
    assert "1 proposal was declined or withdrawn" in page


def test_whoever_proposed_puts_it_better_and_withdraws_it(
    meeting: Consultation, alba: Organization, alice: User
):
    item = propose(meeting, proposed_by=alba)
    page = say(alice, "agenda_item_edit", item, title="Noise by day", version=str(item.version))
    assert "“Noise by day” is changed." in page
    assert "You withdrew “Noise by day”." in say(alice, "agenda_item_verb", item, verb="withdraw")
    assert "This item is settled" in say(alice, "agenda_item_edit", item, status=409, title="X")


def test_the_host_puts_the_agenda_in_order(meeting: Consultation, bob: User, alice: User):
    first, second = (propose(meeting, title).accept(by=None, on=TODAY) for title in ("One", "Two"))
    page = page_of(bob, meeting)
    assert 'aria-label="Move down: One"' in page and 'aria-label="Move up: Two"' in page
    assert 'aria-label="Move up: One"' not in page
    assert "Move down" not in page_of(alice, meeting)
    assert "“Two” is now item 1." in say(bob, "agenda_item_move", second, to="1")
    first.refresh_from_db()
    assert first.number == 2


def test_an_item_tells_why_it_is_there_and_how_often_it_was_deferred(
    meeting: Consultation, officer: User, alice: User, agreement: Agreement
):
    task = enter_task(agreement, by=officer, title="Plant trees")
    following = enter_meeting(meeting.series, SECOND, title="Summer meeting")
    item = propose(meeting, task=task).accept(by=None, on=TODAY)
    item.defer(by=None, on=TODAY, reason="No time")
    page = page_of(alice, following)
    assert "First raised on 9 March 2027, deferred once." in page
    assert reverse("task", kwargs={"id": task.public_id}) in page
    assert "Proposed by the secretariat" in page
    assert "“No time”" in page_of(alice, meeting)


@pytest.mark.parametrize("reader", ["alice", "bob", "officer"])
def test_the_number_of_queries_does_not_grow_with_the_agenda(
    meeting: Consultation,
    agreement: Agreement,
    alba: Organization,
    officer: User,
    reader: str,
    request: pytest.FixtureRequest,
):
    user = request.getfixturevalue(reader)
    path = reverse("consultation", kwargs={"id": meeting.public_id})
    counted = []
    for rows in (1, 2):  # one, then three
        for place in range(rows):
            task = enter_task(agreement, by=officer)
            propose(meeting, f"Proposed {rows}{place}", proposed_by=alba, task=task)
            propose(meeting, f"Taken {rows}{place}", task=task).accept(by=None, on=TODAY)
        client = signed_in(user)
        client.get(path)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get(path)
        counted.append(len(queries))
    assert counted[0] == counted[1]
