"""What a change is bound to when it is recorded, and what is refused."""

from dataclasses import replace

import pytest

from agreements.mechanisms.rotation_changes import ChangeRefused, check_revocation
from tests.agreements.mechanisms.rotations import (
    EARLY,
    admit,
    assign,
    by_event,
    code,
    day,
    draft,
    holders,
    listed,
    record,
    refusal,
    skip,
    turns,
    withdraw,
    yearly,
)


class TestBinding:
    """Rule 5."""

    def test_what_a_change_is_bound_to_is_plain_data(self):
        change = record(yearly(), "swap", term_on="2029-01-01", other_term_on="2027-01-01").changes[
            0
        ]

        assert change.binding == {
            "term": 0,
            "turn": "A",
            "holders": ["A"],
            "own_on": "2027-01-01",
            "other_term": 2,
            "other_turn": "C",
            "other_holders": ["C"],
            "other_on": "2029-01-01",
            "recorded_on": "2026-06-01",
        }

    @pytest.mark.parametrize(
        ("kind", "facts"),
        [
            ("skip", {"organizations": ("B",), "term_on": "2028-01-01"}),
            ("withdraw", {"organizations": ("B",), "effective_on": "2027-05-01"}),
            ("admit", {"organizations": ("N",), "effective_on": "2027-05-01", "after": "A"}),
            ("reorder", {"effective_on": "2028-01-01", "seats": tuple("DBCA")}),
        ],
    )
    def test_a_change_that_would_displace_a_bound_seat_is_refused_naming_it(self, kind, facts):
        plan = assign(yearly(), "2029-01-01", "Z")

        refused = refusal(plan, kind, **facts)

        assert (refused.code, refused.params) == (
            "displaces_seat",
            {"seat": "C", "change": "assign 1"},
        )

    def test_a_swap_refuses_until_its_first_term_has_begun(self):
        plan = record(yearly(), "swap", term_on="2028-01-01", other_term_on="2030-01-01")
        facts = {"organizations": ("C",), "term_on": "2029-01-01"}

        assert code(plan, "skip", at=day("2027-12-31"), **facts) == "displaces_seat"
        assert turns(record(plan, "skip", at=day("2028-01-01"), **facts)) == "ABDABCDA"

    def test_the_other_half_goes_to_its_seats_first_turn_from_its_date_on(self):
        plan = record(yearly(), "swap", term_on="2028-01-01", other_term_on="2030-01-01")
        plan = skip(plan, "C", "2029-01-01", at=day("2028-06-01"))

        # D has moved up to 2029, before the half's date: its next turn is that of 2033.
        assert (turns(plan), holders(plan)) == ("ABDABCDA", "ADDABCBA")

    @pytest.mark.parametrize(("leaver", "served"), [("D", "ADCABCAB"), ("B", "ADCDACDA")])
    def test_the_other_half_lapses_if_its_seat_or_holder_has_left(self, leaver, served):
        plan = record(yearly(), "swap", term_on="2028-01-01", other_term_on="2030-01-01")
        plan = withdraw(plan, leaver, "2029-01-01", at=day("2028-06-01"))

        assert holders(plan) == served

    def test_a_change_that_another_rests_on_cannot_be_revoked(self):
        plan = assign(skip(yearly(), "B", "2028-01-01"), "2029-01-01", "Z")

        with pytest.raises(ChangeRefused) as refused:
            check_revocation(plan, plan.changes[0], EARLY)

        assert (refused.value.code, refused.value.params["change"]) == (
            "displaces_seat",
            "assign 2",
        )
        check_revocation(plan, plan.changes[1], EARLY)

    def test_a_change_that_was_never_bound_is_an_error(self):
        plan = yearly()
        loose = replace(plan, changes=(draft(plan, "assign", term_on="2028-01-01"),))

        with pytest.raises(ValueError, match="never bound"):
            listed(loose)


