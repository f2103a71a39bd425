"""Entry into force: the dates of real treaties to the day, delays, later parties, withdrawal.

The treaties' dates are those of their depositaries. A case gives the days of the instruments
that decide; earlier ones stand for all the others.
"""

from decimal import Decimal

import pytest

from agreements.entry_into_force import Rule, answer
from tests.agreements.instruments import (
    ON_A_DAY,
    ON_SIGNATURE,
    PARIS,
    approved,
    count,
    day,
    entry_of,
    many,
    nth,
    signed,
)


class TestRealTreaties:
    def test_paris_needs_both_thresholds_and_the_eu_adds_nothing(self):
        parties = [
            *many(53, "2016-06-01", weight=Decimal("0.5")),
            approved("United States", "2016-09-03", weight=Decimal("17.89")),
            approved("India", "2016-10-02", weight=Decimal("4.1")),
            approved("European Union", "2016-10-04", weight=Decimal("12.08"), counts=False),
            approved("Germany", "2016-10-05", weight=Decimal("6.52")),
        ]

        result = answer(PARIS, parties)

        heads, weights = result.conditions
        assert (heads.reached, heads.met_on) == (56, day("2016-10-02"))
        assert (weights.reached, weights.met_on) == ("55.01", day("2016-10-05"))
        assert result.trigger_on == day("2016-10-05")
        assert result.date == day("2016-11-04")
        assert entry_of(result, "European Union") == [day("2016-11-04")]

    def test_paris_left_rejoined_and_left_again(self):
        parties = [
            *many(53, "2016-06-01", weight=Decimal(1)),
            approved("Germany", "2016-10-05", weight=Decimal(1)),
            approved(
                "United States",
                "2016-09-03",
                key="us-1",
                withdrawal_notified_on="2019-11-04",
                withdrawn_on="2020-11-04",
            ),
            approved(
                "United States",
                "2021-01-20",
                key="us-2",
                joined_on="2021-02-19",
                withdrawal_notified_on="2025-01-27",
                withdrawn_on="2026-01-27",
            ),
        ]

        first, second = entry_of(answer(PARIS, parties), "United States")

        assert first == day("2016-11-04")
        assert PARIS.earliest_notice_on(first) == day("2019-11-04")
        assert PARIS.withdrawal_effective_on(day("2019-11-04")) == day("2020-11-04")
        assert second == day("2021-02-19")
        assert PARIS.earliest_notice_on(second) == day("2024-02-19")
        assert PARIS.withdrawal_effective_on(day("2025-01-27")) == day("2026-01-27")

    def test_aarhus(self):
        rule = count(
            16,
            delay=nth(90),
            later_parties=nth(90),
            withdrawal={"not_before_months": 36, "notice_days": 90},
        )
        parties = [
            *many(15, "2000-05-01"),
            approved("Armenia", "2001-08-01"),
            approved("Estonia", "2001-08-02"),
        ]

        result = answer(rule, parties)

        assert (result.trigger_on, result.date) == (day("2001-08-01"), day("2001-10-30"))
        assert entry_of(result, "Estonia") == [day("2001-10-31")]
        assert rule.withdrawal_effective_on(day("2017-01-31")) == day("2017-05-01")

    def test_rotterdam_does_not_count_the_eu_and_so_goes_past_sweden(self):
        parties = [
            *many(48, "2002-01-01"),
            approved("European Union", "2002-12-20", counts=False),
            approved("Sweden", "2003-10-10"),
            approved("Armenia", "2003-11-26"),
        ]

        result = answer(count(50, delay=nth(90)), parties)

        assert (result.trigger_on, result.date) == (day("2003-11-26"), day("2004-02-24"))
        assert result.conditions[0].reached == 50

    def test_basel_still_counts_czechoslovakia_and_not_its_two_successors(self):
        parties = [
            *many(18, "1991-01-01"),
            approved("Czechoslovakia", "1991-07-24", withdrawn_on="1993-01-01"),
            approved("Australia", "1992-02-05"),
            approved(
                "Czech Republic",
                "1993-09-30",
                joined_on="1993-01-01",
                successor_of="Czechoslovakia",
            ),
            approved(
                "Slovakia", "1993-05-28", joined_on="1993-01-01", successor_of="Czechoslovakia"
            ),
        ]
        result = answer(count(20, delay=nth(90)), parties)
        assert (result.trigger_on, result.date) == (day("1992-02-05"), day("1992-05-05"))

        result = answer(count(21, delay=nth(90)), parties)
        assert (result.date, result.conditions[0].reached) == (None, 20)

    def test_rome_statute_with_ten_deposits_on_one_day(self):
        parties = [*many(56, "2001-01-01"), *many(10, "2002-04-11", start=57)]

        rule = count(60, delay={"kind": "first_of_month_after_days", "days": 60})
        result = answer(rule, parties)

        assert (result.trigger_on, result.date) == (day("2002-04-11"), day("2002-07-01"))
        assert result.conditions[0].reached == 66

    def test_ramsar_clamps_to_the_end_of_a_leap_february(self):
        four = {"kind": "months_after", "months": 4}
        parties = [
            *many(6, "1974-01-01"),
            approved("Greece", "1975-08-21"),
            approved("Albania", "1995-10-31"),
        ]

        result = answer(count(7, delay=four, later_parties=four), parties)

        assert (result.trigger_on, result.date) == (day("1975-08-21"), day("1975-12-21"))
        assert entry_of(result, "Albania") == [day("1996-02-29")]

    def test_afcfta_lets_thirty_days_elapse(self):
        parties = [
            *many(20, "2018-12-01"),
            approved("Sierra Leone", "2019-04-29"),
            approved("Saharawi Republic", "2019-04-29"),
        ]

        rule = count(22, delay={"kind": "days_elapsed_then_next_day", "days": 30})

        assert answer(rule, parties).date == day("2019-05-30")
        assert answer(count(22, delay=nth(30)), parties).date == day("2019-05-29")

    def test_rcep_needs_two_categories_and_staggers_those_who_come_later(self):
        rule = Rule.from_json(
            {
                "all_of": [
                    {"type": "count", "n": 6, "category": "ASEAN", "act": "approved"},
                    {"type": "count", "n": 3, "category": "other", "act": "approved"},
                ],
                "delay": nth(60),
                "later_parties": nth(60),
            }
        )
        parties = [
            *many(4, "2021-10-01", categories=("ASEAN",)),
            approved("Thailand", "2021-10-28", categories=("ASEAN",)),
            approved("Viet Nam", "2021-10-28", categories=("ASEAN",)),
            approved("China", "2021-04-15", categories=("other",)),
            approved("Japan", "2021-06-25", categories=("other",)),
            approved("Australia", "2021-11-02", categories=("other",)),
            approved("New Zealand", "2021-11-02", categories=("other",)),
            approved("Korea", "2021-12-03", categories=("other",)),
        ]

        result = answer(rule, parties)

        assert [one.met_on for one in result.conditions] == [day("2021-10-28"), day("2021-11-02")]
        assert (result.trigger_on, result.date) == (day("2021-11-02"), day("2022-01-01"))
        assert entry_of(result, "Korea") == [day("2022-02-01")]

    def test_kigali_never_before_its_earliest_day(self):
        parties = [*many(19, "2017-06-01"), approved("Sweden", "2017-11-17")]

        rule = count(20, delay=nth(90), not_before="2019-01-01")
        result = answer(rule, parties)

        assert (result.trigger_on, result.date) == (day("2017-11-17"), day("2019-01-01"))

    def test_mekong_on_signature_by_all(self):
        states = ("Cambodia", "Laos", "Thailand", "Viet Nam")

        result = answer(Rule.from_json(ON_SIGNATURE), [signed(one, "1995-04-05") for one in states])

        assert (result.trigger_on, result.date) == (day("1995-04-05"), day("1995-04-05"))


