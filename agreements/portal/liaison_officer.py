"""Naming and relieving the liaison officers of one's own organization."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from actors.models import Appointment, Organization, Person
from agreements.agreement import OVER
from agreements.mechanisms.liaison_naming import appoint, gap_before, succeed
from agreements.mechanisms.liaison_officer import Rank
from agreements.models import LiaisonAppointment, Party
from agreements.portal.agreement import agreement_path
from governance.access import may, registers, visible_to
from governance.last_day import last_day
from governance.lifecycle import Refusal
from governance.portal.forms import DayField, LastDayField, VersionedForm
from governance.portal.verbs import ActionPage
from governance.templatetags.words import day
from governance.wording import in_a_row, period_text


class AlsoField(forms.ModelMultipleChoiceField):
    """Further agreements for which the same holds, to be ticked."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=None, required=False, **kwargs)

    def label_from_instance(self, obj: Any) -> str:
        party = obj if isinstance(obj, Party) else obj.party
        return f"{party.agreement.reference} · {party.agreement}"


class PersonField(forms.ModelChoiceField):
    """Somebody who holds a post in the organization."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            queryset=None,
            empty_label=_("Choose a person"),
            help_text=_(
                "Whoever holds a post in your organization. Is somebody missing? "
                "Ask the secretariat."
            ),
            **kwargs,
        )


class Choosing(VersionedForm):
    """A form whose choices are those that exist for the reader."""

    def __init__(self, *args: Any, among: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, rows in among.items():
            field: Any = self.fields[name]
            field.queryset = rows
            if isinstance(field, AlsoField) and not rows.exists():
                del self.fields[name]


class AppointForm(Choosing):
    """Who is to be liaison officer, in which rank, from when until when, for which agreements."""

    person: Any = PersonField(label=_("Person"))
    rank = forms.ChoiceField(
        label=_("Rank"), choices=Rank.choices, widget=forms.RadioSelect, initial=Rank.PRIMARY
    )
    starts_on = DayField(label=_("From"))
    ends_on = LastDayField(
        label=_("Until"),
        required=False,
        help_text=_("Their last day in post. Empty: until further notice."),
    )
    end_predecessor = forms.BooleanField(
        label=_("Whoever holds this rank until then leaves on that day"), required=False
    )
    also: Any = AlsoField(
        label=_("Also for these agreements"),
        help_text=_("All that you tick are entered together, or none."),
    )
    accept_gap = forms.BooleanField(
        label=_("Leave this gap"), required=False, widget=forms.HiddenInput
    )

    def ask_about(self, gaps: list[str]) -> None:
        """Show the gaps, and ask whether they are meant."""
        field = self.fields["accept_gap"]
        field.widget = forms.CheckboxInput()
        for sentence in gaps:
            self.add_error("accept_gap", sentence)


class Appoint(ActionPage):
    """Naming a liaison officer for a party, or for several."""

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
        user, party = self.request.user, self.object
        others = (
            visible_to(user, Party)
            .filter(organization=party.organization)
            .current(self.today)
            .exclude(pk=party.pk)
            .exclude(agreement__status__in=OVER)
            .select_related("agreement")
            .order_by("agreement__reference")
        )
        among = {"person": posted(user, party.organization, self.today), "also": others}
        return AppointForm(initial=self.initial(), among=among, **given)

    def perform(self, form: AppointForm) -> None:
        given = dict(form.cleaned_data)
        parties = [self.object, *given.pop("also", ())]
        given.pop("version")
        gaps = [] if given.pop("accept_gap") else self._gaps(parties, given)
        if gaps:
            form.ask_about(gaps)
            raise ValidationError(
                {"accept_gap": _("Tick this to leave the gap, or change the day.")}
            )
        self.made = appoint(parties, by=self.request.user, on=self.today, **given)

    def _gaps(self, parties: list[Party], given: dict[str, Any]) -> list[str]:
        """What a successor who comes too late leaves open, a sentence for each agreement."""
        if given["rank"] != Rank.PRIMARY:
            return []
        found = []
        for party in parties:
            day = gap_before(party, given["starts_on"])
            if day is not None:
                found.append(
                    gettext("%(agreement)s: nobody is in post %(period)s.")
                    % {"agreement": party.agreement, "period": period_text(day, given["starts_on"])}
                )
        return found

    def done(self) -> Any:
        first = self.made[0]
        return ngettext(
            "%(person)s is named from %(day)s; what concerns this agreement goes to them.",
            "%(person)s is named from %(day)s; what concerns %(number)s agreements goes to them.",
            len(self.made),
        ) % {
            "person": first.person,
            "day": day(first.starts_on),
            "number": len(self.made),
        }

    def address(self) -> str:
        return party_home(self.request.user, self.object)

    def trail(self) -> list[tuple[str, str]]:
        return party_trail(self.request.user, self.object)


def posted(user: Any, organization: Organization, on: date) -> Any:
    """The people who hold a post in the organization or under it, as far as the reader sees."""
    under = visible_to(user, Organization).under([organization])
    posts = Appointment.objects.current(on).filter(organization__in=under)
    return visible_to(user, Person).filter(pk__in=posts.values("person"))


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
        return party_home(self.request.user, self.object.party)

    def trail(self) -> list[tuple[str, str]]:
        return party_trail(self.request.user, self.object.party)


class OfficerPage(ActionPage):
    """Something about an appointment, or about all those of the same person."""

    section = "agreements"
    model = LiaisonAppointment
    related = ("party__agreement", "party__organization", "person")

    def others(self) -> Any:
        """The person's further appointments for the same organization."""
        post = self.object
        return (
            visible_to(self.request.user, LiaisonAppointment)
            .filter(person=post.person, party__organization=post.party.organization)
            .exclude(pk=post.pk)
            .exclude(ends_on__lte=self.today)
            .exclude(party__agreement__status__in=OVER)
            .select_related("party__agreement", "party__organization")
            .order_by("party__agreement__reference", "pk")
        )

    def address(self) -> str:
        return party_home(self.request.user, self.object.party)

    def trail(self) -> list[tuple[str, str]]:
        return party_trail(self.request.user, self.object.party)


