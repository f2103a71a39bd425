"""Entry into force: what the parties agreed and what they did, in; the date and why, out.

Pure: no database and no clock. The *trigger* is the first day on which every condition of the
rule holds, and once reached it stays, whoever leaves afterwards; the delay counts from it.
The rule itself is in ``entry_rule``, the judging of a day in ``conditions``, the words of the
answer in ``entry_answer``.
"""

from collections.abc import Iterable
from datetime import date

from agreements.conditions import PartyActs, Roll
from agreements.entry_answer import Answer, ConditionAnswer, PartyAnswer
from agreements.entry_rule import Rule, RuleInvalid
from agreements.entry_rule_schema import RULE_SCHEMA

__all__ = [
    "RULE_SCHEMA",
    "Answer",
    "ConditionAnswer",
    "PartyActs",
    "PartyAnswer",
    "Rule",
    "RuleInvalid",
    "answer",
]


def answer(rule: Rule, parties: Iterable[PartyActs], on: date | None = None) -> Answer:
    """When the agreement enters into force, and for whom.

    ``parties``: one row per period of membership. ``on``: acts after this day are disregarded,
    as if the question had been asked that day; None: everything recorded is regarded.
    """
    roll = Roll(parties)
    trigger_on, conditions = _judge(rule, roll, on)
    entry_on = rule.entry_on(trigger_on)
    return Answer(
        rule=rule,
        judged_on=on,
        date=entry_on,
        trigger_on=trigger_on,
        met=entry_on is not None,
        conditions=conditions,
        parties=tuple(
            _party_answer(row, roll, rule, trigger_on, entry_on, on) for row in roll.parties
        ),
    )


def _judge(
    rule: Rule, roll: Roll, on: date | None
) -> tuple[date | None, tuple[ConditionAnswer, ...]]:
    """The trigger, and the conditions as they stood on it or, without one, at the end."""
    if not rule.conditions:
        return None, ()
    since: list[date | None] = [None] * len(rule.conditions)
    # Without any event the conditions are judged once, on whatever day.
    days = roll.event_days(by=on) or [on or date.min]
    for day in days:
        findings = [condition.judge(roll, day) for condition in rule.conditions]
        since = [
            (start or day) if finding.met else None
            for start, finding in zip(since, findings, strict=True)
        ]
        if None not in since:
            break
    trigger_on = None if None in since else day
    told = zip(rule.conditions, findings, since, strict=True)
    return trigger_on, tuple(ConditionAnswer(*one) for one in told)


def _party_answer(
    row: PartyActs,
    roll: Roll,
    rule: Rule,
    trigger_on: date | None,
    entry_on: date | None,
    on: date | None,
) -> PartyAnswer:
    act_on = row.act_on(rule.own_act, by=on)
    in_force_on = _bound_on(act_on, rule, trigger_on, entry_on)
    heir_of = ""
    if act_on is None:
        former = _former(row, roll, rule, on)
        if former is not None:
            heir_of = former.name
            bound_on = _bound_on(former.act_on(rule.own_act, by=on), rule, trigger_on, entry_on)
            in_force_on = _latest(bound_on, row.belongs_from, former.withdrawn_on)
    if in_force_on is not None and row.has_left(in_force_on):
        in_force_on = None
    return PartyAnswer(
        party=row.key,
        name=row.name,
        act_on=act_on,
        in_force_on=in_force_on,
        counts=row.counts,
        heir_of=heir_of,
        withdrawn_on=row.withdrawn_on,
    )


def _bound_on(
    act_on: date | None, rule: Rule, trigger_on: date | None, entry_on: date | None
) -> date | None:
    """The day of entry for whoever did its act on ``act_on``.

    A later party is one whose act comes after the trigger (without one: after the day of entry).
    """
    if act_on is None or entry_on is None:
        return None
    if act_on <= (trigger_on or entry_on):
        return entry_on
    return max(rule.later_entry_on(act_on), entry_on)


def _former(row: PartyActs, roll: Roll, rule: Rule, on: date | None) -> PartyActs | None:
    """The first to act among those whom the party has succeeded; None: nobody did."""
    acted = [
        (day, former)
        for former in roll.ancestors(row)
        if (day := former.act_on(rule.own_act, by=on)) is not None
        and (on is None or former.withdrawn_on is None or former.has_left(on))
    ]
    return min(acted, key=lambda one: one[0])[1] if acted else None


def _latest(*days: date | None) -> date | None:
    """The latest of the days; None if the first is not known."""
    return None if days[0] is None else max(day for day in days if day is not None)
