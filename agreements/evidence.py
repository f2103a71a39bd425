"""The evidence that a task asks for: how many documents of which kind, before it is submitted."""

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from agreements.agreement import Agreement
from agreements.documents import Kind
from agreements.tasks import Task
from governance.base import Noun, Sourced, bilingual
from governance.wording import labelled


class EvidenceRequirement(Sourced, Noun):
    """A line of a task's checklist: so many documents of a kind are to be filed for it."""

    task = models.ForeignKey(
        Task, verbose_name=_("task"), on_delete=models.CASCADE, related_name="evidence_wanted"
    )
    kind = models.CharField(_("kind"), max_length=15, choices=Kind, default=Kind.EVIDENCE)
    number = models.PositiveSmallIntegerField(
        _("how many"), default=1, validators=[MinValueValidator(1)]
    )
    note = models.CharField(
        _("what exactly"),
        max_length=300,
        blank=True,
        help_text=_("For example: the certificate of acceptance, photographs before and after."),
    )
    note_zh = models.CharField(_("what exactly, in Chinese"), max_length=300, blank=True)

    named_by = ("task",)

    class Meta:
        verbose_name = _("evidence wanted")
        verbose_name_plural = _("evidence wanted")
        ordering = ("task", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("task", "kind"),
                name="evidence_kind_once",
                violation_error_message=_(
                    "This kind is on the checklist already: change the number there."
                ),
            ),
            models.CheckConstraint(
                name="evidence_wanted_at_all", condition=models.Q(number__gte=1)
            ),
        )

    def __str__(self) -> str:
        return labelled(self.get_kind_display(), self.number)

    def record_scope(self) -> Agreement:
        return self.task.agreement

    # questions

    @property
    def said(self) -> str:
        """What exactly is wanted, in the reader's language; empty when the kind says it."""
        return bilingual(self.note, self.note_zh)
