"""A POST with a key is done once: replayed, told apart, let go when refused, forgotten in time."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile

from agreements.models import Agreement, Document
from governance import clock
from governance.api import idempotency
from governance.idempotent_answer import CLAIMED_FOR, KEPT_FOR, IdempotentAnswer
from governance.record import Event
from tests.api_stage import Caller
from tests.cast import again

pytestmark = pytest.mark.django_db
GOOD = {"title": "Once", "kind": "contract"}
KEY = {"Idempotency-Key": "0b9d-1"}


def entered() -> int:
    return Event.objects.filter(object_type="agreements.agreement", verb="create").count()


@pytest.fixture
def asks(officer: Any) -> Caller:
    return Caller(officer)


def test_the_same_request_is_answered_again_and_done_once(asks):
    first = asks.post("agreements/", GOOD, **KEY)
    second = asks.post("agreements/", GOOD, **KEY)
    assert first.status_code == second.status_code == 201
    assert first.content == second.content
    assert first.headers["ETag"] == second.headers["ETag"]
    assert first.headers["Content-Type"] == second.headers["Content-Type"]
    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"
    assert Agreement.objects.count() == entered() == 1


def test_without_a_key_or_with_another_it_is_done_again(asks):
    asks.post("agreements/", GOOD, **KEY)
    asks.post("agreements/", GOOD)
    asks.post("agreements/", GOOD, **{"Idempotency-Key": "other"})
    assert Agreement.objects.count() == 3


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("agreements/", {**GOOD, "title": "Twice"}),
        ("content-areas/", GOOD),
        ("agreements/", [GOOD]),
    ],
)
def test_a_key_used_for_another_request_is_422(asks, path, body):
    asks.post("agreements/", GOOD, **KEY)
    answer = asks.post(path, body, **KEY)
    assert answer.status_code == 422
    assert answer.json()["type"] == "urn:concord:problem:key_reused"
    assert Agreement.objects.count() == 1


def test_a_key_belongs_to_its_user_and_token(asks, administrator, officer):
    asks.post("agreements/", GOOD, **KEY)
    for other in (Caller(administrator), Caller(officer)):
        assert "Idempotent-Replayed" not in other.post("agreements/", GOOD, **KEY).headers
    assert Agreement.objects.count() == 3


def test_a_key_in_flight_is_409(asks):
    asks.post("agreements/", GOOD, **KEY)
    IdempotentAnswer.objects.update(status=None)
    answer = asks.post("agreements/", GOOD, **KEY)
    assert answer.status_code == 409
    assert answer.json()["type"] == "urn:concord:problem:in_flight"


def test_a_claim_runs_out_when_nobody_comes_back(asks):
    """Whoever held it was killed before the commit: nothing had happened."""
    asks.post("agreements/", GOOD, **KEY)
    Agreement.objects.all().delete()
    long_ago = clock.now() - CLAIMED_FOR - timedelta(seconds=1)
    IdempotentAnswer.objects.update(status=None, claimed_at=long_ago)
    assert asks.post("agreements/", GOOD, **KEY).status_code == 201
    assert asks.post("agreements/", GOOD, **KEY).headers["Idempotent-Replayed"] == "true"
    assert Agreement.objects.count() == 1


def test_whoever_lost_the_claim_changes_nothing(asks, monkeypatch):
    enter = Agreement.enter

    def slow(**facts: Any) -> Any:
        made = enter(**facts)
        IdempotentAnswer.objects.update(claim="00000000-0000-4000-8000-000000000000")
        return made

    monkeypatch.setattr(Agreement, "enter", slow)
    assert asks.post("agreements/", GOOD, **KEY).status_code == 409
    assert Agreement.objects.count() == entered() == 0


def test_a_failure_behind_the_change_takes_the_change_with_it(asks, monkeypatch):
    """The answer is kept in the transaction of the change: there is never one without the other."""

    def fails(*args: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(idempotency, "_text", fails)
    assert asks.post("agreements/", GOOD, **KEY).status_code == 500
    assert Agreement.objects.count() == IdempotentAnswer.objects.count() == 0
    monkeypatch.undo()
    assert asks.post("agreements/", GOOD, **KEY).status_code == 201


def test_what_was_refused_may_be_sent_again(asks, agreement):
    """Invalid, refused by the state, not found: nothing was changed, the key is free."""
    assert asks.post("agreements/", {"title": "Once"}, **KEY).status_code == 400
    assert asks.post(f"agreements/{agreement.public_id}/negotiate/", {}, **KEY).status_code == 409
    assert asks.post("agreements/", GOOD, **KEY).status_code == 201
    assert IdempotentAnswer.objects.count() == 1


def test_a_verb_is_done_once(asks, agreement):
    path = f"agreements/{agreement.public_id}/suspend/"
    first = asks.post(path, {"reason": "Flood"}, **KEY)
    second = asks.post(path, {"reason": "Flood"}, **KEY)
    assert (first.status_code, first.content) == (200, second.content)
    assert second.headers["ETag"] == first.headers["ETag"]
    assert asks.post(path, {"reason": "Flood"}).status_code == 409


def test_a_list_is_entered_once(asks):
    first, second = (asks.post("agreements/", [GOOD, GOOD], **KEY) for _time in range(2))
    assert first.content == second.content
    assert Agreement.objects.count() == 2


def test_a_file_is_filed_once_whatever_the_seams_of_its_form(asks, agreement):
    def sent(content: bytes) -> Any:
        form = {"agreement": str(agreement.public_id), "kind": "annex",
                "file": ContentFile(content, name="a.txt")}  # fmt: skip
        return asks.client.post("/api/v1/documents/", data=form, headers=KEY)

    first, second = sent(b"text"), sent(b"text")
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert Document.objects.count() == 1
    assert sent(b"other").status_code == 422


@pytest.mark.parametrize("key", ["", "x" * 201, "ключ", "a\tb"])
def test_a_key_is_1_to_200_plain_characters(asks, key):
    answer = asks.post("agreements/", GOOD, **{"Idempotency-Key": key})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "/Idempotency-Key"
    assert not Agreement.objects.exists()


def test_answers_are_forgotten_after_a_day(asks):
    asks.post("agreements/", GOOD, **KEY)
    IdempotentAnswer.objects.update(claimed_at=clock.now() - KEPT_FOR - timedelta(seconds=1))
    assert "Idempotent-Replayed" not in asks.post("agreements/", GOOD, **KEY).headers
    assert IdempotentAnswer.objects.count() == 1


def test_a_key_opens_no_door_that_was_closed(asks, agreement, alice, stranger, officer):
    path = f"agreements/{agreement.public_id}/suspend/"
    assert Caller(again(alice)).post(path, {"reason": "x"}, **KEY).status_code == 403
    assert Caller(again(stranger)).post(path, {"reason": "x"}, **KEY).status_code == 404
    assert asks.post("agreements/", GOOD, **KEY).status_code == 201
    asks.token.revoke(by=officer)
    assert asks.post("agreements/", GOOD, **KEY).status_code == 401


def test_other_methods_take_no_notice_of_a_key(asks, agreement):
    path = f"agreements/{agreement.public_id}/"
    for title in ("A", "B"):
        asks.patch(path, {"title": title}, **KEY, **{"If-Match": "*"})
    assert asks.get(path, **KEY).json()["title"] == "B"
    assert not IdempotentAnswer.objects.exists()
