"""The half-yearly question to liaison officers, and the list of those to be chased."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from agreements.models import LiaisonAttestation
from governance.access import may, visible_to
from governance.lifecycle import Refusal
from governance.portal.forms import VersionedForm
from governance.portal.lists import ListPage
from governance.portal.verbs import ActionPage


class AttestForm(VersionedForm):
    """Yes or no."""

    still = forms.TypedChoiceField(
        label=_("Is this still so?"),
        choices=[("yes", _("Yes, still in post")), ("no", _("No: a successor is to be named"))],
        coerce=lambda word: word == "yes",
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=_("Remark"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )


class Attest(ActionPage):
    """Answering whether somebody still is liaison officer; a no leads on to the successor."""

    section = "my_work"
    model = LiaisonAttestation
    related = (
        "appointment__party__agreement",
        "appointment__party__organization",
        "appointment__person",
    )
    label = _("Still liaison officer?")
    button = _("Send answer")
    form_class = AttestForm

    def role_refusal(self) -> Refusal | None:
        return may(self.request.user, "answer", self.object)

    def state_refusal(self) -> Refusal | None:
        refusal: Refusal | None = self.object.refusal("answer", self.today)
        return refusal

    def perform(self, form: AttestForm) -> None:
        self.object.answer(by=self.request.user, on=self.today, **form.cleaned_data)

    def consequences(self) -> Any:
        post = self.object.appointment
        return _("%(person)s speaks for %(party)s under “%(agreement)s”.") % {
            "person": post.person,
            "party": post.party.organization,
            "agreement": post.party.agreement,
        }

    def done(self) -> Any:
        if self.object.still:
            return _("Thank you: %(person)s stays liaison officer.") % {
                "person": self.object.appointment.person
            }
        return _("Your answer is kept. Now name the successor: until then nothing changes.")

    def address(self) -> str:
        post = self.object.appointment
        if self.object.still is False and may(self.request.user, "succeed", post) is None:
            return reverse("succeed_officer", kwargs={"id": post.public_id})
        return reverse("my_work")

    def trail(self) -> list[tuple[str, str]]:
        return [
            (reverse("my_work"), str(_("My work"))),
            (reverse("attestation_list"), str(_("Unanswered attestations"))),
        ]


class ChaseList(ListPage):
    """Who has not answered, and since when; who said no and has no successor."""

    template_name = "portal/attestation_list.html"
    section = "agreements"
    orderings = {
        "asked": ("asked_on",),
        "person": ("appointment__person__name", "appointment__person__name_zh"),
        "party": (
            "appointment__party__organization__name",
            "appointment__party__organization__name_zh",
        ),
    }

    def rows(self) -> QuerySet[Any]:
        user = self.request.user
        found: QuerySet[Any] = visible_to(user, LiaisonAttestation).to_chase(self.today)
        return found.select_related(*Attest.related)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        for row in context["page"].object_list:
            row.may_answer = (
                row.answered_on is None and may(self.request.user, "answer", row) is None
            )
            row.may_succeed = may(self.request.user, "succeed", row.appointment) is None
        return context
