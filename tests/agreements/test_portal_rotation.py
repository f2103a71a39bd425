"""The rotation in the portal: the ribbon, the table beside it, and changing it from there."""

import re
from datetime import date

import pytest
from django.urls import reverse

from agreements.mechanisms.convenor_changes import Kind
from agreements.models import RotationChange, Seat
from tests.agreements.portal_scenes import read, signed_in
from tests.cast import TODAY, again, enter_party, enter_rotation

pytestmark = pytest.mark.usefixtures("short_horizon")


def test_whoever_left_sees_no_holder_who_came_since(agreement, officer, alba, brook, corva, alice):
    rotation = enter_rotation(agreement, alba, brook, by=officer)
    enter_party(agreement, corva, joined_on=TODAY)
    rotation.seats.get(organization=alba).edit(by=officer, co_holders=[corva])
    Seat.enter(by=officer, rotation=rotation, organization=corva, position=3, joined_on=TODAY)
    agreement.party_set.filter(organization=alba).update(withdrawn_on=date(2026, 9, 1))
    for user, sees in ((officer, True), (again(alice), False)):
        found = {
            name: read(signed_in(user).get(reverse(name, kwargs={"id": agreement.public_id})))
            for name in ("agreement", "agreement_rotation")
        }
        found["list"] = read(signed_in(user).get(reverse("agreement_list")))
        found["work"] = read(signed_in(user).get(reverse("my_work")))
        assert alba.name in found["agreement_rotation"]
        assert (corva.name in found["agreement_rotation"]) is sees
        assert sees or not any(corva.name in page for page in found.values())


NEXT, AFTER_NEXT = "2027-07-01", "2028-01-01"


@pytest.fixture
def rotation(agreement, officer, alba, brook):
    """Half-years from 2026, Alba first; with Corva, a party without a seat."""
    return enter_rotation(agreement, alba, brook, by=officer)


@pytest.fixture
def newcomer(agreement, corva):
    return enter_party(agreement, corva)


@pytest.fixture
def desk(officer):
    return signed_in(officer)


def page_of(rotation, kind):
    return reverse("change_rotation", kwargs={"id": rotation.public_id, "kind": kind})


def tab(client, rotation):
    address = reverse("agreement_rotation", kwargs={"id": rotation.agreement.public_id})
    return read(client.get(address))


def key(organization):
    return str(organization.public_id)


def holders(rotation, day):
    return [one.name for one in rotation.terms.get(starts_on=day).holders.all()]


SAID = {
    Kind.SWAP: {"term": NEXT, "other_term": AFTER_NEXT},
    Kind.ASSIGN: {"term": NEXT, "holder": "corva"},
    Kind.SKIP: {"term": NEXT},
    Kind.EXTEND: {"term": NEXT, "ends_on": "2028-03-01", "realign": "on"},
    Kind.VACATE: {"term": NEXT, "on_day": "2027-09-01", "then": "vacant"},
    Kind.ADMIT: {"newcomer": "corva", "effective_on": NEXT, "after": "end"},
    Kind.WITHDRAW: {"seat": "brook", "effective_on": NEXT, "then": "next"},
    Kind.REORDER: {"effective_on": NEXT, "place.alba": "1", "place.brook": "2"},
}


@pytest.fixture
def said(alba, brook, corva, newcomer):
    keys = {"alba": key(alba), "brook": key(brook), "corva": key(corva)}

    def told(kind):
        return {
            re.sub("alba|brook", lambda found: keys[found[0]], name): keys.get(value, value)
            for name, value in SAID[kind].items()
        }

    return told


