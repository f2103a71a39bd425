"""Implementation reports and bulletins: asked for by kind, agreement and period, read or taken."""

from datetime import date
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from agreements.models import Agreement
from agreements.report_files import FORMS, paper_file
from agreements.reports import Kind, Paper, bulletin_agreements, paper, usual_period
from governance import clock
from governance.access import day_read, visible_to
from governance.pdf import NoPdf
from governance.portal.forms import PastDayField
from governance.portal.pages import Page


class ReportForm(forms.Form):
    """What is to be reported; what is left out takes its usual value."""

    kind = forms.ChoiceField(label=_("Report"), choices=Kind.choices)
    agreement: Any = forms.ModelChoiceField(
        label=_("Agreement"),
        queryset=None,
        to_field_name="public_id",
        required=False,
        empty_label=_("All agreements"),
    )

    def __init__(self, *args: Any, agreements: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen: Any = self.fields["agreement"]
        chosen.queryset = agreements
        self.fields["from"] = PastDayField(label=_("From"))
        self.fields["to"] = PastDayField(label=_("To"))

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        first, last = given.get("from"), given.get("to")
        if first and last and last < first:
            self.add_error("to", ValidationError(_("The end lies before the start.")))
        alone = given.get("kind") == Kind.IMPLEMENTATION
        if alone and "agreement" in given and given["agreement"] is None:
            self.add_error(
                "agreement", ValidationError(_("A report is about one agreement: choose it."))
            )
        return given


class Reports(Page):
    """The form, and under it the report that the address asks for."""

    template_name = "portal/reports.html"
    section = "agreements"

    def form(self) -> ReportForm:
        """The form as the address fills it in, with the usual period of its kind."""
        asked = self.request.GET
        kind = asked.get("kind") or Kind.IMPLEMENTATION
        first, last = usual_period(kind, self.today)
        given = {
            "kind": kind,
            "agreement": asked.get("agreement", ""),
            "from": asked.get("from") or str(first),
            "to": asked.get("to") or str(last),
        }
        seen = visible_to(self.request.user, Agreement).order_by("reference")
        if not asked:
            return ReportForm(initial=given, agreements=seen)
        return ReportForm(given, agreements=seen)

    def paper(self, form: ReportForm) -> Paper:
        """What the form, which is valid, asks for."""
        user, asked = self.request.user, form.cleaned_data
        last: date = asked["to"]
        agreements = [asked["agreement"]]
        if asked["agreement"] is None:
            agreements = list(bulletin_agreements(visible_to(user, Agreement), last))
        return paper(
            asked["kind"],
            agreements,
            first=asked["from"],
            last=last,
            today=self.today,
            at=clock.now(),
            rows_of=partial(visible_to, user),
            day_read=partial(day_read, user),
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = self.form()
        made = self.paper(form) if form.is_bound and form.is_valid() else None
        return super().get_context_data(
            form=form, paper=made, single=made.single if made else None, **kwargs
        )


class ReportFile(Reports):
    """The same report as a file; where this machine makes no PDF, the page says so."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.kwargs["form"] not in FORMS:
            raise Http404
        form = self.form()
        page = f"{reverse('reports')}?{request.GET.urlencode()}"
        if not form.is_bound or not form.is_valid():
            return HttpResponseRedirect(page)
        try:
            return paper_file(self.paper(form), self.kwargs["form"])
        except NoPdf as missing:
            messages.error(request, str(missing))
            return HttpResponseRedirect(page)
