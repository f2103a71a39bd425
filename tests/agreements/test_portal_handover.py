"""The handover in the portal: the list, the notes, who signs for which side, what passes on."""

from datetime import date

import pytest
from django.test import Client

from agreements.mechanisms.handing_over import sign_off
from agreements.mechanisms.handover import Side
from agreements.models import Handover
from governance import clock
from tests.api_stage import Caller
from tests.cast import enter_party, enter_rotation, enter_task

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("short_horizon")]

# Alba gives the office to Brook; it is 1 March 2027, and the boundary lies two months back.
BOUNDARY = date(2027, 1, 1)
SIGNED = {"on": "2027-03-01", "note": "All said."}


@pytest.fixture
def handover(agreement, officer, alba, brook):
    rotation = enter_rotation(
        agreement, alba, brook, by=officer, length=12, starts_on=date(2026, 1, 1)
    )
    enter_task(agreement, by=officer, title="Clean the river", lead=alba)
    return Handover.enter(by=officer, on=BOUNDARY, rotation=rotation, boundary_on=BOUNDARY)


def opened(user, path):
    client = Client()
    client.force_login(user)
    return client.get(path)


def page_of(handover, *more):
    return "/".join(["/handovers", str(handover.public_id), *more, ""])


def sent(user, handover, verb, side, said):
    client = Client()
    client.force_login(user)
    version = Handover.objects.get(pk=handover.pk).version
    return client.post(page_of(handover, verb, side), {"version": version, **said})


class TestPage:
    def test_it_shows_what_is_open_and_who_gives_to_whom(self, handover, alice):
        page = opened(alice, page_of(handover)).content.decode()
        for words in ("Alba District", "Brook District", "Clean the river", "Late", "Sign off"):
            assert words in page

    def test_whoever_has_no_part_in_the_agreement_finds_nothing(self, handover, stranger):
        assert opened(stranger, page_of(handover)).status_code == 404
        assert sent(stranger, handover, "sign-off", "outgoing", SIGNED).status_code == 404

    def test_signed_it_says_what_was_settled_since(self, handover, agreement, officer, alice):
        for side in Side:
            sign_off(handover, side, by=officer, on=BOUNDARY)
        task = agreement.tasks.get()
        page = opened(alice, page_of(handover)).content.decode()
        assert "1 matter is still open" in page
        assert "logged by the secretariat" in page
        task.cancel(by=officer, on=date(2027, 3, 1), reason="no more")
        page = opened(alice, page_of(handover)).content.decode()
        assert "0 matters are still open" in page
        assert "settled since" in page


