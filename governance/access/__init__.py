"""Who may see and do what: the one policy that every door asks.

``visible_to(user, Model)`` gives the rows that exist for a user; what it leaves out does not
exist for them, at any door. ``may(user, verb, obj)`` says whether the user's role and
organization allow a verb, and if not, why; whether the object's state allows it is the noun's
own question. Roles: see ``actors.user.Role``; an integration client without an organization
acts like the secretariat within its token's scopes, one with an organization like a partner.

A new noun is told here in ``belonging`` (to which agreement its rows belong) or ``visible`` (a
rule of its own), and in ``verbs`` what partners may do with it, by a rule in ``task_verbs``,
``meeting_verbs`` or ``post_verbs``. Doors import from this package, never from its modules.
"""

from governance.access.belonging import BELONGS, FROM_THE_START, goes_with_its_agreement
from governance.access.meeting_verbs import hosts, speaks_for
from governance.access.post_verbs import handover_sides
from governance.access.reader import is_convenor, oversees, own_organizations, registers
from governance.access.related import NAMED_ANYWAY, SHOWN_ALONG, limited
from governance.access.task_verbs import asks_for, works_on
from governance.access.verbs import actions, may
from governance.access.visible import (
    PARTNER_RULES,
    READINGS,
    agreements_of_today,
    closings_read,
    day_read,
    history,
    reads_until,
    seen,
    unread,
    visible_to,
)

__all__ = [
    "BELONGS",
    "FROM_THE_START",
    "NAMED_ANYWAY",
    "PARTNER_RULES",
    "READINGS",
    "SHOWN_ALONG",
    "actions",
    "agreements_of_today",
    "asks_for",
    "closings_read",
    "day_read",
    "goes_with_its_agreement",
    "handover_sides",
    "history",
    "hosts",
    "is_convenor",
    "limited",
    "may",
    "oversees",
    "own_organizations",
    "reads_until",
    "registers",
    "seen",
    "speaks_for",
    "unread",
    "visible_to",
    "works_on",
]