@pytest.mark.parametrize("kind", SAID)
def test_every_kind_is_shown_before_and_after_and_then_recorded(rotation, desk, kind, said):
    page = page_of(rotation, kind)
    assert desk.get(page).status_code == 200
    before = list(rotation.terms.values_list("starts_on", "ends_on", "state"))
    decided = {"decided_by": "The third consultation", "reason": "So agreed", **said(kind)}

    shown = desk.post(page, decided | {"preview": "1", "version": rotation.version})

    assert shown.status_code == 200, read(shown)
    comparison = shown.context_data["comparison"]
    assert comparison.differs
    assert 'class="differs"' in read(shown) and "Record change" in read(shown)
    assert "The third consultation" in read(shown)
    assert list(rotation.terms.values_list("starts_on", "ends_on", "state")) == before
    assert not RotationChange.objects.exists()

    done = desk.post(page, decided | {"record": "1", "version": rotation.version})

    assert done.status_code == 302, read(done)
    assert done.url.endswith(f"#rotation-{rotation.public_id}")
    made = RotationChange.objects.get()
    assert (made.kind, made.decided_by) == (kind, "The third consultation")
    assert made.reason == "So agreed"
    assert "The third consultation" in tab(desk, rotation)


def test_an_event_rotation_is_ended_and_its_coming_turns_are_changed(
    agreement, officer, desk, alba, brook
):
    rotation = enter_rotation(agreement, alba, brook, by=officer, boundaries="event")
    end = {"term": "2026-01-01", "ends_on": "2027-02-01", "record": "1", "reason": "It was held"}
    assert desk.post(page_of(rotation, "end"), end).status_code == 302
    page = desk.get(page_of(rotation, "assign"))
    assert "ahead:1" in read(page)
    given = {"term": "ahead:1", "holder": key(brook), "record": "1"}
    assert desk.post(page_of(rotation, "assign"), given).status_code == 302
    made = rotation.changes.get(kind="assign")
    assert made.terms_of_change == {"turns_ahead": 1, "organization": [key(brook)]}


def test_what_is_refused_stands_at_its_field_and_keeps_what_was_typed(rotation, desk, said):
    page = page_of(rotation, "extend")
    wrong = {"term": NEXT, "ends_on": NEXT, "reason": "Longer", "record": "1"}
    answer = desk.post(page, wrong)
    assert answer.status_code == 422
    assert answer.context_data["form"].errors.keys() == {"ends_on"}
    assert "Longer" in read(answer)
    assert desk.post(page, wrong | {"preview": "1"}).status_code == 422
    past = {"term": "2026-07-01", "holder": said(Kind.ASSIGN)["holder"], "record": "1"}
    answer = desk.post(page_of(rotation, "assign"), past)
    assert answer.context_data["form"].errors.keys() == {"reason"}


def test_what_the_state_forbids_is_said_with_what_was_typed(rotation, desk, said):
    given = {**said(Kind.ASSIGN), "term": AFTER_NEXT, "record": "1"}
    assert desk.post(page_of(rotation, "assign"), given).status_code == 302
    for step in ("preview", "record"):
        answer = desk.post(page_of(rotation, "skip"), {"term": NEXT, step: "1", "reason": "Busy"})
        assert answer.status_code == 409
        assert "“1. Assign a term” rests: revoke that change first" in read(answer)
        made = rotation.changes.get()
        assert f"#change-{made.public_id}" in read(answer) and "Busy" in read(answer)
    assert desk.get(page_of(rotation, "end")).status_code == 409
    assert desk.get(page_of(rotation, "marry")).status_code == 404


def test_a_change_against_an_older_version_is_shown_again(rotation, officer, desk, said):
    version = rotation.version
    rotation.edit(by=officer, name="Presidency")
    given = {**said(Kind.SWAP), "record": "1", "version": version}
    answer = desk.post(page_of(rotation, "swap"), given)
    assert answer.status_code == 409 and "Somebody else changed this" in read(answer)
    assert not rotation.changes.exists()


def test_a_change_is_revoked_with_its_effect_shown(rotation, officer, desk, alba):
    made = rotation.change(
        Kind.ASSIGN,
        by=officer,
        on=TODAY,
        facts={"term_on": NEXT, "organization": [key(alba)]},
    )
    assert holders(rotation, NEXT) == [alba.name]
    page = reverse("revoke_rotation_change", kwargs={"id": made.public_id})
    assert page in tab(desk, rotation)
    assert 'class="differs"' in read(desk.get(page))
    assert desk.post(page, {"reason": "Decided anew"}).status_code == 302
    assert holders(rotation, NEXT) == ["Brook District"]
    assert desk.get(page).status_code == 409
    shown = tab(desk, rotation)
    assert page not in shown
    assert f"by {officer}" in shown and "Decided anew" in shown
    made.refresh_from_db()
    assert (made.revoked_by, made.revocation_reason) == (officer, "Decided anew")


