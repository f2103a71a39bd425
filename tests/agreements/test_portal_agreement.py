"""The page of an agreement: its first screen, its tabs, and what is not known."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from actors.models import Organization, User
from agreements.mechanisms.convenor_changes import Kind
from agreements.models import Agreement, Rotation
from agreements.portal.urls import TABS
from tests.agreements.portal_scenes import Scene, furnish, read, signed_in
from tests.cast import TODAY, enter_agreement, enter_party


@pytest.fixture
def scene(
    agreement: Agreement, alba: Organization, brook: Organization, alice: User, officer: User
) -> Scene:
    return furnish(agreement, alba, brook, by=officer)


def tab_of(user: User, agreement: Agreement, tab: str = "", query: str = "") -> str:
    name = f"agreement_{tab}" if tab else "agreement"
    address = reverse(name, kwargs={"id": agreement.public_id})
    return read(signed_in(user).get(address + query))


def answers(page: str) -> dict[str, str]:
    """The questions of the first screen with their answers, without tags."""
    found = re.findall(r"<div><dt>([^<]+)</dt><dd>(.*?)</dd></div>", page, flags=re.DOTALL)
    return {
        question: " ".join(re.sub(r"<[^>]+>", " ", answer).split()) for question, answer in found
    }


def test_the_first_screen_answers_the_questions(scene: Scene, alice: User):
    found = answers(tab_of(alice, scene.agreement))
    assert found["Who convenes now"].startswith("Brook District 1 January 2027 to 30 June 2027")
    assert found["Who convenes next"].startswith("Alba District 1 July 2027 to 31 December 2027")
    assert found["Our liaison officer"] == "Alice No deputy named"
    assert found["When we meet next"].startswith("Saturday 20 March 2027, 14:00")
    assert found["How the tasks stand"].startswith("1 Overdue")
    assert found["What is wrong"].startswith("4 matters need a hand 1 task is overdue.")
    assert found["In force since"] == "1 February 2026"


def test_what_is_not_known_is_said(
    alba: Organization, brook: Organization, alice: User, officer: User
):
    bare = enter_agreement(alba, brook, by=officer, status="negotiating", entry_into_force=None)
    bare.sign(by=officer, on=TODAY, all_parties=True)
    page = tab_of(alice, bare)
    found = answers(page)
    assert found["Who convenes now"] == found["Who convenes next"] == "Not known"
    assert "Not known: the rule of entry into force is not known." in page
    assert "Open-ended or not known" in page
    assert "It is not known how the convenor rotates." in page
    for tab, words in {
        "rotation": "It is not known how the convenor rotates",
        "groups": "No special cooperation group",
        "tasks": "No tasks yet",
        "timetable": "No timetable yet",
        "documents": "No document yet",
        "articles": "No article has been entered",
        "consultations": "No consultation is planned",
    }.items():
        assert words in tab_of(alice, bare, tab), tab


def test_a_rotation_of_unknown_length_says_so(scene: Scene, alice: User, officer: User):
    rotation = scene.agreement.rotations.get()
    rotation.edit(by=officer, length=None)
    page = tab_of(alice, scene.agreement, "rotation")
    assert "No terms yet" in page
    assert re.search(r"<dt>Length of a term</dt><dd class=\"muted\">Not known", page)


def test_illustrative_facts_carry_the_mark(
    alba: Organization, brook: Organization, alice: User, officer: User
):
    made = enter_agreement(alba, brook, by=officer, illustrative=True)
    made.negotiate(by=officer, on=TODAY)
    page = tab_of(alice, made)
    assert 'class="illustrative">Illustrative data' in page
    plain = enter_agreement(alba, brook, by=officer, status="negotiating", title="Plain")
    assert "Illustrative data" not in tab_of(alice, plain)


@pytest.mark.parametrize("tab", TABS)
def test_every_tab_is_marked_as_the_one_that_is_open(scene: Scene, alice: User, tab: str):
    page = tab_of(alice, scene.agreement, tab)
    address = reverse(f"agreement_{tab}", kwargs={"id": scene.agreement.public_id})
    assert f'<a href="{address}" aria-current="page">' in page


def test_the_party_and_the_body_that_signs_for_it_are_two_things(
    alba: Organization, brook: Organization, corva: Organization, alice: User, officer: User
):
    made = enter_agreement(alba, by=officer, status="negotiating")
    enter_party(made, brook, signing_body=corva)
    page = tab_of(alice, made, "parties")
    assert "Corva Ltd" in page
    assert "Has not signed" in page


def test_the_ribbon_draws_terms_today_and_swaps(scene: Scene, alice: User, officer: User):
    rotation: Rotation = scene.agreement.rotations.get()
    rotation.change(
        Kind.SWAP,
        by=officer,
        on=TODAY,
        facts={"term_on": "2027-07-01", "other_term_on": "2028-01-01"},
        decided_by="The leaders",
        decided_on=TODAY,
    )
    page = tab_of(alice, scene.agreement, "rotation")
    assert 'class="term term-current"' in page
    assert 'class="today"' in page
    assert page.count('class="swap"') == 3
    assert "The leaders" in page
    assert "Today Brook District convenes." in page


def test_the_window_of_the_ribbon_is_in_the_address(scene: Scene, alice: User):
    page = tab_of(alice, scene.agreement, "rotation", "?from=2030")
    assert "2030 to 2033" in page
    assert 'class="today"' not in page
    assert "2026 to 2029" in tab_of(alice, scene.agreement, "rotation", "?from=x")


def test_the_timetable_draws_phases_tasks_and_milestones(scene: Scene, alice: User):
    page = tab_of(alice, scene.agreement, "timetable")
    for words in ("First phase", "Clean the river", "Mid-term review", "bar-overdue", "milestone"):
        assert words in page, words


def test_the_history_is_told_in_sentences_in_the_readers_language(scene: Scene, alice: User):
    page = tab_of(alice, scene.agreement, "history")
    assert "officer assigned task “Clean the river”." in page


def test_the_history_holds_no_notes_and_no_reading(scene: Scene, alice: User, officer: User):
    scene.agreement.refresh_from_db()
    scene.agreement.edit(by=officer, notes="Between us.")
    document = reverse("document", kwargs={"id": scene.document.public_id})
    read(signed_in(alice).get(document))
    page = tab_of(alice, scene.agreement, "history")
    assert "Between us." not in page
    assert "download" not in page


def test_a_party_that_left_reads_what_was_before(
    scene: Scene, alba: Organization, alice: User, officer: User
):
    scene.party.withdraw(by=officer, on=TODAY, effective_on=TODAY)
    client = signed_in(User.objects.get(pk=alice.pk))
    address = reverse("agreement", kwargs={"id": scene.agreement.public_id})
    assert client.get(address).status_code == 200
    consultation = reverse("consultation", kwargs={"id": scene.consultation.public_id})
    assert client.get(consultation).status_code == 404


def test_an_ended_agreement_says_how_and_when(
    alba: Organization, brook: Organization, alice: User, officer: User
):
    made = enter_agreement(alba, brook, by=officer, status="ended")
    page = tab_of(alice, made)
    assert "Terminated on 1 December 2026" in page
    assert "Nothing that the system knows of" in page


def test_an_agreement_about_to_expire_is_a_matter(scene: Scene, alice: User, officer: User):
    scene.agreement.refresh_from_db()
    scene.agreement.edit(by=officer, expires_on=TODAY + timedelta(days=30))
    assert "The agreement expires on 31 March 2027." in tab_of(alice, scene.agreement)
