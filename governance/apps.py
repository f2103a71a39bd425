"""The foundation as a Django app."""

from django.apps import AppConfig
from django.core.checks import Tags, register
from django.utils.translation import gettext_lazy as _

from governance import checks


class GovernanceConfig(AppConfig):
    name = "governance"
    verbose_name = _("Foundation")

    def ready(self) -> None:
        """Have the safety of the settings checked at every start."""
        register(checks.sqlite_is_immediate, Tags.database)
        register(checks.uploads_are_bounded, Tags.security)
