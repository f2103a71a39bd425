"""Parties of an agreement: who signed for whom, what each did, and its liaison officers."""

from typing import Any

from agreements.models import LiaisonAppointment, Party
from agreements.portal.agreement import AgreementPage, with_standing
from governance.access import may, visible_to


class AgreementParties(AgreementPage):
    """The parties in the order of signature."""

    template_name = "portal/agreement_parties.html"
    tab = "parties"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user, today = self.request.user, self.today
        parties = with_standing(
            self.of(Party).select_related("organization", "signing_body", "signatory"), today
        )
        officers = (
            visible_to(user, LiaisonAppointment)
            .current(today)
            .filter(party__in=parties)
            .select_related("person")
            .order_by("-rank", "pk")
        )
        for party in parties:
            party.officers = [officer for officer in officers if officer.party_id == party.pk]
            party.may_name = (
                party.is_current(today)
                and not self.object.is_over
                and may(user, "create", LiaisonAppointment(party=party)) is None
            )
        return super().get_context_data(parties=parties, **kwargs)
