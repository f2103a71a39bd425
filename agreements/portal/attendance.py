"""Attendance in the portal: registering who takes part, before a consultation and at it."""

from typing import Any
from uuid import UUID

from django import forms
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from actors.models import Appointment, Organization, Person
from agreements.mechanisms.attendance import State, participants, registration_refusal
from agreements.models import Attendance, LiaisonAppointment
from agreements.portal.attendance_shown import roll
from agreements.portal.consultation_action import ConsultationAction, meeting_path
from governance.access import may, visible_to
from governance.lifecycle import Refusal, Stale
from governance.portal.forms import VersionedForm


class AttendanceForm(VersionedForm):
    """How an organization takes part, who speaks for it and by what mandate."""

    state = forms.ChoiceField(
        label=_("Attendance"), choices=State.choices, widget=forms.RadioSelect
    )
    person: Any = forms.ModelChoiceField(
        label=_("Who comes"),
        queryset=None,
        required=False,
        empty_label=_("Somebody else, or not known"),
    )
    name = forms.CharField(
        label=_("Name of the person"),
        required=False,
        max_length=200,
        help_text=_("For somebody who is not in the list above."),
    )
    mandate = forms.CharField(
        label=_("Mandate of the person"),
        required=False,
        max_length=300,
        help_text=_("By what right the person speaks: the office held, or a letter of authority."),
    )
    represented_by: Any = forms.ModelChoiceField(
        label=_("Represented by"),
        queryset=None,
        required=False,
        empty_label=_("Nobody else"),
        help_text=_("Only when another organization speaks for it, itself present."),
    )
    excuse = forms.CharField(label=_("Reason for the absence"), required=False, max_length=300)

    def __init__(self, *args: Any, people: Any, others: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        who: Any = self.fields["person"]
        who.queryset = people
        whom: Any = self.fields["represented_by"]
        whom.queryset = others
        whom.label_from_instance = _label


def _label(organization: Organization) -> str:
    return organization.label


_WHO_SPEAKS: dict[str, Any] = {"person": None, "name": "", "mandate": "", "represented_by": None}
_AWAY = frozenset({State.EXCUSED, State.ABSENT})


def _of_state(row: Attendance, state: str) -> dict[str, Any]:
    """What is known of the row that may stand beside another state.

    Who speaks, by what mandate, belongs to how it took part; the reason of an absence to that.
    """
    known = {} if state == row.state else dict(_WHO_SPEAKS)
    if not (state in _AWAY and row.state in _AWAY):
        known["excuse"] = ""
    return known


class Register(ConsultationAction):
    """Entering how an organization takes part in a consultation; before it, or at it."""

    anchor = "attendance"
    label = _("Register attendance")
    template_name = "portal/attendance.html"
    form_class: type[VersionedForm] = AttendanceForm

    def find_object(self) -> Any:
        self.consultation = super().find_object()
        self.organization = self.find_organization(self.kwargs["organization"])
        self.row = (
            visible_to(self.request.user, Attendance)
            .of(self.consultation)
            .filter(organization=self.organization)
            .first()
        )
        return self.consultation

    def find_organization(self, public_id: UUID) -> Organization:
        """One that takes part by right or is on the list. Raises Http404 otherwise."""
        taking_part = {one.organization.pk for one in participants(self.consultation)}
        listed = visible_to(self.request.user, Attendance).filter(consultation=self.consultation)
        found: Organization | None = (
            Organization.objects.filter(public_id=public_id)
            .filter(Q(pk__in=taking_part) | Q(pk__in=listed.values("organization")))
            .first()
        )
        if found is None:
            raise Http404
        return found

    def role_refusal(self) -> Refusal | None:
        row = self.row or Attendance(consultation=self.consultation, organization=self.organization)
        row.consultation = self.consultation
        return may(self.request.user, "create" if self.row is None else "change", row)

    def state_refusal(self) -> Refusal | None:
        return registration_refusal(self.consultation)

    def initial(self) -> dict[str, Any]:
        asked = self.request.GET.get("state")
        wanted = asked if asked in State.values else None
        row = self.row
        if row is None:
            comes = None if wanted == State.REPRESENTED else self._officer()
            return {"state": wanted or State.PRESENT, "person": comes}
        if wanted is not None and wanted != row.state:
            return {"version": row.version, **_of_state(row, wanted), "state": wanted}
        names = ("state", "person", "name", "mandate", "represented_by", "excuse")
        return {"version": row.version, **{name: getattr(row, name) for name in names}}

    def _officer(self) -> Person | None:
        """The one who is proposed to come: the liaison officer in post on that day."""
        people = self._people()
        officers = (
            visible_to(self.request.user, LiaisonAppointment)
            .current(self.consultation.meeting_day)
            .filter(
                party__agreement=self.consultation.agreement_id,
                party__organization=self.organization,
            )
            .select_related("person")
            .order_by("-rank", "pk")
        )
        found = next(iter(officers), None)
        return found.person if found is not None and people.filter(pk=found.person_id) else None

    def _people(self) -> Any:
        """Whoever holds a post in the organization, or under it, and exists for the reader."""
        user = self.request.user
        under = Organization.objects.under([self.organization])
        posts = Appointment.objects.current(self.consultation.meeting_day).filter(
            organization__in=under
        )
        return visible_to(user, Person).filter(pk__in=posts.values("person"))

    def make_form(self, **given: Any) -> VersionedForm:
        others = [one.organization.pk for one in participants(self.consultation)]
        return AttendanceForm(
            initial=self.initial(),
            people=self._people(),
            others=Organization.objects.filter(pk__in=others).exclude(pk=self.organization.pk),
            **given,
        )

    def perform(self, form: Any) -> None:
        said = dict(form.cleaned_data)
        version = said.pop("version")
        if self.row is not None:
            if version is None:  # it was not there yet when the form was opened
                raise Stale(self.row)
            self.row.edit(by=self.request.user, version=version, **said)
            return
        Attendance.register(
            self.consultation, self.organization, by=self.request.user, on=self.today, **said
        )

    def version_read(self) -> int | None:
        return self.row.version if self.row is not None else None

    def done(self) -> Any:
        return _("The attendance of %(organization)s is registered.") % {
            "organization": self.organization.label
        }

    def address(self) -> str:
        if self._from_the_meeting():
            return f"{meeting_path(self.consultation)}#attendance"
        return super().address()

    def _from_the_meeting(self) -> bool:
        asked = self.request.POST.get("next") or self.request.GET.get("next")
        return asked == "meeting"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            organization=self.organization,
            consultation=self.consultation,
            next="meeting" if self._from_the_meeting() else "",
            **kwargs,
        )


