"""The work ledger: every task with its figures and its last report, as page and as workbook."""

from functools import partial
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from agreements.ledger import ledger
from agreements.models import Agreement, Task
from agreements.portal.tasks import URGENCY, TaskRows
from agreements.report_files import ledger_file
from agreements.report_sheets import reached_text, source_text, target_text
from governance.access import visible_to
from governance.portal.lists import Choice
from governance.wording import listed


class WorkLedger(TaskRows):
    """The ledger of the tasks that exist for the reader, narrowed as the address says."""

    template_name = "portal/ledger.html"
    section = "agreements"
    page_size = 100
    orderings = {"number": ("agreement__reference", "number"), **TaskRows.orderings}

    def rows(self) -> QuerySet[Any]:
        rows = visible_to(self.request.user, Task).with_light(self.today)
        return rows.annotate(urgency=URGENCY)

    def choices(self) -> list[Choice]:
        agreements = visible_to(self.request.user, Agreement).filter(
            tasks__in=visible_to(self.request.user, Task).values("pk")
        )
        named = [(str(one.public_id), str(one)) for one in agreements.distinct()]
        return [
            Choice("agreement", _("Agreement"), named, "agreement__public_id"),
            *super().choices(),
        ]

    def values(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows

    def shown(self, rows: Any) -> list[Any]:
        entries = self.entries(rows)
        for entry in entries:
            task = entry.task
            task.source_text = source_text(entry)
            task.targets = [target_text(one.indicator) for one in entry.figures]
            task.reached = [reached_text(one) for one in entry.figures]
        return entries

    def entries(self, rows: Any) -> list[Any]:
        """The entries of these rows, as they stand today."""
        user = self.request.user
        return ledger(rows, on=self.today, today=self.today, rows_of=partial(visible_to, user))


class LedgerFile(WorkLedger):
    """The same, whole, as XLSX."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        choices = self.choices()
        rows, _ordering = self.narrowed(choices)
        about = listed(
            label
            for choice in choices
            for value, label in choice.choices
            if value == request.GET.get(choice.name)
        )
        return ledger_file(self.entries(rows), on=self.today, about=about or str(_("All tasks")))
