"""Trees kept by their paths: whoever is under a node is found by the beginning of the path."""

from datetime import date
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from governance.base import Noun, NounQuerySet

_STEP = 10


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
    path = models.CharField(max_length=255, editable=False, default="", db_index=True)

    objects = TreeQuerySet.as_manager()

    class Meta:
        abstract = True

    def clean(self) -> None:
        super().clean()
        if self.parent is None:
            return
        if self.pk is not None and (
            self.parent.pk == self.pk or self.parent.path.startswith(self.path)
        ):
            raise ValidationError(
                {
                    "parent": ValidationError(
                        _("%(parent)s is itself under %(name)s: that would be a circle."),
                        code="cycle",
                        params={"parent": str(self.parent), "name": str(self)},
                    )
                }
            )
        if len(self.parent.path) + _STEP + 1 > 255:
            raise ValidationError(
                {"parent": ValidationError(_("The tree is too deep here."), code="too_deep")}
            )

    def follow_up(self, *, by: Any, on: date | None) -> None:
        """Keep the paths of this node and of everything beneath it in step."""
        super().follow_up(by=by, on=on)
        path = f"{self.parent.path if self.parent else ''}{self.pk:0{_STEP}d}/"
        if path == self.path:
            return
        old = self.path
        manager = type(self)._base_manager
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
