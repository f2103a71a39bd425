"""Entry into force: what must hold whatever the rule and whatever the parties did."""

from datetime import date, timedelta

from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from agreements.entry_into_force import PartyActs, Rule, answer

ACTS = st.dates(date(2020, 1, 1), date(2020, 3, 1))
WEIGHTS = st.decimals(0, 1000, places=2)


@st.composite
def party_lists(draw):
    rows = []
    for place in range(draw(st.integers(0, 6))):
        joined_on = draw(st.none() | ACTS)
        rows.append(
            PartyActs(
                key=str(place),
                name=f"Party {place}",
                counts=draw(st.booleans()),
                weight=draw(WEIGHTS),
                categories=tuple(draw(st.sets(st.sampled_from("xy")))),
                joined_on=joined_on,
                signed_on=draw(st.none() | ACTS),
                approved_on=draw(st.none() | ACTS),
                withdrawn_on=draw(st.none() | ACTS),
                succeeded_by=draw(st.none() | st.sampled_from("0123459")),
            )
        )
    return rows


def conditions():
    acts = st.sampled_from(["signed", "approved"])
    common = {"act": acts, "category": st.none() | st.sampled_from("xy")}
    parts = st.sampled_from(["1/3", "1/2", "2/3", "1/1"])
    bases = st.sampled_from(["parties", "signatories"])
    return st.one_of(
        st.fixed_dictionaries({"type": st.just("count"), "n": st.integers(1, 4), **common}),
        st.fixed_dictionaries(
            {"type": st.just("share"), "min_percent": st.integers(1, 100), **common}
        ),
        st.fixed_dictionaries({"type": st.just("fraction"), "min": parts, "of": bases, **common}),
        st.fixed_dictionaries({"type": st.just("all"), **common}),
    )


def spans():
    small = st.integers(0, 40)
    return st.one_of(
        st.just({"kind": "on_trigger"}),
        *(
            st.fixed_dictionaries({"kind": st.just(kind), "days": small})
            for kind in ("nth_day_after", "days_elapsed_then_next_day", "first_of_month_after_days")
        ),
        *(
            st.fixed_dictionaries({"kind": st.just(kind), "months": small})
            for kind in ("months_after", "first_of_month_after_months")
        ),
    )


RULES = st.fixed_dictionaries(
    {"all_of": st.lists(conditions(), min_size=1, max_size=3), "delay": spans()},
    optional={
        "later_parties": spans(),
        "not_before": ACTS.map(date.isoformat),
        "fixed_if_met_by": ACTS.map(date.isoformat),
    },
).map(Rule.from_json)
WINDOW = [date(2019, 12, 31) + timedelta(days=place) for place in range(63)]


class TestWhateverTheRule:
    @given(RULES, party_lists())
    def test_the_trigger_is_the_first_day_of_all_and_the_answer_of_a_day_is_never_revised(
        self, rule, parties
    ):
        whole = answer(rule, parties)

        if whole.trigger_on is None:
            assert not whole.met
            assert whole.date is None
            return
        assert all(one.met and one.met_on <= whole.trigger_on for one in whole.conditions)
        eve = answer(rule, parties, on=whole.trigger_on - timedelta(days=1))
        assert (eve.trigger_on, eve.date) == (None, None)
        for later in (0, 1, 400):
            asked = answer(rule, parties, on=whole.trigger_on + timedelta(days=later))
            assert (asked.trigger_on, asked.date) == (whole.trigger_on, whole.date)

    @given(RULES, party_lists())
    def test_judging_the_days_of_events_misses_none_of_the_days_between(self, rule, parties):
        whole = answer(rule, parties)
        firsts = (on for on in WINDOW if answer(rule, parties, on=on).met)

        assert whole.trigger_on == next(firsts, None)

    @given(RULES, party_lists())
    def test_no_party_is_bound_before_the_agreement_or_its_own_act_or_after_it_left(
        self, rule, parties
    ):
        whole = answer(rule, parties)

        for row, told in zip(parties, whole.parties, strict=True):
            if told.in_force_on is None:
                continue
            assert told.in_force_on >= whole.date
            assert told.act_on is not None or told.heir_of
            assert row.withdrawn_on is None or told.in_force_on < row.withdrawn_on

    @given(RULES, party_lists(), st.randoms())
    def test_the_order_of_the_parties_is_of_no_account(self, rule, parties, chance):
        shuffled = list(parties)
        chance.shuffle(shuffled)

        one, other = answer(rule, parties), answer(rule, shuffled)

        assert (one.date, one.trigger_on) == (other.date, other.trigger_on)
        assert [(c.reached, c.met_on) for c in one.conditions] == [
            (c.reached, c.met_on) for c in other.conditions
        ]

    @given(RULES, party_lists())
    def test_those_who_do_not_count_change_nothing(self, rule, parties):
        alone = answer(rule, [row for row in parties if row.counts or row.succeeded_by])
        whole = answer(rule, parties)

        assert (alone.date, alone.trigger_on) == (whole.date, whole.trigger_on)

    @given(RULES, party_lists())
    def test_there_are_always_words(self, rule, parties):
        with translation.override("en"):
            told = answer(rule, parties, on=date(2020, 2, 1)).as_dict()

        assert told["explanation"]
        assert bool(told["missing"]) is not told["met"]
