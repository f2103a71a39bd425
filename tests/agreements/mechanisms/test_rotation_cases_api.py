"""Rotations that took place, laid down by a program over the API and read back term by term.

The expected terms are those of ``test_rotation_cases``; what is told here is what a client of the
contract would send. All is recorded in 2027, long after it was decided.
"""

from datetime import date
from itertools import pairwise
from typing import Any

import pytest

from actors.models import Organization, Region
from agreements.agreement import Status
from tests.agreements.mechanisms.test_rotation_cases import (
    ARCTIC_MEETINGS,
    ASEAN_2010_TO_2027,
    EU_LIST,
    SAARC_SUMMITS,
    half_yearly,
    yearly,
)
from tests.api_stage import Caller
from tests.cast import enter_agreement, enter_organization, enter_party

pytestmark = pytest.mark.usefixtures("short_horizon")


class Told:
    """A client that lays rotations down by the names of their members."""

    def __init__(self, officer: Any, names: Any) -> None:
        self.caller = Caller(officer)
        self.ids = {name: str(enter_organization(name).public_id) for name in names}
        members = Organization.objects.filter(public_id__in=self.ids.values())
        self.agreement = enter_agreement(by=officer, status=Status.DRAFT)
        for organization in members:
            enter_party(self.agreement, organization)

    def id_of(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self.id_of(one) for one in value]
        if isinstance(value, dict):
            return {n: one if n == "sort_name" else self.id_of(one) for n, one in value.items()}
        return self.ids.get(value, value) if isinstance(value, str) else value

    def change(self, kind: str, **facts: Any) -> dict[str, Any]:
        decision = {"decided_by": "Heads of state", "reason": "It was decided so"}
        return {"kind": kind, **decision, **self.id_of(facts)}

    def lay_down(self, seats: Any, changes: Any = (), **rule: Any) -> str:
        answer = self.caller.post(
            "rotations/",
            {
                "agreement": str(self.agreement.public_id),
                "seats": [
                    self.id_of(seat if isinstance(seat, dict) else {"organization": seat})
                    for seat in seats
                ],
                "changes": list(changes),
                **self.id_of(rule),
            },
        )
        assert answer.status_code == 201, answer.bytes
        return answer.json()["id"]

    def terms(self, rotation: str, start: str, end: str, **asked: str) -> list[dict[str, Any]]:
        more = "".join(f"&{name}={value}" for name, value in asked.items())
        answer = self.caller.get(f"rotations/{rotation}/terms/?from={start}&to={end}{more}")
        assert answer.status_code == 200, answer.bytes
        return answer.json()

    def holders(self, *asked: str, **more: str) -> list[tuple[str, str]]:
        listed = self.terms(*asked, **more)
        for term, following in pairwise(t for t in listed if t["starts_on"]):
            assert term["ends_on"] == following["starts_on"]
        return [(t["starts_on"], "+".join(t["holder_names"])) for t in listed if t["starts_on"]]


YEAR, HALF = {"length": 1, "unit": "year"}, {"length": 6, "unit": "month"}


def test_visegrad(officer):
    order = ["Czechia", "Poland", "Hungary", "Slovakia"]
    told = Told(officer, order)
    rotation = told.lay_down(order, term=YEAR, starts_on="1999-07-01")

    found = told.holders(rotation, "1999-07-01", "2026-06-30")

    assert found == yearly("1999-07-01", [*order * 6, *order[:3]])


