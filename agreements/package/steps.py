"""What loading a package does, step by step: what is created, changed, done, or left alone."""

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.wording import labelled, listed, noted

CREATE, CHANGE, LEAVE, ACT = "create", "change", "leave", "act"
LABELS = {
    CREATE: gettext_lazy("create"),
    CHANGE: gettext_lazy("change"),
    LEAVE: gettext_lazy("leave as it is"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step. ``verb`` is create, change, leave, or a verb of the life of what it is about.

    ``path`` is the JSON pointer of the entry; ``fields`` are those that change, by label.
    """

    verb: str
    label: str
    kind: str
    name: str
    path: str
    fields: tuple[str, ...] = ()

    @property
    def action(self) -> str:
        """Whether it creates, changes, leaves alone, or acts."""
        return self.verb if self.verb in LABELS else ACT

    def __str__(self) -> str:
        about = _("%(kind)s “%(name)s”") % {"kind": self.kind, "name": self.name}
        if self.fields:
            about = noted(about, listed(self.fields))
        return labelled(self.label, about)


@dataclass(slots=True)
class Plan:
    """The steps of one loading. ``agreement`` is None when it does not exist yet."""

    steps: list[Step] = field(default_factory=list)
    agreement: Any = None

    @property
    def counts(self) -> dict[str, int]:
        """How many steps create, change, act, and leave alone."""
        return {
            action: sum(step.action == action for step in self.steps)
            for action in (CREATE, CHANGE, ACT, LEAVE)
        }

    @property
    def changes_nothing(self) -> bool:
        """Whether all that the package says is there already."""
        return all(step.action == LEAVE for step in self.steps)

    def as_json(self) -> dict[str, Any]:
        """As the doors hand it out."""
        return {
            "agreement": str(self.agreement.public_id) if self.agreement is not None else None,
            "counts": self.counts,
            "steps": [
                {
                    "action": step.action,
                    "verb": step.verb,
                    "type": step.kind,
                    "name": step.name,
                    "path": step.path,
                    "fields": list(step.fields),
                }
                for step in self.steps
            ],
        }

    def summary(self) -> str:
        """The counts in one sentence."""
        return (
            _(
                "%(create)s to create, %(change)s to change, %(act)s acts to record, "
                "%(leave)s left as they are."
            )
            % self.counts
        )
