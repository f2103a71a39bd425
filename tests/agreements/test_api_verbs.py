"""Every verb over the API, from every status, by every role: the life cycle's table at a door."""

from datetime import date
from typing import Any

import pytest
from django.db import transaction

from agreements.agreement import Status
from agreements.extension_requests import Status as ExtensionStatus
from agreements.mechanisms.agenda_rules import Status as ItemStatus
from agreements.mechanisms.deciding import decide
from agreements.mechanisms.decisions import Status as DecisionStatus
from agreements.mechanisms.minutes import Status as MinutesStatus
from agreements.mechanisms.regular_consultation import Status as ConsultationStatus
from agreements.mechanisms.special_group import Status as GroupStatus
from agreements.models import (
    AgendaItem,
    Agreement,
    Consultation,
    ConvenorTerm,
    Decision,
    ExtensionRequest,
    Minutes,
    SpecialGroup,
    Task,
)
from agreements.tasks import Status as TaskStatus
from tests.api_stage import ABSENT, RESOURCES, Caller
from tests.cast import (
    TASK_WAYS,
    WAYS,
    again,
    enter_agreement,
    enter_party,
    enter_person,
    enter_rotation,
    enter_task,
)

pytestmark = pytest.mark.django_db
WHEN = "2027-02-01"
LIVING = {
    name: resource for name, resource in RESOURCES.items() if hasattr(resource.model, "lifecycle")
}


@pytest.fixture
def callers(
    officer, administrator, auditor, alice, bob, stranger, free_client, client_of_alba
) -> Any:
    """By what they may do: work for the secretariat, lead, help, only read, see nothing."""
    users = {
        "officer": officer, "administrator": administrator, "free client": free_client,
        "auditor": auditor, "alice": alice, "client of alba": client_of_alba, "bob": bob,
        "stranger": stranger,
    }  # fmt: skip
    return {name: Caller(again(user)) for name, user in users.items()}


WORK_FOR_THE_SECRETARIAT = {"officer", "administrator", "free client"}
OF_ALBA = {"alice", "client of alba"}
LEADS = {"accept", "start", "submit"}
HOSTS = {"convene", "close", "move", "postpone", "cancel"}


def made(model: Any, status: str, officer: Any, alba: Any, brook: Any) -> Any:
    """One in that status, in an agreement between Alba, which leads and hosts, and Brook."""
    if model is Agreement:
        # Expired by the day of the verbs, unless it is only signed on that day.
        signed = status not in {Status.DRAFT, Status.NEGOTIATING}
        facts = {"expires_on": date(2026, 12, 31)} if signed else {}
        return enter_agreement(alba, brook, by=officer, status=status, **facts)
    agreement = enter_agreement(alba, brook, by=officer, status=Status.IN_FORCE)
    if model is Task:
        return enter_task(agreement, by=officer, lead=alba, cooperating=[brook], status=status)
    if model is ExtensionRequest:
        return made_request(agreement, status, officer, alba, brook)
    if model is SpecialGroup:
        group = SpecialGroup.enter(by=officer, agreement=agreement, name="G")
        return (
            group.close(by=officer, on=date(2026, 3, 1), reason="Done")
            if status == "closed"
            else group
        )
    one = Consultation.enter(
        by=officer, agreement=agreement, title="C", host=alba, starts_at="2026-05-01T06:00:00Z"
    )
    if model in INSIDE:
        return INSIDE[model](one, status, officer, brook)
    for verb in {"planned": [], "convened": ["convene"], "postponed": ["postpone"],
                 "closed": ["convene", "close"], "cancelled": ["cancel"]}[status]:  # fmt: skip
        facts = {"starts_at": one.starts_at} if verb == "postpone" else {}
        one.refresh_from_db()
        getattr(one, verb)(by=officer, on=date(2026, 6, 1), reason="R", **facts)
    return one


def made_request(
    agreement: Any, status: str, officer: Any, alba: Any, brook: Any
) -> ExtensionRequest:
    """Alba, which leads the task, asks for another quarter."""
    task = enter_task(agreement, by=officer, lead=alba, cooperating=[brook],
                      status=TaskStatus.IN_PROGRESS, due_on=date(2027, 6, 30))  # fmt: skip
    asked = ExtensionRequest.ask(
        task, by=officer, on=date(2026, 5, 1), due_on=date(2027, 9, 30), reason="R"
    )
    ways = {"asked": [], "granted": ["grant"], "refused": ["refuse"], "withdrawn": ["withdraw"]}
    for verb in ways[status]:
        getattr(asked, verb)(by=officer, on=date(2026, 5, 2), reason="R")
    return asked


