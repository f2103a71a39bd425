"""Fields of the theme for forms that ask for more than their model's own fields."""

from typing import Any

from django import forms
from django.contrib.admin.widgets import AutocompleteSelect, RelatedFieldWidgetWrapper
from django.db import models

from governance.admin.site import secretariat


def searched(
    model: type[models.Model], name: str, *, label: Any, help_text: Any = "", required: bool = False
) -> forms.ModelChoiceField:
    """A choice that one types to find, as of the foreign key ``name`` of ``model``, with a “+”.

    It offers nothing until the form has given it the rows that its user may see.
    """
    foreign_key = model._meta.get_field(name)
    relation: Any = foreign_key.remote_field
    widget = RelatedFieldWidgetWrapper(
        AutocompleteSelect(foreign_key, secretariat), relation, secretariat, can_add_related=True
    )
    only_add(widget)
    return forms.ModelChoiceField(
        relation.model._default_manager.none(),
        label=label,
        help_text=help_text,
        required=required,
        widget=widget,
    )


class RuleField(forms.JSONField):
    """A rule as JSON; nothing at all where there is none."""

    def prepare_value(self, value: Any) -> Any:
        return "" if value is None else super().prepare_value(value)


def only_add(widget: RelatedFieldWidgetWrapper) -> None:
    """Beside a choice only the “+”: things are changed on their own page."""
    widget.can_change_related = widget.can_delete_related = widget.can_view_related = False
    widget.template_name = "admin/concord/related.html"
