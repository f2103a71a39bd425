"""Organizations: who can be a party, sign, lead a task; their identifiers are checked."""

import re
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from stdnum import lei
from stdnum.cn import uscc
from stdnum.exceptions import ValidationError as NumberError

from actors.region import Region
from governance.base import Noun, Sourced, bilingual, require_one_name
from governance.record import unit
from governance.tree import TreeNoun
from governance.wording import labelled


class Sector(models.TextChoices):
    """The three sectors of cooperative governance."""

    PUBLIC = "public", _("Public sector")
    MARKET = "market", _("Market organization")
    SOCIAL = "social", _("Social organization")


class Kind(models.TextChoices):
    """What an organization is; each kind suggests its sector (:data:`SECTOR_OF`)."""

    PARTY_ORGANIZATION = "party_organization", _("Party organization")
    LEGISLATURE = "legislature", _("Legislature")
    GOVERNMENT = "government", _("Government")
    GOVERNMENT_DEPARTMENT = "government_department", _("Government department")
    PUBLIC_INSTITUTION = "public_institution", _("Public institution")
    MANAGEMENT_COMMITTEE = "management_committee", _("Management committee")
    ENTERPRISE = "enterprise", _("Enterprise")
    STATE_OWNED_ENTERPRISE = "state_owned_enterprise", _("State-owned enterprise")
    SOLE_TRADER = "sole_trader", _("Sole trader")
    TRADE_ASSOCIATION = "trade_association", _("Trade association")
    ALLIANCE = "alliance", _("Alliance")
    UNIVERSITY = "university", _("University")
    RESEARCH_INSTITUTION = "research_institution", _("Research institution")
    LABORATORY = "laboratory", _("Laboratory")
    INCUBATOR = "incubator", _("Incubator")
    NON_PROFIT = "non_profit", _("Other non-profit organization")


SECTOR_OF = {
    kind: sector
    for sector, kinds in {
        Sector.PUBLIC: (
            Kind.PARTY_ORGANIZATION,
            Kind.LEGISLATURE,
            Kind.GOVERNMENT,
            Kind.GOVERNMENT_DEPARTMENT,
            Kind.PUBLIC_INSTITUTION,
            Kind.MANAGEMENT_COMMITTEE,
        ),
        Sector.MARKET: (
            Kind.ENTERPRISE,
            Kind.STATE_OWNED_ENTERPRISE,
            Kind.SOLE_TRADER,
            Kind.TRADE_ASSOCIATION,
            Kind.ALLIANCE,
        ),
        Sector.SOCIAL: (
            Kind.UNIVERSITY,
            Kind.RESEARCH_INSTITUTION,
            Kind.LABORATORY,
            Kind.INCUBATOR,
            Kind.NON_PROFIT,
        ),
    }.items()
    for kind in kinds
}