def made_item(meeting: Any, status: str, officer: Any, brook: Any) -> AgendaItem:
    """A proposal of Brook's for a meeting that Alba hosts."""
    item = AgendaItem.propose(
        meeting, by=officer, on=date(2026, 4, 1), title="Noise", proposed_by=brook
    )
    meeting.convene(by=officer, on=date(2026, 4, 2))
    ways = {"proposed": [], "accepted": ["accept"], "declined": ["decline"],
            "withdrawn": ["withdraw"], "discussed": ["accept", "discuss"],
            "deferred": ["accept", "defer"]}  # fmt: skip
    for verb in ways[status]:
        getattr(item, verb)(by=officer, on=date(2026, 5, 1), reason="R")
    return item


def made_decision(meeting: Any, status: str, officer: Any, brook: Any) -> Decision:
    meeting.convene(by=officer, on=date(2026, 4, 2))
    made = decide(meeting, by=officer, on=date(2026, 5, 1), text="Plant more trees.")
    return made.revoke(by=officer, on=date(2026, 6, 1), reason="R") if status != "taken" else made


def made_minutes(meeting: Any, status: str, officer: Any, brook: Any) -> Minutes:
    meeting.convene(by=officer, on=date(2026, 4, 2))
    meeting.close(by=officer, on=date(2026, 5, 1))
    minutes = Minutes.draft(meeting, by=officer, on=date(2026, 5, 2), text="All agreed.")
    ways = {"drafted": [], "circulated": ["circulate"], "approved": ["circulate", "approve"]}
    for verb in ways[status]:
        getattr(minutes, verb)(by=officer, on=date(2026, 5, 3), reason="R")
    return minutes


INSIDE: dict[Any, Any] = {
    AgendaItem: made_item,
    Decision: made_decision,
    Minutes: made_minutes,
}


def may(who: str, model: Any, verb: str) -> bool:
    if who in WORK_FOR_THE_SECRETARIAT:
        return True
    if model is AgendaItem and verb == "withdraw":
        return who == "bob"
    if model is ExtensionRequest:
        return who in OF_ALBA and verb == "withdraw"
    leads = model is Task and verb in LEADS
    hosts = (model is Consultation and verb in HOSTS) or model in INSIDE
    return who in OF_ALBA and (leads or hosts)


def sees(who: str, obj: Any) -> bool:
    if who in {*WORK_FOR_THE_SECRETARIAT, "auditor"}:
        return True
    draft = isinstance(obj, Agreement) and obj.status == Status.DRAFT
    return who != "stranger" and not draft


def body_of(verb: str, other: Agreement | None) -> dict[str, Any]:
    body: dict[str, Any] = {"on": WHEN, "reason": "Because"}
    if verb == "supersede" and other:
        return {**body, "superseded_by": str(other.public_id)}
    return {**body, **{"extend": {"sunset_on": "2028-01-01"}}.get(verb, {})}


STATUSES = {
    Agreement: Status,
    Task: TaskStatus,
    Consultation: ConsultationStatus,
    SpecialGroup: GroupStatus,
    ExtensionRequest: ExtensionStatus,
    AgendaItem: ItemStatus,
    Decision: DecisionStatus,
    Minutes: MinutesStatus,
}
CASES = [
    pytest.param(name, status, id=f"{name}-{status}")
    for name, resource in LIVING.items()
    for status in STATUSES[resource.model]
]


def test_the_table_knows_every_living_noun_and_every_status():
    assert {resource.model for resource in LIVING.values()} == set(STATUSES)
    assert set(WAYS) == set(Status) and set(TASK_WAYS) == set(TaskStatus)
    for resource in LIVING.values():
        offered = {verb for verb, _label in resource.verbs()}
        assert offered >= set(resource.model.lifecycle.transitions)


@pytest.mark.parametrize(("name", "status"), CASES)
def test_every_verb_from_every_status_by_every_role(name, status, callers, officer, alba, brook):
    """Each verb is tried on the same object and taken back, so that the next finds it as it was."""
    model = RESOURCES[name].model
    other = enter_agreement(alba, brook, by=officer) if model is Agreement else None
    obj = made(model, status, officer, alba, brook)
    path = f"{name}/{obj.public_id}/"
    for who, caller in callers.items():
        listed = None
        if sees(who, obj):
            listed = {one["verb"]: one for one in caller.get(path).json()["allowed_actions"]}
        for verb, transition in model.lifecycle.transitions.items():
            word, told = verb.replace("_", "-"), (who, verb, status)
            with transaction.atomic():
                answer = caller.post(f"{path}{word}/", body_of(verb, other))
                now = caller.get(path).headers.get("ETag") if answer.status_code == 200 else None
                transaction.set_rollback(True)
            if listed is None:
                assert answer.status_code == 404, told
                continue
            body, one = answer.json(), listed[word]
            refusal = obj.refusal(verb, date(2027, 2, 1))
            if not may(who, model, verb):
                assert answer.status_code == 403, told
                assert body["type"] == "urn:concord:problem:forbidden" and body["detail"]
                assert not one["allowed"] and one["reason"] == body["detail"], told
            elif refusal is not None:
                assert answer.status_code == 409, told
                assert body["guard"] == refusal.guard and body["detail"], told
                assert body["verb"] == word
                assert not one["allowed"] and one["reason"], told
            else:
                assert answer.status_code == 200, (told, body)
                assert obj.status in transition.sources
                assert one["allowed"] and one["reason"] is None and one["label"], told
                assert body["status"] == (transition.target or body["status"])
                assert answer.headers["ETag"] == now, told


