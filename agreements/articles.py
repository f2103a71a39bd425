"""Articles: the numbered clauses that mechanisms and tasks cite."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from agreements.agreement import Agreement
from governance.base import Noun, Sourced, bilingual


class Article(Sourced, Noun):
    """One article of an agreement's text."""

    agreement = models.ForeignKey(
        Agreement, verbose_name=_("agreement"), on_delete=models.CASCADE, related_name="articles"
    )
    position = models.PositiveSmallIntegerField(_("position"), default=1)
    number = models.CharField(
        _("number"), max_length=20, help_text=_("As the text numbers it: 5, 3.2, II.")
    )
    title = models.CharField(_("title"), max_length=300, blank=True)
    title_zh = models.CharField(_("Chinese title"), max_length=300, blank=True)
    text = models.TextField(_("text"), blank=True)
    text_zh = models.TextField(_("Chinese text"), blank=True)

    class Meta:
        verbose_name = _("article")
        verbose_name_plural = _("articles")
        ordering = ("agreement", "position", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("agreement", "number"),
                name="article_number_once",
                violation_error_message=_("The agreement already has an article of this number."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.number} {bilingual(self.title, self.title_zh)}".strip()

    def record_scope(self) -> Agreement:
        return self.agreement
