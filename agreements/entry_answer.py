"""The answer to the question of entry into force, and its words.

The facts are computed beforehand (``entry_into_force``); the sentences are made when they are
read, in the reader's language.
"""

from dataclasses import dataclass
from datetime import date as Day
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements.conditions import (
    SIGNATORIES,
    SIGNED,
    Condition,
    Count,
    Finding,
    Part,
    Share,
    plain,
)
from agreements.entry_rule import Delay, Rule
from agreements.entry_rule_schema import (
    DAYS_ELAPSED,
    FIRST_OF_MONTH_AFTER_DAYS,
    FIRST_OF_MONTH_AFTER_MONTHS,
    FIXED_DATE,
    MONTHS_AFTER,
    NTH_DAY_AFTER,
)
from governance.wording import day_text, in_a_row, listed


@dataclass(frozen=True)
class ConditionAnswer:
    """How one condition stands: on the day of the trigger, else on the last day judged.

    ``met_on`` is the first day of the unbroken time for which it has held; None: it does not.
    """

    condition: Condition
    finding: Finding
    met_on: Day | None

    @property
    def type(self) -> str:
        return self.condition.type

    @property
    def required(self) -> int | str:
        return self.finding.required

    @property
    def reached(self) -> int | str:
        return self.finding.reached

    @property
    def met(self) -> bool:
        return self.finding.met

    def as_dict(self) -> dict[str, Any]:
        """The condition in the words of the rule, with how it stands."""
        return self.condition.as_dict() | {
            "required": self.required,
            "reached": self.reached,
            "met": self.met,
            "met_on": _iso(self.met_on),
        }


@dataclass(frozen=True)
class PartyAnswer:
    """One period of membership: the act that binds it and its own day of entry.

    ``act_on`` None: not done. ``in_force_on`` None: not in force for it, or it had left before.
    ``heir_of`` names the party whose instrument binds it by succession, if no act of its own.
    """

    party: str
    name: str
    act_on: Day | None
    in_force_on: Day | None
    counts: bool
    heir_of: str = ""
    withdrawn_on: Day | None = None

    def as_dict(self) -> dict[str, Any]:
        """What the doors say of a party."""
        return {
            "party": self.party,
            "name": self.name,
            "act_on": _iso(self.act_on),
            "in_force_on": _iso(self.in_force_on),
            "counts": self.counts,
        }


@dataclass(frozen=True)
class Answer:
    """When an agreement enters into force by its rule, and for whom.

    ``date`` None: it does not yet, or the rule is not known. ``trigger_on``: the first day on
    which every condition held; None too where the rule has no condition. ``judged_on``: the day
    up to which acts were regarded; None: all that are recorded.
    """

    rule: Rule
    judged_on: Day | None
    date: Day | None
    trigger_on: Day | None
    met: bool
    conditions: tuple[ConditionAnswer, ...]
    parties: tuple[PartyAnswer, ...]

    @property
    def explanation(self) -> str:
        """Why this is the date, condition by condition and party by party, a sentence a line."""
        if not self.rule.is_known:
            lines = [_("The rule of entry into force is not known, so no date follows from it.")]
        else:
            lines = [_condition_line(one) for one in self.conditions] + _date_lines(self)
        return "\n".join(lines + [_party_line(one, self.rule) for one in self.parties])

    @property
    def missing(self) -> str:
        """What has still to happen before the date is settled; empty when nothing is."""
        if not self.rule.is_known:
            return _("The rule of entry into force has still to be entered.")
        if self.met:
            return ""
        return "\n".join(
            [_missing_line(one) for one in self.conditions if not one.met] + _forecast(self)
        )

    def as_dict(self) -> dict[str, Any]:
        """The answer as the doors give it."""
        return {
            "date": _iso(self.date),
            "trigger_on": _iso(self.trigger_on),
            "met": self.met,
            "conditions": [one.as_dict() for one in self.conditions],
            "parties": [one.as_dict() for one in self.parties],
            "explanation": self.explanation,
            "missing": self.missing,
        }


def _iso(day: Day | None) -> str | None:
    return None if day is None else day.isoformat()


