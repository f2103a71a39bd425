"""Whose turn it is: members, and what moves the order of turns."""

from dataclasses import replace

import pytest

from agreements.mechanisms.rotation import holders_on, terms
from agreements.mechanisms.rotation_order import fold
from agreements.mechanisms.rotation_plan import Seat
from tests.agreements.mechanisms.rotations import (
    admit,
    assign,
    day,
    holders,
    listed,
    record,
    refusal,
    seats,
    skip,
    stretch,
    turns,
    withdraw,
    yearly,
)


class TestOrder:
    """Whose turn it is: the first member seat behind the last turn."""

    def test_the_lowest_position_begins(self):
        shuffled = tuple(reversed(seats("ABCD")))

        assert turns(yearly(seats=shuffled)) == "ABCDABCD"

    def test_reversed_the_highest_position_begins(self):
        assert turns(yearly(reverse=True)) == "DCBADCBA"

    def test_the_first_may_be_named(self):
        assert turns(yearly(first="C")) == "CDABCDAB"
        assert turns(yearly(first="C", reverse=True)) == "CBADCBAD"

    def test_alphabetical_compares_without_case_and_accents_and_ties_by_position(self):
        named = [("1", "Éire"), ("2", "estland"), ("3", "eire"), ("4", "Østerland")]
        plan = yearly(
            order="alphabetical",
            first="1",
            seats=tuple(Seat(k, k, None, int(k), name) for k, name in named),
        )

        assert turns(plan) == "13241324"
        assert fold("ÉIRE Łódź") == "eire lodz"

    @pytest.mark.parametrize("missing", ["length", "starts_on", "seats"])
    def test_without_length_first_day_or_seats_there_are_no_terms(self, missing):
        plan = replace(yearly(), **{missing: () if missing == "seats" else None})

        assert listed(plan) == []

    def test_a_window_shows_whole_terms_that_share_its_first_or_last_day(self):
        found = terms(yearly(), day("2027-12-31"), day("2028-01-01"))

        assert [term.starts_on.year for term in found] == [2027, 2028]
        assert found[1].ends_on == day("2029-01-01")

    def test_holders_on_a_day(self):
        assert holders_on(yearly(), day("2028-12-31")).holders == ("B",)
        assert holders_on(yearly(), day("2026-12-31")) is None

    def test_co_holders_serve_with_their_seat_until_they_leave(self):
        plan = yearly(seats=seats("A", co_holders=("B",)) + seats("XB")[1:])

        assert holders(plan, 2027, 2029) == "A+BBA+B"
        assert holders(withdraw(plan, "B", "2028-01-01"), 2027, 2029) == "A+BAA"

    def test_a_region_is_undecided_until_its_holder_is_named(self):
        plan = yearly(seats=(Seat("east", None, "east", 1, ""), *seats("XB")[1:]))
        plan = assign(plan, "2029-01-01", "Z")

        found = listed(plan, 2027, 2029)

        assert [(t.turn, t.holders, t.state) for t in found] == [
            ("east", (), "undecided"),
            ("B", ("B",), "projected"),
            ("east", ("Z",), "projected"),
        ]


class TestMembers:
    """Rule 1."""

    def test_a_seat_takes_turns_from_joining_up_to_but_excluding_leaving(self):
        a, b, c = seats("ABC")
        b = replace(b, joined_on=day("2028-01-02"), left_on=day("2030-01-01"))

        assert turns(yearly(seats=(a, b, c)), 2027, 2032) == "ACACAC"

    def test_a_first_who_is_not_a_member_yields_to_the_next_behind(self):
        a, b, c = seats("ABC")
        b = replace(b, joined_on=day("2028-06-01"))

        assert turns(yearly(seats=(a, b, c), first="B"), 2027, 2030) == "CABC"

    def test_with_no_member_the_term_is_vacant_and_the_last_turn_unmoved(self):
        a, b = seats("AB")
        a, b = replace(a, left_on=day("2028-01-01")), replace(b, joined_on=day("2029-01-01"))

        found = listed(yearly(seats=(a, b)), 2027, 2029)

        assert [(t.turn, t.state) for t in found] == [
            ("A", "projected"),
            (None, "vacant"),
            ("B", "projected"),
        ]

    def test_left_on_in_mid_term_passes_the_remaining_days_to_the_next(self):
        a, b = seats("AB")
        plan = yearly(seats=(replace(a, left_on=day("2027-07-01")), b))

        assert stretch(plan, 2027) == [
            ("2027-01-01", "2027-07-01", "A", "projected"),
            ("2027-07-01", "2028-01-01", "B", "projected"),
        ]
        assert turns(plan, 2028, 2029) == "BB"


