"""Changes of a rotation as they were decided: who decided what, when and why."""

from datetime import date
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from agreements.agreement import Agreement
from agreements.mechanisms.convenor_seats import with_sort_name
from agreements.mechanisms.rotation_plan import Change
from agreements.mechanisms.rotation_plan import Seat as PlannedSeat
from governance.base import Noun


class Kind(models.TextChoices):
    """What a change does."""

    SWAP = "swap", _("Swap two terms")
    ASSIGN = "assign", _("Assign a term")
    SKIP = "skip", _("Skip a turn")
    EXTEND = "extend", _("Change the end of a term")
    END = "end", _("End a term")
    VACATE = "vacate", _("Leave in mid-term")
    ADMIT = "admit", _("Admit a seat")
    WITHDRAW = "withdraw", _("Withdraw a seat")
    REORDER = "reorder", _("New order")


class RotationChange(Noun):
    """One recorded decision that alters a rotation: who decided it, when, why.

    ``revoked_by`` is None as long as it holds, and where the system revoked it by itself.
    """

    rotation = models.ForeignKey(
        "agreements.Rotation",
        verbose_name=_("rotation"),
        on_delete=models.CASCADE,
        related_name="changes",
    )
    number = models.PositiveIntegerField(_("number"), editable=False)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    terms_of_change = models.JSONField(_("what it says"), default=dict)
    binding = models.JSONField(default=dict, editable=False)
    decided_by = models.CharField(_("decided by"), max_length=200, blank=True)
    decided_on = models.DateField(_("decided on"), null=True, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    revoked_on = models.DateField(_("revoked on"), null=True, editable=False)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("revoked by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        editable=False,
    )
    revocation_reason = models.TextField(_("why it was revoked"), blank=True, editable=False)

    class Meta:
        verbose_name = _("change of the rotation")
        verbose_name_plural = _("changes of the rotation")
        ordering = ("rotation", "number")
        constraints = (
            models.UniqueConstraint(fields=("rotation", "number"), name="change_number_once"),
        )

    def __str__(self) -> str:
        return f"{self.number}. {self.get_kind_display()}"

    def prepare(self, *, by: Any, on: date | None) -> None:
        """Give it its place in the order of recording."""
        last = self.rotation.changes.aggregate(last=Max("number"))["last"] or 0
        self.number = last + 1

    def record_scope(self) -> Agreement:
        return self.rotation.agreement

    def planned(self) -> Change:
        """The change as plain data."""
        return planned_change(
            str(self.public_id),
            self.kind,
            self.number,
            self.decided_on,
            self.terms_of_change,
            self.binding,
        )


def stated(kind: str, facts: dict[str, Any]) -> dict[str, Any]:
    """The facts of a change in the one form in which they are kept.

    Several holders go by the contract's `organization`, like a single one; a newcomer has the name
    by which its seat is sorted: its own, if no other is given.
    """
    kept = {name: value for name, value in facts.items() if name != "organizations"}
    if facts.get("organizations"):
        kept["organization"] = list(facts["organizations"])
    return with_sort_name(kept) if kind == Kind.ADMIT else kept


def planned_change(
    key: str,
    kind: str,
    number: int,
    decided_on: date | None,
    facts: dict[str, Any],
    binding: dict[str, Any] | None = None,
) -> Change:
    """A change as plain data, from its facts as the contract names them."""
    named = facts.get("organization") or []
    organizations = list(named) if isinstance(named, list | tuple) else [named]
    listed = facts.get("seats") or ()
    if kind == Kind.ADMIT and facts.get("region"):
        listed = [facts]
    days = {
        name: date.fromisoformat(facts[name]) if facts.get(name) else None
        for name in ("term_on", "other_term_on", "ends_on", "on", "effective_on")
    }
    return Change(
        id=key,
        kind=kind,
        recorded=number,
        decided_on=decided_on,
        turns_ahead=facts.get("turns_ahead"),
        other_turns_ahead=facts.get("other_turns_ahead"),
        organizations=tuple(organizations),
        realign=bool(facts.get("realign")),
        then=facts.get("then"),
        after=facts.get("after"),
        sort_name=facts.get("sort_name") or "",
        seats=tuple(_listed(entry, place) for place, entry in enumerate(listed, 1)),
        first=facts.get("first"),
        binding=binding or {},
        **days,
    )


def _listed(entry: dict[str, Any], place: int) -> PlannedSeat:
    key = entry.get("organization") or entry.get("region") or ""
    return PlannedSeat(
        key=key,
        organization=entry.get("organization"),
        region=entry.get("region"),
        position=entry.get("position") or place,
        sort_name=entry.get("sort_name") or "",
        co_holders=tuple(entry.get("co_holders") or ()),
    )
