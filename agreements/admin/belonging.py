"""What belongs to an agreement stays with it, and names only what belongs to the same one."""

from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminSelectWidget


class Belonging:
    """For an admin: the field it belongs by is fixed once entered, its neighbours are its own."""

    belongs_by = "agreement"
    # Choices that belong to the same agreement.
    neighbours: tuple[str, ...] = ()

    def get_readonly_fields(self, request: Any, obj: Any = None) -> Any:
        fields = super().get_readonly_fields(request, obj)  # type: ignore[misc]
        return (*fields, self.belongs_by) if obj is not None else fields

    def get_form(self, request: Any, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)  # type: ignore[misc]
        for name in self.neighbours if obj is not None else ():
            field = form.base_fields.get(name)
            if not isinstance(field, forms.ModelChoiceField) or field.queryset is None:
                continue
            field.queryset = field.queryset.filter(agreement=obj.record_scope())
            field.empty_label = "—"
            field.widget = UnfoldAdminSelectWidget()
            field.widget.choices = field.choices
        return form
