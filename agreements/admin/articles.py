"""Articles in the back office."""

from django.contrib import admin
from unfold.contrib.filters.admin import AutocompleteSelectFilter

from agreements.admin.belonging import Belonging
from agreements.admin.names import of_agreement
from agreements.models import Article
from governance.admin.nouns import NounAdmin, marked_name
from governance.admin.site import secretariat


@admin.register(Article, site=secretariat)
class ArticleAdmin(Belonging, NounAdmin):
    """The numbered clauses that mechanisms and tasks cite."""

    list_display = (marked_name, "number", of_agreement)
    list_filter = (("agreement", AutocompleteSelectFilter),)
    list_select_related = ("agreement",)
    search_fields = ("number", "title", "title_zh", "text", "text_zh")
    autocomplete_fields = ("agreement",)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("agreement", "number", "position"),
                    ("title", "title_zh"),
                    ("text", "text_zh"),
                    ("source", "illustrative"),
                )
            },
        ),
    )
