"""Content areas: what is governed, as a tree."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.base import Sourced, bilingual, require_one_name
from governance.tree import TreeNoun


class ContentArea(Sourced, TreeNoun):
    """A field of cooperation, such as environmental protection."""

    name = models.CharField(_("name"), max_length=200, blank=True)
    name_zh = models.CharField(_("Chinese name"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("content area")
        verbose_name_plural = _("content areas")
        ordering = ("name", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("name", "name_zh"),
                name="content_area_once",
                violation_error_message=_("This content area is there already."),
            ),
        )

    def __str__(self) -> str:
        return bilingual(self.name, self.name_zh)

    def clean(self) -> None:
        super().clean()
        require_one_name(self.name, self.name_zh)
