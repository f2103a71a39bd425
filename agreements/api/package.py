"""A whole agreement at once: the package of ``seeds/`` over the API."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from agreements import package
from agreements.entry_rule_schema import published
from agreements.models import Agreement
from agreements.package.steps import ACT, CHANGE, CREATE, LEAVE
from governance import access, clock
from governance.api.errors import CONTENT_TYPE, body_of
from governance.api.filters import refuse_parameters
from governance.api.idempotency import OncePerKey
from governance.api.questions import flag_asked


class PackageInput(serializers.Serializer):
    """One agreement as one package; its shape is the package's own JSON Schema."""


class PackageAsPublished(OpenApiSerializerExtension):
    """A package is described by the schema against which it is checked."""

    target_class = PackageInput

    def map_serializer(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        shape = {name: part for name, part in package.schema().items() if name != "$schema"}
        return {"description": str(PackageInput.__doc__), **published(shape)}


class StepText(serializers.Serializer):
    """One step of loading a package."""

    action = serializers.ChoiceField(
        choices=[CREATE, CHANGE, ACT, LEAVE],
        help_text=_("Whether it creates, changes, performs a verb, or leaves alone."),
    )
    verb = serializers.CharField(help_text=_("The verb performed, or the action."))
    type = serializers.CharField(help_text=_("What kind of thing it is about."))
    name = serializers.CharField(help_text=_("Its name, in the reader's language."))
    path = serializers.CharField(help_text=_("A JSON pointer to its entry in the package."))
    fields = serializers.ListField(
        child=serializers.CharField(), help_text=_("What changes; empty: nothing, or all is new.")
    )


class CountsText(serializers.Serializer):
    """How many steps there are of each action."""

    create = serializers.IntegerField(help_text=_("How many create something."))
    change = serializers.IntegerField(help_text=_("How many change something."))
    act = serializers.IntegerField(help_text=_("How many perform a verb."))
    leave = serializers.IntegerField(help_text=_("How many leave alone what is there already."))


class PlanText(serializers.Serializer):
    """What loading the package does, or would do."""

    agreement = serializers.UUIDField(
        allow_null=True, help_text=_("The id of the agreement; null while it does not exist.")
    )
    dry_run = serializers.BooleanField(help_text=_("Whether it was only rehearsed."))
    counts = CountsText(help_text=_("How many steps of each action."))
    steps = StepText(many=True, help_text=_("Step by step, in the order of loading."))


class AgreementImport(OncePerKey, APIView):
    """Loads one agreement with parties, articles, mechanisms and tasks."""

    family = "agreements"

    @extend_schema(
        parameters=[
            OpenApiParameter(
                "dry_run",
                OpenApiTypes.BOOL,
                description="`true`: show the plan, and change nothing.",
            )
        ],
        request=PackageInput,
        responses={200: PlanText, 201: PlanText},
    )
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Load a package, all or nothing; what is there already is left alone.

        201 when the agreement is new, 200 when it was there or this was a dry run. Errors point
        to the entry of the package.
        """
        refusal = access.may(request.user, "create", Agreement)
        if refusal is not None:
            raise PermissionDenied(refusal.sentence)
        refuse_parameters(request, {"dry_run"})
        rehearse = flag_asked(request, "dry_run")
        run = package.plan if rehearse else package.load
        data: Any = request.data
        try:
            done = run(data, by=request.user, on=clock.today())
        except package.PackageInvalid as refused:
            return _refused(refused)
        new = not rehearse and any(
            step.path == "/agreement" and step.action == CREATE for step in done.steps
        )
        return Response(
            {**done.as_json(), "dry_run": rehearse},
            status=status.HTTP_201_CREATED if new else status.HTTP_200_OK,
        )


def _refused(refused: package.PackageInvalid) -> Response:
    body = body_of(400, str(_("The package cannot be loaded.")), "package_invalid")
    body["errors"] = [
        {"pointer": one.path, "code": "package_invalid", "message": str(one.reason)}
        for one in refused.problems
    ]
    return Response(body, status=400, content_type=CONTENT_TYPE)
