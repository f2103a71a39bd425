"""Life cycles: a table of verbs says what is possible, and why not for the rest."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from agreements.agreement import Status
from agreements.models import Agreement, Consultation, SpecialGroup, Task
from governance.lifecycle import Refused, Stale, require_past
from governance.record import Event
from tests.cast import ENTERED, NEGOTIATED, SIGNED, TODAY, enter_agreement

LIVING = [Agreement, Task, Consultation, SpecialGroup]


@pytest.mark.parametrize("model", LIVING)
def test_every_state_is_the_start_or_is_reached_by_a_verb(model):
    reached = {verb.target for verb in model.lifecycle.transitions.values()}
    start = model._meta.get_field("status").default
    assert set(model.lifecycle.states) == (reached - {None}) | {start}


@pytest.mark.parametrize("model", LIVING)
def test_every_verb_of_the_table_is_a_method_of_the_noun(model):
    for transition in model.lifecycle.transitions.values():
        assert callable(getattr(model, transition.method_name)), transition.verb
        assert transition.sources <= set(model.lifecycle.states), transition.verb
        assert transition.target is None or transition.target in model.lifecycle.states


@pytest.mark.parametrize("model", LIVING)
def test_what_ends_something_for_good_asks_first(model):
    final = {
        state
        for state in model.lifecycle.states
        if not any(state in verb.sources for verb in model.lifecycle.transitions.values())
    }
    for transition in model.lifecycle.transitions.values():
        if transition.target in final - {"completed", "closed"}:
            assert transition.danger, transition.verb


@pytest.mark.parametrize("model", LIVING)
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_verb_has_a_label_and_every_state_a_name(model, language):
    with translation.override(language):
        labels = [str(verb.label) for verb in model.lifecycle.transitions.values()]
        names = [str(state.label) for state in model.lifecycle.states]
    assert all(labels)
    assert len(set(labels)) == len(labels)
    assert all(names)


@pytest.fixture
def draft(officer, alba, brook):
    return enter_agreement(alba, brook, by=officer)


def test_a_refused_verb_names_itself_and_its_guard_and_changes_nothing(officer, draft):
    with pytest.raises(Refused) as refused:
        draft.sign(by=officer, on=SIGNED)
    assert (refused.value.verb, refused.value.guard) == ("sign", "status_draft")
    assert str(refused.value) == "Not possible while the status is “Draft”."
    draft.refresh_from_db()
    assert (draft.status, draft.status_since, draft.signed_on) == (Status.DRAFT, None, None)


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_a_verb_that_needs_a_reason_is_refused_at_the_reason(officer, draft, reason):
    with pytest.raises(ValidationError) as refused:
        draft.abandon(by=officer, on=SIGNED, reason=reason)
    assert refused.value.error_dict["reason"][0].code == "required"


def test_a_verb_is_not_dated_before_the_status_that_it_ends(officer, draft):
    draft.negotiate(by=officer, on=NEGOTIATED)
    with pytest.raises(ValidationError) as refused:
        draft.sign(by=officer, on=NEGOTIATED - timedelta(days=1))
    error = refused.value.error_dict["on"][0]
    assert error.code == "dates_out_of_order"
    assert refused.value.message_dict["on"] == [
        "The status before this one began on 10 January 2026: give that day or a later one."
    ]


def test_two_verbs_may_share_a_day(officer, draft):
    draft.negotiate(by=officer, on=SIGNED)
    draft.sign(by=officer, on=SIGNED)
    assert (draft.status, draft.status_since) == (Status.SIGNED, SIGNED)


def test_a_verb_against_an_older_version_is_stale_and_hands_over_the_current_one(officer, draft):
    seen = draft.version
    draft.edit(by=officer, title="Cleaner rivers")
    with pytest.raises(Stale) as stale:
        draft.negotiate(by=officer, on=NEGOTIATED, version=seen)
    assert stale.value.current.title == "Cleaner rivers"
    draft.negotiate(by=officer, on=NEGOTIATED, version=draft.version)
    assert draft.status == Status.NEGOTIATING


def test_a_verb_judges_the_row_as_it_is_now_not_as_it_was_read(officer, draft):
    read_before = Agreement.objects.get(pk=draft.pk)
    draft.abandon(by=officer, on=SIGNED, reason="No money")
    with pytest.raises(Refused) as refused:
        read_before.negotiate(by=officer, on=SIGNED)
    assert refused.value.guard == "status_abandoned"


def test_a_verb_tells_the_day_it_happened_and_the_moment_it_was_recorded(officer, draft, today):
    draft.negotiate(by=officer, on=NEGOTIATED, reason="Letter of both mayors")
    event = Event.objects.of(draft).last()
    assert (event.verb, event.happened_on, event.reason) == (
        "negotiate",
        NEGOTIATED,
        "Letter of both mayors",
    )
    assert event.recorded_at.date() == today
    assert event.before == {"status": "draft", "negotiated_on": None}
    assert event.after == {"status": "negotiating", "negotiated_on": NEGOTIATED.isoformat()}


def test_a_deleted_row_cannot_be_changed_any_more(officer, draft):
    read_before = Agreement.objects.get(pk=draft.pk)
    draft.remove(by=officer)
    with pytest.raises(Stale) as stale:
        read_before.negotiate(by=officer, on=ENTERED)
    assert stale.value.current is None


def test_the_refusal_can_be_asked_for_without_trying(draft):
    day = date(2026, 1, 20)
    assert draft.refusal("negotiate", day) is None
    assert draft.refusal("sign", day).guard == "status_draft"


@pytest.mark.parametrize(("at", "named"), [("on", {"on"}), ("held_on", {"held_on"})])
def test_what_happened_does_not_lie_in_the_future(at, named):
    require_past(TODAY, TODAY, at=at)
    with pytest.raises(ValidationError) as refused:
        require_past(TODAY + timedelta(days=1), TODAY, at=at)
    assert set(refused.value.error_dict) == named
    assert refused.value.error_dict[at][0].code == "in_the_future"
