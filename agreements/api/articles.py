"""Articles over the API."""

from agreements.models import Article
from governance.api.filters import RowFilterSet
from governance.api.resource import Resource
from governance.api.serializers import NounSerializer


class ArticleSerializer(NounSerializer):
    """One numbered clause of an agreement."""

    class Meta:
        model = Article
        create_only = ("agreement",)
        fields = (
            "id",
            "agreement",
            "agreement_name",
            "position",
            "number",
            "title",
            "title_zh",
            "text",
            "text_zh",
            "source",
            "illustrative",
            "created_at",
            "changed_at",
        )


class ArticleFilters(RowFilterSet):
    """Filters of articles."""

    class Meta:
        model = Article
        fields = {"agreement": ["exact"], "number": ["exact"]}


class Articles(Resource):
    """The clauses of the agreements."""

    model = Article
    serializer_class = ArticleSerializer
    filterset_class = ArticleFilters
    ordering = "position"
    ordering_fields = ("position", "created_at", "changed_at")
    search_fields = ("number", "title", "title_zh", "text", "text_zh")
