"""What happened, in a word: every verb that goes on record, for every history that shows it."""

from typing import Any

from django.utils.translation import pgettext_lazy

_WORDS: dict[str, Any] = {
    "create": pgettext_lazy("on record", "entered"),
    "change": pgettext_lazy("on record", "changed"),
    "delete": pgettext_lazy("on record", "deleted"),
    "read": pgettext_lazy("on record", "read"),
    "download": pgettext_lazy("on record", "downloaded"),
    "negotiate": pgettext_lazy("on record", "negotiation opened"),
    "sign": pgettext_lazy("on record", "signature recorded"),
    "approve": pgettext_lazy("on record", "approval recorded"),
    "accede": pgettext_lazy("on record", "accession recorded"),
    "withdraw": pgettext_lazy("on record", "withdrawal recorded"),
    "bring_into_force": pgettext_lazy("on record", "brought into force"),
    "suspend": pgettext_lazy("on record", "suspended"),
    "resume": pgettext_lazy("on record", "resumed"),
    "expire": pgettext_lazy("on record", "expiry recorded"),
    "terminate": pgettext_lazy("on record", "terminated"),
    "supersede": pgettext_lazy("on record", "supersession recorded"),
    "abandon": pgettext_lazy("on record", "abandoned"),
    "assign": pgettext_lazy("on record", "assigned"),
    "accept": pgettext_lazy("on record", "accepted"),
    "start": pgettext_lazy("on record", "started"),
    "submit": pgettext_lazy("on record", "submitted for verification"),
    "verify": pgettext_lazy("on record", "completion verified"),
    "return": pgettext_lazy("on record", "returned"),
    "cancel": pgettext_lazy("on record", "cancelled"),
    "flag_for_reassignment": pgettext_lazy("on record", "needs another organization"),
    "reach": pgettext_lazy("on record", "recorded as reached"),
    "confirm": pgettext_lazy("on record", "confirmed"),
    "revoke": pgettext_lazy("on record", "revoked"),
    "relieve": pgettext_lazy("on record", "relieved"),
    "come_back": pgettext_lazy("on record", "return recorded"),
    "answer": pgettext_lazy("on record", "answered"),
    "remind": pgettext_lazy("on record", "reminded"),
    "leave": pgettext_lazy("on record", "end of membership recorded"),
    "extend": pgettext_lazy("on record", "extended"),
    "convene": pgettext_lazy("on record", "called"),
    "postpone": pgettext_lazy("on record", "postponed"),
    "close": pgettext_lazy("on record", "closed"),
    "rotate": pgettext_lazy("on record", "given a new address"),
    "split": pgettext_lazy("on record", "continued by a new series"),
    "tell": pgettext_lazy("on record", "told"),
    "acknowledge": pgettext_lazy("on record", "receipt confirmed"),
    "replay": pgettext_lazy("on record", "sent again"),
    "note": pgettext_lazy("on record", "note written"),
    "sign_off": pgettext_lazy("on record", "handover signed off"),
    "follow": pgettext_lazy("on record", "followed the rotation"),
    "load": pgettext_lazy("on record", "days loaded"),
    "settle": pgettext_lazy("on record", "year checked by hand"),
    "change_role": pgettext_lazy("on record", "role changed"),
    "set_password": pgettext_lazy("on record", "password set"),
    "decline": pgettext_lazy("on record", "declined"),
    "discuss": pgettext_lazy("on record", "recorded as discussed"),
    "defer": pgettext_lazy("on record", "deferred"),
    "move": pgettext_lazy("on record", "moved"),
    "place": pgettext_lazy("on record", "put before a consultation"),
    "reschedule": pgettext_lazy("on record", "given another date"),
    "grant": pgettext_lazy("on record", "granted"),
    "refuse": pgettext_lazy("on record", "refused"),
    "circulate": pgettext_lazy("on record", "circulated"),
    "revise": pgettext_lazy("on record", "text revised"),
}
# The same verb of another kind of object, where it means another thing.
_OF_THESE: dict[tuple[str, str], Any] = {
    ("agreements.agendaitem", "accept"): pgettext_lazy("on record", "put on the agenda"),
    ("agreements.agendaitem", "withdraw"): pgettext_lazy("on record", "proposal withdrawn"),
    ("agreements.extensionrequest", "create"): pgettext_lazy("on record", "more time asked for"),
    ("agreements.extensionrequest", "grant"): pgettext_lazy("on record", "more time granted"),
    ("agreements.extensionrequest", "refuse"): pgettext_lazy("on record", "more time refused"),
    ("agreements.extensionrequest", "withdraw"): pgettext_lazy("on record", "request withdrawn"),
    ("agreements.liaisonabsence", "delete"): pgettext_lazy("on record", "withdrawn"),
    ("agreements.minutes", "approve"): pgettext_lazy("on record", "minutes approved"),
}


def verb_word(verb: str, object_type: str = "") -> str:
    """What a verb on record is called; one that no longer exists keeps its name."""
    word = _OF_THESE.get((object_type, verb)) or _WORDS.get(verb)
    return str(word or verb.replace("_", " "))