class TestSigning:
    def test_each_side_signs_for_itself(self, handover, alice, bob):
        refused = sent(alice, handover, "sign-off", "incoming", SIGNED)
        assert refused.status_code == 403
        assert "Each side signs for itself." in refused.content.decode()
        assert sent(alice, handover, "sign-off", "outgoing", SIGNED).status_code == 302
        assert sent(bob, handover, "sign-off", "incoming", SIGNED).status_code == 302
        handover.refresh_from_db()
        assert (handover.outgoing_signed_by, handover.incoming_signed_by) == (
            alice.person,
            bob.person,
        )
        assert [matter["name"] for matter in handover.matters] == ["Clean the river"]
        again = sent(alice, handover, "sign-off", "outgoing", SIGNED)
        assert again.status_code == 409

    def test_a_party_that_holds_neither_term_only_reads(self, handover, agreement, officer, cora):
        enter_party(agreement, cora.person.appointments.get().organization)
        page = opened(cora, page_of(handover))
        assert "Sign off" not in page.content.decode()
        assert sent(cora, handover, "sign-off", "outgoing", SIGNED).status_code == 403
        assert sent(cora, handover, "note", "outgoing", {"note": "x"}).status_code == 403

    def test_the_secretariat_logs_for_either_side(self, handover, officer):
        for side in Side:
            assert sent(officer, handover, "sign-off", side, SIGNED).status_code == 302
        assert not Handover.objects.get().is_open

    def test_an_auditor_changes_nothing(self, handover, auditor):
        assert opened(auditor, page_of(handover)).status_code == 200
        assert sent(auditor, handover, "sign-off", "outgoing", SIGNED).status_code == 403

    def test_a_day_before_the_boundary_is_refused_at_its_field(self, handover, alice):
        answer = sent(alice, handover, "sign-off", "outgoing", SIGNED | {"on": "2026-12-31"})
        assert answer.status_code == 422
        assert "It is signed off from 1 January 2027 on" in answer.content.decode()

    def test_before_the_boundary_one_writes_notes(self, handover, alice, bob):
        with clock.fixed(date(2026, 12, 1)):
            page = opened(alice, page_of(handover)).content.decode()
            assert "/sign-off/" not in page
            assert sent(alice, handover, "note", "outgoing", {"note": "Mind the bridge."})
            assert sent(bob, handover, "note", "outgoing", {"note": "x"}).status_code == 403
        handover.refresh_from_db()
        assert handover.outgoing_note == "Mind the bridge."

    def test_a_side_that_does_not_exist_is_not_found(self, handover, alice):
        assert opened(alice, page_of(handover, "sign-off", "third")).status_code == 404

    def test_a_stale_page_says_so_and_keeps_what_was_typed(self, handover, alice, bob):
        handover.note("incoming", "Meanwhile", by=bob, on=BOUNDARY)
        answer = sent(alice, handover, "sign-off", "outgoing", SIGNED | {"version": 1})
        assert answer.status_code == 409
        assert "All said." in answer.content.decode()


class TestWhereItIsFound:
    def test_my_work_shows_it_until_my_side_has_signed(self, handover, alice, bob):
        assert "Handovers to sign" in opened(alice, "/").content.decode()
        sent(alice, handover, "sign-off", "outgoing", SIGNED)
        assert "Handovers to sign" not in opened(alice, "/").content.decode()
        assert "Handovers to sign" in opened(bob, "/").content.decode()

    def test_the_incoming_convenor_sees_what_was_taken_over(self, handover, alice, bob):
        sent(alice, handover, "sign-off", "outgoing", SIGNED)
        sent(bob, handover, "sign-off", "incoming", SIGNED)
        assert "Taken over: 1 matter still open" in opened(bob, "/").content.decode()
        assert "Taken over" not in opened(alice, "/").content.decode()

    def test_the_rotation_of_the_agreement_leads_to_it(self, handover, agreement, alice):
        page = opened(alice, f"/agreements/{agreement.public_id}/rotation/").content.decode()
        assert page_of(handover) in page

    def test_a_late_one_is_said_to_be_wrong(self, handover, agreement, officer, alice):
        overview = f"/agreements/{agreement.public_id}/"
        sentence = "The handover of 1 January 2027 was to be signed by 22 January 2027"
        assert sentence in opened(alice, overview).content.decode()
        office = opened(officer, "/secretariat/").content.decode()
        assert "Late handovers" in office
        for side in Side:
            sign_off(handover, side, by=officer, on=BOUNDARY)
        assert sentence not in opened(alice, overview).content.decode()


