"""The back office: who enters, what they may do there, and that every page of it costs little."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from actors.models import Identifier, Organization, Person, User
from actors.user import Role
from agreements.agreement import Status
from agreements.models import Agreement, LiaisonAppointment, Party
from agreements.notices import tell
from agreements.tasks import Status as TaskStatus
from governance import clock
from governance.admin.site import secretariat
from governance.delivery.outbox import OLD_AFTER, Message, post_mail
from governance.record import Event
from governance.tokens import Token
from tests.cast import (
    TODAY,
    enter_agreement,
    enter_organization,
    enter_rotation,
    enter_task,
    enter_user,
)
from tests.typed import errors, typed

KINDS = sorted(secretariat._registry, key=lambda model: model._meta.label_lower)


def address(model: Any, page: str = "") -> str:
    return f"/secretariat/{model._meta.app_label}/{model._meta.model_name}/{page}"


@pytest.fixture
def world(
    agreement: Agreement, officer: User, alba: Organization, brook: Organization
) -> Agreement:
    """An agreement with a rotation and a task under it."""
    enter_rotation(agreement, alba, brook, by=officer)
    enter_task(agreement, by=officer, lead=alba, status=TaskStatus.SUBMITTED, due_on=TODAY)
    return agreement


# who enters


@pytest.mark.parametrize(
    "page", ["", "agreements/agreement/", "login/", "agreements/agreement/1/change/"]
)
def test_a_visitor_is_asked_to_sign_in_where_everybody_does(client, db, page):
    answer = client.get(f"/secretariat/{page}")

    while answer["Location"].startswith("/secretariat/"):
        answer = client.get(answer["Location"])
    assert answer["Location"].startswith("/account/login/?next=")


@pytest.mark.parametrize(
    "page",
    [
        "",
        "login/",
        "search/?s=clean",
        "jsi18n/",
        "autocomplete/",
        "agreements/agreement/",
        "agreements/agreement/add/",
        "agreements/agreement/1/change/",
        "agreements/agreement/1/verb/sign/",
        "no/such/page/",
    ],
)
@pytest.mark.parametrize("who", ["alice", "stranger", "client_of_alba", "free_client"])
def test_for_a_partner_it_does_not_exist(client, request, world, who, page):
    client.force_login(request.getfixturevalue(who))

    assert client.get(f"/secretariat/{page}").status_code == 404
    assert client.post(f"/secretariat/{page}").status_code == 404


def test_signing_out_leads_back_to_the_entrance(client, officer):
    client.force_login(officer)

    assert client.get("/secretariat/logout/")["Location"] == "/account/login/"
    client.get("/secretariat/")
    client.post("/secretariat/logout/")

    assert client.get("/secretariat/").status_code == 302


# what they may do


@pytest.mark.parametrize("model", KINDS, ids=lambda model: model._meta.model_name)
def test_an_auditor_opens_everything_and_changes_nothing(client, auditor, world, model):
    client.force_login(auditor)
    row = model._default_manager.first()

    assert client.get(address(model)).status_code == 200
    assert client.get(address(model, "add/")).status_code == 403
    if row is not None:
        page = client.get(address(model, f"{row.pk}/change/"))
        assert page.status_code == 200 and "_save" not in page.text
        assert client.post(address(model, f"{row.pk}/change/"), {}).status_code == 403
        assert client.get(address(model, f"{row.pk}/delete/")).status_code == 403


def test_an_auditor_does_no_verb(client, auditor, world):
    client.force_login(auditor)
    page = address(Agreement, f"{world.pk}/verb/suspend/")

    assert client.get(page).status_code == 403
    assert client.post(page, {"on": "2027-03-01", "reason": "Flood"}).status_code == 403
    world.refresh_from_db()
    assert world.status == Status.IN_FORCE


@pytest.mark.parametrize("model", KINDS, ids=lambda model: model._meta.model_name)
def test_every_page_opens_for_an_administrator(client, administrator, world, model):
    client.force_login(administrator)
    model_admin = secretariat._registry[model]
    row = model._default_manager.first()

    assert client.get(address(model)).status_code == 200
    assert client.get(address(model, "?q=ri")).status_code == 200
    assert client.get(address(model, "add/")).status_code in {200, 403}
    if row is None:
        return
    assert client.get(address(model, f"{row.pk}/change/")).status_code == 200
    assert client.get(address(model, f"{row.pk}/delete/")).status_code in {200, 403}
    for verb in getattr(model_admin, "plain_verbs", ()):
        assert client.get(address(model, f"{row.pk}/verb/{verb.verb}/")).status_code == 200
    for verb in getattr(getattr(model, "lifecycle", None), "transitions", ()):
        page = address(model, f"{row.pk}/verb/{verb.replace('_', '-')}/")
        assert client.get(page).status_code == 200


def test_an_officer_reads_the_users_and_changes_none(client, officer, alice):
    client.force_login(officer)

    assert alice.username in client.get(address(User)).text
    assert client.get(address(User, "add/")).status_code == 403
    page = address(User, f"{alice.pk}/change/")
    assert client.get(page).status_code == 200
    assert client.post(page, {"username": "mallory"}).status_code == 403


def test_tokens_of_others_do_not_exist_for_an_officer(client, officer, administrator):
    token, _key = Token.issue(administrator, by=administrator, name="Theirs")
    client.force_login(officer)

    assert token.start not in client.get(address(Token)).text
    sent = {"user": administrator.pk, "name": "Mine", "reach": ["read"], "days": "30"}
    page = client.post(address(Token, "add/"), sent)
    assert "user" in errors(page)


def test_a_token_is_shown_once_and_revoked(client, officer):
    client.force_login(officer)
    sent = {"user": officer.pk, "name": "Reports", "reach": ["read"], "days": "30"}

    page = client.post(address(Token, "add/"), sent, follow=True)

    token = Token.objects.get()
    key = page.text.partition("<code>")[2].partition("</code>")[0]
    assert Token.opened_by(key, token.created_at) == token and token.scopes == ["read"]
    assert key not in client.get(address(Token)).text
    client.post(address(Token, f"{token.pk}/verb/revoke/"), {})
    assert Token.opened_by(key, token.created_at) is None


# users


def test_a_user_is_made_and_given_a_role_on_record(client, administrator):
    client.force_login(administrator)
    sent = {"username": "wang", "role": Role.SECRETARIAT, "email": "", "language": "zh-hans"}
    sent |= {"password1": "a long enough phrase", "password2": "a long enough phrase"}

    client.post(address(User, "add/"), sent)

    made = User.objects.get(username="wang")
    event = Event.objects.of(made).get()
    assert made.is_staff and made.check_password("a long enough phrase")
    assert event.verb == "create" and "password" not in event.after

    page = address(User, f"{made.pk}/change/")
    client.post(page, typed(client.get(page), role=Role.AUDITOR))
    made.refresh_from_db()
    assert made.role == Role.AUDITOR
    last = Event.objects.of(made).last()
    assert (last.before, last.after) == ({"role": "secretariat"}, {"role": "auditor"})


def test_the_last_administrator_stays(client, administrator):
    client.force_login(administrator)
    page = address(User, f"{administrator.pk}/change/")

    answer = client.post(page, typed(client.get(page), role=Role.AUDITOR))

    assert "last administrator" in errors(answer)[""][0]


def test_another_password_is_on_record_without_the_password(client, administrator, officer):
    client.force_login(administrator)
    page = address(User, f"{officer.pk}/password/")

    client.post(page, {"password1": "another long phrase", "password2": "another long phrase"})

    officer.refresh_from_db()
    assert officer.check_password("another long phrase")
    assert Event.objects.of(officer).last().verb == "set_password"
    assert "another long phrase" not in str(Event.objects.of(officer).last().after)


# actors


def test_an_organization_is_entered_with_its_numbers_and_wrong_ones_are_refused(client, officer):
    client.force_login(officer)
    blank = typed(client.get(address(Organization, "add/")), name="Dune Labs", kind="laboratory")
    blank |= {"identifiers-0-scheme": "lei"}

    page = client.post(address(Organization, "add/"), blank | {"identifiers-0-value": "12345"})
    assert "identifiers-0-value" in errors(page) and not Organization.objects.exists()

    client.post(
        address(Organization, "add/"), blank | {"identifiers-0-value": "5493001KJTIIGC8Y1R12"}
    )
    assert Identifier.objects.get().organization.name == "Dune Labs"


def test_a_person_is_entered_with_a_post(client, officer, alba):
    client.force_login(officer)
    sent = typed(client.get(address(Person, "add/")), name="Ann Li")
    sent |= {"appointments-0-organization": alba.pk, "appointments-0-post": "Director"}

    client.post(address(Person, "add/"), sent)

    assert Person.objects.get().appointments.get().organization == alba


def test_what_is_needed_elsewhere_is_not_deleted(client, officer, agreement, alba):
    client.force_login(officer)

    client.post(address(Organization, f"{alba.pk}/delete/"), {"post": "yes"})

    assert Organization.objects.filter(pk=alba.pk).exists()


# what needs a hand today


def test_the_first_page_shows_what_needs_a_hand(client, officer, world, alba):
    enter_task(
        world,
        by=officer,
        lead=alba,
        status=TaskStatus.IN_PROGRESS,
        title="Late",
        due_on=TODAY.replace(day=1, month=2),
    )
    post_mail("ann@example.org", "News", "Hello")
    Message.objects.update(due_at=clock.actual() - OLD_AFTER)
    party = world.party_set.first()
    tell(
        "announcement",
        by=None,
        on=TODAY,
        agreement=world,
        about=world,
        parties=[party],
        subject="Water",
        text="It rises.",
    )
    client.force_login(officer)

    page = client.get("/secretariat/")

    shown = {section.title: section for section in page.context_data["sections"]}
    assert shown["Overdue tasks"].total == 1
    assert shown["Tasks waiting for verification"].total == 1
    assert shown["Parties without a liaison officer"].total == 2
    assert shown["Mail that waits too long"].total == 1
    assert shown["Notices that reached no liaison officer"].total == 1
    for section in shown.values():
        for url in [section.url, *(line.url for line in section.lines)]:
            assert client.get(url).status_code == 200
        if section.title == "Daily runs that are late":
            continue  # a run that is missing is no row of a list
        found = client.get(section.url).context_data["cl"].result_count
        assert found == section.total, section.title


def test_the_first_page_costs_the_same_for_one_agreement_and_for_three(
    client, officer, alba, brook
):
    client.force_login(officer)

    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/secretariat/").status_code == 200
        return len(captured)

    for number in range(3):
        made = enter_agreement(
            alba, brook, by=officer, status=Status.IN_FORCE, title=f"No. {number}"
        )
        enter_rotation(made, alba, brook, by=officer, starts_on=TODAY.replace(month=1), length=3)
        enter_task(made, by=officer, lead=alba, status=TaskStatus.SUBMITTED)
        if number == 0:
            one = cost()
    assert cost() == one


@pytest.mark.parametrize("model", KINDS, ids=lambda model: model._meta.model_name)
def test_a_list_costs_the_same_for_few_rows_and_for_many(
    client, administrator, world, model, alba, brook
):
    client.force_login(administrator)

    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address(model)).status_code == 200
        return len(captured)

    costs = []
    for number in range(3):
        made = enter_agreement(
            alba, brook, by=administrator, status=Status.IN_FORCE, title=f"No. {number}"
        )
        enter_rotation(made, alba, brook, by=administrator)
        enter_task(made, by=administrator, lead=brook)
        enter_user(f"user{number}", Role.PARTNER)
        enter_organization(f"Organization {number}", parent=alba)
        Token.issue(administrator, by=administrator, name=f"Token {number}")
        for party in Party.objects.filter(agreement=made):
            person = Person.enter(by=administrator, name=f"Person {party.pk}")
            LiaisonAppointment.enter(by=administrator, party=party, person=person)
        costs.append(cost())
    assert costs[0] == costs[2]


# finding


def test_searching_finds_across_all_kinds(client, officer, world, alba):
    client.force_login(officer)

    found = client.get("/secretariat/search/?s=Clean&extended=1")
    assert address(Agreement, f"{world.pk}/change/") in found.text
    assert "Alba District" in client.get("/secretariat/search/?s=阿尔巴").text.replace(
        "阿尔巴区", "Alba District"
    )
    assert client.get("/secretariat/search/?s=").content == b""


def test_a_choice_offers_what_the_lists_show(client, officer, auditor, world, alba):
    asked = {
        "app_label": "agreements",
        "model_name": "party",
        "field_name": "organization",
        "term": "Alba",
    }
    for user in (officer, auditor):
        client.force_login(user)
        answer = client.get("/secretariat/autocomplete/", asked).json()
        assert answer["results"] == [{"id": str(alba.pk), "text": "Alba District"}]
    client.force_login(officer)
    users = asked | {"model_name": "agreement", "field_name": "officer", "term": ""}
    shown = client.get("/secretariat/autocomplete/", users).json()["results"]
    assert {row["id"] for row in shown} == {str(officer.pk), str(auditor.pk)}


def test_wild_addresses_are_answered_calmly(client, officer, world):
    client.force_login(officer)
    for page in (
        "agreements/agreement/99999999999999999999999/change/",
        "agreements/agreement/%00/change/",
        "agreements/agreement/abc/history/",
        "agreements/agreement/1/verb/nonsense/",
        "agreements/agreement/?status__exact=nonsense&o=99&p=9999",
        "agreements/task/?light=purple",
        "agreements/party/?agreement__id__exact=abc",
        "governance/event/?kind=nonsense",
    ):
        assert client.get(f"/secretariat/{page}").status_code in {200, 302, 404}, page


# the record


def test_the_record_is_read_and_never_written(client, administrator, world):
    client.force_login(administrator)
    event = Event.objects.latest("sequence")
    page = address(Event, f"{event.pk}/change/")

    assert client.get(page).status_code == 200
    assert client.post(page, {"reason": "Nothing"}).status_code == 403
    assert client.get(address(Event, f"{event.pk}/history/")).status_code == 404
    narrowed = client.get(address(Event, "?kind=agreements.task"))
    assert {row.object_type for row in narrowed.context_data["cl"].result_list} == {
        "agreements.task"
    }


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_pages_speak_both_languages(client, officer, world, language):
    client.force_login(officer)

    page = client.get("/secretariat/", headers={"accept-language": language})

    assert f'<html lang="{language}"' in page.text
