"""Naming and relieving the liaison officers of one's own organization."""

from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from actors.models import Appointment, Organization, Person
from agreements.mechanisms.liaison_officer import Rank
from agreements.models import LiaisonAppointment, Party
from agreements.portal.agreement import agreement_path
from governance.access import may, registers, visible_to
from governance.lifecycle import Refusal
from governance.portal.forms import DayField, VersionedForm
from governance.portal.verbs import ActionPage
from governance.templatetags.words import day


class AppointForm(VersionedForm):
    """Who is to be liaison officer, in which rank, from when until when."""

    person: Any = forms.ModelChoiceField(
        label=_("Person"),
        queryset=None,
        empty_label=_("Choose a person"),
        help_text=_(
            "Whoever holds a post in your organization. Is somebody missing? Ask the secretariat."
        ),
    )
    rank = forms.ChoiceField(
        label=_("Rank"), choices=Rank.choices, widget=forms.RadioSelect, initial=Rank.PRIMARY
    )
    starts_on = DayField(label=_("From"))
    ends_on = DayField(
        label=_("Until"),
        required=False,
        help_text=_("The first day they are no longer in post. Empty: until further notice."),
    )

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen: Any = self.fields["person"]
        chosen.queryset = people


class Appoint(ActionPage):
    """Naming a liaison officer for a party."""

    section = "agreements"
    model = Party
    related = ("agreement", "organization")
    label = _("Name liaison officer")
    form_class = AppointForm

    def role_refusal(self) -> Refusal | None:
        return may(self.request.user, "create", LiaisonAppointment(party=self.object))

    def state_refusal(self) -> Refusal | None:
        return LiaisonAppointment.naming_refusal(self.object, self.today)

    def initial(self) -> dict[str, Any]:
        return {"starts_on": self.today, "rank": Rank.PRIMARY}

    def make_form(self, **given: Any) -> AppointForm:
        user = self.request.user
        under = visible_to(user, Organization).under([self.object.organization])
        posts = Appointment.objects.current(self.today).filter(organization__in=under)
        people = visible_to(user, Person).filter(pk__in=posts.values("person"))
        return AppointForm(initial=self.initial(), people=people, **given)

    def perform(self, form: AppointForm) -> None:
        given = dict(form.cleaned_data)
        given.pop("version")
        self.made = LiaisonAppointment.enter(
            by=self.request.user, on=self.today, party=self.object, **given
        )

    def done(self) -> Any:
        return _("%(person)s is named from %(day)s. What concerns this agreement goes to them.") % {
            "person": self.made.person,
            "day": day(self.made.starts_on),
        }

    def address(self) -> str:
        return _home(self.request.user, self.object)

    def trail(self) -> list[tuple[str, str]]:
        return _trail(self.request.user, self.object)


class RelieveForm(VersionedForm):
    """From when the person is no longer in post, and why."""

    on = DayField(
        label=_("From which day"), help_text=_("The first day they are no longer in post.")
    )
    reason = forms.CharField(
        label=_("Remark"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )


class Relieve(ActionPage):
    """Ending the appointment of a liaison officer."""

    section = "agreements"
    model = LiaisonAppointment
    related = ("party__agreement", "party__organization", "person")
    label = _("Relieve liaison officer")
    form_class = RelieveForm
    danger = True

    def role_refusal(self) -> Refusal | None:
        return may(self.request.user, "relieve", self.object)

    def state_refusal(self) -> Refusal | None:
        refusal: Refusal | None = self.object.refusal("relieve", self.today)
        return refusal

    def initial(self) -> dict[str, Any]:
        return {**super().initial(), "on": self.today}

    def perform(self, form: RelieveForm) -> None:
        self.object.relieve(by=self.request.user, **form.cleaned_data)

    def consequences(self) -> Any:
        return _(
            "If nobody follows %(person)s, %(party)s has no %(rank)s under this agreement."
        ) % {
            "person": self.object.person,
            "party": self.object.party.organization.label,
            "rank": self.object.get_rank_display(),
        }

    def done(self) -> Any:
        return _("%(person)s is relieved from %(day)s. Name a successor if there is none yet.") % {
            "person": self.object.person,
            "day": day(self.object.ends_on),
        }

    def address(self) -> str:
        return _home(self.request.user, self.object.party)

    def trail(self) -> list[tuple[str, str]]:
        return _trail(self.request.user, self.object.party)


def _home(user: Any, party: Party) -> str:
    if registers(user):
        return agreement_path(party.agreement, "parties")
    return reverse("my_organization")


def _trail(user: Any, party: Party) -> list[tuple[str, str]]:
    return [
        (reverse("agreement_list"), str(_("Agreements"))),
        (agreement_path(party.agreement), party.agreement.reference),
        (agreement_path(party.agreement, "parties"), str(_("Parties"))),
    ]
