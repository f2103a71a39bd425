"""Users and their roles; what a role may see and do is decided in ``governance.access``."""

from datetime import date
from typing import Any
from uuid import uuid4

from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.utils.translation import gettext_lazy as _

from actors.organization import Organization
from actors.person import Appointment, Person
from governance import clock
from governance.record import record, unit


class Role(models.TextChoices):
    """The roles of the system."""

    ADMINISTRATOR = "administrator", _("Administrator")
    SECRETARIAT = "secretariat", _("Secretariat officer")
    AUDITOR = "auditor", _("Auditor")
    PARTNER = "partner", _("Partner")
    CLIENT = "client", _("Integration client")


class MailPreference(models.TextChoices):
    """When somebody is written to about what the system tells them."""

    AT_ONCE = "at_once", _("At once")
    DAILY = "daily", _("Once a day, in one mail")
    NONE = "none", _("Not at all")


class UserQuerySetManager(UserManager["User"]):
    """Django's manager; ``createsuperuser`` makes an administrator."""

    def create_superuser(
        self, username: str, email: Any = None, password: Any = None, **more: Any
    ) -> "User":
        more["role"] = Role.ADMINISTRATOR
        return super().create_superuser(username, email, password, **more)


class User(AbstractUser):
    """Somebody, or some program, that signs in."""

    public_id = models.UUIDField(_("id"), default=uuid4, unique=True, editable=False)
    created_at = models.DateTimeField(_("created at"), default=clock.now, editable=False)
    changed_at = models.DateTimeField(_("changed at"), default=clock.now, editable=False)
    role = models.CharField(_("role"), max_length=15, choices=Role, default=Role.PARTNER)
    person = models.OneToOneField(
        Person,
        verbose_name=_("person"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="user",
        help_text=_("A partner acts for the organizations in which this person holds a post."),
    )
    organization = models.ForeignKey(
        Organization,
        verbose_name=_("organization"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="clients",
        help_text=_("For an integration client: it sees what this organization may see."),
    )
    language = models.CharField(
        _("language"),
        max_length=10,
        blank=True,
        choices=(("en", "English"), ("zh-hans", "简体中文")),
    )
    mail_preference = models.CharField(
        _("notifications by e-mail"),
        max_length=7,
        choices=MailPreference,
        default=MailPreference.AT_ONCE,
        help_text=_("Whatever is chosen here, every notification is shown in the portal."),
    )

    named_by = ("person",)
    objects = UserQuerySetManager()  # type: ignore[misc]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        ordering = ("username",)

    def __str__(self) -> str:
        return str(self.person) if self.person_id else self.get_full_name() or self.username

    def save(self, *args: Any, **kwargs: Any) -> None:
        # Django's admin asks for these two; here they follow from the role alone.
        self.is_staff = self.role in {Role.ADMINISTRATOR, Role.SECRETARIAT, Role.AUDITOR}
        self.is_superuser = self.role == Role.ADMINISTRATOR
        super().save(*args, **kwargs)

    def change_role(self, role: str, *, by: Any, reason: str = "") -> None:
        """Give the user another role, on record."""
        with unit():
            before = self.role
            self.role = Role(role)
            self.save()
            record(
                self,
                "change_role",
                by=by,
                reason=reason,
                before={"role": before},
                after={"role": role},
            )

    def choose_language(self, language: str, *, by: Any) -> None:
        """Be written to and shown pages in this language, on record."""
        if language == self.language:
            return
        with unit():
            before, self.language = self.language, language
            self.save(update_fields=("language",))
            record(self, "change", by=by, before={"language": before}, after={"language": language})

    def choose_mail(self, preference: str, *, by: Any) -> None:
        """Be written to at once, once a day or not at all, on record."""
        if preference == self.mail_preference:
            return
        with unit():
            before, self.mail_preference = self.mail_preference, MailPreference(preference)
            self.save(update_fields=("mail_preference",))
            record(
                self,
                "change",
                by=by,
                before={"mail_preference": before},
                after={"mail_preference": preference},
            )

    @property
    def is_secretariat(self) -> bool:
        """Registers and edits: a secretariat officer or an administrator."""
        return self.role in {Role.SECRETARIAT, Role.ADMINISTRATOR}

    @property
    def sees_everything(self) -> bool:
        """Reads all: the secretariat, the administrator, the auditor."""
        return self.is_secretariat or self.role == Role.AUDITOR

    def acting_organizations(self, on: date) -> list[Organization]:
        """The organizations the user acts for on the day ``on``, with those under them."""
        posts = Appointment.objects.current(on).filter(person_id=self.person_id)
        mine = Organization.objects.filter(pk__in=posts.values("organization"))
        own = list(mine) if self.person_id else []
        if self.organization is not None:
            own.append(self.organization)
        return list(Organization.objects.under(own))