class TestDelays:
    @pytest.mark.parametrize(
        ("delay", "trigger", "expected"),
        [
            ({"kind": "on_trigger"}, "2024-01-31", "2024-01-31"),
            (nth(1), "2024-02-28", "2024-02-29"),
            (nth(0), "2024-02-28", "2024-02-28"),
            ({"kind": "days_elapsed_then_next_day", "days": 1}, "2024-02-28", "2024-03-01"),
            ({"kind": "months_after", "months": 1}, "2023-01-31", "2023-02-28"),
            ({"kind": "months_after", "months": 13}, "2023-01-31", "2024-02-29"),
            ({"kind": "first_of_month_after_days", "days": 30}, "2024-06-01", "2024-08-01"),
            ({"kind": "first_of_month_after_days", "days": 29}, "2024-06-01", "2024-07-01"),
            ({"kind": "first_of_month_after_months", "months": 3}, "2024-01-31", "2024-05-01"),
            ({"kind": "first_of_month_after_months", "months": 2}, "2024-10-01", "2025-01-01"),
            ({"kind": "fixed_date", "date": "2024-07-01"}, "2024-03-01", "2024-07-01"),
            ({"kind": "fixed_date", "date": "2024-07-01"}, "2024-09-01", "2024-09-01"),
            (nth(30), "9999-12-31", "9999-12-31"),
            ({"kind": "first_of_month_after_months", "months": 1}, "9999-11-30", "9999-12-31"),
        ],
    )
    def test_leads_from_the_trigger_to_the_day(self, delay, trigger, expected):
        result = answer(count(1, delay=delay), [approved("A", trigger)])

        assert (result.trigger_on, result.date) == (day(trigger), day(expected))

    @pytest.mark.parametrize(
        ("met", "expected"),
        [("2024-06-30", "2024-06-30"), ("2024-05-01", "2024-06-30"), ("2024-07-01", "2024-07-11")],
    )
    def test_a_day_agreed_for_the_case_that_all_is_met_by_then(self, met, expected):
        rule = count(1, delay=nth(10), fixed_if_met_by="2024-06-30")

        assert answer(rule, [approved("A", met)]).date == day(expected)

    def test_a_fixed_day_needs_no_act(self):
        result = answer(Rule.from_json(ON_A_DAY), [signed("A", "2026-05-01"), signed("B")])

        assert (result.date, result.trigger_on, result.met) == (day("2027-01-01"), None, True)
        assert [one.in_force_on for one in result.parties] == [day("2027-01-01"), None]

    def test_who_signs_after_a_fixed_day_is_a_later_party(self):
        rule = Rule.from_json(ON_A_DAY | {"later_parties": nth(30)})

        result = answer(rule, [signed("A", "2027-01-01"), signed("B", "2027-01-02")])

        assert [one.in_force_on for one in result.parties] == [day("2027-01-01"), day("2027-02-01")]


