"""What comes in: bodies that refuse what they do not know, days that can be reckoned with."""

from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

# Months and years are added to days: these leave room for it at both ends of the calendar.
EARLIEST, LATEST = date(1000, 1, 1), date(2999, 12, 31)
_OUT_OF_RANGE = _("Give a day between the years 1000 and 2999.")


class Day(serializers.DateField):
    """A day with which can be reckoned."""

    default_error_messages = {"out_of_range": _OUT_OF_RANGE}

    def to_internal_value(self, value: Any) -> Any:
        day = super().to_internal_value(value)
        if not EARLIEST <= day <= LATEST:
            self.fail("out_of_range")
        return day


class Moment(serializers.DateTimeField):
    """A moment with which can be reckoned."""

    default_error_messages = {"out_of_range": _OUT_OF_RANGE}

    def to_internal_value(self, value: Any) -> Any:
        try:
            moment = super().to_internal_value(value)
        except OverflowError:
            self.fail("out_of_range")
        if not EARLIEST <= moment.date() <= LATEST:
            self.fail("out_of_range")
        return moment


def refuse_unknown(data: Any, known: Any) -> None:
    """Raise ValidationError at each member of ``data`` that is not ``known``."""
    unknown = [name for name in data if name not in known] if isinstance(data, dict) else []
    if unknown:
        sentence = _("There is no such field here.")
        raise serializers.ValidationError(
            {
                name: [serializers.ErrorDetail(str(sentence), code="unknown_field")]
                for name in unknown
            }
        )


class StrictSerializer(serializers.Serializer):
    """A body, or a part of one, whose every member is known: a misspelt one is refused."""

    refuses_unknown = True

    def to_internal_value(self, data: Any) -> Any:
        refuse_unknown(data, self.fields)
        return super().to_internal_value(data)
