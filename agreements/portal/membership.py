"""Joining and leaving in the portal: the secretariat sees what follows, then records it."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from actors.models import Organization
from agreements import membership
from agreements.membership_preview import (
    Preview,
    differing,
    preview_accession,
    preview_withdrawal,
)
from agreements.models import Party, RotationChange
from agreements.portal.agreement import agreement_path
from agreements.portal.rotation_change import rotation_change_path
from governance.access import may, visible_to
from governance.lifecycle import Refusal, Refused
from governance.portal.forms import DayField, VerbForm
from governance.portal.verbs import ActionPage
from governance.templatetags.words import day


class AccedeForm(VerbForm):
    """When the organization joined; from when its seat takes turns, and where it goes if asked."""

    seat_on = DayField(
        label=_("First day of its seat"),
        required=False,
        help_text=_("From when it takes turns in the rotation. Empty: from the day it joins."),
    )
    after: Any = forms.ModelChoiceField(
        label=_("Its seat stands behind"),
        queryset=None,
        empty_label=_("Choose an organization"),
        help_text=_("The rotation asks where a new seat goes."),
    )
    sort_name = forms.CharField(
        label=_("Name in the alphabet"),
        required=False,
        max_length=200,
        help_text=_("Where seats stand by their names. Empty: its own name."),
    )

    field_order = ("on", "seat_on", "after", "sort_name", "reason")

    def __init__(self, *args: Any, party: Party, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        asking = membership.asking_rotations(party)
        if asking.exists():
            after: Any = self.fields["after"]
            seated = visible_to(user, Organization).filter(seats__rotation__in=asking.values("pk"))
            after.queryset = seated.distinct()
        else:
            del self.fields["after"]
        if not membership.joined_rotations(party).exists():
            del self.fields["seat_on"]
        if not membership.sorting_rotations(party).exists():
            del self.fields["sort_name"]


class WithdrawForm(VerbForm):
    """When the withdrawal was notified, and when it takes effect."""

    effective_on = DayField(
        label=_("Takes effect on"),
        required=False,
        help_text=_(
            "The first day it is no longer a party. "
            "Empty: as the agreement's rule says, or at once."
        ),
    )

    field_order = ("on", "effective_on", "reason")


class MembershipPage(ActionPage):
    """An act of a party that reaches over all mechanisms, with its preview."""

    template_name = "portal/membership.html"
    section = "agreements"
    model = Party
    related = ("agreement", "organization")
    verb = ""
    shown: Preview | None = None

    def role_refusal(self) -> Refusal | None:
        return may(self.request.user, self.verb, self.object)

    def state_refusal(self) -> Refusal | None:
        refusal: Refusal | None = self.object.refusal(self.verb, self.today)
        return refusal

    def initial(self) -> dict[str, Any]:
        return {**super().initial(), "on": self.today}

    def preview(self, **said: Any) -> Preview:
        """What the act would change. Raises as the act does."""
        raise NotImplementedError

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "_preview" not in request.POST or self.role_refusal() is not None:
            return super().post(request, *args, **kwargs)
        form = self.make_form(data=request.POST)
        if form.is_valid():
            try:
                self.shown = self.preview(**form.cleaned_data)
            except ValidationError as wrong:
                form.take(wrong, self.renamed)
            except Refused as refused:
                return self._page(form, refused, status=409)
        return self._page(form, status=200 if self.shown else 422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        sections = self.shown.sections() if self.shown else []
        return super().get_context_data(
            preview=self.shown,
            changed=differing(sections),
            unchanged=[section.title for section in sections if not section.differs],
            **kwargs,
        )

    def way_to(self, about: Any) -> str:
        return rotation_change_path(about) if isinstance(about, RotationChange) else ""

    def address(self) -> str:
        return agreement_path(self.object.agreement, "parties")

    def trail(self) -> list[tuple[str, str]]:
        agreement = self.object.agreement
        return [
            (reverse("agreement_list"), str(_("Agreements"))),
            (agreement_path(agreement), agreement.reference),
            (agreement_path(agreement, "parties"), str(_("Parties"))),
        ]


class Accede(MembershipPage):
    """Recording that an organization joined."""

    verb = "accede"
    label = _("Record accession")

    def make_form(self, **given: Any) -> AccedeForm:
        return AccedeForm(
            initial=self.initial(), party=self.object, user=self.request.user, **given
        )

    def preview(self, **said: Any) -> Preview:
        return preview_accession(self.object, **said)

    def perform(self, form: AccedeForm) -> None:
        membership.accede(self.object, by=self.request.user, **form.cleaned_data)

    def consequences(self) -> Any:
        return _(
            "It takes a seat in the rotation by the rotation's rule, and owes a liaison officer."
        )

    def done(self) -> Any:
        return _("%(party)s joined on %(day)s. Now it owes a liaison officer.") % {
            "party": self.object,
            "day": day(self.object.joined_on),
        }


class Withdraw(MembershipPage):
    """Recording that a party withdraws."""

    verb = "withdraw"
    label = _("Record withdrawal")
    danger = True
    form_class = WithdrawForm

    def preview(self, **said: Any) -> Preview:
        return preview_withdrawal(self.object, **said)

    def perform(self, form: WithdrawForm) -> None:
        membership.withdraw(self.object, by=self.request.user, **form.cleaned_data)

    def consequences(self) -> Any:
        return _(
            "Its seats leave the rotations, its liaison officers and its memberships in groups "
            "end, others host its meetings, and its open tasks need another organization."
        )

    def done(self) -> Any:
        return _("The withdrawal of %(party)s is recorded: it leaves on %(day)s.") % {
            "party": self.object,
            "day": day(self.object.withdrawn_on),
        }
