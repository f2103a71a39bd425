"""Baselines of an agreement and how far the timetable has slipped from one; taking a new one."""

from typing import Any

from django import forms
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from agreements.baselines import Kind, baseline_refusal
from agreements.models import Agreement, Baseline, DateChange, Task
from agreements.portal.agreement import AgreementPage, agreement_path
from agreements.slippage import Fate, slippage
from governance.access import day_read, may, visible_to
from governance.lifecycle import Refusal
from governance.portal.forms import PastDayField, VersionedForm
from governance.portal.verbs import ActionPage


class AgreementBaselines(AgreementPage):
    """Slippage by task, by party and by cause, against the baseline that is chosen."""

    template_name = "portal/agreement_baselines.html"
    tab = "baselines"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = self.request.user
        baselines = list(self.of(Baseline).order_by("number"))
        chosen = self._chosen(baselines)
        answer = None
        if chosen is not None:
            answer = slippage(
                chosen,
                day_read(user, self.object, self.today) or self.today,
                tasks=visible_to(user, Task),
                changes=visible_to(user, DateChange),
            )
        return super().get_context_data(
            baselines=baselines,
            chosen=chosen,
            answer=answer,
            gone=answer.with_fate(Fate.DELETED) if answer else [],
            may_take=may(user, "create", Baseline(agreement=self.object)) is None,
            **kwargs,
        )

    def _chosen(self, baselines: list[Baseline]) -> Baseline | None:
        """The one that the address names by its number, or the first. Raises Http404."""
        wanted = self.request.GET.get("baseline", "")
        if not wanted:
            return baselines[0] if baselines else None
        for baseline in baselines:
            if str(baseline.number) == wanted:
                return baseline
        raise Http404


class BaselineForm(VersionedForm):
    """What a new baseline is called, why it was revised, and who approved that."""

    kind = forms.ChoiceField(label=_("What is kept"), choices=Kind.choices)
    taken_on = PastDayField(
        label=_("Agreed on"),
        required=False,
        help_text=_("Empty: today; as signed: the day of signature."),
    )
    name = forms.CharField(label=_("Name"), required=False, max_length=200)
    name_zh = forms.CharField(label=_("Chinese name"), required=False, max_length=200)
    approved_by = forms.CharField(
        label=_("Approved by"),
        required=False,
        max_length=300,
        help_text=_("The body or the meeting that approved the revision."),
    )
    reason = forms.CharField(
        label=_("Why it was revised"),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class TakeBaseline(ActionPage):
    """Keeping the timetable as it stands now."""

    section = "agreements"
    model = Agreement
    form_class = BaselineForm
    label = _("Take baseline")

    def role_refusal(self) -> Refusal | None:
        return may(self.request.user, "create", Baseline(agreement=self.object))

    def state_refusal(self) -> Refusal | None:
        return baseline_refusal(self.object)

    def initial(self) -> dict[str, Any]:
        first = not self.object.baselines.exists()
        return {**super().initial(), "kind": Kind.AS_SIGNED if first else Kind.REVISION}

    def perform(self, form: BaselineForm) -> None:
        given = {**form.cleaned_data}
        given.pop("version")
        self.taken = Baseline.enter(
            by=self.request.user, on=self.today, agreement=self.object, **given
        )

    def consequences(self) -> Any:
        return _(
            "All tasks but the cancelled ones are kept as they stand now: titles, leads, dates, "
            "weights and targets. From then on an agreed date moves only with a reason and a cause."
        )

    def done(self) -> Any:
        return _("%(baseline)s is kept, with %(count)s tasks.") % {
            "baseline": self.taken.label,
            "count": self.taken.task_count,
        }

    def address(self) -> str:
        return agreement_path(self.object, "baselines")

    def trail(self) -> list[tuple[str, str]]:
        return [
            (reverse("agreement_list"), str(_("Agreements"))),
            (agreement_path(self.object), self.object.reference),
            (self.address(), str(_("Baselines"))),
        ]
