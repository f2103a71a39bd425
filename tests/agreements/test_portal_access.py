"""At every address of the portal: who comes in, and what does not exist for whom."""

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from actors.models import Organization, User
from actors.portal import urls as actors_urls
from agreements.agreement import Confidentiality, Status
from agreements.models import Agreement, Document, Measurement
from agreements.portal import urls as agreements_urls
from governance.record import Event
from tests.agreements.portal_scenes import (
    ABSENT,
    LISTS,
    Scene,
    addresses_of,
    every_address,
    furnish,
    pdf,
    read,
    signed_in,
)
from tests.cast import IN_FORCE, SIGNED, enter_agreement, enter_party

OFFERED = re.compile(
    r"/(accept|verify|return|convene|close|liaison-officer|confirm|revoke|swap|outgoing|incoming)/$"
    r"|/tasks/[^/]+/report/$"
)
CHANGING = {
    *("task_report", "task_follow_up", "appoint_liaison_officer"),
    *("change_rotation", "revoke_rotation_change", "confirm_term"),
    *("handover_note", "handover_sign_off"),
}
# Addresses that take a POST and show nothing.
OUTSIDE_THE_TABLE = {"set_language", "choose_mail", "read_notifications"}
# Files over many things: see test_ledger and test_reports.
OUTSIDE_THE_TABLE |= {"ledger_file", "report_file"}
# About what is nobody's but the reader's own: see test_portal_calendar.
OUTSIDE_THE_TABLE |= {"rotate_feed", "revoke_feed"}


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
        page = read(answer)
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
        of_alba_alone = (scene.notice, scene.attestation)
        if reader == "bob" and any(str(one.public_id) in address for one in of_alba_alone):
            assert answer.status_code == 404, address
            continue
        if reader == "alice" and "/revisions/" in address:
            assert answer.status_code == 404, address  # Brook wrote the minutes
            continue
        assert answer.status_code in {200, 302, 403, 409}, address


def test_an_auditor_is_offered_no_action(scene: Scene, auditor: User):
    client = signed_in(auditor)
    for address in every_address(scene):
        answer = client.get(address)
        page = read(answer)
        posts = set(re.findall(r'<form[^>]*method="post"[^>]*action="([^"]+)"', page))
        own = {reverse("set_language"), reverse("choose_mail"), reverse("account_logout")}
        assert posts <= own, (address, posts - own)
        assert "Your next step" not in page, address
        offered = [link for link in re.findall(r'href="([^"]+)"', page) if OFFERED.search(link)]
        assert offered == [], address


def test_an_auditor_changes_nothing(scene: Scene, auditor: User):
    client = signed_in(auditor)
    for name, kwargs in addresses_of(scene).values():
        if "verb" in name or name in CHANGING:
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


def test_a_hidden_agreement_is_not_named_where_a_shown_one_points_at_it(
    scene: Scene, officer: User, alice: User, alba: Organization
):
    hidden = enter_agreement(
        alba, by=officer, title="Quiet talks", confidentiality=Confidentiality.SECRETARIAT
    )
    scene.agreement.edit(by=officer, parent=hidden)
    for name in ("agreement", "agreement_history"):
        path = reverse(name, kwargs={"id": scene.agreement.public_id})
        assert "Quiet talks" not in read(signed_in(alice).get(path)), name
        assert "Quiet talks" in read(signed_in(officer).get(path)), name


def test_evidence_for_the_secretariat_is_not_named_in_the_history(
    scene: Scene, officer: User, alice: User
):
    paper = Document.file(
        pdf(),
        by=officer,
        agreement=scene.agreement,
        task=scene.task,
        kind="evidence",
        title="Quiet figures",
        confidentiality=Confidentiality.SECRETARIAT,
    )
    measured = Measurement.enter(
        by=officer, indicator=scene.indicator, as_of=SIGNED, value=Decimal(1)
    )
    measured.edit(by=officer, evidence=paper)
    path = reverse("agreement_history", kwargs={"id": scene.agreement.public_id})
    assert "Quiet figures" not in read(signed_in(alice).get(path))
    assert "Quiet figures" in read(signed_in(officer).get(path))


def test_whoever_left_reads_nothing_of_newcomers_in_the_answer_of_entry(
    officer: User, alba: Organization, brook: Organization, corva: Organization, alice: User
):
    agreement = enter_agreement(alba, brook, by=officer, status=Status.NEGOTIATING)
    agreement.party_set.filter(organization=alba).update(withdrawn_on=SIGNED)
    enter_party(agreement, corva, joined_on=IN_FORCE)
    path = reverse("agreement", kwargs={"id": agreement.public_id})
    assert "Corva" not in read(signed_in(alice).get(path))
    assert "Corva" in read(signed_in(officer).get(path))


def test_a_document_whose_bytes_are_lost_is_not_there_at_any_door(
    scene: Scene, officer: User, settings: Any, tmp_path: Path
):
    settings.MEDIA_ROOT = tmp_path
    browser = signed_in(officer)
    for path in (
        reverse("document", kwargs={"id": scene.document.public_id}),
        f"/api/v1/documents/{scene.document.public_id}/content/",
        reverse("admin:agreements_document_download", args=(scene.document.pk,)),
    ):
        assert browser.get(path).status_code == 404, path
    assert not Event.objects.of(scene.document).filter(verb="read").exists()
