"""JSON in and out: nothing else is offered, and what cannot be text is refused."""

from typing import Any

import orjson
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ErrorDetail, ParseError, ValidationError
from rest_framework.metadata import BaseMetadata
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer

_OPTIONS = orjson.OPT_NON_STR_KEYS | orjson.OPT_UTC_Z
_DEEPEST = 32


class JSONRenderer(BaseRenderer):
    """UTF-8 JSON; lazy texts and decimals become text."""

    media_type = "application/json"
    format = "json"
    charset = None
    render_style = "binary"

    def render(
        self, data: Any, accepted_media_type: Any = None, renderer_context: Any = None
    ) -> bytes:
        if data is None:
            return b""
        return orjson.dumps(data, default=str, option=_OPTIONS)


class JSONParser(BaseParser):
    """Strict JSON: no NaN, no lone surrogate, no NUL, whatever the field."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        content = stream.read(limit + 1)
        if len(content) > limit:
            raise RequestDataTooBig
        try:
            data = orjson.loads(content)
        except orjson.JSONDecodeError as wrong:
            raise ParseError(_("The body is not valid JSON: %(why)s") % {"why": wrong}) from wrong
        if _is_deep(data):
            raise ParseError(_("The body is nested too deeply."))
        if b"\\u0000" in content and (wrong_at := _with_nul(data)):
            raise ValidationError(wrong_at)
        return data


def _is_deep(data: Any) -> bool:
    level = [data]
    for _step in range(_DEEPEST):
        containers = [item for item in level if isinstance(item, dict | list)]
        if not containers:
            return False
        level = [
            inner
            for item in containers
            for inner in (item.values() if isinstance(item, dict) else item)
        ]
    return True


def _with_nul(value: Any) -> Any:
    """The places of texts that hold a NUL, which PostgreSQL cannot keep; nothing without any."""
    if isinstance(value, str) and "\x00" in value:
        sentence = _("Null characters are not allowed.")
        return [ErrorDetail(str(sentence), code="null_characters_not_allowed")]
    if isinstance(value, dict):
        inside = {name.replace("\x00", "\ufffd"): _with_nul(name) for name in value}
        inside |= {name: _with_nul(item) for name, item in value.items() if "\x00" not in name}
        return {name: found for name, found in inside.items() if found}
    if isinstance(value, list):
        places = {str(place): _with_nul(item) for place, item in enumerate(value)}
        return {place: found for place, found in places.items() if found}
    return None


class Methods(BaseMetadata):
    """The answer to OPTIONS: which methods there are, the same for every object and reader."""

    def determine_metadata(self, request: Any, view: Any) -> dict[str, Any]:
        return {"methods": view.allowed_methods}


class AlwaysJSON(BaseContentNegotiation):
    """Whatever is asked for, JSON is what there is; ``Accept`` cannot open another door."""

    def select_parser(self, request: Any, parsers: Any) -> Any:
        content_type = (request.content_type or "").partition(";")[0].strip().lower()
        for parser in parsers:
            if content_type == parser.media_type:
                return parser
        return None

    def select_renderer(self, request: Any, renderers: Any, format_suffix: Any = None) -> Any:
        return renderers[0], renderers[0].media_type
