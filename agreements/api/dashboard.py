"""What needs a hand today, over all agreements that one may see."""

from functools import partial
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from agreements.needs import Line, Need, needs
from governance import access, clock
from governance.api.filters import refuse_parameters
from governance.record import object_type


class NeedLine(serializers.Serializer):
    """One matter."""

    name = serializers.CharField(help_text=_("What it is, in the reader's language."))
    says = serializers.CharField(help_text=_("What is the matter with it."))
    about_type = serializers.CharField(help_text=_("The kind of thing it is about."))
    about = serializers.UUIDField(help_text=_("The id of what it is about."))


class NeedText(serializers.Serializer):
    """Matters of one kind."""

    key = serializers.CharField(help_text=_("A stable word for programs."))
    title = serializers.CharField(help_text=_("What they are, in the reader's language."))
    late = serializers.BooleanField(help_text=_("Whether it should have been done already."))
    total = serializers.IntegerField(help_text=_("How many there are."))
    lines = NeedLine(many=True, help_text=_("The most pressing of them."))


class DashboardAnswer(serializers.Serializer):
    """What needs a hand on a day; kinds of which there is nothing have a total of nought."""

    on = serializers.DateField(help_text=_("The day: today."))
    results = NeedText(many=True, help_text=_("Kind by kind."))


class Dashboard(APIView):
    """What needs a hand today."""

    family = "agreements"

    @extend_schema(responses=DashboardAnswer)
    def get(self, request: Request) -> Response:
        """Overdue tasks, gaps, handovers, consultations owed and the like, a few lines of each."""
        refuse_parameters(request, set())
        today = clock.today()
        rows_of = partial(access.visible_to, request.user)
        found = needs(on=today, at=clock.now(), rows_of=rows_of)
        return Response({"on": today, "results": [_need(one) for one in found]})


def _need(one: Need) -> dict[str, Any]:
    return {
        "key": one.key,
        "title": one.title,
        "late": one.late,
        "total": one.total,
        "lines": [_line(line) for line in one.lines],
    }


def _line(one: Line) -> dict[str, Any]:
    return {
        "name": one.name,
        "says": one.says,
        "about_type": object_type(type(one.about)),
        "about": one.about.public_id,
    }