def _day(day: Day | None) -> str:
    return "" if day is None else day_text(day)


def _condition_line(answer: ConditionAnswer) -> str:
    words = {
        "requirement": _requirement(answer.condition),
        "day": _day(answer.met_on),
        "reached": _reached(answer),
    }
    if answer.met:
        return _("%(requirement)s: met on %(day)s (%(reached)s).") % words
    return _("%(requirement)s: not met yet (%(reached)s).") % words


def _requirement(condition: Condition) -> str:
    if condition.category is None:
        return _bare_requirement(condition)
    return _("%(requirement)s (category %(category)s)") % {
        "requirement": _bare_requirement(condition),
        "category": condition.category,
    }


def _bare_requirement(condition: Condition) -> str:
    signed = condition.act == SIGNED
    if isinstance(condition, Count):
        if signed:
            text = ngettext(
                "At least %(n)d party has to sign",
                "At least %(n)d parties have to sign",
                condition.n,
            )
        else:
            text = ngettext(
                "At least %(n)d party has to approve",
                "At least %(n)d parties have to approve",
                condition.n,
            )
        return text % {"n": condition.n}
    if isinstance(condition, Share):
        if signed:
            text = _("Parties with at least %(percent)s%% of the weights have to sign")
        else:
            text = _("Parties with at least %(percent)s%% of the weights have to approve")
        return text % {"percent": plain(condition.min_percent)}
    if isinstance(condition, Part):
        return _part_requirement(condition)
    return _("All parties have to sign") if signed else _("All parties have to approve")


def _part_requirement(condition: Part) -> str:
    signed = condition.act == SIGNED
    if condition.of == SIGNATORIES:
        if signed:
            text = _("At least %(part)s of the signatories have to sign")
        else:
            text = _("At least %(part)s of the signatories have to approve")
    elif signed:
        text = _("At least %(part)s of the parties have to sign")
    else:
        text = _("At least %(part)s of the parties have to approve")
    return text % {"part": condition.minimum}


def _reached(answer: ConditionAnswer) -> str:
    if isinstance(answer.condition, Share):
        return _("%(percent)s%% reached") % {"percent": answer.reached}
    if isinstance(answer.condition, Part):
        return _("%(part)s reached") % {"part": answer.reached}
    return _("%(reached)s of %(required)s") % {
        "reached": answer.reached,
        "required": answer.required,
    }


def _date_lines(answer: Answer) -> list[str]:
    rule = answer.rule
    if not answer.met:
        return [_("The conditions do not all hold yet, so there is no date.")]
    if answer.date is None or rule.delay is None:
        return []
    lines = []
    if answer.trigger_on is not None:
        lines.append(
            _("The conditions all hold since %(day)s.") % {"day": day_text(answer.trigger_on)}
        )
    lines.append(_delay_line(answer, rule.delay))
    if rule.not_before is not None:
        lines.append(_("Never before %(day)s.") % {"day": day_text(rule.not_before)})
    lines.append(_("Entry into force: %(day)s.") % {"day": day_text(answer.date)})
    return lines


def _delay_line(answer: Answer, delay: Delay) -> str:
    by = answer.rule.fixed_if_met_by
    if by is not None and answer.trigger_on is not None and answer.trigger_on <= by:
        return _("They hold by %(day)s, and so that is the agreed day.") % {"day": day_text(by)}
    return _delay_words(delay)


def _delay_words(delay: Delay) -> str:
    if delay.kind == FIXED_DATE:
        return _("The agreed day is %(day)s, or a later day on which the conditions hold.") % {
            "day": _day(delay.fixed_on)
        }
    if delay.kind in {NTH_DAY_AFTER, DAYS_ELAPSED, FIRST_OF_MONTH_AFTER_DAYS}:
        return _days_words(delay)
    if delay.kind in {MONTHS_AFTER, FIRST_OF_MONTH_AFTER_MONTHS}:
        return _months_words(delay)
    return _("It enters into force on that day.")


