"""Minutes as they are shown: where they stand, who said what to which text, how they changed."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language, ngettext, override
from django.utils.translation import gettext_lazy as _

from agreements.mechanisms.agenda_rules import Status as ItemStatus
from agreements.mechanisms.confirmations import confirmation_refusal
from agreements.mechanisms.minutes import Stance, Status, Word
from agreements.models import Confirmation, Consultation, Minutes
from agreements.portal.agenda_shown import Entry
from governance.access import may, oversees, registers, speaks_for, visible_to
from governance.templatetags.words import day
from governance.wording import in_a_row, labelled


def minutes_path(consultation: Consultation, act: str = "") -> str:
    """The address of a consultation's minutes, or of writing them."""
    name = "minutes_write" if act == "write" else "minutes"
    return reverse(name, kwargs={"id": consultation.public_id})


def minutes_verb_path(minutes: Minutes, verb: str) -> str:
    """The address of a verb of minutes, or of confirming them."""
    if verb == "confirm":
        return reverse("minutes_confirm", kwargs={"id": minutes.public_id})
    return reverse("minutes_verb", kwargs={"id": minutes.public_id, "verb": verb})


def minutes_of(user: Any, consultation: Consultation) -> Minutes | None:
    """The minutes as far as they exist for the reader; None before anybody wrote them."""
    found: Minutes | None = visible_to(user, Minutes).filter(consultation=consultation).first()
    if found is not None:
        found.consultation = consultation
    return found


@dataclass(frozen=True, slots=True)
class Said:
    """What one participant said. ``revision``: which text it said it to; None: unknown."""

    word: Word
    words: Any
    revision: int | None


def said_of(minutes: Minutes, words: list[Word]) -> list[Said]:
    """What each participant said, a word to an older text shown as such."""
    numbers = dict(minutes.revisions.values_list("sha256", "number"))
    return [Said(word, _words(word), numbers.get(word.sha256)) for word in words]


def _words(word: Word) -> Any:
    if word.stance is None:
        return _("Nothing yet")
    stance = Stance(word.stance).label
    if word.matches:
        return stance
    return labelled(_("To another text"), stance)


def standing_text(minutes: Minutes, words: list[Word]) -> str:
    """Where they stand, and what happens next without anybody doing anything."""
    if minutes.status == Status.APPROVED:
        told = {"day": day(minutes.approved_on), "how": minutes.get_approved_by_display()}
        return str(_("Approved on %(day)s: %(how)s.") % told)
    if minutes.status == Status.DRAFTED:
        return str(
            _("A draft, revision %(number)s: nobody has been asked to confirm it.")
            % {"number": minutes.revision}
        )
    missing = len(missing_words(words))
    sentences: list[Any] = [
        _("Circulated on %(day)s.") % {"day": day(minutes.circulated_on)},
        ngettext(
            "%(number)s participant has not answered yet.",
            "%(number)s participants have not answered yet.",
            missing,
        )
        % {"number": missing},
    ]
    if minutes.silence_until is not None:
        sentences.append(
            _("Whoever says nothing by %(day)s counts as agreeing.")
            % {"day": day(minutes.silence_until)}
        )
    return in_a_row(sentences)


def missing_words(words: list[Word]) -> list[Word]:
    """Those who have said nothing to the text as it is."""
    return [word for word in words if word.stance is None or not word.matches]


def own_missing(user: Any, minutes: Minutes, words: list[Word]) -> list[Word]:
    """Those of the reader's own organizations whose word is asked for."""
    if confirmation_refusal(minutes) is not None:
        return []
    own = {one.organization.pk for one in speaks_for(user, minutes.consultation)}
    return [word for word in missing_words(words) if word.organization.pk in own]


def may_confirm(user: Any, minutes: Minutes) -> bool:
    """Whether the reader gives anybody's word to these minutes, as far as rights go."""
    own = next(iter(speaks_for(user, minutes.consultation)), None)
    organization = own.organization if own is not None else None
    if organization is None and not registers(user):
        return False
    asked = Confirmation(minutes=minutes, organization=organization)
    return may(user, "create", asked) is None


def may_write(user: Any, consultation: Consultation, minutes: Minutes | None) -> bool:
    """Whether the reader writes the minutes, as far as rights go."""
    made = minutes or Minutes(consultation=consultation)
    return may(user, "create" if minutes is None else "revise", made) is None


def reads_revisions(user: Any, minutes: Minutes) -> bool:
    """Whether the reader sees how the text came about: whoever writes it, and who oversees."""
    return oversees(user) or may_write(user, minutes.consultation, minutes)


def drafts(agenda: list[Entry], decisions: list[Any]) -> dict[str, str]:
    """Texts to begin with: in the reader's language, in the other where all of it is said there."""
    found = {}
    for language, field in (("en", "text"), ("zh-hans", "text_zh")):
        said = [
            *(getattr(entry.item, _IN[language][0]) for entry in agenda),
            *(getattr(decision, _IN[language][1]) for decision in decisions),
        ]
        if get_language() == language or (said and all(said)):
            with override(language):
                found[field] = draft(agenda, decisions)
    return found


# The title of an item and the text of a decision in each language.
_IN = {"en": ("title", "text"), "zh-hans": ("title_zh", "text_zh")}


def draft(agenda: list[Entry], decisions: list[Any]) -> str:
    """A text to begin with, from the agenda, the notes and the decisions."""
    by_item: dict[Any, list[Any]] = {}
    for decision in decisions:
        by_item.setdefault(decision.agenda_item_id, []).append(decision)
    parts = [_of_item(entry, by_item.pop(entry.item.pk, [])) for entry in agenda]
    parts += ["\n".join(map(_decided, rest)) for rest in by_item.values()]
    return "\n\n".join(parts)


def _of_item(entry: Entry, decisions: list[Any]) -> str:
    item = entry.item
    lines = [f"{item.number}. {item}" if item.number else str(item)]
    if item.minutes_note:
        lines.append(item.minutes_note)
    lines += map(_decided, decisions)
    if item.status == ItemStatus.DEFERRED:
        lines.append(str(_("Deferred to the next consultation.")))
    return "\n".join(lines)


def _decided(decision: Any) -> str:
    return labelled(decision, decision.wording)
