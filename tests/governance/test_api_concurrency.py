"""Many at once over HTTP: one edit wins per ETag, references stay gapless, a key is used once."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from agreements.models import Agreement
from governance.idempotent_answer import IdempotentAnswer
from governance.record import broken_links
from tests.api_stage import Caller

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
GOOD = {"title": "Once", "kind": "contract"}


def at_once(do: Callable[[int], Any], times: int) -> list[Any]:
    """The answers to ``do(0)`` … ``do(times - 1)``, begun together, each on its connection."""
    barrier = Barrier(times)

    def run(number: int) -> Any:
        try:
            connection.ensure_connection()
            barrier.wait(30)
            return do(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        waiting = [pool.submit(copy_context().run, run, number) for number in range(times)]
        return [one.result() for one in waiting]


def statuses(answers: list[Any]) -> dict[int, int]:
    return dict(Counter(answer.status_code for answer in answers))


def test_of_patches_with_one_etag_exactly_one_wins(officer, agreement):
    asks = Caller(officer)
    path = f"agreements/{agreement.public_id}/"
    for turn in range(3):
        etag = asks.get(path).headers["ETag"]

        def patch(number: int, turn: int = turn, etag: str = etag) -> Any:
            return asks.patch(path, {"title": f"T{turn}.{number}"}, **{"If-Match": etag})

        answers = at_once(patch, 8)
        assert statuses(answers) == {200: 1, 412: 7}
        (won,) = (answer for answer in answers if answer.status_code == 200)
        read = asks.get(path)
        assert read.json()["title"] == won.json()["title"]
        assert read.headers["ETag"] == won.headers["ETag"]
        for lost in answers:
            if lost.status_code == 412:
                assert lost.json()["differs"] == ["title"]
                assert lost.headers["ETag"] == won.headers["ETag"]
    assert list(broken_links()) == []


def test_of_deletions_and_patches_with_one_etag_exactly_one_wins(officer):
    asks = Caller(officer)
    made = asks.post("agreements/", GOOD)
    path, etag = f"agreements/{made.json()['id']}/", made.headers["ETag"]

    def do(number: int) -> Any:
        if number % 2:
            return asks.ask("delete", path, **{"If-Match": etag})
        return asks.patch(path, {"title": f"T{number}"}, **{"If-Match": etag})

    found = Counter(answer.status_code for answer in at_once(do, 8))
    assert found[200] + found[204] == 1
    assert sum(found[code] for code in (404, 412)) == 7, found


def test_agreements_posted_at_once_have_references_without_gap_or_double(officer):
    asks = Caller(officer)
    answers = at_once(lambda number: asks.post("agreements/", {**GOOD, "title": f"T{number}"}), 16)
    assert statuses(answers) == {201: 16}
    references = sorted(answer.json()["reference"] for answer in answers)
    assert references == [f"CA-2027-{number:04d}" for number in range(1, 17)]
    assert list(broken_links()) == []


def test_a_key_sent_by_many_at_once_is_used_once(officer):
    asks = Caller(officer)
    for turn in range(5):
        key = {"Idempotency-Key": f"key-{turn}"}
        answers = at_once(lambda number, key=key: asks.post("agreements/", GOOD, **key), 6)
        found = Counter(answer.status_code for answer in answers)
        assert found[201] >= 1 and found[201] + found[409] == 6, found
        made = {answer.content for answer in answers if answer.status_code == 201}
        assert len(made) == 1
        assert Agreement.objects.count() == turn + 1
        assert asks.post("agreements/", GOOD, **key).content in made
    assert IdempotentAnswer.objects.filter(status=None).count() == 0


def test_a_verb_posted_by_many_at_once_is_done_once(officer, agreement):
    asks = Caller(officer)
    path = f"agreements/{agreement.public_id}/suspend/"
    answers = at_once(lambda number: asks.post(path, {"reason": f"R{number}"}), 8)
    assert statuses(answers) == {200: 1, 409: 7}
    assert {a.json()["guard"] for a in answers if a.status_code == 409} == {"status_suspended"}


def test_lists_posted_at_once_are_whole(officer):
    asks = Caller(officer)
    answers = at_once(lambda number: asks.post("agreements/", [GOOD] * 5), 4)
    assert statuses(answers) == {201: 4}
    references = [one["reference"] for answer in answers for one in answer.json()]
    assert sorted(references) == [f"CA-2027-{number:04d}" for number in range(1, 21)]
    for answer in answers:
        numbers = [int(one["reference"][-4:]) for one in answer.json()]
        assert numbers == list(range(numbers[0], numbers[0] + 5))
