"""Documents of an agreement: the list, and the bytes for whoever may read them."""

from pathlib import PurePath
from typing import Any

from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest
from django.utils.translation import gettext_lazy as _

from agreements.documents import Kind
from agreements.models import Document
from agreements.portal.agreement import AgreementPage
from governance.portal.lists import Choice, ListPage
from governance.portal.pages import ObjectPage
from governance.record import record, unit


class AgreementDocuments(AgreementPage, ListPage):
    """The documents of an agreement, the newest first."""

    template_name = "portal/agreement_documents.html"
    tab = "documents"
    search_fields = ("title", "title_zh", "name")
    orderings = {
        "-dated": ("-dated_on", "-created_at"),
        "dated": ("dated_on", "created_at"),
        "kind": ("kind", "-dated_on"),
    }

    def rows(self) -> QuerySet[Any]:
        return self.of(Document).select_related("task")

    def choices(self) -> list[Choice]:
        return [Choice("kind", _("Kind"), Kind.choices, "kind")]


class Download(ObjectPage):
    """The file itself, always as an attachment, under a name made here; every reading is kept."""

    model = Document
    related = ("agreement",)
    http_method_names = ["get"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        document = self.object
        try:
            stored = document.open()
        except FileNotFoundError as lost:
            raise Http404 from lost
        with unit():
            record(document, "download", by=request.user, on=self.today)
        extension = PurePath(document.name).suffix.lower()
        response = FileResponse(
            stored,
            as_attachment=True,
            filename=f"{document.agreement.reference}-{document.kind}-{document.public_id.hex[:8]}"
            f"{extension}",
            content_type=document.media_type,
        )
        response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response
