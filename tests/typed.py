"""What a person finds in the forms of a page of the back office, ready to be sent back."""

from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any

from django import forms
from django.template.response import TemplateResponse


def typed(page: TemplateResponse, **changes: Any) -> dict[str, Any]:
    """Everything that stands in the page's forms, with ``changes`` by the name of the control."""
    sent: dict[str, Any] = {}
    for form in _forms(page):
        for bound in form:
            sent |= _control(bound)
    return sent | {name: value for name, value in changes.items() if value is not None}


def _forms(page: TemplateResponse) -> Iterator[forms.BaseForm]:
    context = page.context_data
    if "adminform" not in context:
        yield context["form"]
        return
    yield context["adminform"].form
    for inline in context["inline_admin_formsets"]:
        yield inline.formset.management_form
        yield from inline.formset.forms


def _control(bound: forms.BoundField) -> dict[str, Any]:
    value, widget = bound.value(), bound.field.widget
    widget = getattr(widget, "widget", widget)  # a choice with its “+” beside
    if isinstance(widget, forms.MultiWidget):
        parts = value if isinstance(value, list) else widget.decompress(value)
        names = [f"{bound.html_name}{name}" for name in widget.widgets_names]
        return {name: _text(part) for name, part in zip(names, parts, strict=False)}
    if isinstance(widget, forms.CheckboxInput):
        return {bound.html_name: "on"} if value else {}
    if isinstance(widget, forms.FileInput):
        return {}
    if getattr(widget, "allow_multiple_selected", False) and not value:
        return {}
    if isinstance(value, list | tuple):
        return {bound.html_name: [_text(part) for part in value]}
    return {bound.html_name: _text(value)}


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    return str(getattr(value, "pk", value))


def errors(page: TemplateResponse) -> dict[str, list[str]]:
    """The errors of a page's forms, by the name of the control, of the row, or "" for the page."""
    found: dict[str, list[str]] = {}
    for form in _forms(page):
        for name, said in form.errors.items():
            place = form.prefix or "" if name == "__all__" else form.add_prefix(name)
            found.setdefault(place, []).extend(str(sentence) for sentence in said)
    for inline in page.context_data.get("inline_admin_formsets", ()):
        for sentence in inline.formset.non_form_errors():
            found.setdefault(inline.formset.prefix, []).append(str(sentence))
    return found