class TestConfirmed:
    """Rule 6."""

    def confirmed(self, plan=None, years=(2027, 2028)):
        plan = plan or yearly()
        return replace(plan, confirmed=tuple(listed(plan, *years)))

    def test_a_confirmed_term_says_so(self):
        states = [term.state for term in listed(self.confirmed(), 2027, 2029)]

        assert states == ["confirmed", "confirmed", "projected"]

    @pytest.mark.parametrize(
        ("kind", "facts"),
        [
            ("assign", {"term_on": "2028-01-01", "organizations": ("Z",)}),
            ("skip", {"term_on": "2028-01-01", "organizations": ("B",)}),
            ("swap", {"term_on": "2028-01-01", "other_term_on": "2030-01-01"}),
            ("extend", {"term_on": "2027-01-01", "ends_on": "2028-03-01"}),
            ("reorder", {"effective_on": "2027-05-01", "seats": tuple("DCBA")}),
            ("withdraw", {"organizations": ("B",), "effective_on": "2028-01-01"}),
        ],
    )
    def test_it_may_not_be_altered(self, kind, facts):
        refused = refusal(self.confirmed(), kind, **facts)

        assert refused.code == "term_is_confirmed"
        assert refused.params["term"] == day("2028-01-01")

    @pytest.mark.parametrize(
        ("kind", "facts"),
        [
            ("extend", {"term_on": "2028-01-01", "ends_on": "2028-11-01"}),
            ("vacate", {"term_on": "2028-01-01", "on": "2028-11-01"}),
            ("withdraw", {"organizations": ("B",), "effective_on": "2028-11-01"}),
        ],
    )
    def test_except_by_a_timely_change_of_the_term_it_names(self, kind, facts):
        record(self.confirmed(), kind, at=day("2028-11-01"), **facts)

        assert code(self.confirmed(), kind, at=day("2028-11-02"), **facts) == "term_is_confirmed"

    def test_a_timely_end_may_close_a_confirmed_term(self):
        plan = by_event()
        plan = replace(plan, confirmed=tuple(listed(plan, 2027, 2027)[:1]))

        ended = record(plan, "end", term_on="2027-01-01", ends_on="2028-03-05")

        assert listed(ended)[0].state == "confirmed"

    def test_a_revocation_may_not_alter_it_either(self):
        plan = self.confirmed(skip(yearly(), "B", "2028-01-01"))

        with pytest.raises(ChangeRefused) as refused:
            check_revocation(plan, plan.changes[0], EARLY)

        assert refused.value.code == "term_is_confirmed"


class TestOwnDate:
    """Rule 4."""

    @pytest.mark.parametrize(
        ("kind", "facts", "own_on"),
        [
            ("admit", {"organizations": ("N",), "effective_on": "2027-05-01"}, "2027-05-01"),
            ("vacate", {"term_on": "2027-01-01", "on": "2027-07-01"}, "2027-07-01"),
            ("assign", {"term_on": "2028-01-01", "organizations": ("Z",)}, "2028-01-01"),
            ("skip", {"term_on": "2028-01-01", "organizations": ("B",)}, "2028-01-01"),
            ("swap", {"term_on": "2030-01-01", "other_term_on": "2028-01-01"}, "2028-01-01"),
            ("extend", {"term_on": "2028-01-01", "ends_on": "2029-06-01"}, "2029-01-01"),
            ("extend", {"term_on": "2028-01-01", "ends_on": "2028-06-01"}, "2028-06-01"),
        ],
    )
    def test_own_date_by_kind(self, kind, facts, own_on):
        assert record(yearly(), kind, **facts).changes[0].own_on == day(own_on)