@pytest.mark.parametrize("order", ["as_given", "alphabetical"])
def test_asean(officer, order):
    members = sorted({*ASEAN_2010_TO_2027})
    told = Told(officer, [*members, "Timor-Leste"])
    rotation = told.lay_down(
        [{"organization": name, "sort_name": name} for name in members],
        term={"length": 12, "unit": "month"},
        starts_on="2010-01-01",
        order=order,
        first="Viet Nam",
        on_admission="by_order",
        changes=[
            told.change("swap", term_on="2011-01-01", other_term_on="2013-01-01"),
            told.change("swap", term_on="2014-01-01", other_term_on="2016-01-01"),
            told.change(
                "skip", organization="Myanmar", term_on="2026-01-01", decided_on="2023-09-05"
            ),
        ],
    )
    path = f"rotations/{rotation}/"
    admission = told.change(
        "admit",
        organization="Timor-Leste",
        effective_on="2025-10-26",
        sort_name="Timor-Leste",
        decided_on="2025-05-26",
    )
    assert told.caller.post(f"{path}changes/", admission).status_code == 428
    etag = told.caller.get(path).headers["ETag"]
    answer = told.caller.post(f"{path}changes/", admission, **{"If-Match": etag})
    assert answer.status_code == 201, answer.bytes

    found = told.holders(rotation, "2010-01-01", "2030-12-31")
    before = told.holders(rotation, "2026-01-01", "2027-12-31", as_of="2023-09-04")

    assert found == yearly(
        "2010-01-01", [*ASEAN_2010_TO_2027, "Thailand", "Timor-Leste", "Viet Nam"]
    )
    assert before == yearly("2026-01-01", ["Myanmar", "Philippines"])


def test_eu_council(officer):
    told = Told(officer, [*EU_LIST, "Croatia"])
    rotation = told.lay_down(
        EU_LIST,
        term=HALF,
        starts_on="2007-01-01",
        changes=[
            told.change(
                "withdraw", organization="UK", effective_on="2017-07-01", decided_on="2016-07-26"
            ),
            told.change(
                "admit",
                organization="Croatia",
                after="Finland",
                effective_on="2020-01-01",
                decided_on="2016-07-26",
            ),
        ],
    )
    served = [name for name in EU_LIST if name != "UK"]
    served += ["Croatia", *EU_LIST[: EU_LIST.index("UK")]]

    assert told.holders(rotation, "2007-01-01", "2030-12-31") == half_yearly(2007, served)
    planned = told.holders(rotation, "2017-07-01", "2018-01-01", as_of="2016-07-25")
    assert planned == [("2017-07-01", "UK"), ("2018-01-01", "Estonia")]


def test_g20_has_regions_instead_of_an_order(officer):
    decided = [
        *("Mexico", "Russia", "Australia", "Turkiye", "China", "Germany", "Argentina", "Japan"),
        *("Saudi Arabia", "Italy", "India", "Indonesia", "Brazil", "South Africa"),
        "United States",
    ]
    told = Told(officer, decided)
    groups = [str(Region.enter(by=None, name=f"Group {n}").public_id) for n in range(1, 6)]
    starts = [f"{2011 + at}-12-01" for at in range(len(decided))]
    rotation = told.lay_down(
        [{"region": group} for group in groups],
        basis="decision",
        term=YEAR,
        starts_on="2011-12-01",
        changes=[
            *(
                told.change("assign", term_on=on, organization=name)
                for on, name in zip(starts, decided, strict=True)
            ),
            told.change("swap", term_on="2021-12-01", other_term_on="2022-12-01"),
        ],
    )
    served = [*decided[:10], "Indonesia", "India", *decided[12:]]

    assert told.holders(rotation, "2011-12-01", "2026-11-30") == yearly("2011-12-01", served)
    assert told.terms(rotation, "2026-12-01", "2026-12-01")[0]["state"] == "undecided"


def test_arctic_council(officer):
    order = [name for _, name in ARCTIC_MEETINGS[:8]]
    told = Told(officer, order)
    rotation = told.lay_down(
        order,
        term={"length": 2, "unit": "year"},
        boundaries="event",
        starts_on="1996-09-19",
        changes=[
            told.change("end", term_on=one, ends_on=other)
            for (one, _), (other, _) in pairwise(ARCTIC_MEETINGS)
        ],
    )

    assert told.holders(rotation, "1996-09-19", "2030-12-31") == ARCTIC_MEETINGS
    current, coming = told.terms(rotation, "1996-09-19", "2030-12-31")[14:16]
    assert (current["ends_on"], current["expected_ends_on"]) == (None, "2027-05-12")
    assert (coming["starts_on"], coming["holder_names"]) == (None, ["Sweden"])
    assert current["current"] and current["state"] == "projected"


