"""Who asks the API: tokens, their scopes and their end, sessions, and users who are no more."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from governance import clock
from governance.models import Token
from tests.api_stage import ABSENT, RESOURCES, Caller, addresses_of
from tests.cast import TODAY

pytestmark = pytest.mark.django_db


def test_a_token_for_reading_writes_nothing(officer):
    asks = Caller(officer, scopes=["read"])
    for name in RESOURCES:
        assert asks.get(f"{name}/").status_code == 200
        for route, actions in addresses_of(name):
            path = route.replace("<uuid:id>", ABSENT).replace("<uuid:change>", ABSENT)
            for method in actions:
                if method not in {"get", "head"}:
                    answer = asks.ask(method, path)
                    assert answer.status_code == 403, path
                    assert answer.json()["type"] == "urn:concord:problem:forbidden"
    assert asks.post("agreements/import/").status_code == 403


def test_a_token_for_one_family_reaches_no_other(officer):
    asks = Caller(officer, scopes=["tasks:read"])
    for name in RESOURCES:
        assert asks.get(f"{name}/").status_code == (200 if name == "tasks" else 403), name
        assert asks.get(f"{name}/{ABSENT}/").status_code == (404 if name == "tasks" else 403), name
        assert asks.get(f"{name}/export/").status_code == (200 if name == "tasks" else 403), name
    assert asks.post("tasks/").status_code == 403
    assert asks.get("events/").status_code == 403
    writes = Caller(officer, scopes=["tasks:write"])
    assert writes.post("tasks/").status_code == 400
    assert writes.get("tasks/").status_code == 403


def test_an_expired_a_revoked_and_an_unknown_token_open_nothing(officer):
    asks = Caller(officer)
    assert asks.get("me/").status_code == 200
    Token.objects.update(expires_at=clock.now())
    assert asks.get("me/").status_code == 401
    Token.objects.update(expires_at=clock.now() + timedelta(seconds=1))
    assert asks.get("me/").status_code == 200
    asks.token.revoke(by=officer)
    assert asks.get("me/").status_code == 401
    for header in (
        "Bearer",
        "Bearer x",
        "Bearer a b",
        "Bearer \xff",
        "bearer",
        "Bearer " + "x" * 9999,
    ):
        answer = Client(headers={"authorization": header}).get("/api/v1/me/")
        assert answer.status_code == 401, header
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_token_dies_with_its_user(officer):
    asks = Caller(officer)
    type(officer).objects.filter(pk=officer.pk).update(is_active=False)
    assert asks.get("me/").status_code == 401


def test_a_token_is_never_taken_from_the_address(officer):
    token, key = Token.issue(officer, by=None)
    for name in ("token", "access_token", "key", "api_key"):
        assert Client().get(f"/api/v1/me/?{name}={key}").status_code == 401
    assert key not in str(vars(token))


def test_the_use_of_a_token_is_noted_by_the_hour(officer):
    asks = Caller(officer)
    asks.get("me/")
    asks.token.refresh_from_db()
    first = asks.token.used_at
    asks.get("me/")
    asks.token.refresh_from_db()
    assert first is not None and asks.token.used_at == first


def test_an_integration_client_acts_for_its_organization_alone(
    client_of_alba, agreement, free_client, alba
):
    assert Caller(client_of_alba).get("agreements/?count=true").json()["count"] == 1
    assert Caller(client_of_alba).post("agreements/", {}).status_code == 403
    assert Caller(free_client).post("agreements/", {}).status_code == 400
    assert Caller(free_client).get("agreements/?count=true").json()["count"] == 1


def test_a_session_of_this_site_may_ask_and_needs_the_form_token_to_write(officer):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(officer, backend="django.contrib.auth.backends.ModelBackend")
    assert browser.get("/api/v1/me/").json()["scopes"] is None
    answer = browser.post("/api/v1/agreements/", data="{}", content_type="application/json")
    assert answer.status_code == 403
    assert answer.headers["Content-Type"] == "application/problem+json"
    type(officer).objects.filter(pk=officer.pk).update(is_active=False)
    assert browser.get("/api/v1/me/").status_code == 401


def test_losing_a_post_ends_what_one_sees_with_the_next_request(alice, agreement):
    asks = Caller(alice)
    path = f"agreements/{agreement.public_id}/"
    assert asks.get(path).status_code == 200
    alice.person.appointments.update(ends_on=TODAY)
    assert asks.get(path).status_code == 404


def test_nothing_the_api_says_is_kept_by_caches(officer, agreement: Any):
    asks = Caller(officer)
    for path in (
        "agreements/",
        f"agreements/{agreement.public_id}/",
        "nowhere/",
        "agreements/export/",
    ):
        answer = asks.get(path)
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert "Accept-Language" in answer.headers["Vary"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