class TestRefusals:
    @pytest.mark.parametrize(
        ("kind", "facts", "expected"),
        [
            ("marry", {}, ("unknown_kind", "kind")),
            ("swap", {"term_on": "2028-01-01"}, ("required", "other_term_on")),
            ("assign", {"term_on": "2028-01-01"}, ("required", "organization")),
            ("skip", {"organizations": ("A",)}, ("required", "term_on")),
            ("extend", {"term_on": "2028-01-01"}, ("required", "ends_on")),
            ("vacate", {"on": "2028-01-01"}, ("required", "term_on")),
            ("admit", {"effective_on": "2028-01-01"}, ("required", "organization")),
            ("withdraw", {"organizations": ("A",)}, ("required", "effective_on")),
            ("reorder", {"effective_on": "2028-01-01"}, ("required", "seats")),
            (
                "assign",
                {"term_on": "2028-01-02", "organizations": ("Z",)},
                ("no_such_term", "term_on"),
            ),
            (
                "assign",
                {"term_on": "2026-01-01", "organizations": ("Z",)},
                ("no_such_term", "term_on"),
            ),
            (
                "assign",
                {"turns_ahead": 1, "organizations": ("Z",)},
                ("only_by_event", "turns_ahead"),
            ),
            ("end", {"term_on": "2028-01-01", "ends_on": "2028-05-01"}, ("only_by_event", "kind")),
            (
                "swap",
                {"term_on": "2028-01-01", "other_term_on": "2028-01-01"},
                ("same_term", "other_term_on"),
            ),
            (
                "extend",
                {"term_on": "2028-01-01", "ends_on": "2028-01-01"},
                ("ends_before_it_begins", "ends_on"),
            ),
            ("vacate", {"term_on": "2028-01-01", "on": "2029-01-01"}, ("outside_the_term", "on")),
            (
                "vacate",
                {"term_on": "2028-01-01", "on": "2028-05-01", "then": "B"},
                ("caretaker_leaves", "then"),
            ),
            (
                "admit",
                {"organizations": ("B",), "effective_on": "2028-01-01"},
                ("already_a_member", "organization"),
            ),
            (
                "admit",
                {"organizations": ("N",), "effective_on": "2028-01-01", "after": "Z"},
                ("not_a_seat", "after"),
            ),
            (
                "admit",
                {"organizations": ("N",), "effective_on": "2028-01-01", "after": "by_order"},
                ("required", "sort_name"),
            ),
            (
                "withdraw",
                {"organizations": ("Z",), "effective_on": "2028-01-01"},
                ("not_a_seat", "organization"),
            ),
            (
                "reorder",
                {"effective_on": "2028-01-01", "seats": ("A", "A")},
                ("duplicate_seat", "seats"),
            ),
            (
                "reorder",
                {"effective_on": "2028-01-01", "seats": ("A", "Z")},
                ("not_a_seat", "seats"),
            ),
            (
                "reorder",
                {"effective_on": "2028-01-01", "seats": ("A", "B"), "first": "C"},
                ("not_a_seat", "first"),
            ),
        ],
    )
    def test_what_makes_no_sense_is_refused_at_its_field(self, kind, facts, expected):
        refused = refusal(yearly(), kind, **facts)

        assert (refused.code, refused.field) == expected

    @pytest.mark.parametrize(
        ("kind", "facts"),
        [
            ("skip", {"term_on": "2028-01-01", "organizations": ("A",)}),
            ("reorder", {"effective_on": "2028-01-01", "seats": ("A", "B")}),
        ],
    )
    def test_where_each_holder_is_decided_there_is_no_order_to_change(self, kind, facts):
        assert code(yearly(basis="decision"), kind, **facts) == "only_by_order"

    def test_nobody_holds_an_undecided_term(self):
        facts = {"term_on": "2027-01-01", "other_term_on": "2028-01-01"}

        assert code(yearly(basis="decision"), "swap", **facts) == "no_holder"

    def test_who_has_left_can_neither_leave_nor_be_named(self):
        plan = withdraw(yearly(), "B", "2028-01-01")
        again = {"organizations": ("B",), "effective_on": "2029-01-01"}
        named = {"organizations": ("B",), "term_on": "2029-01-01"}
        caretaker = {"term_on": "2029-01-01", "on": "2029-05-01", "then": "B"}

        assert code(plan, "withdraw", **again) == "not_a_member"
        assert code(plan, "assign", **named) == "has_left"
        assert code(plan, "vacate", **caretaker) == "has_left"

    def test_a_turn_that_is_not_listed_cannot_be_named(self):
        assert code(by_event(), "assign", turns_ahead=4, organizations=("Z",)) == "no_such_term"
        assert code(by_event(), "assign", turns_ahead=0, organizations=("Z",)) == "no_such_term"


class TestWhatRestsOnAnother:
    def test_an_admission_cannot_be_revoked_while_a_withdrawal_rests_on_it(self):
        plan = withdraw(admit(yearly(), "N", "2028-01-01"), "N", "2033-01-01")

        with pytest.raises(ChangeRefused) as refused:
            check_revocation(plan, plan.changes[0], EARLY)

        assert (refused.value.code, refused.value.params["change"]) == (
            "displaces_seat",
            "withdraw 2",
        )

    def test_a_vacancy_must_stay_within_its_term(self):
        plan = assign(yearly(basis="decision"), "2027-01-01", "A")
        plan = record(plan, "vacate", term_on="2027-01-01", on="2027-09-01")

        refused = refusal(plan, "extend", term_on="2027-01-01", ends_on="2027-06-01")

        assert (refused.code, refused.params) == ("displaces_seat", {"change": "vacate 2"})

    def test_a_term_beyond_all_reach_cannot_be_named(self):
        daily = yearly(length=1, unit="day")

        assert code(daily, "assign", term_on="9998-01-01", organizations=("Z",)) == "no_such_term"
