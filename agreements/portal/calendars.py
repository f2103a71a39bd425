"""The calendar: what comes, month by month; and feeds that calendar programs subscribe to."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from actors.models import Organization
from agreements.calendar_entries import Scope
from agreements.calendars import About, CalendarFeed, address_of
from agreements.mechanisms.invitations import entry_of, in_calendar
from agreements.mechanisms.regular_consultation import TO_COME
from agreements.models import Agreement, Consultation
from agreements.portal.regular_consultation import consultation_path
from agreements.portal.tasks import task_path
from governance.access import may, oversees, own_organizations, visible_to
from governance.ics import MEDIA, calendar_file
from governance.lifecycle import Refusal
from governance.periods import add_months
from governance.portal.forms import VersionedForm
from governance.portal.pages import ObjectPage, Page
from governance.portal.verbs import ActionPage
from governance.wording import listed

MONTHS_SHOWN = 3
_SCHEME = re.compile(r"^https?:")
_MONTH = re.compile(r"[12]\d{3}-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a day: what it is, how it is called, where it leads."""

    kind: str
    word: Any
    name: str
    about: str
    path: str
    moment: datetime | None = None
    zone: ZoneInfo | None = None
    status: str = ""
    illustrative: bool = False


def scope_of(user: Any) -> Scope:
    """What concerns the user: their organizations, or everything for whoever oversees all."""
    own = None if oversees(user) else tuple(own_organizations(user))
    return Scope(lambda model: visible_to(user, model), own)


class CalendarPage(Page):
    """What comes: one's meetings, terms as convenor, milestones and deadlines."""

    template_name = "portal/calendar.html"
    section = "calendar"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        this_month = self.today.replace(day=1)
        asked = self.request.GET.get("month", "")
        first = date.fromisoformat(f"{asked}-01") if _MONTH.fullmatch(asked) else this_month
        end = add_months(first, MONTHS_SHOWN)
        start = self.today if first == this_month else first
        days: dict[date, list[Item]] = {}
        for day, item in self._items(start, end):
            days.setdefault(day, []).append(item)
        months = [add_months(first, number) for number in range(MONTHS_SHOWN)]
        return super().get_context_data(
            months=[
                (month, sorted((day, days[day]) for day in days if day.replace(day=1) == month))
                for month in months
            ],
            empty=not days,
            earlier=add_months(first, -MONTHS_SHOWN),
            later=end,
            is_now=first == this_month,
            **kwargs,
        )

    def _items(self, start: date, end: date) -> Iterable[tuple[date, Item]]:
        scope = scope_of(self.request.user)
        found = [*self._meetings(scope, start, end), *self._days(scope, start, end)]
        return sorted(found, key=lambda one: (one[0], one[1].moment is None, str(one[1].moment)))

    def _meetings(self, scope: Scope, start: date, end: date) -> Iterable[tuple[date, Item]]:
        for one in scope.consultations(start):
            day = one.held_on or one.day
            if day is None or not start <= day < end or one.status not in (*TO_COME, "closed"):
                continue
            begins, _ends = in_calendar(one)
            yield (
                day,
                Item(
                    "consultation",
                    one.get_status_display(),
                    str(one),
                    one.agreement.reference,
                    consultation_path(one),
                    begins if isinstance(begins, datetime) else None,
                    one.zone,
                    one.status,
                    one.illustrative,
                ),
            )

    def _days(self, scope: Scope, start: date, end: date) -> Iterable[tuple[date, Item]]:
        for term in scope.terms(self.today):
            if start <= term.starts_on < end:
                agreement = term.rotation.agreement
                path = reverse("agreement_rotation", kwargs={"id": agreement.public_id})
                name = str(_("%(name)s convenes from this day on") % {"name": listed(term.serving)})
                yield term.starts_on, Item("term", _("Convenor"), name, str(agreement), path)
        for one in scope.milestones(self.today):
            if one.due_on and start <= one.due_on < end:
                path = reverse("agreement_timetable", kwargs={"id": one.agreement.public_id})
                item = Item("milestone", _("Milestone"), str(one), str(one.agreement), path)
                yield one.due_on, item
        for task in scope.tasks(self.today):
            if task.due_on and start <= task.due_on < end:
                about = task.agreement.reference
                item = Item("task", _("Task due"), str(task), about, task_path(task))
                yield task.due_on, item