def test_a_term_is_confirmed(rotation, desk):
    term = rotation.terms.get(starts_on=NEXT)
    page = reverse("confirm_term", kwargs={"id": term.public_id})
    assert page in tab(desk, rotation)
    assert "Brook District will convene" in read(desk.get(page))
    assert desk.post(page, {"on": TODAY.isoformat()}).status_code == 302
    term.refresh_from_db()
    assert term.state == "confirmed"
    assert page not in tab(desk, rotation)
    assert desk.get(page).status_code == 409


def test_partners_see_the_ribbon_and_no_buttons(rotation, desk, alice):
    partner = signed_in(alice)
    shown = tab(partner, rotation)
    assert "Alba District" in shown
    for link in ("/swap/", "/confirm/", "/revoke/", "Change the rotation"):
        assert link in tab(desk, rotation) or link == "/revoke/"
        assert link not in shown
    assert partner.get(page_of(rotation, "swap")).status_code == 403
    assert partner.post(page_of(rotation, "swap"), {"record": "1"}).status_code == 403
    term = rotation.terms.get(starts_on=NEXT)
    page = reverse("confirm_term", kwargs={"id": term.public_id})
    assert partner.post(page, {"on": TODAY.isoformat()}).status_code == 403


def test_exceptions_are_drawn_and_their_words_keep_apart(rotation, officer, desk, alba):
    for day in (NEXT, AFTER_NEXT):
        rotation.change(
            Kind.ASSIGN, by=officer, on=TODAY, facts={"term_on": day, "organization": [key(alba)]}
        )
    rotation.change(
        Kind.SWAP, by=officer, on=TODAY, facts={"term_on": NEXT, "other_term_on": "2028-07-01"}
    )
    shown = tab(desk, rotation)
    assert shown.count('class="term-shaped"') == 4  # three terms, and the legend
    assert shown.count('class="swap-head"') == 2
    for words in ("1. Assign a term", "2. Assign a term", "3. Swap two terms"):
        assert words in shown
    heights = re.findall(r'<text class="note"[^>]* y="(\d+)"', shown)
    assert len(heights) == len(set(heights)) == 3


@pytest.mark.parametrize("terms", [1, 3])
def test_the_page_costs_the_same_however_many_terms_and_changes(
    rotation, officer, desk, alba, terms, django_assert_max_num_queries
):
    for place in range(terms):
        rotation.change(
            Kind.ASSIGN,
            by=officer,
            on=TODAY,
            facts={"term_on": f"{2028 + place}-01-01", "organization": [key(alba)]},
        )
    tab(desk, rotation)
    with django_assert_max_num_queries(26):
        tab(desk, rotation)


def test_only_who_has_no_seat_can_be_admitted(rotation, desk, said, brook, corva):
    form = desk.get(page_of(rotation, "admit")).context["form"]
    assert [value for value, _name in form.fields["newcomer"].choices] == ["", key(corva)]
    rotation.change(
        Kind.WITHDRAW,
        by=None,
        on=TODAY,
        facts={"organization": key(brook), "effective_on": TODAY.isoformat(), "then": "next"},
    )
    form = desk.get(page_of(rotation, "admit")).context["form"]
    assert key(brook) in [value for value, _name in form.fields["newcomer"].choices]


def test_terms_to_come_are_offered_before_past_ones(rotation, desk):
    _nothing, coming, past = desk.get(page_of(rotation, "assign")).context["form"].fields[
        "term"
    ].choices  # fmt: skip
    assert (coming[0], past[0]) == ("Running and to come", "Past: a correction")
    assert coming[1][0][0] == "2027-01-01"
    assert [value for value, _words in past[1]] == ["2026-07-01", "2026-01-01"]
