"""Parties and rules in few words, for the tests of entry into force."""

from datetime import date

from agreements.entry_into_force import PartyActs, Rule

ON_SIGNATURE = {"all_of": [{"type": "all", "act": "signed"}], "delay": {"kind": "on_trigger"}}
ON_A_DAY = {"all_of": [], "delay": {"kind": "fixed_date", "date": "2027-01-01"}}


def day(text):
    return date.fromisoformat(text)


def approved(name, on=None, **facts):
    dates = {key: day(value) for key, value in facts.items() if key.endswith("_on")}
    return PartyActs(
        key=facts.pop("key", name), name=name, approved_on=day(on) if on else None, **facts | dates
    )


def signed(name, on=None, **facts):
    return PartyActs(key=name, name=name, signed_on=day(on) if on else None, **facts)


def many(number, on, start=1, **facts):
    return [approved(f"State {start + place}", on, **facts) for place in range(number)]


def count(n, *, delay, **more):
    return Rule.from_json(
        {"all_of": [{"type": "count", "n": n, "act": "approved"}], "delay": delay} | more
    )


def nth(days):
    return {"kind": "nth_day_after", "days": days}


def entry_of(result, name):
    """The days of entry of all periods of membership of the party of this name."""
    return [party.in_force_on for party in result.parties if party.name == name]


# The rule of the Paris Agreement, articles 21 and 28.
PARIS = Rule.from_json(
    {
        "all_of": [
            {"type": "count", "n": 55, "category": None, "act": "approved"},
            {"type": "share", "min_percent": 55, "total": "100", "act": "approved"},
        ],
        "delay": nth(30),
        "later_parties": nth(30),
        "withdrawal": {"not_before_months": 36, "notice_days": None, "notice_months": 12},
    }
)