def test_saarc(officer):
    told = Told(officer, [*sorted({host for _, host in SAARC_SUMMITS}), "Afghanistan"])
    changes = [told.change("assign", term_on="1985-12-08", organization="Bangladesh")]
    for (former, _), (summit, host) in pairwise(SAARC_SUMMITS):
        changes.append(told.change("end", term_on=former, ends_on=summit))
        changes.append(told.change("assign", term_on=summit, organization=host))
    changes.append(told.change("admit", organization="Afghanistan", effective_on="2007-04-03"))
    rotation = told.lay_down(
        sorted({host for _, host in SAARC_SUMMITS}),
        basis="decision",
        term=YEAR,
        boundaries="event",
        starts_on="1985-12-08",
        changes=changes,
    )

    assert told.holders(rotation, "1985-12-08", "2026-11-20") == SAARC_SUMMITS


def test_mekong_commission_has_two_offices(officer):
    members = ["Cambodia", "Lao PDR", "Thailand", "Viet Nam"]
    told = Told(officer, members)
    rule = {"order": "alphabetical", "term": {"length": 12, "unit": "month"}}
    council = told.lay_down(members, starts_on="1995-04-05", name="Council", **rule)
    committee = told.lay_down(
        members, starts_on="1995-04-05", name="Joint Committee", reverse=True, **rule
    )
    window = ("1995-04-05", "2000-04-04")

    assert told.holders(council, *window) == yearly(window[0], [*members, "Cambodia"])
    assert told.holders(committee, *window) == yearly(window[0], [*members[::-1], "Viet Nam"])


def test_yangtze_delta_symposium(officer):
    meetings = [
        ("2018-06-01", "Shanghai"),
        ("2019-05-22", "Anhui"),
        ("2020-06-06", "Zhejiang"),
        ("2021-05-26", "Jiangsu"),
        ("2022-08-16", "Shanghai"),
        ("2023-06-05", "Anhui"),
        ("2024-06-05", "Zhejiang"),
    ]
    told = Told(officer, [name for _, name in meetings[:4]])
    rotation = told.lay_down(
        [name for _, name in meetings[:4]],
        term={"length": 12, "unit": "month"},
        boundaries="event",
        starts_on="2018-06-01",
        changes=[
            told.change("end", term_on=one, ends_on=other)
            for (one, _), (other, _) in pairwise(meetings)
        ],
    )

    assert told.holders(rotation, "2018-06-01", "2024-12-31") == meetings
    coming = told.terms(rotation, "2026-11-20", "2026-11-20")[1:]
    assert [t["turn"]["name"] for t in coming] == ["Jiangsu", "Shanghai", "Anhui", "Zhejiang"]


# Not in the file of cases: as remembered


# Each with its name in its own language, by which the Council's presidency was ordered.
NATIVE = {
    "Belgium": "Belgique",
    "Denmark": "Danmark",
    "Germany": "Deutschland",
    "Greece": "Ellas",
    "Spain": "España",
    "France": "France",
    "Ireland": "Ireland",
    "Italy": "Italia",
    "Luxembourg": "Luxembourg",
    "Netherlands": "Nederland",
    "Portugal": "Portugal",
    "United Kingdom": "United Kingdom",
}
SIX = ["Belgium", "Germany", "France", "Italy", "Luxembourg", "Netherlands"]
NINE = [
    *("Belgium", "Denmark", "Germany", "France", "Ireland"),
    *("Italy", "Luxembourg", "Netherlands", "United Kingdom"),
]
TEN = [*NINE[:3], "Greece", *NINE[3:]]
TWELVE = list(NATIVE)


def test_european_communities_by_the_alphabet_of_their_own_names_over_three_accessions(officer):
    """Of 1958 to 1997: from 1993 the two presidencies of each year changed places.

    Whoever had just come did not begin at once: the United Kingdom and Portugal were passed over.
    """
    told = Told(officer, TWELVE)

    def seat(name: str, joined_on: str | None = None) -> dict[str, Any]:
        return {"organization": name, "sort_name": NATIVE[name], "joined_on": joined_on}

    def joins(name: str, effective_on: str) -> dict[str, Any]:
        return told.change(
            "admit", organization=name, effective_on=effective_on, sort_name=NATIVE[name]
        )

    newcomers = ["Denmark", "Ireland", "United Kingdom"]
    swaps = [
        told.change("swap", term_on=f"{year}-01-01", other_term_on=f"{year}-07-01")
        for year in range(1993, 1998)
    ]
    rotation = told.lay_down(
        [*map(seat, SIX), *(seat(name, "1973-01-01") for name in newcomers)],
        order="alphabetical",
        term=HALF,
        starts_on="1958-01-01",
        changes=[
            told.change("skip", organization="United Kingdom", term_on="1973-01-01"),
            joins("Greece", "1981-01-01"),
            joins("Spain", "1986-01-01"),
            joins("Portugal", "1986-01-01"),
            told.change("skip", organization="Portugal", term_on="1986-07-01"),
            *swaps,
        ],
    )
    served = [*SIX * 5, *NINE, *NINE[:7], "Netherlands", "United Kingdom", *TEN, *TWELVE]
    for year in range(5):
        one, other = TWELVE[2 * year : 2 * year + 2]
        served += [other, one]

    assert told.holders(rotation, "1958-01-01", "1997-12-31") == half_yearly(1958, served)


