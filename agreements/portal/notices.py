"""What the system has told the reader and their organizations, and the way to what it is about."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from agreements import notice_words
from agreements.models import (
    AgendaItem,
    Agreement,
    Article,
    Attendance,
    Baseline,
    Consultation,
    ConsultationSeries,
    ConvenorTerm,
    Decision,
    Document,
    Escalation,
    Handover,
    LiaisonAppointment,
    LiaisonAttestation,
    Milestone,
    Minutes,
    Notice,
    Party,
    Phase,
    Rotation,
    SpecialGroup,
    SupervisionStep,
    Task,
    TaskDependency,
)
from governance import clock
from governance.access import may, oversees, own_organizations, visible_to
from governance.lifecycle import Refusal
from governance.portal.lists import Choice, ListPage
from governance.portal.pages import ObjectPage, Page
from governance.portal.verbs import ActionPage
from governance.record import object_type

# The page of each kind of object; what has none is shown on a tab of its agreement.
PAGES: dict[str, str] = {
    object_type(model): page
    for model, page in {
        Agreement: "agreement",
        Consultation: "consultation",
        Decision: "decision",
        Document: "document",
        Handover: "handover",
        LiaisonAttestation: "attest",
        SpecialGroup: "group",
        Task: "task",
    }.items()
}
# What is shown on the page of its consultation.
OF_A_CONSULTATION: dict[str, type[Model]] = {
    object_type(model): model for model in (AgendaItem, Attendance, Minutes)
}
TABS: dict[str, str] = {
    object_type(model): f"agreement_{tab}"
    for model, tab in {
        AgendaItem: "consultations",
        Article: "articles",
        ConsultationSeries: "consultations",
        ConvenorTerm: "rotation",
        LiaisonAppointment: "parties",
        Baseline: "baselines",
        Milestone: "timetable",
        Party: "parties",
        Phase: "timetable",
        Rotation: "rotation",
        Escalation: "supervision",
        SupervisionStep: "supervision",
        TaskDependency: "timetable",
    }.items()
}


def address_of(notice: Notice) -> str:
    """The page of what the notice is about."""
    page = PAGES.get(notice.about_type)
    if page is not None:
        return reverse(page, args=[notice.about_id])
    part = OF_A_CONSULTATION.get(notice.about_type)
    if part is not None:
        found = part._default_manager.filter(public_id=notice.about_id)  # seen with the notice
        consultation = found.values_list("consultation__public_id", flat=True).first()
        if consultation is not None:
            return reverse("consultation", args=[consultation])
    if notice.agreement is not None:
        tab = TABS.get(notice.about_type, "agreement")
        return reverse(tab, args=[notice.agreement.public_id])
    return reverse("notifications")


@dataclass(frozen=True, slots=True)
class Told:
    """A notice as the reader meets it: whether it is theirs, and whether they may confirm it."""

    notice: Notice
    is_mine: bool
    confirms: bool

    @property
    def is_new(self) -> bool:
        """Whether it waits for the reader to open it."""
        return self.is_mine and self.notice.is_unread


@dataclass(frozen=True, slots=True)
class State(Choice):
    """Notices by what has become of them."""

    user: Any = None

    def narrow(self, rows: Any, value: str) -> Any:
        if value == "mine":
            return _own(self.user, rows)
        if value == "unread":
            return _own(self.user, rows).unread() if not oversees(self.user) else rows.unread()
        if value == "unconfirmed":
            return rows.unacknowledged()
        if value == "chase":
            return rows.to_chase(clock.today())
        return rows


def _own(user: Any, rows: Any) -> Any:
    return rows.addressed_to(user.person_id, own_organizations(user))


class Notifications(ListPage):
    """All notices to the reader and to their organizations, by day, the newest first."""

    template_name = "portal/notices.html"
    section = "notifications"
    page_size = 30
    orderings = {"newest": ("-told_on", "-pk")}

    def rows(self) -> QuerySet[Any]:
        rows: QuerySet[Any] = visible_to(self.request.user, Notice)
        return rows.select_related("agreement", "organization", "person", "acknowledged_by__person")

    def choices(self) -> list[Choice]:
        states = (
            ("mine", _("For me")),
            ("unread", _("Not read yet")),
            ("unconfirmed", _("Receipt not confirmed")),
            ("chase", _("Not confirmed for a week")),
        )
        return [
            State("state", _("Which"), states, "", self.request.user),
            Choice("kind", _("Kind"), sorted(notice_words.kinds(), key=_by_label), "kind"),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return {
            **context,
            "told": [self._told(notice) for notice in context["page"].object_list],
            "oversees": oversees(self.request.user),
        }

    def _told(self, notice: Notice) -> Told:
        user: Any = self.request.user
        mine = notice.is_addressed_to(user.person_id, own_organizations(user))
        theirs = mine or not oversees(user)
        confirms = theirs and not notice.is_acknowledged and not may(user, "acknowledge", notice)
        return Told(notice, is_mine=mine, confirms=confirms)


def _by_label(kind: tuple[str, Any]) -> str:
    return str(kind[1])


class Open(ObjectPage):
    """The way from a notice, or from its mail, to what it is about: from then on it is read."""

    model = Notice
    related = ("agreement",)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        user: Any = request.user
        if self.object.is_addressed_to(user.person_id, own_organizations(user)):
            self.object.read(by=user)
        return HttpResponseRedirect(address_of(self.object))


class ReadAll(Page):
    """Everything that is for the reader counts as read."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        unread = _own(request.user, visible_to(request.user, Notice)).unread()
        number = sum(notice.read(by=request.user) is not None for notice in unread)
        sentence = ngettext(
            "%(number)s notification is marked as read.",
            "%(number)s notifications are marked as read.",
            number,
        )
        messages.success(request, sentence % {"number": number})
        return HttpResponseRedirect(reverse("notifications"))


class Acknowledge(ActionPage):
    """Confirming that a notice was received and read."""

    section = "notifications"
    model = Notice
    related = ("agreement",)
    label = _("Confirm receipt")

    def role_refusal(self) -> Refusal | None:
        return may(self.request.user, "acknowledge", self.object)

    def state_refusal(self) -> Refusal | None:
        refusal: Refusal | None = self.object.refusal("acknowledge", self.today)
        return refusal

    def perform(self, form: Any) -> None:
        self.object.acknowledge(by=self.request.user, on=self.today, **form.cleaned_data)

    def consequences(self) -> Any:
        return self.object.sentence

    def done(self) -> Any:
        return _("Receipt of “%(notice)s” is confirmed.") % {"notice": self.object}

    def address(self) -> str:
        return f"{reverse('notifications')}#notice-{self.object.public_id}"

    def trail(self) -> list[tuple[str, str]]:
        return [(reverse("notifications"), str(_("Notifications")))]