def test_what_needs_a_reason_says_so_at_the_reason(agreement, officer):
    asks = Caller(officer)
    path = f"agreements/{agreement.public_id}/"
    for verb, transition in Agreement.lifecycle.transitions.items():
        if transition.needs_reason and agreement.status in transition.sources:
            answer = asks.post(f"{path}{verb}/", {"on": WHEN})
            assert answer.status_code == 400
            (error,) = answer.json()["errors"]
            assert (error["pointer"], error["code"]) == ("/reason", "required")


def test_the_day_of_a_verb_lies_between_the_last_one_and_today(agreement, officer):
    asks = Caller(officer)
    path = f"agreements/{agreement.public_id}/suspend/"
    for day, code in (("2027-03-02", "in_the_future"), ("2026-02-01", "dates_out_of_order")):
        answer = asks.post(path, {"on": day, "reason": "x"})
        assert answer.status_code == 400
        assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [("/on", code)]


def test_a_verb_heeds_an_etag_when_one_is_sent(agreement, officer):
    asks = Caller(officer)
    path = f"agreements/{agreement.public_id}/"
    etag = asks.get(path).headers["ETag"]
    asks.patch(path, {"summary": "S"}, **{"If-Match": etag})
    answer = asks.post(f"{path}suspend/", {"reason": "x"}, **{"If-Match": etag})
    assert answer.status_code == 412 and answer.json()["differs"] == ["summary"]
    fresh = asks.get(path).headers["ETag"]
    assert asks.post(f"{path}suspend/", {"reason": "x"}, **{"If-Match": fresh}).status_code == 200


def test_the_acts_of_a_party(officer, alba, brook, corva, alice):
    agreement = enter_agreement(alba, brook, by=officer, status=Status.NEGOTIATING)
    asks, partner = Caller(officer), Caller(again(alice))
    parties = list(agreement.party_set.order_by("position"))
    person = enter_person("Signer", alba)
    for party in parties:
        path = f"parties/{party.public_id}/"
        assert partner.post(f"{path}sign/").status_code == 403
        signed = asks.post(f"{path}sign/", {"on": "2026-03-01", "signatory": str(person.public_id)})
        assert signed.status_code == 200 and signed.json()["standing"] == "signed"
        assert signed.json()["signatory_name"] == "Signer"
        assert asks.post(f"{path}sign/").json()["guard"] == "already_signed"
        assert asks.post(f"{path}approve/").json()["guard"] == "not_signed"
        actions = {one["verb"]: one for one in asks.get(path).json()["allowed_actions"]}
        assert set(actions) == {"sign", "approve", "accede", "withdraw"}
        assert not actions["sign"]["allowed"] and actions["sign"]["reason"]
    asks.post(f"agreements/{agreement.public_id}/sign/", {"on": "2026-03-01"})
    newcomer = enter_party(agreement, corva)
    joined = asks.post(f"parties/{newcomer.public_id}/accede/", {"on": "2026-05-01"})
    assert joined.json()["joined_on"] == joined.json()["approved_on"] == "2026-05-01"
    left = asks.post(f"parties/{newcomer.public_id}/withdraw/", {"effective_on": "2027-06-01"})
    assert left.json()["standing"] == "leaving"
    assert asks.post(f"parties/{newcomer.public_id}/withdraw/").json()["guard"] == "already_leaving"


def test_terms_are_confirmed_once_and_officers_relieved(agreement, officer, alba, brook, alice):
    enter_rotation(agreement, alba, brook, by=officer)
    term = ConvenorTerm.objects.order_by("starts_on")[0]
    path = f"convenor-terms/{term.public_id}/"
    assert Caller(again(alice)).post(f"{path}confirm/").status_code == 403
    asks = Caller(officer)
    assert asks.post(f"{path}confirm/").json()["state"] == "confirmed"
    assert asks.post(f"{path}confirm/").json()["guard"] == "confirmed"
    party = agreement.party_set.get(organization=alba)
    body = {"party": str(party.public_id), "person": str(alice.person.public_id)}
    partner = Caller(again(alice))
    made = partner.post("liaison-appointments/", {**body, "starts_on": "2026-03-01"})
    assert made.status_code == 201
    path = f"liaison-appointments/{made.json()['id']}/relieve/"
    assert partner.post(path, {"on": WHEN}).json()["ends_on"] == WHEN


def test_a_successor_one_may_not_see_is_like_none(agreement, officer):
    answer = Caller(officer).post(
        f"agreements/{agreement.public_id}/supersede/", {"superseded_by": ABSENT}
    )
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] == "does_not_exist"
