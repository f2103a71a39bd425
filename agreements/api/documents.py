"""Documents over the API: filed as multipart/form-data, read as attachments."""

from typing import Any

from django.http import FileResponse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request

from agreements.attachment import attachment
from agreements.documents import ALLOWED
from agreements.models import Document
from governance import clock
from governance.api.filters import CHOICES, DAYS, RowFilterSet
from governance.api.rendering import JSONParser
from governance.api.resource import Resource
from governance.api.serializers import NounSerializer


class DocumentSerializer(NounSerializer):
    """A file of an agreement, or the evidence filed for one of its tasks."""

    file = serializers.FileField(write_only=True, help_text=_("The file itself."))

    class Meta:
        model = Document
        create_only = ("agreement", "task", "file")
        extra_kwargs = {"agreement": {"required": False}}
        fields = (
            "id",
            "agreement",
            "agreement_name",
            "task",
            "task_name",
            "kind",
            "title",
            "title_zh",
            "language",
            "edition",
            "dated_on",
            "confidentiality",
            "file",
            "name",
            "media_type",
            "size",
            "sha256",
            "source",
            "illustrative",
            "created_at",
            "changed_at",
        )


class DocumentFilters(RowFilterSet):
    """Filters of documents."""

    class Meta:
        model = Document
        fields = {
            "agreement": ["exact"],
            "task": ["exact", "isnull"],
            "kind": CHOICES,
            "confidentiality": CHOICES,
            "sha256": ["exact"],
            "dated_on": DAYS,
        }


class Documents(Resource):
    """Files, with their hash; read only by whoever may."""

    model = Document
    serializer_class = DocumentSerializer
    filterset_class = DocumentFilters
    ordering_fields = ("created_at", "changed_at", "dated_on", "size")
    search_fields = ("title", "title_zh", "name")
    parser_classes = (MultiPartParser, JSONParser)

    def facts_of(self, data: Any, obj: Any = None, *, partial: bool = False) -> dict[str, Any]:
        """Evidence belongs to its task's agreement, which whoever was invited may not name."""
        facts = super().facts_of(data, obj, partial=partial)
        if obj is None and "agreement" not in facts:
            if facts.get("task") is None:
                missing = serializers.Field.default_error_messages["required"]
                raise ValidationError({"agreement": [ErrorDetail(str(missing), code="required")]})
            facts["agreement"] = facts["task"].agreement
        return facts

    def enter_facts(self, facts: dict[str, Any]) -> Document:
        upload = facts.pop("file")
        return Document.file(upload, by=self.request.user, on=clock.today(), **facts)

    @extend_schema(
        responses={
            (200, *sorted({served for served, _shown in ALLOWED.values()})): OpenApiTypes.BINARY
        }
    )
    @action(detail=True, methods=["get"])
    def content(self, request: Request, *args: Any, **kwargs: Any) -> FileResponse:
        """The bytes, as an attachment; the reading is recorded."""
        return attachment(self.get_object(), by=request.user)
