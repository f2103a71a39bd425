"""Rotations that took place, reproduced term by term from data alone.

Laid down with their whole past, as an office would that takes the system up years later: every
change is recorded on one day of 2026 with the day on which it was decided.
"""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

from agreements.mechanisms.rotation import terms
from agreements.mechanisms.rotation_plan import RotationPlan, Seat
from tests.agreements.mechanisms import rotations
from tests.agreements.mechanisms.rotations import day, seats

LAID_DOWN_ON = date(2026, 11, 20)


def record(plan, kind, **facts):
    return rotations.record(plan, kind, at=LAID_DOWN_ON, **facts)


def holders(plan, start, end, as_of=None):
    """First day and holders of each term in the window, several holders joined by '+'."""
    found = terms(plan, day(start), day(end), as_of)
    return [(t.starts_on.isoformat(), "+".join(t.holders)) for t in found if t.starts_on]


def yearly(first_day, names):
    year, rest = int(first_day[:4]), first_day[4:]
    return [(f"{year + at}{rest}", name) for at, name in enumerate(names)]


def half_yearly(first_year, names):
    return [
        (f"{first_year + at // 2}-{'07' if at % 2 else '01'}-01", n) for at, n in enumerate(names)
    ]


def test_visegrad_follows_its_fixed_order_for_seven_rounds():
    order = ("Czechia", "Poland", "Hungary", "Slovakia")
    plan = RotationPlan(length=1, unit="year", starts_on=date(1999, 7, 1), seats=seats(order))

    found = holders(plan, "1999-07-01", "2026-06-30")

    assert found == yearly("1999-07-01", [*order * 6, "Czechia", "Poland", "Hungary"])


def asean(order="as_given"):
    plan = RotationPlan(
        order=order,
        length=12,
        starts_on=date(2010, 1, 1),
        first="Viet Nam",
        on_admission="by_order",
        seats=seats(
            [
                "Brunei Darussalam",
                "Cambodia",
                "Indonesia",
                "Lao PDR",
                "Malaysia",
                "Myanmar",
                "Philippines",
                "Singapore",
                "Thailand",
                "Viet Nam",
            ]
        ),
    )
    plan = record(plan, "swap", term_on=day("2011-01-01"), other_term_on=day("2013-01-01"))
    plan = record(plan, "swap", term_on=day("2014-01-01"), other_term_on=day("2016-01-01"))
    plan = record(
        plan,
        "skip",
        organizations=("Myanmar",),
        term_on=day("2026-01-01"),
        decided_on=day("2023-09-05"),
    )
    return record(
        plan,
        "admit",
        organizations=("Timor-Leste",),
        sort_name="Timor-Leste",
        effective_on=day("2025-10-26"),
        decided_on=day("2025-05-26"),
    )


ASEAN_2010_TO_2027 = [
    "Viet Nam",
    "Indonesia",
    "Cambodia",
    "Brunei Darussalam",
    "Myanmar",
    "Malaysia",
    "Lao PDR",
    "Philippines",
    "Singapore",
    "Thailand",
    "Viet Nam",
    "Brunei Darussalam",
    "Cambodia",
    "Indonesia",
    "Lao PDR",
    "Malaysia",
    "Philippines",
    "Singapore",
]


def test_asean_swaps_leave_the_turns_alone_and_a_skip_moves_everybody_up():
    found = holders(asean(), "2010-01-01", "2027-12-31")

    assert found == yearly("2010-01-01", ASEAN_2010_TO_2027)


def test_asean_newcomer_waits_between_thailand_and_viet_nam():
    expected = yearly("2028-01-01", ["Thailand", "Timor-Leste", "Viet Nam", "Brunei Darussalam"])

    assert holders(asean(), "2028-01-01", "2031-12-31") == expected


def test_asean_is_the_same_by_the_alphabet():
    found = holders(asean("alphabetical"), "2010-01-01", "2030-12-31")

    assert found == holders(asean(), "2010-01-01", "2030-12-31")


def test_asean_before_the_skip_was_decided_had_myanmar_in_2026():
    found = holders(asean(), "2026-01-01", "2027-12-31", as_of=day("2023-09-04"))

    assert found == yearly("2026-01-01", ["Myanmar", "Philippines"])


