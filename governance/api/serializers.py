"""Serializers that read rows and write through verbs.

A list reads ``.values()`` of exactly the columns that its fields need and never builds a model
instance; one object is read in the same way. Related objects are named by their public ids,
with their names embedded: a field ``lead_name`` beside ``lead``.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from governance.access import limited, oversees, seen, visible_to
from governance.api.input import Day, Moment, refuse_unknown
from governance.api.relations import Limits
from governance.base import bilingual

Row = dict[str, Any]


class Related(serializers.Field):
    """Another object by its id; on writing only one that the user may see."""

    default_error_messages = {
        "does_not_exist": _("There is no such object."),
        "invalid": _("Give an id."),
    }

    def __init__(self, model: type[models.Model], **kwargs: Any) -> None:
        self.model = model
        super().__init__(**kwargs)

    def columns(self) -> tuple[str, ...]:
        return (f"{str(self.source).replace('.', '__')}__public_id",)

    def to_internal_value(self, data: Any) -> Any:
        key = serializers.UUIDField().run_validation(data)
        found = visible_to(self.context["request"].user, self.model).filter(public_id=key).first()
        if found is None:
            self.fail("does_not_exist")
        return found

    def to_representation(self, value: Any) -> Any:
        return str(value.public_id)


class RelatedMany(serializers.Field):
    """Other objects by their ids, read for a whole page in one query."""

    default_error_messages = {"not_a_list": _("Give a list of ids.")}

    def __init__(self, model: type[models.Model], **kwargs: Any) -> None:
        self.one = Related(model)
        self.model = model
        super().__init__(**kwargs)
        self.one.bind("", self)  # type: ignore[arg-type]

    def to_internal_value(self, data: Any) -> list[Any]:
        if not isinstance(data, list):
            self.fail("not_a_list")
        keys, wrong = [], {}
        for place, item in enumerate(data):
            try:
                keys.append(serializers.UUIDField().run_validation(item))
            except serializers.ValidationError as refused:
                wrong[str(place)] = refused.detail
        user = self.context["request"].user
        found = visible_to(user, self.model).in_bulk(keys, field_name="public_id")
        for place, key in enumerate(keys if not wrong else ()):
            if key not in found:
                sentence = self.one.error_messages["does_not_exist"]
                wrong[str(place)] = [serializers.ErrorDetail(str(sentence), code="does_not_exist")]
        if wrong:
            raise serializers.ValidationError(wrong)
        return list({key: found[key] for key in keys}.values())

    def attach(self, owner: type[models.Model], ids: list[int], user: Any) -> dict[int, list[Any]]:
        through = owner._meta.get_field(str(self.source)).remote_field.through  # type: ignore[union-attr]
        mine, other = _ends(through, owner, self.model)
        pairs = (
            through._default_manager.filter(**{f"{mine}__in": ids})
            .order_by("pk")
            .values_list(f"{mine}_id", f"{other}__public_id")
        )
        return grouped(self._seen(owner, list(pairs), user))

    def _seen(
        self, owner: type[models.Model], pairs: list[tuple[int, Any]], user: Any
    ) -> list[tuple[int, Any]]:
        if oversees(user) or not pairs or limited(owner, str(self.source)) is None:
            return pairs
        shown = seen(user, self.model, {key for _owner, key in pairs})
        return [(one, key) for one, key in pairs if key in shown]


def _ends(
    through: type[models.Model], owner: type[models.Model], other: type[models.Model]
) -> tuple[str, str]:
    keys = {f.related_model: f.name for f in through._meta.fields if f.is_relation}
    return keys[owner], keys[other]


def grouped(pairs: Iterable[tuple[int, Any]]) -> dict[int, list[Any]]:
    """``{owner: [values]}`` out of pairs, in their order."""
    found: dict[int, list[Any]] = {}
    for owner, value in pairs:
        found.setdefault(owner, []).append(value)
    return found


class Name(serializers.Field):
    """The name of a related object, in the reader's language; null without one."""

    def __init__(self, relation: str, pair: tuple[str, str], **kwargs: Any) -> None:
        self.relation = relation
        self.pair = pair
        super().__init__(read_only=True, source="*", **kwargs)

    def columns(self) -> tuple[str, ...]:
        return (f"{self.relation}__{self.pair[0]}", f"{self.relation}__{self.pair[1]}")

    def from_row(self, row: Row) -> str | None:
        name, name_zh = (row[column] for column in self.columns())
        return None if name is None and name_zh is None else bilingual(name, name_zh)