class ConsultationFile(ObjectPage):
    """One consultation for a calendar program."""

    model = Consultation
    related = ("agreement", "group", "series__host", "series__rotation", "host")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        one = self.object
        if in_calendar(one)[0] is None:
            raise Http404
        host = scope_of(request.user).hosts([one])[one.pk]
        file = calendar_file([entry_of(one, host)])
        name = f"{(one.held_on or one.day).isoformat()}-{one.agreement.reference}.ics"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return HttpResponse(file, content_type=MEDIA, headers=headers)


class FeedForm(forms.Form):
    """A new feed: about what, and with what besides consultations."""

    about = forms.ChoiceField(
        label=_("What it shows"),
        choices=About.choices,
        initial=About.MINE,
        widget=forms.RadioSelect,
    )
    organization: Any = forms.ModelChoiceField(
        label=_("Organization"), queryset=None, required=False, empty_label="—"
    )
    agreement: Any = forms.ModelChoiceField(
        label=_("Agreement"), queryset=None, required=False, empty_label="—"
    )
    with_terms = forms.BooleanField(label=_("With the terms of convenors"), required=False)
    with_milestones = forms.BooleanField(label=_("With milestones"), required=False)
    with_tasks = forms.BooleanField(label=_("With the days on which tasks are due"), required=False)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        organization: Any = self.fields["organization"]
        organization.queryset = visible_to(user, Organization)
        agreement: Any = self.fields["agreement"]
        agreement.queryset = visible_to(user, Agreement)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for name in (About.ORGANIZATION, About.AGREEMENT):
            if given.get("about") != name:
                given[name] = None
            elif given.get(name) is None:
                self.add_error(name, ValidationError(_("This is needed here."), code="required"))
        return given


class Feeds(Page):
    """One's own feeds, and a form for another one. An address is shown once, when it is made."""

    template_name = "portal/calendar_feeds.html"
    section = "calendar"

    def trail(self) -> list[tuple[str, str]]:
        return [(reverse("calendar"), str(_("Calendar")))]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._page(FeedForm(user=request.user))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        user: Any = request.user
        if may(user, "create", CalendarFeed) is not None:
            return self._page(FeedForm(user=user), status=403)
        form = FeedForm(data=request.POST, user=user)
        if not form.is_valid():
            return self._page(form, status=422)
        language = get_language() or ""
        _feed, secret = CalendarFeed.issue(user, by=user, language=language, **form.cleaned_data)
        return self._page(FeedForm(user=user), address=address_of(secret))

    def _page(self, form: FeedForm, *, address: str = "", status: int = 200) -> HttpResponse:
        user = self.request.user
        refusal = may(user, "create", CalendarFeed)
        feeds = visible_to(user, CalendarFeed).filter(user=user).standing()
        context = self.get_context_data(
            form=form,
            feeds=list(feeds.select_related("organization", "agreement")),
            address=address,
            # The scheme at which a phone or a desktop offers to subscribe.
            webcal=_SCHEME.sub("webcal:", address),
            refusal=refusal.sentence if refusal is not None else None,
        )
        return self.render_to_response(context, status=status)


class FeedAction(ActionPage):
    """Something done to one's own feed."""

    section = "calendar"
    model = CalendarFeed
    related = ("organization", "agreement")
    form_class = VersionedForm
    verb = ""

    def role_refusal(self) -> Refusal | None:
        return may(self.request.user, self.verb, self.object)

    def state_refusal(self) -> Refusal | None:
        refusal: Refusal | None = self.object.refusal(self.verb, self.today)
        return refusal

    def address(self) -> str:
        return reverse("calendar_feeds")

    def trail(self) -> list[tuple[str, str]]:
        return [
            (reverse("calendar"), str(_("Calendar"))),
            (reverse("calendar_feeds"), str(_("Subscribe"))),
        ]


class RevokeFeed(FeedAction):
    """Its address leads nowhere any more."""

    verb = "revoke"
    label = _("Revoke the subscription")
    danger = True

    def perform(self, form: Any) -> None:
        self.object.revoke(by=self.request.user, version=form.cleaned_data["version"])

    def consequences(self) -> Any:
        return _("Programs that subscribed to its address get nothing from it any more.")

    def done(self) -> Any:
        return _("The subscription is revoked. Its address leads nowhere any more.")


class RotateFeed(FeedAction):
    """Another secret address, shown once."""

    verb = "rotate"
    label = _("Make a new address")

    def consequences(self) -> Any:
        return _("The old address leads nowhere from then on: subscribe anew in your program.")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        refused = self._refused()
        if refused is not None:
            return refused
        secret = self.object.rotate(by=request.user)
        messages.success(request, _("The old address leads nowhere any more."))
        page = Feeds()
        page.setup(request)
        return page._page(FeedForm(user=request.user), address=address_of(secret))
