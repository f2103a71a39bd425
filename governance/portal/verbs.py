"""Verbs as pages: GET says what a verb means and asks for what it needs, POST does it."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any, ClassVar

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext_lazy as _

from governance.access import may
from governance.lifecycle import Refusal, Refused, Stale, Transition
from governance.portal.forms import VerbForm, VersionedForm
from governance.portal.pages import ObjectPage


class ActionPage(ObjectPage):
    """Something done to an object by a form.

    Whoever may not do it reads why (403); what the state forbids is said too (409), as is that
    somebody else changed the object meanwhile: what was typed stays, and can be sent again.
    """

    template_name = "portal/action.html"
    form_class: type[VersionedForm] = VersionedForm
    renamed: ClassVar[dict[str, str]] = {}
    label: Any = ""
    # What its button says; empty: the label.
    button: Any = ""
    danger = False

    # what a page says

    def role_refusal(self) -> Refusal | None:
        """Why the reader may not do this at all; None when they may."""
        raise NotImplementedError

    def state_refusal(self) -> Refusal | None:
        """Why it is not possible now; None when it is."""
        return None

    def perform(self, form: Any) -> None:
        """Make the one call of the domain."""
        raise NotImplementedError

    def done(self) -> Any:
        """One sentence: what happened and what follows."""
        raise NotImplementedError

    def consequences(self) -> Any:
        """What follows, said before it is done; empty when it needs no words."""
        return ""

    def doubts(self, form: Any) -> list[str]:
        """What speaks against it, a sentence each, though nothing forbids it: said before."""
        return []

    def address(self) -> str:
        """Where the reader goes on."""
        raise NotImplementedError

    def version_read(self) -> int | None:
        """The version of what the form changes; None: it is not there yet."""
        version: int = self.object.version
        return version

    def initial(self) -> dict[str, Any]:
        """What the form holds when it is opened."""
        return {"version": self.version_read()}

    def make_form(self, **given: Any) -> Any:
        """The form, bound or not."""
        return self.form_class(initial=self.initial(), **given)

    def way_to(self, about: Any) -> str:
        """The address of what stands against it; empty where it has none."""
        return ""

    # the flow

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        refused = self._refused()
        return refused or self._page(self.make_form())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        refusal = self.role_refusal()
        if refusal is not None:
            return self._page(None, refusal, status=403)
        form = self.make_form(data=request.POST, files=request.FILES)
        if form.is_valid():
            doubts = self.doubts(form)
            if doubts and request.POST.get("sure") != _sign(doubts):
                form.ask_for_files_again()
                return self._page(form, doubts=doubts)
            try:
                self.perform(form)
            except ValidationError as wrong:
                form.take(wrong, self.renamed)
            except Refused as refused:
                return self._page(form, refused, status=409)
            except Stale as stale:
                return self._stale(form, stale)
            else:
                return self.go_on()
        form.ask_for_files_again()
        return self._page(form, status=422)

    def go_on(self) -> HttpResponse:
        """Say what happened, and lead on."""
        messages.success(self.request, self.done())
        return HttpResponseRedirect(self.address())

    def _refused(self) -> HttpResponse | None:
        refusal = self.role_refusal()
        if refusal is not None:
            return self._page(None, refusal, status=403)
        refusal = self.state_refusal()
        return self._page(None, refusal, status=409) if refusal is not None else None

    def _stale(self, form: Any, stale: Stale) -> HttpResponse:
        if stale.current is None:
            raise Http404
        self.object = self.find_object()
        form.renew(self.version_read())
        form.ask_for_files_again()
        refusal = Refusal(
            "stale",
            _(
                "Somebody else changed this meanwhile. What you wrote is kept: look at how it "
                "stands now, then send it again."
            ),
        )
        return self._page(form, refusal, status=409)

    def _page(
        self, form: Any, refusal: Any = None, *, status: int = 200, doubts: Sequence[str] = ()
    ) -> HttpResponse:
        about = refusal.about if refusal is not None else None
        context = self.get_context_data(
            form=form,
            refusal=refusal.sentence if refusal is not None else None,
            refused_by=about,
            refused_by_path=self.way_to(about) if about is not None else "",
            heading=self.label,
            button=self.button or self.label,
            danger=self.danger,
            consequences=self.consequences(),
            doubts=doubts,
            sure=_sign(doubts),
            address=self.address(),
        )
        return self.render_to_response(context, status=status)


def _sign(doubts: Sequence[str]) -> str:
    """By which a form says that just these doubts were read."""
    return sha256("\n".join(doubts).encode()).hexdigest()[:16]


class VerbPage(ActionPage):
    """A verb of the object's life cycle, named by the address.

    ``sentences`` says for each verb what happened and what follows, ``warnings`` what follows
    before it is done. Both may use ``%(name)s``.
    """

    form_class = VerbForm
    sentences: ClassVar[dict[str, Any]] = {}
    warnings: ClassVar[dict[str, Any]] = {}
    transition: Transition

    def find_object(self) -> Any:
        found = super().find_object()
        verb = self.kwargs["verb"].replace("-", "_")
        transition = found.lifecycle.transitions.get(verb)
        if transition is None:
            raise Http404
        self.transition, self.label, self.danger = transition, transition.label, transition.danger
        return found

    def role_refusal(self) -> Refusal | None:
        return may(self.request.user, self.transition.verb, self.object)

    def state_refusal(self) -> Refusal | None:
        refusal: Refusal | None = self.object.refusal(self.transition.verb, self.today)
        return refusal

    def initial(self) -> dict[str, Any]:
        return {**super().initial(), "on": self.today}

    def make_form(self, **given: Any) -> Any:
        data = given.get("data")
        if data is not None and "on" not in data:
            # A button on the object's own page sends nothing but the version.
            given["data"] = data.copy()
            given["data"]["on"] = self.today.isoformat()
        form = super().make_form(**given)
        if self.transition.needs_reason:
            form.require_reason()
        return form

    def perform(self, form: Any) -> None:
        getattr(self.object, self.transition.method_name)(by=self.request.user, **form.cleaned_data)

    def done(self) -> Any:
        return self.sentences[self.transition.verb] % {"name": self.object}

    def consequences(self) -> Any:
        warning = self.warnings.get(self.transition.verb)
        return warning % {"name": self.object} if warning else ""
