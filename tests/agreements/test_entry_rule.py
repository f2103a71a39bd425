"""The rule of entry into force as it is laid down: what is read, and what is refused where."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from agreements.entry_into_force import RULE_SCHEMA, Rule, RuleInvalid

SIGNED_BY_ALL = {"type": "all", "act": "signed"}
AT_ONCE = {"kind": "on_trigger"}

# Every member that the contract shows, at once.
WHOLE = {
    "all_of": [
        {"type": "count", "n": 55, "category": None, "act": "approved"},
        {
            "type": "share",
            "min_percent": 55,
            "total": None,
            "category": None,
            "act": "approved",
        },
        {"type": "fraction", "min": "2/3", "of": "signatories", "act": "approved"},
        {"type": "all", "act": "signed"},
    ],
    "delay": {"kind": "nth_day_after", "days": 30, "months": 3, "date": None},
    "fixed_if_met_by": None,
    "not_before": None,
    "later_parties": {"kind": "nth_day_after", "days": 30},
    "withdrawal": {"not_before_months": 36, "notice_days": None, "notice_months": 12},
}


def errors(data):
    with pytest.raises(RuleInvalid) as refused:
        Rule.from_json(data)
    return [(path, code) for path, code, _sentence in refused.value.errors]


def rule(**members):
    return {"all_of": [SIGNED_BY_ALL], "delay": AT_ONCE} | members


def test_the_schema_is_a_schema():
    Draft202012Validator.check_schema(RULE_SCHEMA)


@pytest.mark.parametrize(
    "data",
    [
        WHOLE,
        rule(),
        {"all_of": [], "delay": {"kind": "fixed_date", "date": "2027-01-01"}},
        rule(all_of=[{"type": "share", "min_percent": "55.5", "total": 100, "act": "signed"}]),
        rule(all_of=[{"type": "share", "min_percent": 0.5, "total": "9.75", "act": "signed"}]),
    ],
)
def test_a_rule_comes_back_as_it_was_laid_down(data):
    read = Rule.from_json(data)

    assert read.is_known
    assert read.to_json() == data
    assert Rule.from_json(read.to_json()) == read
    assert Draft202012Validator(RULE_SCHEMA).is_valid(data)


@pytest.mark.parametrize("nothing", [None, {}])
def test_the_unknown_rule_is_no_error(nothing):
    read = Rule.from_json(nothing)

    assert not read.is_known
    assert read.to_json() == nothing


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ([], [("", "not_object")]),
        ("signed", [("", "not_object")]),
        ({"all_of": []}, [("/delay", "required")]),
        (rule(all_of=None), [("/all_of", "required")]),
        (rule(all_of={}), [("/all_of", "not_list")]),
        (rule(all_of=[SIGNED_BY_ALL] * 21), [("/all_of", "too_many")]),
        (rule(all_of=[]), [("/all_of", "needs_conditions")]),
        (rule(all_of=[7]), [("/all_of/0", "not_object")]),
        (rule(all_of=[{"act": "signed"}]), [("/all_of/0/type", "required")]),
        (rule(all_of=[{"type": ["all"]}]), [("/all_of/0/type", "unknown_type")]),
        (rule(all_of=[{"type": "all"}]), [("/all_of/0/act", "required")]),
        (rule(all_of=[{"type": "all", "act": []}]), [("/all_of/0/act", "unknown_act")]),
        (rule(all_of=[SIGNED_BY_ALL | {"n": 2}]), [("/all_of/0/n", "unknown_member")]),
        (rule(all_of=[SIGNED_BY_ALL | {"category": ""}]), [("/all_of/0/category", "not_text")]),
        (rule(delay={"days": 3}), [("/delay/kind", "required")]),
        (rule(delay={"kind": "nth_day_after"}), [("/delay/days", "required")]),
        (rule(delay={"kind": "months_after", "days": 3}), [("/delay/months", "required")]),
        (rule(delay={"kind": "fixed_date", "date": None}), [("/delay/date", "required")]),
        (rule(delay={"kind": "never"}), [("/delay/kind", "unknown_kind")]),
        (rule(later_parties={"kind": "fixed_date"}), [("/later_parties/kind", "unknown_kind")]),
        (rule(not_before="2027-02-29"), [("/not_before", "not_day")]),
        (rule(not_before="20270101"), [("/not_before", "not_day")]),
        (rule(not_before=20270101), [("/not_before", "not_day")]),
        (rule(withdrawal=3), [("/withdrawal", "not_object")]),
        (
            rule(withdrawal={"notice_days": 1, "notice_months": 1}),
            [("/withdrawal", "two_notices")],
        ),
        (rule(**{"a/b~c": 1}), [("/a~1b~0c", "unknown_member")]),
        (
            rule(
                all_of=[{"type": "count", "n": 0, "act": "signed"}, {"type": "some"}],
                delay={"kind": "nth_day_after", "days": -1},
            ),
            [("/all_of/0/n", "not_whole"), ("/all_of/1/type", "unknown_type"),
             ("/delay/days", "not_whole")],
        ),
    ],
)  # fmt: skip
def test_a_refusal_names_every_place(data, expected):
    assert errors(data) == expected


def test_without_conditions_there_is_nothing_to_be_met_by_a_day():
    fixed = {"kind": "fixed_date", "date": "2027-01-01"}

    assert errors(rule(all_of=[], delay=fixed, fixed_if_met_by="2026-12-01")) == [
        ("/fixed_if_met_by", "needs_conditions")
    ]


@pytest.mark.parametrize("n", [0, -1, 100_001, 10**30, 1.5, "3", True])
def test_a_count_is_a_whole_number(n):
    assert errors(rule(all_of=[{"type": "count", "n": n, "act": "signed"}])) == [
        ("/all_of/0/n", "not_whole")
    ]


@pytest.mark.parametrize(
    "percent",
    [0, -1, 100.5, 10**400, float("nan"), float("inf"), True, "0", "1e1", "٥٥", "101", 1e-9, []],
)
def test_a_percentage_is_above_0_and_up_to_100(percent):
    condition = {"type": "share", "min_percent": percent, "act": "signed"}

    assert errors(rule(all_of=[condition])) == [("/all_of/0/min_percent", "not_percent")]


@pytest.mark.parametrize("total", ["0", 0, "-3", "many", float("inf"), "1.0000001", {}])
def test_a_total_is_positive(total):
    condition = {"type": "share", "min_percent": 5, "total": total, "act": "signed"}

    assert errors(rule(all_of=[condition])) == [("/all_of/0/total", "not_weight")]


@pytest.mark.parametrize("part", ["3/2", "0/3", "1/0", "2", "0.5", " 1/2", "1/2\n", 0.5, "-1/2"])
def test_a_fraction_is_above_0_and_up_to_1(part):
    condition = {"type": "fraction", "min": part, "of": "parties", "act": "signed"}

    assert errors(rule(all_of=[condition])) == [("/all_of/0/min", "not_fraction")]


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([*WHOLE, "type", "act", "n", "kind", "x"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@given(ANYTHING)
def test_whatever_comes_in_is_read_or_refused(data):
    with suppress(RuleInvalid):
        Rule.from_json(data)


@given(st.sampled_from([*WHOLE, "unheard of"]), ANYTHING)
def test_what_is_read_conforms_to_the_schema(name, value):
    data = WHOLE | {name: value}
    try:
        Rule.from_json(data)
    except RuleInvalid:
        return
    assert Draft202012Validator(RULE_SCHEMA).is_valid(data)
