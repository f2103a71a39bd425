"""At every address of the portal: who comes in, and what does not exist for whom."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from actors.models import Organization, User
from actors.portal import urls as actors_urls
from agreements.models import Agreement
from agreements.portal import urls as agreements_urls
from tests.agreements.portal_scenes import (
    ABSENT,
    LISTS,
    Scene,
    addresses_of,
    every_address,
    furnish,
    read,
    signed_in,
)

OUTSIDE_THE_TABLE = {"set_language"}


@pytest.fixture
def scene(
    agreement: Agreement, alba: Organization, brook: Organization, alice: User, officer: User
) -> Scene:
    return furnish(agreement, alba, brook, by=officer)


def test_the_table_of_addresses_holds_every_address(scene: Scene):
    patterns = [*agreements_urls.urlpatterns, *actors_urls.urlpatterns]
    named = {pattern.name for pattern in patterns}
    in_table = {name for name, _kwargs in addresses_of(scene).values()} | set(LISTS)
    assert named - OUTSIDE_THE_TABLE == in_table


def test_whoever_is_not_signed_in_is_asked_to_sign_in(scene: Scene):
    for address in every_address(scene):
        for method in ("get", "post"):
            answer = getattr(Client(), method)(address)
            assert answer.status_code == 302, address
            assert answer.url.startswith(reverse("account_login")), address


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_stranger_finds_what_an_absent_id_gives_byte_for_byte(
    scene: Scene, stranger: User, method: str
):
    client = signed_in(stranger)
    for key, (name, kwargs) in addresses_of(scene).items():
        hidden = getattr(client, method)(reverse(name, kwargs=kwargs))
        absent = getattr(client, method)(reverse(name, kwargs={**kwargs, "id": ABSENT}))
        assert hidden.status_code == absent.status_code == 404, key
        assert hidden.content == absent.content, key
        assert hidden.headers.items() == absent.headers.items(), key


def test_lists_of_a_stranger_hold_nothing(scene: Scene, stranger: User):
    client = signed_in(stranger)
    for name in LISTS:
        answer = client.get(reverse(name), {"search": "Clean"})
        assert answer.status_code == 200
        page = answer.content.decode()
        for hidden in ("Clean rivers", "Clean the river", "Alba", scene.agreement.reference):
            assert hidden not in page, (name, hidden)


@pytest.mark.parametrize("reader", ["alice", "bob", "officer", "auditor", "administrator"])
def test_readers_of_the_agreement_open_every_page(
    scene: Scene, request: pytest.FixtureRequest, reader: str
):
    client = signed_in(request.getfixturevalue(reader))
    for address in every_address(scene):
        answer = client.get(address)
        read(answer)
        assert answer.status_code in {200, 403, 409}, address


def test_an_auditor_is_offered_no_action(scene: Scene, auditor: User):
    client = signed_in(auditor)
    for address in every_address(scene):
        answer = client.get(address)
        page = read(answer)
        posts = set(re.findall(r'<form[^>]*method="post"[^>]*action="([^"]+)"', page))
        own = {reverse("set_language"), reverse("account_logout")}
        assert posts <= own, (address, posts - own)
        assert "Your next step" not in page, address
        offered = [
            link
            for link in re.findall(r'href="([^"]+)"', page)
            if re.search(r"/(accept|report|verify|return|convene|close|liaison-officer)/$", link)
        ]
        assert offered == [], address


def test_an_auditor_changes_nothing(scene: Scene, auditor: User):
    client = signed_in(auditor)
    for name, kwargs in addresses_of(scene).values():
        if "verb" in name or name in {"task_report", "appoint_liaison_officer"}:
            answer = client.post(reverse(name, kwargs=kwargs), {"reason": "x", "text": "x"})
            assert answer.status_code == 403, kwargs
    scene.task.refresh_from_db()
    assert scene.task.version == 2


def test_a_co_party_reads_and_may_not_act_for_the_lead(scene: Scene, bob: User):
    client = signed_in(bob)
    kwargs = {"id": scene.task.public_id, "verb": "accept"}
    answer = client.post(reverse("task_verb", kwargs=kwargs))
    assert answer.status_code == 403
    assert "Only the lead organization does this." in answer.content.decode()


def test_an_unknown_verb_does_not_exist(scene: Scene, alice: User):
    kwargs = {"id": scene.task.public_id, "verb": "celebrate"}
    assert signed_in(alice).get(reverse("task_verb", kwargs=kwargs)).status_code == 404


@pytest.mark.parametrize("reader", ["alice", "officer", "auditor"])
def test_pages_obey_the_content_security_policy(
    scene: Scene, request: pytest.FixtureRequest, reader: str
):
    client = signed_in(request.getfixturevalue(reader))
    for address in every_address(scene):
        answer = client.get(address)
        page = read(answer)
        if not answer.headers["Content-Type"].startswith("text/html"):
            continue
        assert not re.search(r"\sstyle=|<style|\son\w+=|<script(?![^>]*src=)", page), address
        assert answer.headers["Cache-Control"] == "private, no-store"


def test_a_guest_on_one_task_sees_the_task_and_no_more_of_the_agreement(
    scene: Scene, officer: User, dunes: Organization, stranger: User
):
    scene.task.edit(by=officer, cooperating=[dunes])
    client = signed_in(User.objects.get(pk=stranger.pk))
    page = client.get(reverse("task", kwargs={"id": scene.task.public_id})).content.decode()
    assert "Clean the river" in page
    agreement = reverse("agreement", kwargs={"id": scene.agreement.public_id})
    assert agreement not in page
    assert client.get(agreement).status_code == 404


def test_a_guest_finds_the_task_among_their_work(
    scene: Scene, officer: User, dunes: Organization, stranger: User
):
    scene.task.edit(by=officer, cooperating=[dunes])
    page: Any = signed_in(User.objects.get(pk=stranger.pk)).get("/").content.decode()
    assert "You help with" in page
    assert "Clean the river" in page
