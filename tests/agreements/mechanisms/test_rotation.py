"""How a rotation unfolds: the rules of the engine, one by one."""

import pytest

from agreements.mechanisms.rotation import terms
from agreements.mechanisms.rotation_plan import RotationPlan
from tests.agreements.mechanisms.rotations import (
    START,
    assign,
    by_event,
    code,
    day,
    holders,
    listed,
    record,
    seats,
    skip,
    stretch,
    turns,
    withdraw,
    yearly,
)


class TestBoundaries:
    """Rule 2."""

    def test_months_clamp_once_to_their_end(self):
        plan = RotationPlan(length=1, starts_on=day("2027-01-31"), seats=seats("AB"))

        found = terms(plan, day("2027-01-31"), day("2027-04-15"))

        assert [str(t.starts_on) for t in found] == ["2027-01-31", "2027-02-28", "2027-03-31"]

    def test_days_are_counted(self):
        plan = RotationPlan(length=10, unit="day", starts_on=START, seats=seats("AB"))

        found = terms(plan, START, day("2027-01-11"))

        assert [str(t.ends_on) for t in found] == ["2027-01-11", "2027-01-21"]

    def test_an_extension_restarts_the_count(self):
        plan = record(yearly(), "extend", term_on="2028-01-01", ends_on="2029-04-01")

        assert [str(t.starts_on) for t in listed(plan, 2027, 2030)] == [
            "2027-01-01",
            "2028-01-01",
            "2029-04-01",
            "2030-04-01",
        ]

    @pytest.mark.parametrize("ends_on", ["2029-04-01", "2028-10-01"])
    def test_with_realign_the_next_term_alone_gives_or_takes_the_difference(self, ends_on):
        plan = record(yearly(), "extend", term_on="2028-01-01", ends_on=ends_on, realign=True)

        found = listed(plan, 2028, 2030)

        assert [str(t.starts_on) for t in found] == ["2028-01-01", ends_on, "2030-01-01"]

    def test_realign_must_leave_the_next_term_a_day(self):
        facts = {"term_on": "2028-01-01", "realign": True}

        assert code(yearly(), "extend", ends_on="2030-01-01", **facts) == "next_term_has_no_day"
        record(yearly(), "extend", ends_on="2029-12-31", **facts)

    def test_of_two_extensions_of_a_term_the_later_recorded_counts(self):
        plan = record(yearly(), "extend", term_on="2027-01-01", ends_on="2028-06-01")
        plan = record(plan, "extend", term_on="2027-01-01", ends_on="2027-06-01")

        assert str(listed(plan)[0].ends_on) == "2027-06-01"

    def test_a_named_term_is_followed_when_an_extension_moves_its_days(self):
        plan = assign(yearly(), "2029-01-01", "Z")
        plan = record(plan, "extend", term_on="2027-01-01", ends_on="2028-04-01")

        assert [(t.starts_on.isoformat(), t.holders) for t in listed(plan, 2030, 2030)] == [
            ("2029-04-01", ("Z",)),
            ("2030-04-01", ("D",)),
        ]


