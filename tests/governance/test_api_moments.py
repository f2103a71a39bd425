"""Moments in filters: whatever zone they are told in, the same on both databases."""

from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client

from governance.tokens import Token


@pytest.mark.parametrize(
    ("moment", "status"),
    [
        ("2026-01-01T00:00:00Z", 200),
        ("2026-01-01 10:00", 200),
        ("2000-01-01T00:00:00+16:00", 200),
        ("2000-01-01T00:00:00-23:59", 200),
        ("0001-01-01T00:00:00+14:00", 400),
        ("9999-12-31T23:59:59-14:00", 400),
        ("tomorrow", 400),
    ],
)
def test_a_moment_is_understood_or_refused(officer: Any, moment: str, status: int) -> None:
    client = Client(headers={"authorization": f"Bearer {Token.issue(officer, by=None)[1]}"})
    answer = client.get(f"/api/v1/consultations/?starts_at__gte={quote(moment)}")
    assert answer.status_code == status, answer.content
    if status == 400:
        assert answer.json()["errors"][0]["pointer"] == "/starts_at__gte"