class Organization(Sourced, TreeNoun):
    """A body that takes part in agreements, with its name in one or both languages."""

    secret_facts = frozenset({"notes"})

    name = models.CharField(_("name"), max_length=300, blank=True)
    name_zh = models.CharField(_("Chinese name"), max_length=300, blank=True)
    short_name = models.CharField(_("short name"), max_length=100, blank=True)
    short_name_zh = models.CharField(_("short Chinese name"), max_length=100, blank=True)
    kind = models.CharField(_("kind"), max_length=30, choices=Kind)
    sector = models.CharField(
        _("sector"),
        max_length=10,
        choices=Sector,
        blank=True,
        help_text=_("Leave empty to take the sector that the kind suggests."),
    )
    sector_reason = models.TextField(
        _("reason for another sector"),
        blank=True,
        help_text=_("Needed when the sector differs from the one the kind suggests."),
    )
    region = models.ForeignKey(
        Region,
        verbose_name=_("region"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="organizations",
    )
    notes = models.TextField(
        _("notes of the secretariat"), blank=True, help_text=_("Partners never see these notes.")
    )

    class Meta:
        verbose_name = _("organization")
        verbose_name_plural = _("organizations")
        ordering = ("name", "name_zh", "id")
        indexes = (
            models.Index(fields=("sector", "kind"), name="organization_sector_kind"),
            models.Index(fields=("name",), name="organization_name"),
        )

    def __str__(self) -> str:
        return bilingual(self.name, self.name_zh)

    def clean(self) -> None:
        super().clean()
        require_one_name(self.name, self.name_zh)
        if not self.sector and self.kind in SECTOR_OF:
            self.sector = SECTOR_OF[Kind(self.kind)]
        suggested = SECTOR_OF.get(Kind(self.kind)) if self.kind in SECTOR_OF else None
        if suggested and self.sector != suggested and not self.sector_reason.strip():
            raise ValidationError(
                {
                    "sector_reason": ValidationError(
                        _("“%(kind)s” suggests “%(sector)s”: say why it is another sector here."),
                        code="required",
                        params={"kind": Kind(self.kind).label, "sector": suggested.label},
                    )
                }
            )

    # changes

    @classmethod
    def enter_identified(
        cls, *, by: Any, on: date, identifiers: Iterable[dict[str, str]], **facts: Any
    ) -> Self:
        """Enter it with its identifiers (``scheme``, ``value``), all or nothing."""
        with unit():
            made = cls.enter(by=by, on=on, **facts)
            made._identify(identifiers, by=by)
        return made

    def edit_identified(
        self,
        *,
        by: Any,
        version: int | None,
        identifiers: Iterable[dict[str, str]] | None,
        **facts: Any,
    ) -> Self:
        """Change facts, and the whole set of identifiers unless it is None."""
        with unit():
            self.edit(by=by, version=version, **facts)
            if identifiers is not None and self._identify(identifiers, by=by):
                self.touch()
        return self

    def _identify(self, identifiers: Iterable[dict[str, str]], *, by: Any) -> bool:
        """Make these its identifiers; whether that changed any."""
        wanted = {(given["scheme"], given["value"].strip()) for given in identifiers}
        gone = 0
        for kept in list(self.identifiers.all()):
            if (kept.scheme, kept.value) in wanted:
                wanted.discard((kept.scheme, kept.value))
            else:
                kept.remove(by=by)
                gone += 1
        for scheme, value in sorted(wanted):
            try:
                Identifier.enter(by=by, organization=self, scheme=scheme, value=value)
            except ValidationError as wrong:
                raise ValidationError({"identifiers": wrong.messages}) from wrong
        return bool(wanted or gone)

    # questions

    def record_scope(self) -> "Organization":
        return self

    @property
    def label(self) -> str:
        """The short name where there is one, in the reader's language."""
        return bilingual(self.short_name, self.short_name_zh) or str(self)


class Scheme(models.TextChoices):
    """Registers that give identifiers to organizations."""

    USCC = "uscc", _("Unified social credit code (China)")
    ROR = "ror", _("ROR (Research Organization Registry)")
    LEI = "lei", _("LEI (Legal Entity Identifier)")
    URL = "url", _("Web address")


_ROR = re.compile(r"^0[0-9a-hjkmnp-tv-z]{6}[0-9]{2}$")
_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"


def _ror(value: str) -> str:
    """The nine characters of a ROR id; its two last digits are ISO/IEC 7064 MOD 97-10."""
    code = value.strip().lower().removeprefix("https://").removeprefix("ror.org/")
    if not _ROR.match(code):
        raise ValueError(value)
    number = 0
    for char in code[:-2]:
        number = number * 32 + _CROCKFORD.index(char)
    if 98 - (number * 100) % 97 != int(code[-2:]):
        raise ValueError(value)
    return code


def _url(value: str) -> str:
    URLValidator(schemes=["http", "https"])(value)
    return value


_CHECKS: dict[str, Callable[[str], str]] = {
    Scheme.USCC: uscc.validate,
    Scheme.LEI: lei.validate,
    Scheme.ROR: _ror,
    Scheme.URL: _url,
}


class Identifier(Noun):
    """An organization's number in a register, its check digits verified."""

    organization = models.ForeignKey(
        Organization,
        verbose_name=_("organization"),
        on_delete=models.CASCADE,
        related_name="identifiers",
    )
    scheme = models.CharField(_("register"), max_length=10, choices=Scheme)
    value = models.CharField(_("number"), max_length=200)

    class Meta:
        verbose_name = _("identifier")
        verbose_name_plural = _("identifiers")
        ordering = ("scheme", "value")
        constraints = (
            models.UniqueConstraint(
                fields=("scheme", "value"),
                name="identifier_once",
                violation_error_message=_("Another organization already has this number."),
            ),
        )

    def __str__(self) -> str:
        return labelled(self.get_scheme_display(), self.value)

    def clean(self) -> None:
        super().clean()
        if self.scheme not in _CHECKS:
            return
        try:
            self.value = _CHECKS[self.scheme](self.value)
        except (NumberError, ValueError, ValidationError) as wrong:
            raise ValidationError(
                {
                    "value": ValidationError(
                        _("This is not a valid number of that register: please check it."),
                        code="check_digit",
                    )
                }
            ) from wrong

    def record_scope(self) -> Organization:
        return self.organization
