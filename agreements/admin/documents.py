"""Documents in the back office: filed once, read by whoever may."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import FileResponse, Http404
from django.template.defaultfilters import filesizeformat
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import display
from unfold.widgets import UnfoldAdminFileFieldWidget

from agreements.admin.belonging import Belonging
from agreements.admin.names import of_agreement
from agreements.attachment import attachment
from agreements.documents import ALLOWED
from agreements.models import Document
from governance.access import visible_to
from governance.admin.forms import NounForm
from governance.admin.nouns import NounAdmin, NounStacked, marked_name
from governance.admin.site import secretariat
from governance.base import Noun


class DocumentForm(NounForm):
    """A document: the file when it is filed, and what is said of it."""

    file = forms.FileField(
        label=gettext_lazy("file"),
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ",".join(sorted(ALLOWED))}),
        help_text=gettext_lazy("PDF, Word, Excel, PowerPoint, OpenDocument, pictures, text."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is not None:
            # The bytes of a document never change: another version is another document.
            self.fields.pop("file", None)

    def enter(self, *, by: Any, **facts: Any) -> Noun:
        return Document.file(self.cleaned_data["file"], by=by, **facts)


class DocumentInline(NounStacked):
    """Files handed in with an agreement; those there already have a list of their own."""

    model = Document
    form = DocumentForm
    extra = 0
    can_delete = True
    fields = (("file", "kind"), ("title", "title_zh"), ("dated_on", "language", "confidentiality"))

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).none()


@admin.register(Document, site=secretariat)
class DocumentAdmin(Belonging, NounAdmin):
    """The files of agreements, and the evidence filed for tasks."""

    neighbours = ("task",)

    form = DocumentForm
    list_display = (
        marked_name,
        "kind",
        of_agreement,
        "dated_on",
        "confidentiality",
        "size_read",
        "download",
    )
    list_filter = ("kind", "confidentiality", ("agreement", AutocompleteSelectFilter))
    list_select_related = ("agreement",)
    search_fields = ("title", "title_zh", "name", "sha256")
    autocomplete_fields = ("agreement", "task")
    readonly_fields = ("download", "media_type", "size_read", "sha256", "filed_by")
    _said = (
        ("agreement", "task"),
        ("title", "title_zh"),
        ("kind", "dated_on"),
        ("language", "edition", "confidentiality"),
        ("source", "illustrative"),
    )
    add_fieldsets = ((None, {"fields": ("file", *_said)}),)
    fieldsets = (
        (None, {"fields": _said}),
        (
            gettext_lazy("The file"),
            {"fields": (("download", "media_type", "size_read"), ("sha256", "filed_by"))},
        ),
    )

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.download_view)
        own = path("<int:object_id>/download/", view, name="agreements_document_download")
        return [own, *super().get_urls()]

    def download_view(self, request: Any, object_id: int) -> FileResponse:
        """The bytes, as an attachment, to whoever may read them."""
        document = visible_to(request.user, Document).filter(pk=object_id).first()
        if document is None:
            raise Http404
        return attachment(document, by=request.user)

    @display(description=gettext_lazy("file"))
    def download(self, obj: Document) -> Any:
        if obj.pk is None:
            return "—"
        address = reverse("admin:agreements_document_download", args=(obj.pk,))
        return format_html('<a class="concord-link" href="{}">{}</a>', address, _("Download"))

    @display(description=gettext_lazy("size"), ordering="size")
    def size_read(self, obj: Document) -> str:
        return filesizeformat(obj.size)
