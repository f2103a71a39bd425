"""Parties in the back office: on the page of their agreement, and with verbs of their own."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Prefetch
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSingleDateWidget, UnfoldAdminTextInputWidget

from actors.models import Organization, Person
from agreements import membership
from agreements.admin.belonging import Belonging
from agreements.admin.names import of_agreement
from agreements.mechanisms.liaison_coverage import uncovered, uncovered_soon
from agreements.mechanisms.liaison_officer import Rank
from agreements.membership_preview import differing, preview_accession, preview_withdrawal
from agreements.models import (
    GroupMembership,
    LiaisonAppointment,
    Party,
    Rotation,
    Seat,
    Task,
)
from agreements.party import Standing
from governance import clock
from governance.access import visible_to
from governance.admin.forms import NounForm, moved
from governance.admin.nouns import NounStacked, marked_name
from governance.admin.site import secretariat
from governance.admin.verbs import PlainVerb, VerbAdmin, VerbForm
from governance.admin.widgets import searched
from governance.wording import day_text, listed

STANDING_LABELS = {
    Standing.EXPECTED: "",
    Standing.SIGNED: "info",
    Standing.APPROVED: "success",
    Standing.LEAVING: "warning",
    Standing.LEFT: "",
}


class PartyRow(NounForm):
    """A party on the page of its agreement, with the liaison officer it names."""

    liaison_person = searched(
        LiaisonAppointment,
        "person",
        label=gettext_lazy("Liaison officer"),
        help_text=gettext_lazy("Who speaks for this party. “+” adds a person."),
    )
    liaison_from = forms.DateField(
        label=gettext_lazy("In post from"),
        required=False,
        widget=UnfoldAdminSingleDateWidget,
        help_text=gettext_lazy("Empty: not known since when."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["liaison_person"].queryset = visible_to(self.user, Person)
        officers = getattr(self.instance, "officers", ()) if self.instance.pk else ()
        for officer in officers:
            self.initial |= {"liaison_person": officer.person_id, "liaison_from": officer.starts_on}
            self.fields["liaison_person"].widget.can_add_related = False
            for name in ("liaison_person", "liaison_from"):
                self.fields[name].disabled = True
                self.fields[name].help_text = _("Changed on the page of the liaison officers.")

    def write(self, *, by: Any, **given: Any) -> None:
        super().write(by=by, **given)
        person = self.cleaned_data.get("liaison_person")
        if person is None or "liaison_person" not in self.changed_data:
            return
        try:
            LiaisonAppointment.enter(
                by=by,
                party=self.instance,
                person=person,
                starts_on=self.cleaned_data["liaison_from"],
            )
        except forms.ValidationError as wrong:
            raise moved(wrong, {"starts_on": "liaison_from"}, "liaison_person") from wrong


class PartyInline(NounStacked):
    """Who takes part, in the order of signature."""

    model = Party
    form = PartyRow
    section = gettext_lazy("Who takes part")
    autocomplete_fields = ("organization", "signing_body", "signatory")
    fields = (
        ("organization", "role", "signing_body"),
        ("signed_on", "signatory"),
        ("liaison_person", "liaison_from"),
    )
    show_change_link = True

    def get_extra(self, request: Any, obj: Any = None, **kwargs: Any) -> int:
        return 0 if obj else 2

    def get_queryset(self, request: Any) -> Any:
        in_post = (
            visible_to(request.user, LiaisonAppointment)
            .current(clock.today())
            .filter(rank=Rank.PRIMARY)
        )
        return (
            super()
            .get_queryset(request)
            .select_related("organization", "signing_body", "signatory")
            .prefetch_related(Prefetch("liaison_appointments", in_post, to_attr="officers"))
        )

    @display(description=gettext_lazy("Liaison officer"))
    def liaison_person(self, obj: Party) -> str:
        """For whoever only reads."""
        return listed(officer.person for officer in getattr(obj, "officers", ())) or "—"

    @display(description=gettext_lazy("In post from"))
    def liaison_from(self, obj: Party) -> str:
        """For whoever only reads."""
        days = [officer.starts_on for officer in getattr(obj, "officers", ()) if officer.starts_on]
        return listed(map(day_text, days)) or "—"


class CoveredFilter(admin.SimpleListFilter):
    """Parties that have no liaison officer, or soon will have none."""

    title = gettext_lazy("liaison officer")
    parameter_name = "covered"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("no", gettext_lazy("nobody today")),
            ("soon", gettext_lazy("nobody within 30 days")),
        ]

    def queryset(self, request: Any, queryset: Any) -> Any:
        parties = visible_to(request.user, Party)
        if self.value() == "no":
            return queryset.filter(pk__in=uncovered(parties, clock.today()).values("pk"))
        if self.value() == "soon":
            return queryset.filter(pk__in=uncovered_soon(parties, clock.today()).values("pk"))
        return queryset


class SignForm(VerbForm):
    """By whose hand, and through which body, the party signed."""

    signing_body = searched(
        Party,
        "signing_body",
        label=gettext_lazy("Signing body"),
        help_text=gettext_lazy("Empty: the party itself."),
    )
    signatory = searched(Party, "signatory", label=gettext_lazy("Signatory"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["signing_body"].queryset = visible_to(self.user, Organization)
        self.fields["signatory"].queryset = visible_to(self.user, Person)


class WithdrawForm(VerbForm):
    """When the withdrawal takes effect."""

    effective_on = forms.DateField(
        label=gettext_lazy("Takes effect on"),
        required=False,
        widget=UnfoldAdminSingleDateWidget,
        help_text=gettext_lazy(
            "The first day it is no longer a party. "
            "Empty: as the agreement's rule says, or at once."
        ),
    )


class AccedeForm(VerbForm):
    """From when the newcomer's seat takes turns, and where it goes as far as that is asked."""

    seat_on = forms.DateField(
        label=gettext_lazy("First day of its seat"),
        required=False,
        widget=UnfoldAdminSingleDateWidget,
        help_text=gettext_lazy(
            "From when it takes turns in the rotation. Empty: from the day it joins."
        ),
    )

    after = searched(
        Rotation,
        "first",
        label=gettext_lazy("Its seat stands behind"),
        help_text=gettext_lazy("Only where the rotation asks where a new seat goes."),
    )
    sort_name = forms.CharField(
        label=gettext_lazy("Name in the alphabet"),
        required=False,
        max_length=200,
        widget=UnfoldAdminTextInputWidget,
        help_text=gettext_lazy("Where seats stand by their names. Empty: its own name."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["after"].queryset = visible_to(self.user, Organization)
        if not membership.joined_rotations(self.obj).exists():
            del self.fields["seat_on"], self.fields["after"], self.fields["sort_name"]
            return
        if not membership.asking_rotations(self.obj).exists():
            del self.fields["after"]
        if not membership.sorting_rotations(self.obj).exists():
            del self.fields["sort_name"]


# Joining and leaving reach over all the mechanisms of the agreement.
_ACROSS: dict[str, Any] = {"accede": membership.accede, "withdraw": membership.withdraw}
_PREVIEWS: dict[str, Any] = {"accede": preview_accession, "withdraw": preview_withdrawal}


@admin.register(Party, site=secretariat)
class PartyAdmin(Belonging, VerbAdmin):
    """Organizations in agreements, and what each of them did."""

    list_display = ("name", of_agreement, "role", "standing", "signed_on", "approved_on", "officer")
    list_filter = ("role", CoveredFilter, ("agreement", AutocompleteSelectFilter))
    list_select_related = ("organization", "agreement")
    search_fields = (
        "organization__name",
        "organization__name_zh",
        "organization__short_name",
        "agreement__reference",
        "agreement__title",
        "agreement__title_zh",
    )
    autocomplete_fields = ("agreement", "organization", "signing_body", "signatory")
    fieldsets = (
        (None, {"fields": ("agreement", ("organization", "role", "position"))}),
        (
            gettext_lazy("What it did"),
            {
                "description": gettext_lazy(
                    "Corrections only: what happens now is recorded with the buttons above."
                ),
                "fields": (
                    ("signing_body", "signatory"),
                    ("signed_on", "approved_on", "joined_on"),
                    ("withdrawal_notified_on", "withdrawn_on"),
                ),
            },
        ),
        (
            gettext_lazy("How it counts"),
            {
                "classes": ("collapse",),
                "fields": (("counts", "weight", "categories"), ("source", "illustrative")),
            },
        ),
    )
    plain_verbs = (
        PlainVerb("sign", gettext_lazy("Record signature")),
        PlainVerb("approve", gettext_lazy("Record approval")),
        PlainVerb("accede", gettext_lazy("Record accession")),
        PlainVerb("withdraw", gettext_lazy("Record withdrawal"), danger=True),
    )
    verb_forms = {"sign": SignForm, "accede": AccedeForm, "withdraw": WithdrawForm}

    def get_queryset(self, request: Any) -> Any:
        in_post = (
            visible_to(request.user, LiaisonAppointment)
            .current(clock.today())
            .filter(rank=Rank.PRIMARY)
            .select_related("person")
        )
        return (
            super()
            .get_queryset(request)
            .prefetch_related(Prefetch("liaison_appointments", in_post, to_attr="officers"))
        )

    @display(description=gettext_lazy("organization"), ordering="organization__name")
    def name(self, obj: Party) -> Any:
        return marked_name(obj)

    @display(description=gettext_lazy("standing"), label=STANDING_LABELS)
    def standing(self, obj: Party) -> tuple[str, Any]:
        standing = obj.standing(clock.today())
        return standing, standing.label

    @display(description=gettext_lazy("liaison officer"))
    def officer(self, obj: Any) -> str:
        return listed(officer.person for officer in obj.officers) or "—"

    def perform(self, obj: Party, verb: str, **said: Any) -> None:
        """Joining and leaving concern more than the party: seats, officers, groups, tasks."""
        if verb in _ACROSS:
            _ACROSS[verb](obj, **said)
        else:
            super().perform(obj, verb, **said)

    def can_preview(self, verb: str) -> bool:
        return verb in _PREVIEWS

    def preview(self, obj: Party, verb: str, form: Any) -> dict[str, Any]:
        """The mechanisms before and after, where they differ."""
        said = form.cleaned_data
        shown = _PREVIEWS[verb](obj, on=said["on"], reason=said["reason"], **form.details())
        return {"on": shown.on, "sections": differing(shown.sections())}

    def consequences(self, request: Any, obj: Party, verb: str) -> list[str]:
        if verb == "accede":
            return [
                _("It takes a seat in the rotation by the rotation's rule."),
                _("It owes a liaison officer, and is told of the meetings to come."),
            ]
        if verb != "withdraw":
            return []
        user, today = request.user, clock.today()
        seats = visible_to(user, Seat).filter(
            rotation__agreement=obj.agreement_id, organization=obj.organization_id
        )
        officers = visible_to(user, LiaisonAppointment).current(today).filter(party=obj)
        tasks = (
            visible_to(user, Task)
            .open()
            .filter(agreement=obj.agreement_id, lead=obj.organization_id)
        )
        effect = membership.withdrawal_effect(obj, today)
        listed = [
            _("Notified today, it would take effect on %(day)s by the agreement's rule.")
            % {"day": day_text(effect)}
        ]
        if count := seats.count():
            listed.append(
                ngettext(
                    "Its seat leaves %(count)d rotation.",
                    "Its seats leave %(count)d rotations.",
                    count,
                )
                % {"count": count}
            )
        if count := officers.count():
            listed.append(
                ngettext(
                    "The appointment of %(count)d liaison officer ends.",
                    "The appointments of %(count)d liaison officers end.",
                    count,
                )
                % {"count": count}
            )
        groups = (
            visible_to(user, GroupMembership)
            .current(today)
            .filter(group__agreement=obj.agreement_id, organization=obj.organization_id)
        )
        if count := groups.count():
            listed.append(
                ngettext(
                    "It leaves %(count)d special cooperation group.",
                    "It leaves %(count)d special cooperation groups.",
                    count,
                )
                % {"count": count}
            )
        if count := tasks.count():
            listed.append(
                ngettext(
                    "%(count)d open task is flagged for another organization.",
                    "%(count)d open tasks are flagged for another organization.",
                    count,
                )
                % {"count": count}
            )
        return listed
