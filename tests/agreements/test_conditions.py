"""Conditions: who belongs on a day, entry_of, heads, shares, fractions and successions."""

from decimal import Decimal

import pytest

from agreements.entry_into_force import PartyActs, Rule, answer
from tests.agreements.instruments import (
    ON_SIGNATURE,
    approved,
    count,
    day,
    entry_of,
    many,
    nth,
    signed,
)


class TestWhoBelongs:
    def test_a_party_that_joins_later_is_no_obstacle_before(self):
        late = PartyActs(key="C", name="C", joined_on=day("2024-06-01"))
        parties = [signed("A", "2024-01-10"), signed("B", "2024-05-31"), late]

        assert answer(Rule.from_json(ON_SIGNATURE), parties).trigger_on == day("2024-05-31")

    def test_a_party_that_joins_before_all_have_signed_is_waited_for(self):
        late = PartyActs(key="C", name="C", joined_on=day("2024-05-01"))
        parties = [signed("A", "2024-01-10"), signed("B", "2024-05-31"), late]

        assert answer(Rule.from_json(ON_SIGNATURE), parties).date is None

    def test_an_act_before_joining_belongs_from_the_act_on(self):
        early = PartyActs(
            key="B", name="B", joined_on=day("2024-06-01"), approved_on=day("2024-02-01")
        )
        result = answer(count(2, delay=nth(0)), [approved("A", "2024-01-01"), early])

        assert result.trigger_on == day("2024-02-01")

    def test_the_last_obstacle_may_leave_and_that_is_the_trigger(self):
        gone = PartyActs(key="C", name="C", withdrawn_on=day("2024-07-01"))
        parties = [signed("A", "2024-01-10"), signed("B", "2024-02-01"), gone]

        result = answer(Rule.from_json(ON_SIGNATURE), parties)

        assert result.date == day("2024-07-01")
        assert entry_of(result, "C") == [None]

    def test_an_instrument_of_one_who_has_left_no_longer_counts(self):
        parties = [
            approved("A", "2024-01-01", withdrawn_on="2024-02-01"),
            approved("B", "2024-02-01"),
        ]
        result = answer(count(2, delay=nth(0)), parties)

        assert (result.date, result.conditions[0].reached) == (None, 1)

    def test_the_trigger_stays_when_a_party_leaves_before_the_entry(self):
        parties = [
            approved("A", "2024-01-01", withdrawn_on="2024-01-20"),
            approved("B", "2024-01-10"),
        ]
        result = answer(count(2, delay=nth(30)), parties)

        assert result.date == day("2024-02-09")
        assert entry_of(result, "A") == [None]
        assert entry_of(result, "B") == [day("2024-02-09")]

    def test_a_condition_that_was_lost_again_does_not_join_with_a_later_one(self):
        rule = Rule.from_json(
            {
                "all_of": [
                    {"type": "count", "n": 1, "category": "x", "act": "approved"},
                    {"type": "count", "n": 1, "category": "y", "act": "approved"},
                ],
                "delay": {"kind": "on_trigger"},
            }
        )
        parties = [
            approved("A", "2024-01-01", categories=("x",), withdrawn_on="2024-02-01"),
            approved("B", "2024-03-01", categories=("y",)),
            approved("C", "2024-04-01", categories=("x",)),
        ]
        x, y = answer(rule, parties).conditions

        assert (x.met_on, y.met_on) == (day("2024-04-01"), day("2024-03-01"))

    def test_nobody_on_the_list_meets_nothing(self):
        assert answer(Rule.from_json(ON_SIGNATURE), []).met is False

    def test_those_who_do_not_count_are_not_waited_for(self):
        parties = [signed("A", "2024-01-01"), signed("Observer", counts=False)]

        assert answer(Rule.from_json(ON_SIGNATURE), parties).date == day("2024-01-01")

    def test_later_acts_are_disregarded_up_to_the_day_of_the_question(self):
        parties = [approved("A", "2024-01-01"), approved("B", "2024-02-01")]
        rule = count(2, delay=nth(0))

        before = answer(rule, parties, on=day("2024-01-31"))
        after = answer(rule, parties, on=day("2024-02-01"))

        assert (before.date, before.parties[1].act_on) == (None, None)
        assert after.date == day("2024-02-01")


class TestShares:
    def share(self, percent, total=None):
        condition = {"type": "share", "min_percent": percent, "total": total, "act": "approved"}
        return Rule.from_json({"all_of": [condition], "delay": {"kind": "on_trigger"}})

    def test_of_the_weights_of_that_day(self):
        late = approved("C", joined_on="2024-03-01", weight=Decimal(10))
        parties = [approved("A", "2024-02-01", weight=Decimal(2)), approved("B"), late]

        result = answer(self.share("66.6666"), parties)

        assert result.trigger_on == day("2024-02-01")
        assert result.conditions[0].reached == "66.6666"

    def test_of_a_total_laid_down(self):
        parties = [approved("A", "2024-02-01", weight=Decimal(2))]

        assert answer(self.share("2.1", total="100"), parties).conditions[0].reached == "2"

    def test_a_hair_short_is_short(self):
        third = [approved(name, "2024-02-01" if name != "C" else None) for name in "ABC"]

        (found,) = answer(self.share("66.666667"), third).conditions

        assert (found.met, found.reached, found.finding.short) == (False, "66.6666", "0.0001")

    def test_large_weights_are_not_rounded(self):
        parties = [
            approved("A", "2024-02-01", weight=Decimal("99999999999999.999999")),
            approved("B", weight=Decimal("100000000000000")),
        ]
        assert answer(self.share(50), parties).met is False

    def test_without_any_weight_nothing_is_reached(self):
        parties = [approved("A", "2024-02-01", weight=Decimal(0))]

        assert answer(self.share(1), parties).met is False