class TestEvents:
    """Terms that end on the day of a meeting."""

    def test_the_open_term_has_a_forecast_and_one_round_is_listed_behind_it(self):
        plan = record(by_event(), "end", term_on="2027-01-01", ends_on="2028-03-05")

        found = listed(plan)

        assert [(t.turn, str(t.starts_on), str(t.ends_on)) for t in found] == [
            ("A", "2027-01-01", "2028-03-05"),
            ("B", "2028-03-05", "None"),
            ("C", "None", "None"),
            ("A", "None", "None"),
            ("B", "None", "None"),
        ]
        assert [str(t.expected_ends_on) for t in found[:3]] == ["None", "2029-03-05", "2030-03-05"]

    def test_coming_turns_are_not_listed_where_the_open_term_is_not(self):
        plan = record(by_event(), "end", term_on="2027-01-01", ends_on="2028-03-05")

        assert turns(plan, 2027, 2027) == "A"

    def test_extending_the_open_term_moves_its_forecast_and_does_not_close_it(self):
        plan = record(by_event(), "extend", term_on="2027-01-01", ends_on="2028-09-01")

        assert (listed(plan)[0].ends_on, listed(plan)[0].expected_ends_on) == (
            None,
            day("2028-09-01"),
        )

    def test_a_turn_to_come_is_named_by_how_far_ahead_it_is_and_stays_bound_to_it(self):
        plan = record(by_event(), "assign", turns_ahead=2, organizations=("Z",))
        plan = record(plan, "end", term_on="2027-01-01", ends_on="2028-03-05")

        assert holders(plan) == "ABZAB"

    def test_skip_and_swap_of_turns_to_come(self):
        skipped = record(by_event(), "skip", turns_ahead=1, organizations=("B",))
        swapped = record(by_event(), "swap", turns_ahead=1, other_turns_ahead=2)
        mixed = record(by_event(), "swap", term_on="2027-01-01", other_turns_ahead=2)

        assert turns(skipped) == "ACAB"
        assert (turns(swapped), holders(swapped)) == ("ABCA", "ACBA")
        assert holders(mixed) == "CBAA"

    def test_nobody_is_foreseen_who_has_left_while_the_open_term_is_overdue(self):
        plan = withdraw(by_event(), "B", "2031-05-01", at=day("2031-04-01"))

        before = terms(plan, day("2031-06-01"), day("2031-06-01"))
        today = day("2031-06-01")
        after = terms(plan, today, today, today=today)

        assert [t.turn for t in before] == ["A", "B", "C", "A"]
        assert [t.turn for t in after] == ["A", "C", "A"]

    def test_a_meeting_is_moved_by_a_later_end(self):
        plan = record(by_event(), "end", term_on="2027-01-01", ends_on="2028-03-05")
        plan = record(plan, "end", term_on="2027-01-01", ends_on="2028-02-01")

        assert str(listed(plan)[0].ends_on) == "2028-02-01"


class TestSwapAndAssign:
    """The second pass: holders change, turns stay."""

    def test_a_swap_exchanges_holders_and_leaves_the_turns(self):
        plan = record(yearly(), "swap", term_on="2029-01-01", other_term_on="2027-01-01")

        assert (turns(plan), holders(plan)) == ("ABCDABCD", "CBADABCD")

    def test_an_assigned_holder_displaces_a_seat_that_forfeits_its_turn(self):
        plan = assign(yearly(), "2028-01-01", "D", "Z")

        assert (turns(plan), holders(plan)) == ("ABCDABCD", "AD+ZCDABCD")

    def test_they_apply_in_the_order_of_recording(self):
        plan = assign(yearly(), "2028-01-01", "Z")
        plan = record(plan, "swap", term_on="2027-01-01", other_term_on="2028-01-01")
        plan = assign(plan, "2027-01-01", "Y")

        assert holders(plan) == "YACDABCD"

    def test_an_assigned_organization_that_leaves_before_the_term_gives_it_back(self):
        plan = withdraw(assign(yearly(), "2029-01-01", "A"), "A", "2028-01-01")

        assert holders(plan, 2027, 2029) == "ABC"

    def test_where_each_holder_is_decided_a_term_is_undecided_until_then(self):
        plan = assign(yearly(basis="decision"), "2028-01-01", "B")

        assert [(t.turn, t.state) for t in listed(plan, 2027, 2028)] == [
            (None, "undecided"),
            (None, "projected"),
        ]