class TestApi:
    def address(self, handover):
        return f"handovers/{handover.public_id}/"

    def test_it_embeds_the_open_matters_and_says_what_may_be_done(self, handover, alice, alba):
        body = Caller(alice).get(self.address(handover)).json()
        assert (body["open"], body["late"], body["due_on"]) == (True, True, "2027-01-22")
        assert body["outgoing_holders"] == [
            {"organization": str(alba.public_id), "name": "Alba District"}
        ]
        assert [(one["kind"], one["name"]) for one in body["matters"]] == [
            ("task", "Clean the river")
        ]
        allowed = {one["verb"]: one["allowed"] for one in body["allowed_actions"]}
        assert allowed == {"note": True, "sign-off": True}

    def test_both_sides_sign_off(self, handover, alice, bob):
        address = f"{self.address(handover)}sign-off/"
        outgoing = {"side": "outgoing", "on": "2027-02-01", "note": "Done"}
        assert Caller(alice).post(address, {**outgoing, "side": "incoming"}).status_code == 403
        signed = Caller(alice).post(address, outgoing).json()
        assert (signed["outgoing_signed_on"], signed["open"]) == ("2027-02-01", True)
        told = {one["verb"]: one["reason"] for one in signed["allowed_actions"]}
        assert told["sign-off"] == "This side has signed already."
        twice = Caller(alice).post(address, outgoing)
        assert (twice.status_code, twice.json()["guard"]) == (409, "signed")
        both = Caller(bob).post(address, {"side": "incoming"}).json()
        assert (both["open"], both["incoming_signed_on"]) == (False, "2027-03-01")
        assert both["incoming_signed_by_name"] == str(bob.person)

    @pytest.mark.parametrize(
        "said", [{}, {"side": "third"}, {"side": "outgoing", "on": "2026-12-31"},
                 {"side": "outgoing", "on": "2027-03-02"}, {"side": "outgoing", "day": "x"}]
    )  # fmt: skip
    def test_what_is_wrong_is_refused_at_its_field(self, handover, officer, said):
        answer = Caller(officer).post(f"{self.address(handover)}sign-off/", said)
        assert answer.status_code == 400

    def test_the_secretariat_opens_one_and_takes_it_away(self, handover, officer):
        caller = Caller(officer)
        rotation = str(handover.rotation.public_id)
        made = caller.post("handovers/", {"rotation": rotation, "boundary_on": "2028-01-01"})
        assert made.status_code == 201
        assert made.json()["boundary_on"] == "2028-01-01"
        wrong = caller.post("handovers/", {"rotation": rotation, "boundary_on": "2028-01-02"})
        assert wrong.json()["errors"][0]["code"] == "no_boundary"
        gone = caller.ask("delete", f"handovers/{made.json()['id']}/", if_match="*")
        assert gone.status_code == 204

    @pytest.mark.parametrize(
        ("asked", "found"),
        [
            ("open=true", 1), ("open=false", 0), ("late=true", 1), ("late=false", 0),
            ("boundary_on__lt=2027-01-01", 0), ("boundary_on=2027-01-01", 1),
            ("due_on__lte=2027-01-22", 1),
        ],
    )  # fmt: skip
    def test_lists_are_filtered(self, handover, alice, asked, found):
        assert len(Caller(alice).get(f"handovers/?{asked}").json()["results"]) == found

    def test_of_an_agreement_and_of_a_rotation(self, handover, agreement, alice):
        for asked in (
            f"agreement={agreement.public_id}",
            f"rotation={handover.rotation.public_id}",
        ):
            assert len(Caller(alice).get(f"handovers/?{asked}").json()["results"]) == 1
        other = "agreement=00000000-0000-4000-8000-000000000000"
        assert Caller(alice).get(f"handovers/?{other}").json()["results"] == []


class TestBackOffice:
    def test_it_is_logged_there_for_both_sides(self, handover, officer):
        office = Client()
        office.force_login(officer)
        page = f"/secretariat/agreements/handover/{handover.pk}"
        assert "Clean the river" in office.get(f"{page}/change/").content.decode()
        late = office.get("/secretariat/agreements/handover/?standing=late").content.decode()
        assert "Alba District to Brook District" in late
        for side in Side:
            said = {"on": "2027-02-01", "side": side.value, "note": "", "reason": ""}
            assert office.post(f"{page}/verb/sign-off/", said).status_code == 302
        assert not Handover.objects.get().is_open
        assert office.get(f"{page}/verb/sign-off/").status_code == 200

    def test_one_is_opened_by_its_boundary(self, handover, officer):
        office = Client()
        office.force_login(officer)
        said = {"rotation": handover.rotation_id, "boundary_on": "2028-01-01"}
        assert office.post("/secretariat/agreements/handover/add/", said).status_code == 302
        wrong = office.post(
            "/secretariat/agreements/handover/add/", said | {"boundary_on": "2028-02-01"}
        )
        assert "On that day no convenor" in wrong.content.decode()
