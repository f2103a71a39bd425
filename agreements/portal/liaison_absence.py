"""Absences of the liaison officers of one's own organization: reported, ended, taken back."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agreements.mechanisms.liaison_naming import report_absence
from agreements.mechanisms.liaison_officer import Rank
from agreements.models import LiaisonAbsence
from agreements.portal.liaison_officer import (
    AlsoField,
    Choosing,
    OfficerPage,
    party_home,
    party_trail,
)
from governance.access import may
from governance.lifecycle import Refusal
from governance.portal.forms import DayField, LastDayField, VersionedForm
from governance.portal.verbs import ActionPage
from governance.templatetags.words import day
from governance.wording import listed, period_text


class AbsenceForm(Choosing):
    """From when until when somebody is away, and in which agreements that matters."""

    starts_on = DayField(label=_("From"), help_text=_("The first day away."))
    ends_on = LastDayField(
        label=_("Until"), required=False, help_text=_("The last day away. Empty: not known yet.")
    )
    remark = forms.CharField(
        label=_("Remark"),
        required=False,
        max_length=300,
        help_text=_("How they are reached meanwhile. All parties read it: leave out why."),
    )
    also: Any = AlsoField(
        label=_("Also for these agreements"),
        help_text=_("All that you tick are entered together, or none."),
    )


class ReportAbsence(OfficerPage):
    """Saying that a liaison officer is away: a deputy stands in."""

    label = _("Report absence")
    form_class = AbsenceForm

    def role_refusal(self) -> Refusal | None:
        return may(self.request.user, "create", LiaisonAbsence(appointment=self.object))

    def state_refusal(self) -> Refusal | None:
        refusal: Refusal | None = self.object.refusal("relieve", self.today)
        return refusal

    def initial(self) -> dict[str, Any]:
        return {**super().initial(), "starts_on": self.today}

    def make_form(self, **given: Any) -> AbsenceForm:
        return AbsenceForm(initial=self.initial(), among={"also": self.others()}, **given)

    def perform(self, form: AbsenceForm) -> None:
        given = dict(form.cleaned_data)
        given.pop("version")
        posts = [self.object, *given.pop("also", ())]
        self.made = report_absence(posts, by=self.request.user, on=self.today, **given)

    def consequences(self) -> Any:
        deputies = self.object.party.liaison_appointments.filter(rank=Rank.DEPUTY).exclude(
            pk=self.object.pk
        )
        names = [one.person for one in deputies.current(self.today).select_related("person")]
        if names:
            return _("Meanwhile what concerns the agreement goes to %(names)s.") % {
                "names": listed(names)
            }
        return _("There is no deputy: meanwhile nobody would be told. Name one first.")

    def done(self) -> Any:
        absence = self.made[0]
        return _("The absence of %(person)s is entered: %(period)s.") % {
            "person": self.object.person,
            "period": period_text(absence.starts_on, absence.ends_on),
        }


class ReturnForm(VersionedForm):
    """From when somebody is back."""

    on = DayField(label=_("From which day"), help_text=_("The first day back."))


class AbsencePage(ActionPage):
    """Something about an absence."""

    section = "agreements"
    model = LiaisonAbsence
    related = (
        "appointment__party__agreement",
        "appointment__party__organization",
        "appointment__person",
    )

    def address(self) -> str:
        return party_home(self.request.user, self.object.appointment.party)

    def trail(self) -> list[tuple[str, str]]:
        return party_trail(self.request.user, self.object.appointment.party)


class ComeBack(AbsencePage):
    """Ending an absence."""

    label = _("Record return")
    form_class = ReturnForm

    def role_refusal(self) -> Refusal | None:
        return may(self.request.user, "come_back", self.object)

    def state_refusal(self) -> Refusal | None:
        refusal: Refusal | None = self.object.refusal("come_back", self.today)
        return refusal

    def initial(self) -> dict[str, Any]:
        return {**super().initial(), "on": self.today}

    def perform(self, form: ReturnForm) -> None:
        self.object.come_back(by=self.request.user, **form.cleaned_data)

    def done(self) -> Any:
        return _("%(person)s is back from %(day)s.") % {
            "person": self.object.appointment.person,
            "day": day(self.object.ends_on),
        }


class WithdrawAbsence(AbsencePage):
    """Taking back an absence that lies ahead."""

    label = _("Withdraw absence")

    def role_refusal(self) -> Refusal | None:
        return may(self.request.user, "withdraw", self.object)

    def state_refusal(self) -> Refusal | None:
        refusal: Refusal | None = self.object.refusal("withdraw", self.today)
        return refusal

    def perform(self, form: VersionedForm) -> None:
        self.object.withdraw(
            by=self.request.user, on=self.today, version=form.cleaned_data["version"]
        )

    def consequences(self) -> Any:
        return _(
            "%(person)s, %(period)s: the absence is deleted, as if it had never been entered."
        ) % {
            "person": self.object.appointment.person,
            "period": period_text(self.object.starts_on, self.object.ends_on),
        }

    def done(self) -> Any:
        return _("The absence of %(person)s is withdrawn.") % {
            "person": self.object.appointment.person
        }
