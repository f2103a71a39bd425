"""How a document's bytes leave the house: the same at every door."""

from pathlib import PurePath
from typing import Any

from django.http import FileResponse, Http404

from agreements.documents import Document
from governance import clock
from governance.record import record, unit


def attachment(document: Document, *, by: Any) -> FileResponse:
    """The bytes as an inert attachment under a name made here; the reading goes on record.

    Raises Http404 when the bytes are lost.
    """
    try:
        stored = document.open()
    except FileNotFoundError as lost:
        raise Http404 from lost
    with unit():
        record(document, "read", by=by, on=clock.today())
    extension = PurePath(document.name).suffix.lower()
    key = document.public_id.hex[:8]
    return FileResponse(
        stored,
        as_attachment=True,
        filename=f"{document.agreement.reference}-{document.kind}-{key}{extension}",
        content_type=document.media_type,
        headers={
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "X-Content-Type-Options": "nosniff",
        },
    )