class SuccessorForm(Choosing):
    """Who takes over, from when, and in which agreements."""

    person: Any = PersonField(label=_("Successor"))
    on = DayField(
        label=_("From"), help_text=_("On this day the present appointment ends, if it has not.")
    )
    also: Any = AlsoField(
        label=_("Also for these agreements"),
        help_text=_("All that you tick are entered together, or none."),
    )
    reason = forms.CharField(
        label=_("Remark"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )


class Succeed(OfficerPage):
    """Naming a successor, who takes over on a day."""

    label = _("Name successor")
    form_class = SuccessorForm

    def role_refusal(self) -> Refusal | None:
        return may(self.request.user, "succeed", self.object)

    def state_refusal(self) -> Refusal | None:
        refusal: Refusal | None = self.object.refusal("succeed", self.today)
        return refusal

    def initial(self) -> dict[str, Any]:
        return {**super().initial(), "on": self.object.ends_on or self.today}

    def make_form(self, **given: Any) -> SuccessorForm:
        user, post = self.request.user, self.object
        people = posted(user, post.party.organization, self.today).exclude(pk=post.person_id)
        among = {"person": people, "also": self.others()}
        return SuccessorForm(initial=self.initial(), among=among, **given)

    def perform(self, form: SuccessorForm) -> None:
        said = form.cleaned_data
        self.made = succeed(
            [self.object, *said.get("also", ())],
            by=self.request.user,
            on=said["on"],
            person=said["person"],
            reason=said["reason"],
        )

    def consequences(self) -> Any:
        post = self.object
        told: list[Any] = []
        if post.ends_on is not None:
            told.append(
                _("%(person)s is in post until %(day)s: a later successor leaves a gap.")
                % {"person": post.person, "day": day(last_day(post.ends_on))}
            )
        if post.rank == Rank.PRIMARY and self._deputies().exists():
            told.append(
                _("If a deputy takes over, their post as deputy ends then: name another deputy.")
            )
        return in_a_row(told)

    def _deputies(self) -> Any:
        """Those who are deputies of the party, or are to be."""
        posts = self.object.party.liaison_appointments.filter(rank=Rank.DEPUTY)
        return posts.exclude(ends_on__lte=self.today)

    def done(self) -> Any:
        return _("%(person)s takes over on %(day)s.") % {
            "person": self.made[0].person,
            "day": day(self.made[0].starts_on),
        }


def party_home(user: Any, party: Party) -> str:
    """Where one goes on from what is done for a party."""
    if registers(user):
        return agreement_path(party.agreement, "parties")
    return reverse("my_organization")


def party_trail(user: Any, party: Party) -> list[tuple[str, str]]:
    """The way up from what is done for a party."""
    return [
        (reverse("agreement_list"), str(_("Agreements"))),
        (agreement_path(party.agreement), party.agreement.reference),
        (agreement_path(party.agreement, "parties"), str(_("Parties"))),
    ]
