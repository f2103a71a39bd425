"""Where a row that a user sees may lead to one that does not exist for them."""

from django.db.models import Model

from actors.models import Person
from agreements.models import LiaisonAppointment, Party, Task
from governance.access.visible import PARTNER_RULES, everything

# Who signed, convenes or is responsible is a fact of the row that says so: partners read the name.
NAMED_ANYWAY: frozenset[type[Model]] = frozenset({Person})


# Relations whose rules above show the row at the other end to whoever sees this one.
SHOWN_ALONG: frozenset[tuple[type[Model], str]] = frozenset(
    {
        (Task, "lead"),
        (Task, "cooperating"),
        (Party, "signing_body"),
        (LiaisonAppointment, "person"),
    }
)


def limited(model: type[Model], path: str) -> type[Model] | None:
    """Whose rows ``path`` may lead to that do not exist for a partner who sees the ``model``'s row.

    None when whoever sees the row also sees the one at the other end.
    """
    here, may_miss = model, False
    for step in path.split("__"):
        relation = here._meta.get_field(step)
        may_miss = may_miss or relation.many_to_many or bool(relation.null)
        here = relation.related_model  # type: ignore[assignment]
    if not may_miss or (model, path) in SHOWN_ALONG:
        return None
    return None if PARTNER_RULES.get(here) is everything else here
