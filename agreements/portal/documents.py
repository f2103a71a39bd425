"""Documents of an agreement: the list, and the bytes for whoever may read them."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from agreements.attachment import attachment
from agreements.documents import Kind
from agreements.models import Document
from agreements.portal.agreement import AgreementPage
from governance.portal.lists import Choice, ListPage
from governance.portal.pages import ObjectPage


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
    """The file itself, always as an attachment; every reading is kept."""

    model = Document
    related = ("agreement",)
    http_method_names = ["get"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return attachment(self.object, by=request.user)
