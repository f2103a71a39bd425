"""The articles of an agreement, and which tasks carry them out."""

from typing import Any

from django.db.models import Prefetch

from agreements.models import Article, Task
from agreements.portal.agreement import AgreementPage
from governance.access import visible_to


class AgreementArticles(AgreementPage):
    """The text, article by article, each with the tasks that it gave rise to."""

    template_name = "portal/agreement_articles.html"
    tab = "articles"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        tasks = visible_to(self.request.user, Task).with_light(self.today).order_by("number")
        articles = self.of(Article).prefetch_related(
            Prefetch("tasks", queryset=tasks, to_attr="visible_tasks")
        )
        return super().get_context_data(articles=articles, **kwargs)
