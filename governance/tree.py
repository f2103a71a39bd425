"""Trees kept by their paths: whoever is under a node is found by the beginning of the path."""

from datetime import date
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Max, Q
from django.db.models.functions import Length
from django.utils.translation import gettext_lazy as _

from governance.base import Noun, NounQuerySet

_STEP = 10
_LONGEST = 255


class TreeQuerySet(NounQuerySet):
    def under(self, nodes: "list[TreeNoun]") -> Self:
        """These nodes and everything beneath them."""
        if not nodes:
            return self.none()
        ranges = Q()
        for node in nodes:
            ranges |= Q(path__startswith=node.path)
        return self.filter(ranges)


class TreeNoun(Noun):
    """A noun in a tree. ``path`` is ``0000000012/0000000034/``, written by the system."""

    parent = models.ForeignKey(
        "self",
        verbose_name=_("under"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="children",
    )
    path = models.CharField(max_length=_LONGEST, editable=False, default="", db_index=True)

    objects = TreeQuerySet.as_manager()

    class Meta:
        abstract = True

    def clean(self) -> None:
        super().clean()
        if self.parent is None:
            return
        # The parent may have been moved since it was read.
        rows = type(self)._base_manager.all()
        above = rows.filter(pk=self.parent.pk).values_list("path", flat=True).first() or ""
        self._refuse_circle(above)
        beneath = 0
        if self.path:
            deepest = rows.filter(path__startswith=self.path).aggregate(n=Max(Length("path")))["n"]
            beneath = (deepest or 0) - len(self.path)
        if len(above) + _STEP + 1 + beneath > _LONGEST:
            raise ValidationError(
                {"parent": ValidationError(_("The tree is too deep here."), code="too_deep")}
            )

    def _refuse_circle(self, above: str) -> None:
        if self.pk is None or f"{self.pk:0{_STEP}d}" not in above.split("/"):
            return
        raise ValidationError(
            {
                "parent": ValidationError(
                    _("%(parent)s is itself under %(name)s: that would be a circle."),
                    code="cycle",
                    params={"parent": str(self.parent), "name": str(self)},
                )
            }
        )

    def follow_up(self, *, by: Any, on: date | None) -> None:
        """Keep the paths of this node and of everything beneath it in step."""
        super().follow_up(by=by, on=on)
        manager = type(self)._base_manager
        # Locked, so that two branches moved at once cannot end up under each other.
        above = ""
        if self.parent is not None:
            above = manager.select_for_update().get(pk=self.parent.pk).path
        self._refuse_circle(above)
        path = f"{above}{self.pk:0{_STEP}d}/"
        if path == self.path:
            return
        old = self.path
        manager.filter(pk=self.pk).update(path=path)
        self.path = path
        if not old:
            return
        for node in manager.filter(path__startswith=old).exclude(pk=self.pk):
            manager.filter(pk=node.pk).update(path=path + node.path.removeprefix(old))

    def ancestors_and_self(self) -> models.QuerySet[Any]:
        """From the root down to this node."""
        ids = [int(step) for step in self.path.split("/") if step]
        return type(self)._base_manager.filter(pk__in=ids).order_by("path")
