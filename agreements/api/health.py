"""Implementation health of an agreement, as the API tells it."""

from functools import partial
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from agreements.api.tasks import percent
from agreements.health import Deadline, Health, State, health
from agreements.models import Agreement
from agreements.progress import Light
from agreements.what_is_wrong import Matter
from governance import access, clock
from governance.record import object_type


def shares(label: Any) -> serializers.Field:
    """A share in per cent, or null."""
    return serializers.DecimalField(
        max_digits=5, decimal_places=2, allow_null=True, help_text=label
    )


class MechanismHealth(serializers.Serializer):
    """One of the four mechanisms."""

    mechanism = serializers.ChoiceField(
        choices=("rotating_convenor", "liaison_officer", "regular_consultation",
                 "special_cooperation"),
        help_text=_("Which of the four it is."),
    )  # fmt: skip
    name = serializers.CharField(help_text=_("What it is called."))
    state = serializers.ChoiceField(
        choices=State.choices, help_text=_("Whether it is in place, and alive.")
    )
    sentence = serializers.CharField(help_text=_("Why, in the reader's language."))


class CoverageText(serializers.Serializer):
    """How many of the parties that owe a liaison officer have one in post."""

    parties = serializers.IntegerField(help_text=_("How many owe one."))
    covered = serializers.IntegerField(help_text=_("How many have one that day."))


class PromisedText(serializers.Serializer):
    """Consultations held against promised, over the last twelve months."""

    promised = serializers.IntegerField(help_text=_("How many were promised."))
    held = serializers.IntegerField(help_text=_("How many were held."))
    missed = serializers.IntegerField(
        help_text=_("How many were missing at the ends of their periods.")
    )
    owed = serializers.IntegerField(help_text=_("How many the running periods still owe."))


class LightsText(serializers.Serializer):
    """How many tasks show each light."""

    def get_fields(self) -> dict[str, Any]:
        return {str(light): serializers.IntegerField(help_text=light.label) for light in Light}


class TasksText(serializers.Serializer):
    """How the tasks stand."""

    by_light = LightsText(help_text=_("How many show each light."))
    resting = serializers.IntegerField(help_text=_("Suspended or cancelled: without a light."))
    counted = serializers.IntegerField(help_text=_("How many are not cancelled."))
    quantified = serializers.IntegerField(
        help_text=_("How many of those have an indicator with a target.")
    )
    progress = shares(_("The weighted mean of their progress, in per cent."))
    expected_progress = shares(_("The weighted mean of what the time passed expects, in per cent."))


class DeadlineText(serializers.Serializer):
    """A day by which something is due."""

    on = serializers.DateField(help_text=_("The day."))
    kind = serializers.ChoiceField(
        choices=("task", "milestone", "handover", "agreement"), help_text=_("What is due.")
    )
    id = serializers.UUIDField(help_text=_("Its id."))
    name = serializers.CharField(help_text=_("What it is, in the reader's language."))


class MenderText(serializers.Serializer):
    """An organization that can mend it."""

    id = serializers.UUIDField(help_text=_("The id of the organization."))
    name = serializers.CharField(help_text=_("Its name."))


class MatterToMend(serializers.Serializer):
    """Something that is wrong, and who can mend it."""

    kind = serializers.CharField(help_text=_("A stable word for programs."))
    sentence = serializers.CharField(help_text=_("What is wrong, in the reader's language."))
    about_type = serializers.CharField(help_text=_("The kind of thing it is about."))
    about = serializers.UUIDField(help_text=_("The id of what it is about."))
    menders = MenderText(
        many=True, help_text=_("Who can mend it, beside the secretariat, which always can.")
    )


class HealthAnswer(serializers.Serializer):
    """How an agreement is carried out today."""

    on = serializers.DateField(
        help_text=_("The day: today, or the last one of a reader who has left.")
    )
    alive = serializers.BooleanField(
        help_text=_("Signed and not ended: something is expected of it.")
    )
    mechanisms = MechanismHealth(many=True, help_text=_("The four mechanisms."))
    liaison_coverage = CoverageText(help_text=_("Who is covered by a liaison officer."))
    consultations = PromisedText(
        allow_null=True, help_text=_("Held as promised; null: not known how often.")
    )
    tasks = TasksText(help_text=_("How the tasks stand."))
    deadlines = DeadlineText(many=True, help_text=_("What is due next, the nearest first."))
    matters = MatterToMend(many=True, help_text=_("What is wrong, and who can mend it."))


def health_answer(user: Any, agreement: Agreement) -> dict[str, Any]:
    """The health of the agreement today, as far as the user may see it."""
    today = clock.today()
    on = access.day_read(user, agreement, today) or today
    found = health(agreement, on=on, at=clock.now(), rows_of=partial(access.visible_to, user))
    return {
        "on": found.on,
        "alive": found.is_alive,
        "mechanisms": [
            {
                "mechanism": one.key,
                "name": one.label,
                "state": one.state,
                "sentence": one.sentence,
            }
            for one in found.mechanisms
        ],
        "liaison_coverage": {"parties": len(found.covers), "covered": found.covered},
        "consultations": _promised(found),
        "tasks": {
            "by_light": found.tasks.lights,
            "resting": found.tasks.resting,
            "counted": found.tasks.counted,
            "quantified": found.tasks.quantified,
            "progress": percent(found.tasks.progress),
            "expected_progress": percent(found.tasks.expected),
        },
        "deadlines": [_deadline(one) for one in found.deadlines],
        "matters": [matter_text(one) for one in found.matters],
    }


def _promised(found: Health) -> dict[str, int] | None:
    kept = found.promised
    if kept is None:
        return None
    return {name: getattr(kept, name) for name in ("promised", "held", "missed", "owed")}


def _deadline(one: Deadline) -> dict[str, Any]:
    return {"on": one.on, "kind": one.kind, "id": one.about.public_id, "name": one.title}


def matter_text(one: Matter) -> dict[str, Any]:
    """A matter as the API shows it."""
    return {
        "kind": one.kind,
        "sentence": one.sentence,
        "about_type": object_type(type(one.about)),
        "about": one.about.public_id,
        "menders": [{"id": by.public_id, "name": str(by)} for by in one.menders],
    }