class Computed(serializers.Field):
    """A value worked out from columns of the row: ``Computed(child, columns, function)``."""

    def __init__(
        self,
        child: serializers.Field,
        columns: tuple[str, ...],
        function: Callable[..., Any],
        **kwargs: Any,
    ) -> None:
        self.child = child
        self._columns = columns
        self.function = function
        super().__init__(read_only=True, source="*", **kwargs)

    def columns(self) -> tuple[str, ...]:
        return self._columns

    def from_row(self, row: Row) -> Any:
        return self.function(*(row[column] for column in self._columns))


class Attached(serializers.Field):
    """Rows that belong to each row of the page: ``function(ids, user)`` gives them by owner."""

    def __init__(
        self,
        child: serializers.BaseSerializer[Any] | serializers.Field,
        function: Callable[[list[int], Any], dict[int, Any]],
        *,
        empty: Callable[[], Any] = list,
        **kwargs: Any,
    ) -> None:
        self.child = child
        self.function = function
        self.empty_value = empty
        super().__init__(read_only=True, source="*", **kwargs)

    def attach(self, owner: type[models.Model], ids: list[int], user: Any) -> dict[int, Any]:
        return self.function(ids, user)


class AllowedAction(serializers.Serializer):
    """A verb, whether the caller may perform it now, and why not."""

    verb = serializers.CharField(help_text=_("The verb as it stands in the address."))
    label = serializers.CharField(help_text=_("What it is called, in the reader's language."))
    allowed = serializers.BooleanField(help_text=_("Whether it is possible for the caller now."))
    reason = serializers.CharField(
        allow_null=True, help_text=_("Why it is not possible; null when it is.")
    )
    needs_reason = serializers.BooleanField(help_text=_("Whether it asks for a reason."))
    danger = serializers.BooleanField(help_text=_("Whether it cannot easily be undone."))


_NAME_PAIRS = (("name", "name_zh"), ("title", "title_zh"))
# What PostgreSQL stores; SQLite would take more, and the API is the same on both.
_LARGEST: dict[type, int] = {
    models.PositiveSmallIntegerField: 32_767,
    models.SmallIntegerField: 32_767,
    models.PositiveIntegerField: 2_147_483_647,
    models.IntegerField: 2_147_483_647,
}


class NounSerializer(serializers.ModelSerializer):
    """The base of all resources: reads rows, checks input, and leaves writing to the verbs.

    ``Meta.create_only`` names what is set on creation and then stays. Unknown members are
    refused; read-only ones are ignored.
    """

    refuses_unknown = True
    changes_only = False
    serializer_field_mapping = {
        **serializers.ModelSerializer.serializer_field_mapping,
        models.DateField: Day,
        models.DateTimeField: Moment,
    }

    id = serializers.UUIDField(source="public_id", read_only=True)

    class Meta:
        create_only: tuple[str, ...] = ()

    # building

    def build_relational_field(self, field_name: str, relation_info: Any) -> Any:
        model_field, related = relation_info.model_field, relation_info.related_model
        kwargs: dict[str, Any] = {"model": related, "help_text": model_field.help_text or ""}
        if not model_field.editable:
            kwargs["read_only"] = True
            if not relation_info.to_many:
                kwargs["allow_null"] = model_field.null
        elif relation_info.to_many:
            kwargs["required"] = False
        else:
            kwargs["allow_null"] = model_field.null
            kwargs["required"] = not (model_field.null or model_field.has_default())
        return (RelatedMany if relation_info.to_many else Related), kwargs

    def build_unknown_field(self, field_name: str, model_class: Any) -> Any:
        relation = field_name.removesuffix("_name")
        if relation != field_name:
            related = model_class._meta.get_field(relation).related_model
            return Name, {"relation": relation, "pair": name_pair(related)}
        raise AttributeError(f"{model_class.__name__} has no field {field_name}")

    build_property_field = build_unknown_field

    def get_extra_kwargs(self) -> dict[str, Any]:
        extra = super().get_extra_kwargs()
        if self._is_change():
            for name in getattr(self.Meta, "create_only", ()):
                extra.setdefault(name, {})["read_only"] = True
        return extra

    def _is_change(self) -> bool:
        return self.changes_only or self.instance is not None

    @classmethod
    def for_changes(cls) -> "NounSerializer":
        """The serializer as it checks a change, without an object to change yet."""
        name = cls.__name__.removesuffix("Serializer")
        return type(f"{name}Update", (cls,), {"changes_only": True, "__doc__": cls.__doc__})()

    def get_validators(self) -> list[Any]:
        """None of DRF's guesses: the noun's own ``full_clean`` holds every rule."""
        return []

    def build_standard_field(self, field_name: str, model_field: Any) -> Any:
        field_class, kwargs = super().build_standard_field(field_name, model_field)
        kwargs["validators"] = [
            check
            for check in kwargs.get("validators", ())
            if type(check).__name__ != "UniqueValidator"
        ]
        if not kwargs["validators"]:
            kwargs.pop("validators")
        largest = _LARGEST.get(type(model_field))
        if largest is not None and not kwargs.get("read_only"):
            kwargs["max_value"] = min(kwargs.get("max_value") or largest, largest)
        if not model_field.editable:
            kwargs["allow_null"] = model_field.null
            if model_field.choices:
                kwargs["allow_blank"] = model_field.blank
        return field_class, kwargs

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        if self._is_change():
            for name in getattr(self.Meta, "create_only", ()):
                if fields[name].write_only:
                    del fields[name]
        fields["allowed_actions"] = serializers.ListField(
            child=AllowedAction(), read_only=True, required=False
        )
        return fields

    # writing

    def to_internal_value(self, data: Any) -> Any:
        refuse_unknown(data, self.fields)
        return super().to_internal_value(data)

    # reading

    @classmethod
    def row_fields(cls, user: Any, only: set[str] | None = None) -> dict[str, serializers.Field]:
        """The readable fields by name, ``only`` those when given."""
        fields = cls(context={"user": user}).fields
        return {
            name: field
            for name, field in fields.items()
            if not field.write_only and name != "allowed_actions" and (only is None or name in only)
        }

    @classmethod
    def read(cls, rows: QuerySet[Any], user: Any, only: set[str] | None = None) -> "Reader":
        """A reader of these rows for that user."""
        return Reader(cls, rows.model, user, only)


