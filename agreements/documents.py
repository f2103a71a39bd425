"""Documents: files received once, sniffed, hashed, and served only to whoever may read them.

The bytes are kept under their SHA-256, so the same file is stored once and a name given by a
stranger never becomes a path.
"""

import codecs
import hashlib
import zlib
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePath
from typing import Any, Self
from uuid import uuid4
from zipfile import BadZipFile, ZipFile

import puremagic
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import models
from django.utils.translation import gettext_lazy as _

from agreements.agreement import Agreement, Confidentiality
from governance.base import Noun, Sourced, bilingual
from governance.record import refuse, unit
from governance.wording import listed

_ZIP = {"application/zip", "application/x-zip-compressed"}
_OFFICE = "application/vnd.openxmlformats-officedocument"
_ODF = "application/vnd.oasis.opendocument"
# Extension: the type it is served as, and the types that its bytes may show.
ALLOWED: dict[str, tuple[str, frozenset[str]]] = {
    ".pdf": ("application/pdf", frozenset({"application/pdf"})),
    ".docx": (
        f"{_OFFICE}.wordprocessingml.document",
        frozenset({*_ZIP, f"{_OFFICE}.wordprocessingml.document"}),
    ),
    ".xlsx": (
        f"{_OFFICE}.spreadsheetml.sheet",
        frozenset({*_ZIP, f"{_OFFICE}.spreadsheetml.sheet"}),
    ),
    ".pptx": (
        f"{_OFFICE}.presentationml.presentation",
        frozenset({*_ZIP, f"{_OFFICE}.presentationml.presentation"}),
    ),
    ".odt": (f"{_ODF}.text", frozenset({*_ZIP, f"{_ODF}.text"})),
    ".ods": (f"{_ODF}.spreadsheet", frozenset({*_ZIP, f"{_ODF}.spreadsheet"})),
    ".png": ("image/png", frozenset({"image/png"})),
    ".jpg": ("image/jpeg", frozenset({"image/jpeg"})),
    ".jpeg": ("image/jpeg", frozenset({"image/jpeg"})),
    ".txt": ("text/plain", frozenset()),
    ".csv": ("text/csv", frozenset()),
}
_HEAD, _TAIL = 8192, 1024
# The folder of an Office package in which its own content lies.
_PARTS = {".docx": "word/", ".xlsx": "xl/", ".pptx": "ppt/"}
_ODF_KINDS = frozenset({".odt", ".ods"})
_NOT_TEXT = (b"<!doctype", b"<html", b"<script", b"%pdf", b"pk\x03\x04", b"\x89png")
_LONGEST_NAME = 200


class Kind(models.TextChoices):
    """What a document is for."""

    SIGNED_TEXT = "signed_text", _("Signed text")
    ANNEX = "annex", _("Annex")
    MINUTES = "minutes", _("Minutes")
    EVIDENCE = "evidence", _("Evidence")
    REPORT = "report", _("Report")
    CORRESPONDENCE = "correspondence", _("Correspondence")


@dataclass(frozen=True, slots=True)
class Received:
    """A file that has been checked and stored: its name as given, and what was found."""

    name: str
    media_type: str
    sha256: str
    size: int