class StateForm(VersionedForm):
    """How an organization takes part, and nothing else."""

    state = forms.ChoiceField(choices=State.choices)


class SetState(Register):
    """One click of the list: another state. Who spoke for it before is not kept with that.

    With htmx the list answers by itself, with the quorum as it then stands.
    """

    form_class = StateForm

    def make_form(self, **given: Any) -> VersionedForm:
        return StateForm(initial=self.initial(), **given)

    def perform(self, form: Any) -> None:
        state = form.cleaned_data["state"]
        known = _of_state(self.row, state) if self.row is not None else {}
        Attendance.register(
            self.consultation,
            self.organization,
            by=self.request.user,
            on=self.today,
            state=state,
            **known,
        )

    def go_on(self) -> HttpResponse:
        if not self.request.headers.get("HX-Request"):
            return super().go_on()
        shown = {
            "roll": roll(self, self.consultation),
            "consultation": self.consultation,
            "states": State.choices,
            "answers": True,
        }
        return render(self.request, "portal/meeting_roll.html", shown)


class InviteForm(AttendanceForm):
    """Somebody who takes part without a right to: which organization, and who comes for it."""

    organization: Any = forms.ModelChoiceField(
        label=_("Organization"), queryset=None, empty_label=_("Choose an organization")
    )
    field_order = ("organization", "state")

    def __init__(self, *args: Any, organizations: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen: Any = self.fields["organization"]
        chosen.queryset = organizations
        chosen.label_from_instance = _label
        for name in ("person", "represented_by"):
            del self.fields[name]


class Invite(ConsultationAction):
    """Putting on the list whoever is invited without a right to take part."""

    anchor = "attendance"
    label = _("Add somebody invited")
    form_class = InviteForm

    def role_refusal(self) -> Refusal | None:
        return may(self.request.user, "create", Attendance(consultation=self.object))

    def state_refusal(self) -> Refusal | None:
        return registration_refusal(self.object)

    def initial(self) -> dict[str, Any]:
        return {"state": State.PRESENT}

    def make_form(self, **given: Any) -> InviteForm:
        there = Attendance.objects.filter(consultation=self.object).values("organization")
        by_right = [one.organization.pk for one in participants(self.object)]
        others = visible_to(self.request.user, Organization).exclude(pk__in=by_right)
        return InviteForm(
            initial=self.initial(),
            people=Person.objects.none(),
            others=Organization.objects.none(),
            organizations=others.exclude(pk__in=there).order_by("name", "name_zh"),
            **given,
        )

    def perform(self, form: InviteForm) -> None:
        said = dict(form.cleaned_data)
        said.pop("version")
        self.made = Attendance.register(
            self.object, said.pop("organization"), by=self.request.user, on=self.today, **said
        )

    def done(self) -> Any:
        return _("%(organization)s is on the list. It does not count for the quorum.") % {
            "organization": self.made.organization.label
        }

    def consequences(self) -> Any:
        return _("Whoever is invited is on the list and in the minutes, and has no voice.")
