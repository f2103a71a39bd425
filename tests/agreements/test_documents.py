"""Documents: bytes are believed, names are not; what is stored is stored once."""

import hashlib
import io
import zipfile

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile

from agreements.documents import ALLOWED, Kind, receive, stored_path
from agreements.models import Document, Indicator, Measurement
from governance.lifecycle import Refused
from tests.cast import SIGNED, enter_agreement, enter_task

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c4944415408d763f8cfc000000301010018dd8db00000000049454e44ae426082"
)
JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000") + b"\x00" * 64 + b"\xff\xd9"
HTML = b"<!DOCTYPE html><html><script>alert(1)</script></html>"
ENGLISH = b"Signed by both parties on 21 January 2021."
CHINESE = "双方于二〇二一年一月二十一日签署。"


def packed(inner):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        package.writestr(inner, "<document/>")
    return buffer.getvalue()


def opened(media_type):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        package.writestr("mimetype", media_type)
        package.writestr("content.xml", "<document/>")
    return buffer.getvalue()


ODT, ODS = (opened(ALLOWED[extension][0]) for extension in (".odt", ".ods"))
DOCX, XLSX, PPTX = packed("word/document.xml"), packed("xl/workbook.xml"), packed("ppt/x.xml")


@pytest.fixture(autouse=True)
def storage(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def code_of(name, content):
    with pytest.raises(ValidationError) as refused:
        receive(ContentFile(content, name=name))
    return refused.value.error_dict["file"][0].code


# what is accepted


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("text.pdf", PDF, "application/pdf"),
        ("TEXT.PDF", PDF, "application/pdf"),
        ("map.png", PNG, "image/png"),
        ("photo.jpg", JPEG, "image/jpeg"),
        ("photo.jpeg", JPEG, "image/jpeg"),
        ("text.docx", DOCX, ALLOWED[".docx"][0]),
        ("table.xlsx", XLSX, ALLOWED[".xlsx"][0]),
        ("talk.pptx", PPTX, ALLOWED[".pptx"][0]),
        ("text.odt", ODT, ALLOWED[".odt"][0]),
        ("table.ods", ODS, ALLOWED[".ods"][0]),
        ("note.txt", ENGLISH, "text/plain"),
        ("table.csv", b"name,km\nAlba,3\n", "text/csv"),
        ("协议.txt", CHINESE.encode(), "text/plain"),
        ("note.txt", b"\xef\xbb\xbf" + CHINESE.encode(), "text/plain"),
        ("note.txt", CHINESE.encode("gb18030"), "text/plain"),
        ("v1.2.final.pdf", PDF, "application/pdf"),
    ],
)
def test_a_file_that_is_what_it_says_is_accepted_with_the_type_of_the_list(
    name, content, media_type
):
    received = receive(ContentFile(content, name=name))
    assert (received.name, received.media_type, received.size) == (name, media_type, len(content))
    assert received.sha256 == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
@pytest.mark.parametrize("shift", range(4))
def test_a_long_text_is_accepted_wherever_its_head_is_cut(encoding, shift):
    content = b"a" * shift + ("长" * 9000).encode(encoding)
    assert receive(ContentFile(content, name="long.txt")).size == len(content)


# what is refused


@pytest.mark.parametrize(
    "name",
    ["page.html", "page.svg", "run.exe", "run.pdf.exe", "pdf", ".pdf", "", "text.pdf.", "a.zip"],
)
def test_a_file_of_another_kind_is_refused(name):
    assert code_of(name, PDF) == "type"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("text.pdf", HTML),
        ("text.pdf", ENGLISH),
        ("text.pdf", PNG),
        ("text.pdf", b"\x00" * 100),
        ("text.pdf", b"x"),
        ("map.png", PDF),
        ("map.png", JPEG),
        ("photo.jpg", PNG),
        ("photo.jpg", HTML),
        ("text.docx", PDF),
        ("text.docx", HTML),
        ("table.xlsx", ENGLISH),
        ("text.docx", XLSX),
        ("talk.pptx", packed("readme.txt")),
        ("table.xlsx", XLSX[:-30]),
        ("text.odt", ODS),
        ("text.odt", packed("content.xml")),
        ("text.pdf", PDF.removesuffix(b"%%EOF\n")),
        ("note.txt", PDF),
        ("note.txt", DOCX),
        ("note.txt", PNG),
        ("note.txt", HTML),
        ("note.txt", b"  \n\t<HTML><body>"),
        ("note.txt", b"\xef\xbb\xbf<html>"),
        ("note.txt", b"<script>alert(1)</script>"),
        ("note.txt", b"text\x00with a zero"),
        ("note.txt", b"\xff\xff\xff\xff"),
        ("table.csv", DOCX),
        ("table.csv", HTML),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused(name, content):
    assert code_of(name, content) == "type_mismatch"


