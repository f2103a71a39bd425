"""Liaison coverage: who speaks for each party, who stands in, and where somebody is missing."""

from functools import partial
from itertools import groupby
from typing import Any

from django.utils.translation import gettext_lazy as _

from agreements.mechanisms.liaison_coverage import Cover, coverage
from agreements.models import LiaisonAppointment, Party
from governance.access import may, visible_to
from governance.portal.forms import DayField, VersionedForm
from governance.portal.pages import Page


class DayForm(VersionedForm):
    """The day that is asked about."""

    on = DayField(label=_("As of the day"))


class LiaisonCoverage(Page):
    """The parties of all agreements that the reader sees, on a day and thirty days ahead."""

    template_name = "portal/liaison_coverage.html"
    section = "agreements"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = self.request.user
        form = DayForm(self.request.GET if self.request.GET.get("on") else None)
        on = form.cleaned_data["on"] if form.is_bound and form.is_valid() else self.today
        rows_of = partial(visible_to, user)
        covers = coverage(rows_of(Party), on, rows_of=rows_of)
        gaps = [cover for cover in covers if cover.gap_from]
        only_gaps = self.request.GET.get("gaps") == "1"
        by_agreement = [
            (agreement, [(cover, self._may_mend(cover)) for cover in several])
            for agreement, several in groupby(
                gaps if only_gaps else covers, key=lambda cover: cover.party.agreement
            )
        ]
        return super().get_context_data(
            by_agreement=by_agreement,
            on=on,
            form=form if form.is_bound else DayForm(initial={"on": on}),
            missing=sum(cover.gap_from == on for cover in gaps),
            soon=sum(cover.gap_from != on for cover in gaps),
            only_gaps=only_gaps,
            **kwargs,
        )

    def _may_mend(self, cover: Cover) -> bool:
        """Whether the reader may name somebody for the party."""
        return may(self.request.user, "create", LiaisonAppointment(party=cover.party)) is None