def _days_words(delay: Delay) -> str:
    if delay.kind == NTH_DAY_AFTER:
        text = ngettext(
            "It enters into force %(days)d day later.",
            "It enters into force %(days)d days later.",
            delay.days,
        )
    elif delay.kind == DAYS_ELAPSED:
        text = ngettext(
            "It enters into force when %(days)d full day has passed, on the next day.",
            "It enters into force when %(days)d full days have passed, on the next day.",
            delay.days,
        )
    else:
        text = ngettext(
            "It enters into force on the first day of the month after %(days)d day.",
            "It enters into force on the first day of the month after %(days)d days.",
            delay.days,
        )
    return text % {"days": delay.days}


def _months_words(delay: Delay) -> str:
    if delay.kind == MONTHS_AFTER:
        text = ngettext(
            "It enters into force %(months)d month later.",
            "It enters into force %(months)d months later.",
            delay.months,
        )
    else:
        text = ngettext(
            "It enters into force on the first day of the month after %(months)d month.",
            "It enters into force on the first day of the month after %(months)d months.",
            delay.months,
        )
    return text % {"months": delay.months}


def _party_line(party: PartyAnswer, rule: Rule) -> str:
    words = {
        "party": _party_name(party),
        "act_on": _day(party.act_on),
        "in_force_on": _day(party.in_force_on),
        "former": party.heir_of,
        "withdrawn_on": _day(party.withdrawn_on),
    }
    lines = [_act_sentence(party, rule) % words]
    if party.withdrawn_on is not None:
        lines.append(_("It is no longer a party from %(withdrawn_on)s on.") % words)
    return in_a_row(lines)


def _party_name(party: PartyAnswer) -> str:
    if party.counts:
        return party.name
    return _("%(party)s (not counted)") % {"party": party.name}


def _act_sentence(party: PartyAnswer, rule: Rule) -> str:
    if party.heir_of and party.in_force_on is not None:
        return _("%(party)s: bound by the instrument of %(former)s, in force on %(in_force_on)s.")
    if party.heir_of:
        return _("%(party)s: bound by the instrument of %(former)s.")
    signed = rule.own_act == SIGNED
    if party.act_on is None:
        return _("%(party)s: has not signed.") if signed else _("%(party)s: has not approved.")
    if party.in_force_on is None:
        if signed:
            return _("%(party)s: signed on %(act_on)s.")
        return _("%(party)s: approved on %(act_on)s.")
    if signed:
        return _("%(party)s: signed on %(act_on)s, in force on %(in_force_on)s.")
    return _("%(party)s: approved on %(act_on)s, in force on %(in_force_on)s.")


def _missing_line(answer: ConditionAnswer) -> str:
    shortage = _shortage(answer)
    if answer.condition.category is not None:
        shortage = _("%(shortage)s (category %(category)s)") % {
            "shortage": shortage,
            "category": answer.condition.category,
        }
    names = listed(party.name for party in answer.finding.waiting)
    if not names:
        return _("%(shortage)s: nobody who could is on the list of parties.") % {
            "shortage": shortage
        }
    return _("%(shortage)s: waiting for %(names)s.") % {"shortage": shortage, "names": names}


def _shortage(answer: ConditionAnswer) -> str:
    signed = answer.condition.act == SIGNED
    short = answer.finding.short
    if isinstance(short, str):
        if signed:
            text = _("Signatures of parties with another %(percent)s%% of the weights are missing")
        else:
            text = _("Approvals of parties with another %(percent)s%% of the weights are missing")
        return text % {"percent": short}
    if signed:
        text = ngettext("%(n)d signature is missing", "%(n)d signatures are missing", short)
    else:
        text = ngettext("%(n)d approval is missing", "%(n)d approvals are missing", short)
    return text % {"n": short}


def _forecast(answer: Answer) -> list[str]:
    """What date would follow if the rest came about on the day of the question."""
    if answer.judged_on is None:
        return []
    return [
        _("If the conditions held on %(day)s, the agreement would enter into force on %(date)s.")
        % {
            "day": day_text(answer.judged_on),
            "date": _day(answer.rule.entry_on(answer.judged_on)),
        }
    ]