def test_an_empty_file_is_refused():
    assert code_of("text.pdf", b"") == "empty"


def test_a_file_larger_than_the_limit_is_refused_by_its_bytes_not_by_its_word(settings, storage):
    settings.MAX_UPLOAD_BYTES = 1024 * 1024
    content = b"a" * (1024 * 1024)
    assert receive(ContentFile(content, name="note.txt")).size == 1024 * 1024
    liar = SimpleUploadedFile("note.txt", content + b"b")
    liar.size = 10
    with pytest.raises(ValidationError) as refused:
        receive(liar)
    assert refused.value.error_dict["file"][0].code == "too_large"
    assert refused.value.messages == ["The file is larger than 1 MB."]
    assert len(stored_files(storage)) == 1


def stored_files(storage):
    return [path for path in storage.rglob("*") if path.is_file()]


# names


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/text.pdf", "text.pdf"),
        ("/etc/text.pdf", "text.pdf"),
        ("C:\\Users\\ann\\text.pdf", "text.pdf"),
        ("..\\..\\text.pdf", "text.pdf"),
        ("folder/text.pdf", "text.pdf"),
        (" text.pdf ", "text.pdf"),
        ("a\x00b\n.pdf", "ab.pdf"),
        ("invoice\u202efdp.pdf", "invoicefdp.pdf"),
        ("x" * 300 + ".pdf", "x" * 196 + ".pdf"),
        ("长" * 300 + ".pdf", "长" * 196 + ".pdf"),
    ],
)
def test_a_name_is_never_a_path_and_never_longer_than_its_field(storage, given, kept):
    upload = ContentFile(PDF)
    upload.name = given
    received = receive(upload)
    assert received.name == kept
    [path] = stored_files(storage)
    assert path.relative_to(storage).as_posix() == stored_path(received.sha256)


def test_the_same_bytes_are_stored_once_under_their_hash(storage):
    one, other = (receive(ContentFile(PDF, name=name)) for name in ("one.pdf", "other.pdf"))
    assert (one.name, other.name, one.sha256) == ("one.pdf", "other.pdf", other.sha256)
    [path] = stored_files(storage)
    assert path.name == one.sha256
    assert path.read_bytes() == PDF


def test_bytes_of_which_only_a_part_was_stored_are_stored_anew(storage):
    path = storage / stored_path(hashlib.sha256(PDF).hexdigest())
    path.parent.mkdir(parents=True)
    path.write_bytes(PDF[:10])
    receive(ContentFile(PDF, name="text.pdf"))
    assert stored_files(storage) == [path]
    assert path.read_bytes() == PDF


def test_a_refused_file_is_not_stored(storage):
    code_of("text.pdf", HTML)
    assert stored_files(storage) == []


# filing


def file(agreement, upload=None, **facts):
    return Document.file(
        upload or ContentFile(PDF, name="text.pdf"),
        by=facts.pop("by", None),
        agreement=agreement,
        **{"kind": Kind.SIGNED_TEXT, **facts},
    )


def test_a_document_keeps_what_was_found_and_who_filed_it(officer, agreement):
    document = file(agreement, by=officer, title_zh="签署文本")
    document.refresh_from_db()
    assert (document.name, document.media_type, document.size) == (
        "text.pdf",
        "application/pdf",
        len(PDF),
    )
    assert (document.filed_by, str(document)) == (officer, "签署文本")
    with document.open() as stored:
        assert stored.read() == PDF


def test_without_a_title_a_document_is_called_by_its_file(agreement):
    assert str(file(agreement)) == "text.pdf"


def test_a_refusal_names_the_field_of_the_form(agreement):
    with pytest.raises(ValidationError) as refused:
        file(agreement, ContentFile(HTML, name="text.pdf"), field="scan")
    assert set(refused.value.error_dict) == {"scan"}
    assert not Document.objects.exists()


def test_evidence_is_filed_for_a_task_of_the_same_agreement(officer, agreement, alba):
    other = enter_agreement(alba, by=officer)
    with pytest.raises(ValidationError) as refused:
        file(other, task=enter_task(agreement, by=officer))
    assert set(refused.value.error_dict) == {"task"}


def test_evidence_on_which_a_measurement_rests_is_not_deleted(officer, agreement):
    task = enter_task(agreement, by=officer)
    indicator = Indicator.enter(by=officer, task=task, name="Trees", unit="trees")
    evidence = file(agreement, task=task, kind=Kind.EVIDENCE)
    Measurement.enter(by=officer, indicator=indicator, as_of=SIGNED, value=1, evidence=evidence)
    with pytest.raises(Refused) as refused:
        evidence.remove(by=officer)
    assert refused.value.guard == "still_needed"
    assert default_storage.exists(stored_path(evidence.sha256))
