"""Agreements: the list, and the page of one agreement with its tabs."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from agreements.agreement import Kind, Mode, Status
from agreements.entry_into_force import Answer
from agreements.mechanisms.liaison_officer import Rank
from agreements.models import (
    Agreement,
    Article,
    Consultation,
    ConvenorTerm,
    Decision,
    Document,
    LiaisonAppointment,
    Party,
    SpecialGroup,
    Task,
)
from agreements.party import parties_among
from agreements.portal.convenors import holdings_seen
from agreements.portal.what_is_wrong import matters_shown
from agreements.progress import Light
from governance import clock
from governance.access import day_read, own_organizations, visible_to
from governance.portal import history
from governance.portal.lists import Choice, ListPage
from governance.portal.pages import ObjectPage

# In the order in which they need attention.
LIGHTS = (Light.OVERDUE, Light.AT_RISK, Light.ON_TRACK, Light.NOT_STARTED, Light.DONE)


def agreement_path(agreement: Agreement, tab: str = "") -> str:
    """The address of an agreement's page, or of one of its tabs."""
    name = f"agreement_{tab}" if tab else "agreement"
    return reverse(name, kwargs={"id": agreement.public_id})


class AgreementList(ListPage):
    """The agreements that exist for the reader."""

    template_name = "portal/agreement_list.html"
    section = "agreements"
    search_fields = ("reference", "title", "title_zh", "summary", "summary_zh")
    orderings = {
        "-reference": ("-reference",),
        "reference": ("reference",),
        "title": ("title", "title_zh"),
        "status": ("status", "-reference"),
        "in_force_on": ("in_force_on", "-reference"),
    }

    def rows(self) -> QuerySet[Any]:
        return visible_to(self.request.user, Agreement)

    def choices(self) -> list[Choice]:
        return [
            Choice("status", _("Status"), Status.choices, "status"),
            Choice("kind", _("Kind"), Kind.choices, "kind"),
            Choice("mode", _("Mode"), Mode.choices, "mode"),
        ]

    def values(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        late = (
            visible_to(self.request.user, Task)
            .with_light(self.today)
            .filter(light=Light.OVERDUE, agreement=OuterRef("pk"))
            .order_by()
            .values("agreement")
            .annotate(number=Count("pk"))
            .values("number")
        )
        return rows.annotate(late=Coalesce(Subquery(late), 0)).values(
            "pk",
            "public_id",
            "reference",
            "title",
            "title_zh",
            "kind",
            "mode",
            "status",
            "signed_on",
            "in_force_on",
            "ended_on",
            "illustrative",
            "late",
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        page = context["page"]
        page.object_list = list(page.object_list)
        ids = [row["pk"] for row in page.object_list]
        terms = _current_terms(self.request.user, ids, self.today)
        parties = _party_counts(self.request.user, ids, self.today)
        for row in page.object_list:
            row["status_name"] = Status(row["status"]).label
            row["kind_name"] = Kind(row["kind"]).label
            row["mode_name"] = Mode(row["mode"]).label
            row["convenor"] = terms.get(row["pk"])
            row["parties"] = parties.get(row["pk"], 0)
        return context


def _current_terms(user: Any, agreements: Iterable[int], on: date) -> dict[int, ConvenorTerm]:
    terms = (
        visible_to(user, ConvenorTerm)
        .convening(on)
        .filter(rotation__agreement__in=list(agreements), rotation__group__isnull=True)
        .select_related("rotation", "seat__organization", "seat__region", "person")
        .prefetch_related(holdings_seen(user))
        .order_by("-rotation", "-starts_on")
    )
    return {term.rotation.agreement_id: term for term in terms}


def _party_counts(user: Any, agreements: Iterable[int], on: date) -> dict[int, int]:
    counted = (
        visible_to(user, Party)
        .current(on)
        .filter(agreement__in=list(agreements))
        .order_by()
        .values("agreement")
        .annotate(number=Count("pk"))
    )
    return {row["agreement"]: row["number"] for row in counted}


class AgreementPage(ObjectPage):
    """One tab of an agreement: what all of them show above it."""

    model = Agreement
    related = ("parent", "superseded_by", "officer__person")
    section = "agreements"
    tab = ""

    def trail(self) -> list[tuple[str, str]]:
        up = [(reverse("agreement_list"), str(_("Agreements")))]
        if self.tab:
            up.append((agreement_path(self.object), self.object.reference))
        return up

    def of(self, model: type[Any]) -> Any:
        """What the reader may see of that kind in this agreement."""
        return visible_to(self.request.user, model).filter(agreement=self.object)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            agreement=self.object, tabs=self._tabs(), tab=self.tab, **kwargs
        )

    def _tabs(self) -> list[tuple[str, Any, str, int | None]]:
        counted = {
            "tasks": Task,
            "consultations": Consultation,
            "decisions": Decision,
            "groups": SpecialGroup,
            "articles": Article,
            "documents": Document,
            "parties": Party,
        }
        labels = {
            "": _("Overview"),
            "health": _("Health"),
            "tasks": _("Tasks"),
            "timetable": _("Timetable"),
            "baselines": _("Baselines"),
            "supervision": _("Supervision"),
            "rotation": _("Rotation"),
            "consultations": _("Consultations"),
            "decisions": _("Decisions"),
            "groups": _("Groups"),
            "articles": _("Articles"),
            "documents": _("Documents"),
            "parties": _("Parties"),
            "history": _("History"),
        }
        return [
            (
                tab,
                label,
                agreement_path(self.object, tab),
                self.of(counted[tab]).count() if tab in counted else None,
            )
            for tab, label in labels.items()
        ]


class Overview(AgreementPage):
    """The first screen: who convenes, when we meet, how the tasks stand, what is wrong."""

    template_name = "portal/agreement.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user, today = self.request.user, self.today
        tasks = self.of(Task).with_light(today)
        now, following = self._convenors()
        meeting = (
            self.of(Consultation)
            .coming(clock.now())
            .select_related("series", "host", "group")
            .first()
        )
        next_tasks = (
            tasks.open()
            .exclude(light=None)
            .filter(due_on__isnull=False)
            .select_related("lead", "article", "agreement")
            .order_by("due_on", "number")[:5]
        )
        officers, own_parties = self._officers()
        return super().get_context_data(
            convenor=now,
            next_convenor=following,
            officers=officers,
            own_parties=own_parties,
            meeting=meeting,
            lights=self._lights(tasks),
            quantified=tasks.filter(indicators__target__isnull=False).distinct().count(),
            matters=matters_shown(self.object, user, today),
            parties=with_standing(
                self.of(Party).select_related("organization", "signing_body"), today
            ),
            next_tasks=next_tasks,
            entry=self._entry_explained(),
            content_areas=self.object.content_areas.all(),
            parent_visible=self._sees(self.object.parent),
            successor_visible=self._sees(self.object.superseded_by),
            last=history.entries(
                user, history.of_scope(user, self.object).order_by("-sequence")[:5]
            ),
            **kwargs,
        )

    def _sees(self, agreement: Agreement | None) -> bool:
        if agreement is None:
            return False
        return visible_to(self.request.user, Agreement).filter(pk=agreement.pk).exists()

    def _entry_explained(self) -> Answer | None:
        """The rule's answer in words; None when the rule is not known or all is done."""
        agreement = self.object
        if not agreement.entry_into_force or agreement.in_force_on is not None:
            return None
        on = day_read(self.request.user, agreement, self.today)
        return agreement.entry_answer(on, self.of(Party))

    def _convenors(self) -> tuple[ConvenorTerm | None, ConvenorTerm | None]:
        terms = list(
            visible_to(self.request.user, ConvenorTerm)
            .filter(rotation__agreement=self.object, rotation__group__isnull=True)
            .exclude(ends_on__lte=self.today)
            .select_related("rotation", "seat__organization", "seat__region", "person")
            .prefetch_related(holdings_seen(self.request.user))
            .order_by("rotation", "starts_on")[:2]
        )
        now = next((term for term in terms if term.is_current(self.today)), None)
        following = next((term for term in terms if term.starts_on > self.today), None)
        return now, following

    def _officers(self) -> tuple[list[LiaisonAppointment], list[Party]]:
        """The reader's own officers in post, and the parties that the reader acts for."""
        own = own_organizations(self.request.user)
        parties = list(self.of(Party).current(self.today).filter(parties_among(own)))
        in_post = (
            visible_to(self.request.user, LiaisonAppointment)
            .current(self.today)
            .filter(party__in=parties)
            .select_related("person", "party__organization")
            .order_by("rank")
        )
        return sorted(in_post, key=lambda officer: officer.rank != Rank.PRIMARY), parties

    def _lights(self, tasks: QuerySet[Any]) -> list[tuple[str, int]]:
        counted = dict(
            tasks.order_by().values_list("light").annotate(number=Count("pk")).order_by()
        )
        return [(light, counted[light]) for light in LIGHTS if counted.get(light)]


def with_standing(parties: QuerySet[Any], on: date) -> list[Any]:
    """The parties in the order of signature, each with its ``standing_now``."""
    found = list(parties.order_by("position", "pk"))
    for party in found:
        party.standing_now = party.standing(on)
    return found


class History(AgreementPage):
    """What happened in the agreement, from the record, the newest first."""

    template_name = "portal/agreement_history.html"
    tab = "history"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        user = self.request.user
        page = history.page(user, history.of_scope(user, self.object), self.request.GET.get("page"))
        return {**context, "page": page}
