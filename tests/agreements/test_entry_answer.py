"""The answer in words and as the doors give it."""

from decimal import Decimal

import pytest
from django.utils import translation

from agreements.entry_into_force import Rule, answer
from tests.agreements.instruments import PARIS, approved, count, day, many, nth, signed


class TestWords:
    @pytest.fixture(autouse=True)
    def _english(self):
        with translation.override("en"):
            yield

    def test_of_an_unknown_rule(self):
        result = answer(Rule.from_json(None), [signed("A", "2024-01-01")])

        assert (result.date, result.met, result.conditions) == (None, False, ())
        assert result.missing == "The rule of entry into force has still to be entered."
        assert result.explanation.splitlines() == [
            "The rule of entry into force is not known, so no date follows from it.",
            "A: signed on 1 January 2024.",
        ]

    def test_of_what_is_missing_and_a_forecast(self):
        parties = [approved("A", "2024-01-01"), approved("B"), approved("C", counts=False)]

        result = answer(count(3, delay=nth(30)), parties, on=day("2024-03-01"))

        assert result.missing.splitlines() == [
            "2 approvals are missing: waiting for B.",
            "If the conditions held on 1 March 2024, the agreement would enter into force on "
            "31 March 2024.",
        ]
        assert result.explanation.splitlines() == [
            "At least 3 parties have to approve: not met yet (1 of 3).",
            "The conditions do not all hold yet, so there is no date.",
            "A: approved on 1 January 2024.",
            "B: has not approved.",
            "C (not counted): has not approved.",
        ]

    def test_of_an_agreement_in_force_party_by_party(self):
        parties = [
            *many(55, "2016-10-05", weight=Decimal(1)),
            approved(
                "United States", "2021-01-20", joined_on="2021-02-19", withdrawn_on="2026-01-27"
            ),
        ]
        lines = answer(PARIS, parties).explanation.splitlines()

        assert lines[:6] == [
            "At least 55 parties have to approve: met on 5 October 2016 (55 of 55).",
            "Parties with at least 55% of the weights have to approve: met on 5 October 2016 "
            "(55% reached).",
            "The conditions all hold since 5 October 2016.",
            "It enters into force 30 days later.",
            "Entry into force: 4 November 2016.",
            "State 1: approved on 5 October 2016, in force on 4 November 2016.",
        ]
        assert lines[-1] == (
            "United States: approved on 20 January 2021, in force on 19 February 2021. "
            "It is no longer a party from 27 January 2026 on."
        )

    def test_of_a_successor(self):
        parties = [
            approved("A", "2024-01-01", withdrawn_on="2024-02-01", succeeded_by="B"),
            approved("B", joined_on="2024-02-01"),
        ]
        assert answer(count(1, delay=nth(0)), parties).explanation.splitlines()[-1] == (
            "B: bound by the instrument of A, in force on 1 February 2024."
        )

    def test_of_the_doors(self):
        result = answer(count(1, delay=nth(30)), [approved("A", "2024-01-01")])

        told = result.as_dict()

        assert list(told) == [
            "date", "trigger_on", "met", "conditions", "parties", "explanation", "missing",
        ]  # fmt: skip
        assert (told["date"], told["missing"]) == ("2024-01-31", "")
        assert told["conditions"] == [
            {
                "type": "count",
                "act": "approved",
                "category": None,
                "n": 1,
                "required": 1,
                "reached": 1,
                "met": True,
                "met_on": "2024-01-01",
            }
        ]
        assert told["parties"] == [
            {
                "party": "A",
                "name": "A",
                "act_on": "2024-01-01",
                "in_force_on": "2024-01-31",
                "counts": True,
            }
        ]
