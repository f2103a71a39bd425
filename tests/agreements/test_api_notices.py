"""Notices over the API: each caller's own, in their language, read and confirmed by verbs."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agreements.models import LiaisonAppointment, Notice
from agreements.notices import tell
from tests.api_stage import ABSENT, Caller
from tests.cast import SIGNED, TODAY, enter_task

pytestmark = pytest.mark.django_db


@pytest.fixture
def party(agreement, alba, alice):
    party = agreement.party_set.get(organization=alba)
    LiaisonAppointment.enter(by=None, party=party, person=alice.person, starts_on=SIGNED)
    return party


@pytest.fixture
def say(agreement, party):
    def say(subject="Water", *, on=TODAY, about=agreement, parties=(party,)):
        facts = {"by": None, "on": on, "agreement": agreement, "about": about, "text": "It rises."}
        return tell("announcement", subject=subject, parties=parties, **facts)[0]

    return say


def subjects(caller, **asked):
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    answer = caller.get(f"notices/?{query}")
    assert answer.status_code == 200, answer.json()
    return {one["subject"] for one in answer.json()["results"]}


def test_it_says_what_is_told_of_what_and_to_whom(say, alice, agreement, officer):
    task = enter_task(agreement, by=officer, title="Plant trees", title_zh="植树")
    notice = say({"en": "Trees", "zh-hans": "树"}, about=task)
    shown = Caller(alice).get(f"notices/{notice.public_id}/").json()
    assert shown["subject"] == "Trees" and shown["text"] == "It rises."
    assert (shown["about_type"], shown["about_id"]) == ("agreements.task", str(task.public_id))
    assert (shown["agreement_name"], shown["person_name"]) == ("Clean rivers", "Alice")
    assert shown["read_at"] is shown["acknowledged_on"] is None
    assert shown["mailed_on"] == TODAY.isoformat()
    chinese = Caller(alice, **{"accept-language": "zh-hans"})
    assert chinese.get(f"notices/{notice.public_id}/").json()["subject"] == "树"


def test_a_partner_has_those_to_their_own_and_who_oversees_has_all(
    say, alice, bob, stranger, officer, auditor, client_of_alba, agreement, brook
):
    say("Alba")
    say("Brook", parties=[agreement.party_set.get(organization=brook)])
    assert subjects(Caller(alice)) == subjects(Caller(client_of_alba)) == {"Alba"}
    assert subjects(Caller(bob)) == {"Brook"}
    assert subjects(Caller(stranger)) == set()
    assert subjects(Caller(officer)) == subjects(Caller(auditor)) == {"Alba", "Brook"}


def test_somebody_elses_is_as_good_as_none(say, bob):
    notice = say()
    caller = Caller(bob)
    for method, path in [
        ("get", "notices/{}/"),
        ("get", "notices/{}/history/"),
        ("post", "notices/{}/read/"),
        ("post", "notices/{}/acknowledge/"),
    ]:
        hidden = caller.ask(method, path.format(notice.public_id), {})
        absent = caller.ask(method, path.format(ABSENT), {})
        assert hidden.status_code == absent.status_code == 404
        assert hidden.bytes == absent.bytes


def test_it_is_filtered(say, alice, officer, agreement, brook, party):
    say("Old", on=TODAY - timedelta(days=3))
    say("Read").read(by=alice)
    say("Confirmed").acknowledge(by=alice, on=TODAY)
    say("Lost", parties=[agreement.party_set.get(organization=brook)])
    caller = Caller(officer)
    assert subjects(caller, unread="true") == {"Old", "Lost"}
    assert subjects(caller, unread="false") == {"Read", "Confirmed"}
    assert subjects(caller, acknowledged="true") == {"Confirmed"}
    assert subjects(caller, acknowledged="false") == {"Old", "Read", "Lost"}
    assert subjects(caller, undeliverable="true") == {"Lost"}
    assert subjects(caller, undeliverable="false", unread="true") == {"Old"}
    assert subjects(caller, told_on__lt=TODAY.isoformat()) == {"Old"}
    assert subjects(caller, party=party.public_id, told_on=TODAY) == {"Read", "Confirmed"}
    assert subjects(caller, agreement=ABSENT) == set()
    assert subjects(caller, agreement=agreement.public_id, kind="announcement") == {
        *("Old", "Read", "Confirmed", "Lost")
    }
    assert caller.get("notices/?kind=gossip").status_code == 400


def test_it_is_read_and_its_receipt_confirmed_on_a_day(say, alice):
    notice, caller = say(on=TODAY - timedelta(days=3)), Caller(alice)
    path = f"notices/{notice.public_id}/"
    offered = {one["verb"]: one["allowed"] for one in caller.get(path).json()["allowed_actions"]}
    assert offered == {"read": True, "acknowledge": True}
    assert caller.post(f"{path}read/").json()["read_at"] is not None
    day = (TODAY - timedelta(days=1)).isoformat()
    answer = caller.post(f"{path}acknowledge/", {"on": day})
    assert answer.json()["acknowledged_on"] == day
    answer = caller.post(f"{path}acknowledge/")
    assert answer.status_code == 409 and answer.json()["guard"] == "acknowledged"


def test_an_auditor_confirms_nothing(say, auditor):
    path = f"notices/{say().public_id}/acknowledge/"
    assert Caller(auditor).post(path).status_code == 403
    assert not Notice.objects.get().is_acknowledged


@pytest.mark.parametrize(
    ("method", "path"), [("post", "notices/"), ("patch", "notices/{}/"), ("delete", "notices/{}/")]
)
def test_nobody_writes_one_by_hand(say, officer, method, path):
    assert Caller(officer).ask(method, path.format(say().public_id), {}).status_code == 405


def test_three_cost_no_more_queries_than_one(say, alice):
    caller = Caller(alice)

    def cost():
        with CaptureQueriesContext(connection) as captured:
            subjects(caller)
        return len(captured)

    say("One"), cost()
    one = cost()
    say("Two"), say("Three")
    assert cost() == one