class TestFractions:
    def part(self, minimum, of="parties"):
        condition = {"type": "fraction", "min": minimum, "of": of, "act": "approved"}
        return Rule.from_json({"all_of": [condition], "delay": {"kind": "on_trigger"}})

    @pytest.mark.parametrize(("done", "met"), [(3, False), (4, True)])
    def test_two_thirds_of_six(self, done, met):
        parties = [*many(done, "2024-01-01"), *many(6 - done, None, start=done + 1)]

        result = answer(self.part("2/3"), parties)

        assert result.met is met
        assert result.conditions[0].reached == f"{done}/6"

    def test_signatories_are_those_who_had_signed_by_then(self):
        parties = [
            approved("A", "2024-02-01", signed_on="2024-01-01"),
            approved("B", signed_on="2024-03-01"),
            approved("C", "2024-01-15"),
        ]
        result = answer(self.part("1/1", of="signatories"), parties)

        assert result.trigger_on == day("2024-02-01")
        assert result.conditions[0].reached == "1/1"


class TestSuccession:
    def test_the_instrument_lives_on_in_the_successor(self):
        parties = [
            approved("A", "2024-01-01", withdrawn_on="2024-02-01", succeeded_by="B"),
            approved("B", "2024-02-15", joined_on="2024-02-01"),
            approved("C", "2024-03-01"),
        ]
        assert answer(count(2, delay=nth(0)), parties).trigger_on == day("2024-03-01")
        assert answer(count(3, delay=nth(0)), parties).trigger_on is None

    def test_all_is_met_although_the_successor_does_nothing(self):
        parties = [
            approved("A", "2024-01-01", withdrawn_on="2024-02-01", succeeded_by="B"),
            approved("B", joined_on="2024-02-01"),
            approved("C", "2024-03-01"),
        ]
        rule = Rule.from_json(
            {"all_of": [{"type": "all", "act": "approved"}], "delay": {"kind": "on_trigger"}}
        )
        result = answer(rule, parties)

        assert result.date == day("2024-03-01")
        assert [one.in_force_on for one in result.parties] == [None, result.date, result.date]
        assert result.parties[1].heir_of == "A"

    def test_the_successor_acts_itself_where_the_predecessor_did_not(self):
        parties = [
            approved("A", withdrawn_on="2024-02-01", succeeded_by="B"),
            approved("B", "2024-02-15", joined_on="2024-02-01"),
        ]
        assert answer(count(1, delay=nth(0)), parties).trigger_on == day("2024-02-15")

    def test_an_instrument_of_its_own_from_before_a_merger_keeps_counting(self):
        parties = [
            approved("A", "2024-01-01", withdrawn_on="2024-02-01", succeeded_by="B"),
            approved("B", "2024-01-10"),
            approved("C", "2024-03-01"),
        ]
        assert answer(count(3, delay=nth(0)), parties).trigger_on == day("2024-03-01")

    def test_the_instrument_goes_when_the_last_successor_leaves(self):
        parties = [
            approved("A", "2024-01-01", withdrawn_on="2024-02-01"),
            approved("B", joined_on="2024-02-01", withdrawn_on="2024-02-20", successor_of="A"),
            approved("C", "2024-03-01"),
        ]
        assert answer(count(2, delay=nth(0)), parties).trigger_on is None

    def test_a_successor_outside_the_agreement_cannot_leave_it(self):
        parties = [
            approved("A", "2024-01-01", withdrawn_on="2024-02-01", succeeded_by="elsewhere"),
            approved("C", "2024-03-01"),
        ]
        assert answer(count(2, delay=nth(0)), parties).trigger_on == day("2024-03-01")

    def test_a_successor_of_a_signatory_is_one(self):
        condition = {"type": "fraction", "min": "1/1", "of": "signatories", "act": "approved"}
        rule = Rule.from_json({"all_of": [condition], "delay": {"kind": "on_trigger"}})
        parties = [
            approved("A", signed_on="2024-01-01", withdrawn_on="2024-02-01", succeeded_by="B"),
            approved("B", "2024-02-15", joined_on="2024-02-01"),
        ]
        assert answer(rule, parties).date == day("2024-02-15")

    def test_two_that_succeed_each_other_stand_for_themselves(self):
        parties = [
            approved("A", "2024-01-01", succeeded_by="B"),
            approved("B", "2024-01-02", succeeded_by="A"),
        ]
        assert answer(count(2, delay=nth(0)), parties).trigger_on == day("2024-01-02")