EU_LIST = [
    "Germany",
    "Portugal",
    "Slovenia",
    "France",
    "Czechia",
    "Sweden",
    "Spain",
    "Belgium",
    "Hungary",
    "Poland",
    "Denmark",
    "Cyprus",
    "Ireland",
    "Lithuania",
    "Greece",
    "Italy",
    "Latvia",
    "Luxembourg",
    "Netherlands",
    "Slovakia",
    "Malta",
    "UK",
    "Estonia",
    "Bulgaria",
    "Austria",
    "Romania",
    "Finland",
]


def european_union():
    plan = RotationPlan(length=6, starts_on=date(2007, 1, 1), seats=seats(EU_LIST))
    plan = record(
        plan,
        "withdraw",
        organizations=("UK",),
        effective_on=day("2017-07-01"),
        decided_on=day("2016-07-26"),
    )
    return record(
        plan,
        "admit",
        organizations=("Croatia",),
        after="Finland",
        effective_on=day("2020-01-01"),
        decided_on=day("2016-07-26"),
    )


def test_eu_council_moves_up_behind_the_leaver_and_takes_the_newcomer_where_the_cycle_wraps():
    served = [name for name in EU_LIST if name != "UK"]
    served += ["Croatia", *EU_LIST[: EU_LIST.index("UK")]]

    assert holders(european_union(), "2007-01-01", "2030-12-31") == half_yearly(2007, served)


def test_eu_council_as_planned_before_the_decision_of_2016():
    planned = ["UK", "Estonia", "Bulgaria", "Austria", "Romania", "Finland", "Germany"]

    found = holders(european_union(), "2017-07-01", "2020-12-31", as_of=day("2016-07-25"))

    assert found == half_yearly(2017, ["", *planned])[1:]


def test_g20_has_no_order_and_each_presidency_is_decided():
    decided = [
        "Mexico",
        "Russia",
        "Australia",
        "Turkiye",
        "China",
        "Germany",
        "Argentina",
        "Japan",
        "Saudi Arabia",
        "Italy",
        "India",
        "Indonesia",
        "Brazil",
        "South Africa",
        "United States",
    ]
    plan = RotationPlan(
        basis="decision",
        length=1,
        unit="year",
        starts_on=date(2011, 12, 1),
        seats=tuple(Seat(f"group {n}", None, f"group {n}", n, "") for n in range(1, 6)),
    )
    for at, name in enumerate(decided):
        plan = record(plan, "assign", term_on=date(2011 + at, 12, 1), organizations=(name,))
    plan = record(plan, "swap", term_on=day("2021-12-01"), other_term_on=day("2022-12-01"))

    at = decided.index("India")
    decided[at : at + 2] = ["Indonesia", "India"]
    assert holders(plan, "2011-12-01", "2026-11-30") == yearly("2011-12-01", decided)
    assert terms(plan, day("2026-12-01"), day("2026-12-01"))[0].state == "undecided"


ARCTIC_MEETINGS = [
    ("1996-09-19", "Canada"),
    ("1998-09-18", "United States"),
    ("2000-10-13", "Finland"),
    ("2002-10-10", "Iceland"),
    ("2004-11-24", "Russian Federation"),
    ("2006-10-26", "Norway"),
    ("2009-04-29", "Kingdom of Denmark"),
    ("2011-05-12", "Sweden"),
    ("2013-05-15", "Canada"),
    ("2015-04-24", "United States"),
    ("2017-05-11", "Finland"),
    ("2019-05-07", "Iceland"),
    ("2021-05-20", "Russian Federation"),
    ("2023-05-11", "Norway"),
    ("2025-05-12", "Kingdom of Denmark"),
]


def ended_at_meetings(plan, meetings):
    for (starts, _), (ends, _) in pairwise(meetings):
        plan = record(plan, "end", term_on=day(starts), ends_on=day(ends))
    return plan