def receive(upload: File, *, field: str = "file") -> Received:
    """Check and store an uploaded file. Raises ValidationError at ``field``.

    The extension must be allowed and the bytes must be what it says; the size is counted, not
    believed. Storing twice the same bytes stores them once.
    """
    name, extension = _safe_name(upload.name or "")
    if extension not in ALLOWED:
        raise refuse(
            field,
            _("Files of this kind are not accepted. Accepted: %(kinds)s.")
            % {"kinds": listed(sorted(ALLOWED))},
            "type",
        )
    limit = settings.MAX_UPLOAD_BYTES
    digest, size, head, tail = hashlib.sha256(), 0, b"", b""
    upload.seek(0)
    for chunk in upload.chunks():
        head = head or chunk[:_HEAD]
        tail = (tail + chunk)[-_TAIL:]
        size += len(chunk)
        if size > limit:
            raise refuse(
                field,
                _("The file is larger than %(limit)s MB.") % {"limit": limit // 1024 // 1024},
                "too_large",
            )
        digest.update(chunk)
    if size == 0:
        raise refuse(field, _("The file is empty."), "empty")
    media_type, shown = ALLOWED[extension]
    if not (_is_what_it_says(head, shown) and _is_whole(upload, extension, head, tail)):
        raise refuse(
            field, _("The content of this file is not what its name says."), "type_mismatch"
        )
    sha256 = digest.hexdigest()
    _store(upload, stored_path(sha256), size)
    return Received(name, media_type, sha256, size)


def _store(upload: File, path: str, size: int) -> None:
    """Keep the bytes under ``path``, which never holds a part of them only."""
    if default_storage.exists(path) and default_storage.size(path) == size:
        return
    upload.seek(0)
    arrived = default_storage.save(f"{path}.{uuid4().hex}", upload)
    Path(default_storage.path(arrived)).replace(default_storage.path(path))


def _safe_name(given: str) -> tuple[str, str]:
    """The name without folders and without what cannot be printed, and its extension."""
    last = PurePath(given.replace("\\", "/")).name
    name = PurePath("".join(char for char in last if char.isprintable()).strip())
    stem = name.stem[: _LONGEST_NAME - len(name.suffix)]
    return stem + name.suffix[:_LONGEST_NAME], name.suffix.lower()


def stored_path(sha256: str) -> str:
    """Where the bytes of that hash are kept."""
    return f"documents/{sha256[:2]}/{sha256}"


def _is_what_it_says(head: bytes, shown: frozenset[str]) -> bool:
    if not shown:
        return _is_text(head)
    try:
        found = {match.mime_type for match in puremagic.magic_string(head)}
    except puremagic.PureError:
        return False
    return bool(found & shown)


def _is_whole(upload: File, extension: str, head: bytes, tail: bytes) -> bool:
    """Whether a PDF has its end, and a package the parts that make it what it says."""
    if extension == ".pdf":
        return b"%PDF-" in head and b"%%EOF" in tail
    if extension not in _PARTS and extension not in _ODF_KINDS:
        return True
    upload.seek(0)
    try:
        with ZipFile(upload) as package:
            if extension in _PARTS:
                names = package.namelist()
                return "[Content_Types].xml" in names and any(
                    name.startswith(_PARTS[extension]) for name in names
                )
            with package.open("mimetype") as stated:
                said = ALLOWED[extension][0].encode()
                return stated.read(len(said) + 1) == said
    except (BadZipFile, KeyError, NotImplementedError, RuntimeError, zlib.error, EOFError):
        return False


def _is_text(head: bytes) -> bool:
    start = head.removeprefix(codecs.BOM_UTF8).lstrip()[:15].lower()
    if b"\x00" in head or start.startswith(_NOT_TEXT):
        return False
    for encoding in ("utf-8", "gb18030"):
        try:
            # Where the head was cut, the last character may be half there.
            decode = codecs.getincrementaldecoder(encoding)().decode
            decode(head, final=len(head) < _HEAD)
        except UnicodeDecodeError:
            continue
        return True
    return False


class Document(Sourced, Noun):
    """A file of an agreement, or the evidence filed for one of its tasks."""

    agreement = models.ForeignKey(
        Agreement, verbose_name=_("agreement"), on_delete=models.CASCADE, related_name="documents"
    )
    task = models.ForeignKey(
        "agreements.Task",
        verbose_name=_("evidence for the task"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="evidence",
    )
    kind = models.CharField(_("kind"), max_length=15, choices=Kind)
    title = models.CharField(_("title"), max_length=300, blank=True)
    title_zh = models.CharField(_("Chinese title"), max_length=300, blank=True)
    language = models.CharField(
        _("language"),
        max_length=10,
        blank=True,
        choices=(("en", _("English")), ("zh", _("Chinese")), ("both", _("English and Chinese"))),
    )
    edition = models.CharField(_("version"), max_length=40, blank=True)
    dated_on = models.DateField(_("dated"), null=True, blank=True)
    confidentiality = models.CharField(
        _("who may read it"),
        max_length=12,
        choices=Confidentiality,
        default=Confidentiality.PARTIES,
    )
    name = models.CharField(_("file name"), max_length=_LONGEST_NAME, editable=False)
    media_type = models.CharField(_("type"), max_length=100, editable=False)
    size = models.PositiveBigIntegerField(_("size in bytes"), editable=False)
    sha256 = models.CharField("SHA-256", max_length=64, editable=False, db_index=True)
    filed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("filed by"),
        null=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
    )

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        ordering = ("-created_at", "id")

    def __str__(self) -> str:
        return bilingual(self.title, self.title_zh) or self.name

    def clean(self) -> None:
        super().clean()
        if self.task is not None and self.task.agreement_id != self.agreement_id:
            raise ValidationError({"task": _("This task belongs to another agreement.")})

    def record_scope(self) -> Noun:
        return self.agreement

    # changes

    @classmethod
    def file(
        cls, upload: File, *, by: Any, on: date | None = None, field: str = "file", **facts: Any
    ) -> Self:
        """Receive a file and enter it as a document. Raises ValidationError."""
        received = receive(upload, field=field)
        with unit():
            return cls.enter(
                by=by,
                on=on,
                name=received.name,
                media_type=received.media_type,
                size=received.size,
                sha256=received.sha256,
                filed_by=by,
                **facts,
            )

    # questions

    def open(self) -> File:
        """The stored bytes, for whoever the access policy lets read them."""
        return default_storage.open(stored_path(self.sha256))
