"""Parties of an agreement: who signed for whom, what each did, and its liaison officers."""

from typing import Any

from django.db.models import Prefetch

from agreements.models import LiaisonAbsence, LiaisonAppointment, Party
from agreements.portal.agreement import AgreementPage, with_standing
from agreements.portal.liaison_coverage import DayForm
from governance.access import day_read, may, registers, visible_to


class AgreementParties(AgreementPage):
    """The parties in the order of signature."""

    template_name = "portal/agreement_parties.html"
    tab = "parties"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user, today = self.request.user, self.today
        form = DayForm(self.request.GET if self.request.GET.get("on") else None)
        on = form.cleaned_data["on"] if form.is_bound and form.is_valid() else today
        on = day_read(user, self.object, on) or on
        parties = with_standing(
            self.of(Party).select_related("organization", "signing_body", "signatory"), today
        )
        away = visible_to(user, LiaisonAbsence).current(on)
        officers = (
            visible_to(user, LiaisonAppointment)
            .current(on)
            .filter(party__in=parties)
            .select_related("person")
            .prefetch_related(Prefetch("absences", away, to_attr="away"))
            .order_by("-rank", "pk")
        )
        for party in parties:
            party.officers = [officer for officer in officers if officer.party_id == party.pk]
            for act in ("accede", "withdraw"):
                allowed = may(user, act, party) is None and party.refusal(act, today) is None
                setattr(party, f"may_{act}", allowed)
            party.may_name = (
                party.is_current(today)
                and not self.object.is_over
                and may(user, "create", LiaisonAppointment(party=party)) is None
            )
        return super().get_context_data(
            parties=parties,
            form=form if form.is_bound else DayForm(initial={"on": on}),
            on=on,
            registers=registers(user),
            **kwargs,
        )
