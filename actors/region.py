"""Administrative divisions, as a tree with their official codes."""

import re

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.base import bilingual, require_one_name
from governance.tree import TreeNoun

_FORMS = {
    "gb_t_2260": re.compile(r"^\d{6}$"),
    "iso_3166_2": re.compile(r"^[A-Z]{2}-[A-Z0-9]{1,3}$"),
}


class Region(TreeNoun):
    """An administrative division: a province, a municipality, a district, a zone."""

    class Scheme(models.TextChoices):
        """The standard that gave the code."""

        GB_T_2260 = "gb_t_2260", _("GB/T 2260 (China)")
        ISO_3166_2 = "iso_3166_2", _("ISO 3166-2")

    name = models.CharField(_("name"), max_length=200, blank=True)
    name_zh = models.CharField(_("Chinese name"), max_length=200, blank=True)
    scheme = models.CharField(_("code from"), max_length=12, choices=Scheme, blank=True)
    code = models.CharField(
        _("official code"),
        max_length=12,
        blank=True,
        help_text=_("For example 500106 (GB/T 2260) or CN-CQ (ISO 3166-2)."),
    )

    class Meta:
        verbose_name = _("region")
        verbose_name_plural = _("regions")
        ordering = ("code", "name")
        constraints = (
            models.UniqueConstraint(
                fields=("scheme", "code"),
                condition=~models.Q(code=""),
                name="region_code_once",
                violation_error_message=_("This code is already given to another region."),
            ),
        )

    def __str__(self) -> str:
        return bilingual(self.name, self.name_zh)

    def clean(self) -> None:
        super().clean()
        require_one_name(self.name, self.name_zh)
        if bool(self.code) != bool(self.scheme):
            raise ValidationError(
                {"code": _("A code and the standard it is from belong together.")}
            )
        if self.code and not _FORMS[self.scheme].match(self.code):
            raise ValidationError({"code": _("This is not a code of that standard.")})
