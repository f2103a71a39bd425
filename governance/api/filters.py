"""Filters of the lists: declared fields and lookups only, a wrong or unknown one is refused."""

from typing import Any

import django_filters as filters
from django.db import models
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ErrorDetail, ValidationError

# What a list understands besides its filters.
CONTROLS = frozenset({"cursor", "page_size", "ordering", "fields", "count", "search", "as"})

DAYS = ["exact", "lt", "lte", "gt", "gte", "isnull"]
CHOICES = ["exact", "in"]


class RelatedFilter(filters.UUIDFilter):
    """By the id of a related object; an id that one may not see simply matches nothing."""

    def __init__(self, *args: Any, field_name: str, **kwargs: Any) -> None:
        super().__init__(*args, field_name=f"{field_name}__public_id", **kwargs)


class WordsFilter(filters.BaseInFilter, filters.ChoiceFilter):
    """One of several words, separated by commas."""


class RowFilterSet(filters.FilterSet):
    """The base of all filter sets: relations by their public ids, choices also by ``__in``."""

    FILTER_DEFAULTS = {
        **filters.FilterSet.FILTER_DEFAULTS,
        models.ForeignKey: {"filter_class": RelatedFilter},
        models.OneToOneField: {"filter_class": RelatedFilter},
    }

    @classmethod
    def filter_for_field(cls, field: Any, field_name: str, lookup_expr: str = "exact") -> Any:
        if isinstance(field, models.ForeignKey):
            if lookup_expr == "isnull":
                return filters.BooleanFilter(field_name=field_name, lookup_expr="isnull")
            return RelatedFilter(field_name=field_name)
        if lookup_expr == "in" and field.choices:
            return WordsFilter(field_name=field_name, lookup_expr="in", choices=field.choices)
        return super().filter_for_field(field, field_name, lookup_expr)


def filtered(filterset_class: Any, request: Any, rows: Any) -> Any:
    """The rows that the request asks for. Raises ValidationError naming the parameter."""
    known = set(filterset_class.base_filters) | CONTROLS if filterset_class else set(CONTROLS)
    unknown = sorted(set(request.query_params) - known)
    if unknown:
        raise ValidationError(
            {
                name: [ErrorDetail(_("There is no such filter here."), code="unknown_parameter")]
                for name in unknown
            }
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