class TestDepartures:
    """The third pass and rule 7."""

    def test_the_next_seat_serves_the_remaining_days_and_keeps_its_own_turn(self):
        plan = record(yearly(), "vacate", term_on="2027-01-01", on="2027-07-01")

        assert stretch(plan, 2027) == [
            ("2027-01-01", "2027-07-01", "A", "projected"),
            ("2027-07-01", "2028-01-01", "B", "projected"),
        ]
        assert turns(plan, 2027, 2029) == "AABC"

    @pytest.mark.parametrize(
        ("then", "served", "state"), [("vacant", "", "vacant"), ("Z", "Z", "projected")]
    )
    def test_or_nobody_or_a_named_caretaker(self, then, served, state):
        plan = withdraw(yearly(), "A", "2027-07-01", then=then)

        assert stretch(plan, 2027)[1] == ("2027-07-01", "2028-01-01", served, state)
        assert turns(plan, 2028, 2031) == "BCDB"

    def test_the_next_serves_whatever_skips_it_has_later(self):
        plan = skip(yearly(), "B", "2028-01-01")
        plan = record(plan, "vacate", term_on="2027-01-01", on="2027-07-01")

        assert holders(plan, 2027, 2028) == "ABC"

    def test_next_is_behind_the_terms_turn_not_behind_its_holder(self):
        plan = record(yearly(), "swap", term_on="2027-01-01", other_term_on="2029-01-01")
        plan = record(plan, "vacate", term_on="2027-01-01", on="2027-07-01")

        assert holders(plan, 2027, 2027) == "CB"

    def test_in_its_own_term_means_the_term_that_the_seat_serves(self):
        plan = assign(yearly(), "2027-01-01", "D")

        assert len(stretch(withdraw(plan, "D", "2027-07-01"), 2027)) == 2
        assert (
            len(stretch(withdraw(assign(yearly(), "2027-01-01", "Z"), "A", "2027-07-01"), 2027))
            == 1
        )

    def test_the_seat_that_leaves_is_not_its_own_successor(self):
        plan = withdraw(withdraw(yearly("AB"), "B", "2027-03-01"), "A", "2027-07-01")

        assert stretch(plan, 2027)[1][2:] == ("", "vacant")

    def test_whoever_stands_in_may_leave_in_turn(self):
        plan = record(yearly(), "vacate", term_on="2027-01-01", on="2027-04-01")
        plan = withdraw(plan, "B", "2027-07-01")

        assert holders(plan, 2027, 2028) == "ABCC"

    def test_an_extension_of_either_part_moves_the_end_of_the_whole(self):
        plan = record(yearly(), "vacate", term_on="2027-01-01", on="2027-07-01")
        for part in ("2027-01-01", "2027-07-01"):
            longer = record(plan, "extend", term_on=part, ends_on="2028-03-01")
            assert [(str(t.ends_on), t.holders) for t in listed(longer)[:3]] == [
                ("2027-07-01", ("A",)),
                ("2028-03-01", ("B",)),
                ("2029-03-01", ("B",)),
            ]

    def test_one_of_several_holders_leaves_and_the_others_carry_on(self):
        plan = withdraw(assign(yearly(), "2027-01-01", "C", "D"), "D", "2027-07-01")

        assert [part[2] for part in stretch(plan, 2027)] == ["C+D", "C"]

    def test_a_departure_on_a_boundary_counts_for_the_term_that_begins_there(self):
        assert holders(withdraw(yearly(), "B", "2028-01-01"), 2027, 2029) == "ACD"

    def test_where_each_holder_is_decided_the_remaining_days_are_undecided(self):
        plan = assign(yearly(basis="decision"), "2027-01-01", "A")
        plan = withdraw(plan, "A", "2027-07-01")

        assert stretch(plan, 2027)[1][2:] == ("", "undecided")


class TestAsOf:
    """Rule 10."""

    def test_only_what_was_decided_by_the_day_counts(self):
        plan = skip(yearly(), "B", "2028-01-01", decided_on="2027-03-01")

        def plan_as_of(text):
            return [t.turn for t in terms(plan, START, day("2029-12-31"), day(text))]

        assert plan_as_of("2027-02-28") == ["A", "B", "C"]
        assert plan_as_of("2027-03-01") == ["A", "C", "D"]

    def test_a_change_whose_day_of_decision_is_unknown_always_counts(self):
        plan = skip(yearly(), "B", "2028-01-01")

        assert [t.turn for t in terms(plan, START, day("2028-12-31"), START)] == ["A", "C"]
