"""Filters of the lists: declared fields and lookups only, a wrong or unknown one is refused.

For a partner a row that does not exist for them is as good as none: no filter tells that it is
there.
"""

from datetime import UTC
from typing import Any

import django_filters as filters
from django.core.exceptions import ValidationError as FormError
from django.db import models
from django.db.models import Q
from django.forms import DateTimeField
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ErrorDetail, ValidationError

from governance import access
from governance.api.input import EARLIEST, LATEST

# What a list understands besides its filters.
OF_ALL = frozenset({"ordering", "fields", "search"})
OF_PAGES = frozenset({"cursor", "page_size", "count"})
OF_EXPORTS = frozenset({"as"})

DAYS = ["exact", "lt", "lte", "gt", "gte", "isnull"]
CHOICES = ["exact", "in"]


class RelatedFilter(filters.UUIDFilter):
    """By the id of a related object; an id that one may not see simply matches nothing."""

    def __init__(self, *args: Any, field_name: str, distinct: bool = False, **kwargs: Any) -> None:
        self.path = field_name
        self.several = distinct
        super().__init__(*args, field_name=f"{field_name}__public_id", **kwargs)

    def filter(self, qs: Any, value: Any) -> Any:
        if value is None:
            return qs
        user = self.parent.request.user
        target = None if access.oversees(user) else access.limited(qs.model, self.path)
        if target is not None and not access.seen(user, target, [value]):
            return qs.none()
        if not self.several:
            return super().filter(qs, value)
        rows = qs.model._default_manager.filter(**{self.field_name: value})
        return qs.filter(pk__in=rows.values("pk"))


class NoneFilter(filters.BooleanFilter):
    """Whether there is a related object, as far as the reader knows."""

    def filter(self, qs: Any, value: Any) -> Any:
        if value is None:
            return qs
        missing = Q(**{f"{self.field_name}__isnull": True})
        user = self.parent.request.user
        target = None if access.oversees(user) else access.limited(qs.model, self.field_name)
        if target is not None:
            known = access.visible_to(user, target).values("pk")
            missing |= ~Q(**{f"{self.field_name}__in": known})
        return qs.filter(missing if value else ~missing)


class WordsFilter(filters.BaseInFilter, filters.ChoiceFilter):
    """One of several words, separated by commas."""


class MomentField(DateTimeField):
    """A moment with which can be reckoned, whatever zone it was told in."""

    def clean(self, value: Any) -> Any:
        moment = super().clean(value)
        if moment is None:
            return None
        if not EARLIEST <= moment.date() <= LATEST:
            raise FormError(_("Give a day between the years 1000 and 2999."), code="out_of_range")
        # PostgreSQL refuses offsets of sixteen hours and more, which ISO 8601 can state.
        return moment.astimezone(UTC)


class MomentFilter(filters.DateTimeFilter):
    """By a moment."""

    field_class = MomentField


class RowFilterSet(filters.FilterSet):
    """The base of all filter sets: relations by their public ids, choices also by ``__in``."""

    FILTER_DEFAULTS = {
        **filters.FilterSet.FILTER_DEFAULTS,
        models.ForeignKey: {"filter_class": RelatedFilter},
        models.OneToOneField: {"filter_class": RelatedFilter},
        models.DateTimeField: {"filter_class": MomentFilter},
    }

    @classmethod
    def filter_for_field(cls, field: Any, field_name: str, lookup_expr: str = "exact") -> Any:
        if isinstance(field, models.ForeignKey):
            if lookup_expr == "isnull":
                return NoneFilter(field_name=field_name, lookup_expr="isnull")
            return RelatedFilter(field_name=field_name)
        if lookup_expr == "in" and field.choices:
            return WordsFilter(field_name=field_name, lookup_expr="in", choices=field.choices)
        return super().filter_for_field(field, field_name, lookup_expr)


def filtered(filterset_class: Any, request: Any, rows: Any, *, export: bool = False) -> Any:
    """The rows that the request asks for. Raises ValidationError naming the parameter."""
    controls = OF_ALL | (OF_EXPORTS if export else OF_PAGES)
    refuse_parameters(
        request, {*(filterset_class.base_filters if filterset_class else ()), *controls}
    )
    if filterset_class is None:
        return rows
    bound = filterset_class(data=request.query_params, queryset=rows, request=request)
    if not bound.is_valid():
        raise ValidationError(
            {
                name: [ErrorDetail(one.messages[0], code=one.code or "invalid") for one in found]
                for name, found in bound.errors.as_data().items()
            }
        )
    return bound.qs


def refuse_parameters(request: Any, known: set[str]) -> None:
    """Raise ValidationError at each parameter that is not ``known`` here."""
    unknown = sorted(set(request.query_params) - known)
    if unknown:
        sentence = _("There is no such parameter here.")
        raise ValidationError(
            {name: [ErrorDetail(str(sentence), code="unknown_parameter")] for name in unknown}
        )


def refusal_of(name: str, sentence: Any) -> ValidationError:
    """The refusal of one parameter, ready to be raised."""
    return ValidationError({name: [ErrorDetail(str(sentence), code="invalid")]})