class TestLaterParties:
    def test_never_before_the_agreement_itself(self):
        rule = count(1, delay=nth(90), later_parties=nth(30))
        parties = [approved("A", "2024-01-01"), approved("B", "2024-01-02")]

        result = answer(rule, parties)

        assert [one.in_force_on for one in result.parties] == [day("2024-03-31")] * 2

    def test_on_the_day_of_their_own_act_where_nothing_is_agreed(self):
        parties = [approved("A", "2024-01-01"), approved("B", "2025-01-02")]

        assert entry_of(answer(count(1, delay=nth(0)), parties), "B") == [day("2025-01-02")]

    def test_their_own_act_is_approval_if_any_condition_asks_for_it(self):
        rule = Rule.from_json(
            {
                "all_of": [
                    {"type": "all", "act": "signed"},
                    {"type": "count", "n": 1, "act": "approved"},
                ],
                "delay": {"kind": "on_trigger"},
            }
        )
        both = {"signed_on": "2024-01-01"}
        parties = [approved("A", "2024-02-01", **both), approved("B", "2024-03-01", **both)]

        result = answer(rule, parties)

        assert [one.act_on for one in result.parties] == [day("2024-02-01"), day("2024-03-01")]


class TestWithdrawal:
    def test_nothing_agreed_gives_no_day(self):
        rule = Rule.from_json(ON_SIGNATURE)

        assert rule.earliest_notice_on(day("2024-01-01")) is None
        assert rule.withdrawal_effective_on(day("2024-01-01")) is None

    def test_no_bar_for_whom_it_is_not_in_force(self):
        assert PARIS.earliest_notice_on(None) is None