class Reader:
    """Turns rows into representations; compiled once per request from the serializer's fields."""

    def __init__(
        self,
        serializer: type[NounSerializer],
        model: type[models.Model],
        user: Any,
        only: set[str] | None,
    ) -> None:
        self.model = model
        self.user = user
        self.fields = serializer.row_fields(user, only)
        self.attached = {
            name: field for name, field in self.fields.items() if hasattr(field, "attach")
        }
        columns = {"pk", "version"}
        self.getters: list[tuple[str, Callable[[Row], Any]]] = []
        for name, field in self.fields.items():
            if name in self.attached:
                continue
            used, getter = _getter(field)
            columns.update(used)
            self.getters.append((name, getter))
        self.limits = Limits(model, columns, user)
        self.columns = tuple(sorted(columns | self.limits.more_columns()))

    def represent(self, rows: list[Row]) -> list[dict[str, Any]]:
        """The representations of the rows, with what is attached to them."""
        self.limits.apply(rows)
        ids = [row["pk"] for row in rows]
        more = {
            name: (field, field.attach(self.model, ids, self.user) if ids else {})
            for name, field in self.attached.items()
        }
        getters = self.getters
        shown = []
        for row in rows:
            one = {name: get(row) for name, get in getters}
            for name, (field, values) in more.items():
                default = getattr(field, "empty_value", list)
                one[name] = values.get(row["pk"]) if row["pk"] in values else default()
            shown.append(one)
        if more:
            order = list(self.fields)
            shown = [{name: one[name] for name in order} for one in shown]
        return shown


def _getter(field: Any) -> tuple[tuple[str, ...], Callable[[Row], Any]]:
    if hasattr(field, "from_row"):
        return field.columns(), field.from_row
    if isinstance(field, Related):
        (column,) = field.columns()
        return (column,), lambda row: row[column]
    column = field.source.replace(".", "__")
    if isinstance(field, serializers.DecimalField):
        return (column,), lambda row: decimal_text(row[column])
    if isinstance(field, serializers.DateTimeField):
        return (column,), lambda row: moment_text(row[column])
    return (column,), lambda row: row[column]


def decimal_text(value: Decimal | None) -> str | None:
    """A decimal as text without needless zeros; the same on both databases."""
    if value is None:
        return None
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def moment_text(value: datetime | date | None) -> str | None:
    """A moment as ISO 8601 in UTC."""
    return value.isoformat().replace("+00:00", "Z") if value is not None else None


def name_pair(model: Any) -> tuple[str, str]:
    """The two fields that name objects of this kind."""
    names = {f.name for f in model._meta.get_fields()}
    for pair in _NAME_PAIRS:
        if set(pair) <= names:
            return pair
    raise AttributeError(f"{model.__name__} has no pair of names")