class TestSkip:
    def test_the_seat_passes_and_everybody_moves_up_once(self):
        assert turns(skip(yearly(), "B", "2028-01-01")) == "ACDABCDA"

    def test_two_seats_may_pass_the_same_term(self):
        assert turns(skip(skip(yearly(), "B", "2028-01-01"), "C", "2028-01-01")) == "ADABCDAB"

    def test_only_the_seat_whose_turn_it_is_can_pass(self):
        refused = refusal(yearly(), "skip", organizations=("C",), term_on="2028-01-01")

        assert (refused.code, refused.params["seat"]) == ("not_its_turn", "B")


class TestAdmission:
    @pytest.mark.parametrize(
        ("after", "order"), [("end", "ABCDN"), ("B", "ABNCD"), ("by_order", "ABCDN")]
    )
    def test_places_of_a_newcomer(self, after, order):
        plan = admit(yearly(), "N", "2027-06-01", after=after, sort_name="N")

        assert turns(plan, 2027, 2031) == order

    @pytest.mark.parametrize(("after", "order"), [("end", "DCBAN"), ("C", "DCNBA")])
    def test_behind_means_next_in_turn_under_reverse(self, after, order):
        plan = admit(yearly(reverse=True), "N", "2027-06-01", after=after)

        assert turns(plan, 2027, 2031) == order

    def test_by_order_stands_before_the_first_greater_name(self):
        plan = admit(yearly("CABD"), "BB", "2027-06-01", after="by_order", sort_name="bb")

        assert [t.turn for t in listed(plan, 2027, 2031)] == ["C", "A", "B", "D", "BB"]

    def test_the_rotations_own_rule_holds_unless_the_change_says_otherwise(self):
        asking = yearly(on_admission="ask")
        facts = {"organizations": ("N",), "effective_on": "2027-06-01"}

        assert refusal(asking, "admit", **facts).field == "after"
        assert turns(admit(asking, "N", "2027-06-01", after="A"), 2027, 2028) == "AN"

    def test_an_organization_that_left_may_come_back(self):
        plan = admit(withdraw(yearly(), "B", "2028-01-01"), "B", "2030-01-01", after="end")

        assert turns(plan) == "ACDBACDB"


class TestReorder:
    """Rule 8."""

    def test_the_running_term_ends_as_planned_and_the_first_listed_follows(self):
        plan = record(yearly(), "reorder", effective_on="2028-06-01", seats=tuple("DACB"))

        assert turns(plan) == "ABDACBDA"
        assert listed(plan)[2].changes == ("reorder 1",)

    def test_the_first_may_be_named_and_seats_not_listed_take_no_further_turn(self):
        plan = record(yearly(), "reorder", effective_on="2028-01-01", seats=tuple("DAC"), first="C")

        assert turns(plan) == "ACDACDAC"

    @pytest.mark.parametrize("admitted_first", [True, False])
    def test_a_seat_admitted_on_the_same_day_is_not_dropped(self, admitted_first):
        plan = yearly()
        if admitted_first:
            plan = admit(plan, "N", "2028-01-01", after="D")
        plan = record(plan, "reorder", effective_on="2028-01-01", seats=tuple("DCB"))
        if not admitted_first:
            plan = admit(plan, "N", "2028-01-01", after="D")

        assert turns(plan, 2028, 2031) == "DNCB"

    def test_a_new_seat_may_be_laid_down_with_the_order(self):
        entries = ("D", Seat("N", "N", None, 1, "N"), "B")
        plan = record(yearly(), "reorder", effective_on="2028-01-01", seats=entries)

        assert turns(plan, 2027, 2031) == "ADNBD"

    def test_the_listed_order_is_the_order_of_turns_even_under_reverse(self):
        plan = record(
            yearly(reverse=True), "reorder", effective_on="2028-01-01", seats=tuple("BAD")
        )

        assert turns(plan, 2027, 2031) == "DBADB"