def test_arctic_council_hands_over_at_its_meetings():
    order = [name for _, name in ARCTIC_MEETINGS[:8]]
    plan = RotationPlan(
        length=2, unit="year", boundaries="event", starts_on=date(1996, 9, 19), seats=seats(order)
    )
    plan = ended_at_meetings(plan, ARCTIC_MEETINGS)

    listed = terms(plan, day("1996-09-19"), day("2030-12-31"))

    assert holders(plan, "1996-09-19", "2030-12-31") == ARCTIC_MEETINGS
    current, coming = listed[14], listed[15]
    assert (current.ends_on, current.expected_ends_on) == (None, day("2027-05-12"))
    assert (coming.starts_on, coming.holders) == (None, ("Sweden",))
    for term, following in pairwise(listed[:15]):
        assert term.ends_on == following.starts_on


SAARC_SUMMITS = [
    ("1985-12-08", "Bangladesh"),
    ("1986-11-16", "India"),
    ("1987-11-02", "Nepal"),
    ("1988-12-29", "Pakistan"),
    ("1990-11-21", "Maldives"),
    ("1991-12-21", "Sri Lanka"),
    ("1993-04-10", "Bangladesh"),
    ("1995-05-02", "India"),
    ("1997-05-12", "Maldives"),
    ("1998-07-29", "Sri Lanka"),
    ("2002-01-04", "Nepal"),
    ("2004-01-04", "Pakistan"),
    ("2005-11-12", "Bangladesh"),
    ("2007-04-03", "India"),
    ("2008-08-02", "Sri Lanka"),
    ("2010-04-28", "Bhutan"),
    ("2011-11-10", "Maldives"),
    ("2014-11-26", "Nepal"),
]


def test_saarc_chair_stays_with_the_last_host_until_the_next_summit():
    members = sorted({host for _, host in SAARC_SUMMITS})
    plan = RotationPlan(
        basis="decision",
        length=1,
        unit="year",
        boundaries="event",
        starts_on=date(1985, 12, 8),
        seats=seats(members),
    )
    plan = record(
        plan, "admit", organizations=("Afghanistan",), effective_on=day("2007-04-03"), after="end"
    )
    for at, (summit, host) in enumerate(SAARC_SUMMITS):
        if at:
            previous = day(SAARC_SUMMITS[at - 1][0])
            plan = record(plan, "end", term_on=previous, ends_on=day(summit))
        plan = record(plan, "assign", term_on=day(summit), organizations=(host,))

    assert holders(plan, "1985-12-08", "2026-11-20") == SAARC_SUMMITS
    chair = terms(plan, LAID_DOWN_ON, LAID_DOWN_ON)[0]
    assert (chair.ends_on, chair.expected_ends_on) == (None, day("2015-11-26"))


def test_mekong_commission_has_two_offices_in_opposite_orders():
    members = ("Cambodia", "Lao PDR", "Thailand", "Viet Nam")
    council = RotationPlan(
        order="alphabetical", length=12, starts_on=date(1995, 4, 5), seats=seats(members)
    )
    joint_committee = replace(council, reverse=True)
    start, end = "1995-04-05", "2000-04-04"

    assert holders(council, start, end) == yearly(start, [*members, "Cambodia"])
    assert holders(joint_committee, start, end) == yearly(start, [*members[::-1], "Viet Nam"])


def test_yangtze_delta_symposium_keeps_its_order_through_years_without_a_fixed_day():
    meetings = [
        ("2018-06-01", "Shanghai"),
        ("2019-05-22", "Anhui"),
        ("2020-06-06", "Zhejiang"),
        ("2021-05-26", "Jiangsu"),
        ("2022-08-16", "Shanghai"),
        ("2023-06-05", "Anhui"),
        ("2024-06-05", "Zhejiang"),
    ]
    plan = RotationPlan(
        length=12,
        boundaries="event",
        starts_on=date(2018, 6, 1),
        seats=seats(name for _, name in meetings[:4]),
    )
    plan = ended_at_meetings(plan, meetings)

    assert holders(plan, "2018-06-01", "2024-12-31") == meetings
    coming = terms(plan, LAID_DOWN_ON, LAID_DOWN_ON)[1:]
    assert [term.turn for term in coming] == ["Jiangsu", "Shanghai", "Anhui", "Zhejiang"]


def test_a_daily_window_of_every_case_has_one_holder_a_day():
    plan = european_union()
    first = date(2016, 12, 30)
    for ahead in range(400):
        on = first + timedelta(days=ahead)
        assert len(terms(plan, on, on)) == 1
