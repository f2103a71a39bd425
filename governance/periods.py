"""Half-open periods of days, the arithmetic of months, and the constraint against overlaps.

A period ``[starts_on, ends_on)`` holds its first day and not its last; an end of None is open,
a start of None is unknown and reaches back without limit.

Policy for month ends, stated once: a day that the target month does not have becomes that
month's last day. 31 January + 1 month is 28 (29) February; 29 February + 12 months is
28 February. Several steps are always counted from the first day, never step by step, so that
31 January + 2 months is 31 March.
"""

from calendar import monthrange
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Func, IntegerField, Q
from django.db.models.constraints import BaseConstraint
from django.db.models.sql import Query
from django.utils.translation import gettext_lazy as _

FIRST_YEAR, LAST_YEAR = 1000, 2999


def require_calendar_day(day: date) -> None:
    """Days and moments lie within the years 1000 to 2999, so that reckoning never leaves the
    calendar. Raises ValidationError.
    """
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValidationError(_("Give a year from 1000 to 2999."), code="out_of_range")


def add_months(day: date, months: int) -> date:
    """``day`` moved by ``months`` (negative: backwards), clamped to the end of the month."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def covers(starts_on: date | None, ends_on: date | None, day: date) -> bool:
    """Whether ``day`` lies within ``[starts_on, ends_on)``. The twin of :func:`on_day`."""
    return (starts_on is None or starts_on <= day) and (ends_on is None or day < ends_on)


def on_day(day: Any, *, start: str = "starts_on", end: str = "ends_on") -> Q:
    """The rows whose period holds ``day`` (a date or an expression)."""
    return (Q(**{f"{start}__isnull": True}) | Q(**{f"{start}__lte": day})) & (
        Q(**{f"{end}__isnull": True}) | Q(**{f"{end}__gt": day})
    )


def overlapping(starts_on: date | None, ends_on: date | None, *, start: str, end: str) -> Q:
    """The rows whose period shares a day with ``[starts_on, ends_on)``."""
    rows = Q()
    if ends_on is not None:
        rows &= Q(**{f"{start}__isnull": True}) | Q(**{f"{start}__lt": ends_on})
    if starts_on is not None:
        rows &= Q(**{f"{end}__isnull": True}) | Q(**{f"{end}__gt": starts_on})
    return rows


class DaysBetween(Func):
    """The number of days from the second date to the first: ``DaysBetween("due_on", day)``."""

    output_field = IntegerField()
    arity = 2

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(
            compiler, connection, template="(%(expressions)s)", arg_joiner="::date - ", **context
        )

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(
            compiler,
            connection,
            template="CAST(julianday(%(expressions)s) AS INTEGER)",
            arg_joiner=") - julianday(",
            **context,
        )


class NoOverlap(BaseConstraint):
    """No two rows with equal ``keys`` (that meet ``condition``) may share a day.

    PostgreSQL holds it with an exclusion constraint, its integer keys written as ranges so that
    no extension is needed; SQLite, which has none, with a pair of triggers. Both refuse bulk
    writes too. ``validate`` gives the sentence before the database has to.
    """

    def __init__(
        self,
        *,
        name: str,
        keys: Sequence[str],
        start: str = "starts_on",
        end: str = "ends_on",
        condition: Q | None = None,
        violation_error_code: str | None = None,
        violation_error_message: Any = None,
    ) -> None:
        self.keys = tuple(keys)
        self.start = start
        self.end = end
        self.condition = condition
        super().__init__(
            name=name,
            violation_error_code=violation_error_code or "overlap",
            violation_error_message=violation_error_message
            or _("This period overlaps another one that is already there."),
        )

    def _condition_sql(self, model: type[models.Model], schema_editor: Any) -> str:
        if self.condition is None:
            return ""
        query = Query(model=model, alias_cols=False)
        where = query.build_where(self.condition)
        compiler = query.get_compiler(connection=schema_editor.connection)
        sql, params = where.as_sql(compiler, schema_editor.connection)
        return str(sql % tuple(schema_editor.quote_value(param) for param in params))

    def _column(self, model: Any, field: str, schema_editor: Any) -> str:
        return str(schema_editor.quote_name(model._meta.get_field(field).column))

    def constraint_sql(self, model: Any, schema_editor: Any) -> str | None:  # type: ignore[override]
        if schema_editor.connection.vendor == "postgresql":
            name = schema_editor.quote_name(self.name)
            return f"CONSTRAINT {name} {self._exclude(model, schema_editor)}"
        # SQLite rebuilds a table under a passing name; triggers are made once it has its own.
        schema_editor.deferred_sql.extend(self._triggers(model, schema_editor))
        return None

    def create_sql(self, model: Any, schema_editor: Any) -> str:
        if schema_editor.connection.vendor == "postgresql":
            table = schema_editor.quote_name(model._meta.db_table)
            name = schema_editor.quote_name(self.name)
            return (
                f"ALTER TABLE {table} ADD CONSTRAINT {name} {self._exclude(model, schema_editor)}"
            )
        return ";\n".join(self._triggers(model, schema_editor))

    def remove_sql(self, model: Any, schema_editor: Any) -> str:
        if schema_editor.connection.vendor == "postgresql":
            table = schema_editor.quote_name(model._meta.db_table)
            return f"ALTER TABLE {table} DROP CONSTRAINT {schema_editor.quote_name(self.name)}"
        return (
            f"DROP TRIGGER IF EXISTS {self.name}_insert; DROP TRIGGER IF EXISTS {self.name}_update"
        )

    def _exclude(self, model: type[models.Model], schema_editor: Any) -> str:
        parts = []
        for key in self.keys:
            column = self._column(model, key, schema_editor)
            parts.append(f"int8range({column}::bigint, {column}::bigint, '[]') WITH &&")
        start = self._column(model, self.start, schema_editor)
        end = self._column(model, self.end, schema_editor)
        parts.append(f"daterange({start}, {end}) WITH &&")
        condition = self._condition_sql(model, schema_editor)
        where = f" WHERE ({condition})" if condition else ""
        return f"EXCLUDE USING gist ({', '.join(parts)}){where}"

    def _triggers(self, model: Any, schema_editor: Any) -> list[str]:
        table = model._meta.db_table.removeprefix("new__")
        start = model._meta.get_field(self.start).column
        end = model._meta.get_field(self.end).column
        same = " AND ".join(
            f'other."{column}" = NEW."{column}"'
            for column in (model._meta.get_field(key).column for key in self.keys)
        )
        shares_a_day = " AND ".join(
            f"""COALESCE({one}."{start}", '0001-01-01') < COALESCE({two}."{end}", '9999-12-31')"""
            for one, two in (("other", "NEW"), ("NEW", "other"))
        )
        condition = self._condition_sql(model, schema_editor)
        both = ""
        if condition:
            pk = model._meta.pk.column
            both = (
                f' AND other."{pk}" IN (SELECT "{pk}" FROM "{table}" WHERE {condition})'
                f' AND NEW."{pk}" IN (SELECT "{pk}" FROM "{table}" WHERE {condition})'
            )
        pk = model._meta.pk.column
        return [
            f'CREATE TRIGGER IF NOT EXISTS {self.name}_{when.lower()} AFTER {when} ON "{table}" '
            f'WHEN EXISTS (SELECT 1 FROM "{table}" AS other WHERE other."{pk}" <> NEW."{pk}" '
            f"AND {same} AND {shares_a_day}{both}) "
            f"BEGIN SELECT RAISE(ABORT, 'constraint {self.name} violated'); END"
            for when in ("INSERT", "UPDATE")
        ]

    def validate(
        self, model: Any, instance: Any, exclude: Any = None, using: str = "default"
    ) -> None:
        used = {self.start, self.end, *self.keys}
        if exclude and used & set(exclude):
            return
        start, end = getattr(instance, self.start), getattr(instance, self.end)
        same = {}
        for key in self.keys:
            attname = model._meta.get_field(key).attname
            value = getattr(instance, attname)
            if value is None:
                return
            same[attname] = value
        if self.condition is not None and not self._holds_for(model, instance, using):
            return
        others = model._base_manager.using(using).filter(
            overlapping(start, end, start=self.start, end=self.end), **same
        )
        if self.condition is not None:
            others = others.filter(self.condition)
        if instance.pk is not None:
            others = others.exclude(pk=instance.pk)
        if others.exists():
            refusal = ValidationError(
                self.get_violation_error_message(), code=self.violation_error_code
            )
            raise ValidationError({self.start: refusal})

    def _holds_for(self, model: Any, instance: Any, using: str) -> bool:
        against = instance._get_field_expression_map(meta=model._meta, exclude=set())
        assert self.condition is not None
        return bool(self.condition.check(against, using=using))

    def deconstruct(self) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
        path, args, kwargs = super().deconstruct()
        kwargs["keys"] = self.keys
        kwargs["start"] = self.start
        kwargs["end"] = self.end
        if self.condition is not None:
            kwargs["condition"] = self.condition
        return path, tuple(args), kwargs

    def __eq__(self, other: object) -> bool:
        if isinstance(other, NoOverlap):
            return self.deconstruct() == other.deconstruct()
        return NotImplemented

    def __hash__(self) -> int:
        return hash(self.name)


class CheckAt(models.CheckConstraint):
    """A check whose refusal is shown at one ``field``, where the person can mend it."""

    def __init__(self, *, field: str, **kwargs: Any) -> None:
        self.field = field
        super().__init__(**kwargs)

    def validate(
        self, model: Any, instance: Any, exclude: Any = None, using: str = "default"
    ) -> None:
        try:
            super().validate(model, instance, exclude=exclude, using=using)
        except ValidationError as refusal:
            raise ValidationError({self.field: refusal}) from refusal

    def deconstruct(self) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
        path, args, kwargs = super().deconstruct()
        kwargs["field"] = self.field
        return path, tuple(args), kwargs


def in_order(name: str, *, start: str = "starts_on", end: str = "ends_on") -> CheckAt:
    """A check that a period has at least one day; unknown dates pass."""
    return CheckAt(
        name=name,
        field=end,
        condition=Q(**{f"{start}__isnull": True})
        | Q(**{f"{end}__isnull": True})
        | Q(**{f"{end}__gt": F(start)}),
        violation_error_code="dates_out_of_order",
        violation_error_message=_("The end must come after the start."),
    )