def test_nordic_council_of_ministers_with_co_holders_and_a_year_exchanged(officer):
    """Denmark serves with the Faroes and Greenland; Sweden passed 2023 on to Iceland."""
    order = ["Finland", "Norway", "Sweden", "Iceland", "Denmark"]
    told = Told(officer, [*order, "Faroe Islands", "Greenland"])
    rotation = told.lay_down(
        [
            *({"organization": name} for name in order[:4]),
            {"organization": "Denmark", "co_holders": ["Faroe Islands", "Greenland"]},
        ],
        term=YEAR,
        starts_on="2016-01-01",
        changes=[told.change("swap", term_on="2023-01-01", other_term_on="2024-01-01")],
    )
    realm = "Denmark+Faroe Islands+Greenland"
    served = ["Finland", "Norway", "Sweden", "Iceland", realm, "Finland", "Norway"]
    served += ["Iceland", "Sweden", realm]

    assert told.holders(rotation, "2016-01-01", "2025-12-31") == yearly("2016-01-01", served)


def test_the_trio_of_a_day_is_one_question(officer):
    told = Told(officer, ["Czechia", "Poland", "Hungary", "Slovakia"])
    told.lay_down(["Czechia", "Poland", "Hungary", "Slovakia"], term=YEAR, starts_on="1999-07-01")
    path = f"agreements/{told.agreement.public_id}/convenor/"

    answer = told.caller.get(f"{path}?on=2026-06-30").json()

    around = [answer[name]["holder_names"][0] for name in ("previous", "current", "next")]
    assert around == ["Poland", "Hungary", "Slovakia"]
    first = told.caller.get(f"{path}?on=1999-07-01").json()
    assert (first["previous"], first["current"]["holder_names"]) == (None, ["Czechia"])
    before = told.caller.get(f"{path}?on={date(1999, 6, 30)}").json()
    assert (before["current"], before["next"]["starts_on"]) == (None, "1999-07-01")


@pytest.mark.parametrize("on", ["2027-03-01", "2045-12-31"])
def test_who_convenes_everywhere_is_told_for_days_beyond_the_stored_terms_too(officer, on):
    told = Told(officer, ["Czechia", "Poland", "Hungary", "Slovakia"])
    told.lay_down(["Czechia", "Poland", "Hungary", "Slovakia"], term=YEAR, starts_on="1999-07-01")
    one = told.caller.get(f"agreements/{told.agreement.public_id}/convenor/?on={on}").json()

    [row] = told.caller.get(f"convenors/?on={on}").json()["results"]

    assert row["agreement"] == str(told.agreement.public_id)
    for name in ("holders", "holder_names", "starts_on", "ends_on", "state"):
        assert row[name] == one["current"][name]


def test_what_was_decided_is_told_with_who_when_and_why(officer):
    told = Told(officer, ["Czechia", "Poland"])
    rotation = told.lay_down(["Czechia", "Poland"], term=YEAR, starts_on="2026-07-01")
    change = told.change(
        "assign", term_on="2027-07-01", organization="Czechia", decided_on="2027-02-01"
    )

    made = told.caller.post(f"rotations/{rotation}/changes/", change, **{"If-Match": "*"}).json()

    [kept] = told.caller.get(f"rotations/{rotation}/").json()["changes"]
    assert made == kept
    for name in ("decided_by", "decided_on", "reason"):
        assert kept[name] == change[name]
