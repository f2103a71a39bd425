"""The foundation as a Django app."""

import logging

from django.apps import AppConfig
from django.core.checks import Tags, register
from django.utils.translation import gettext_lazy as _

from governance import checks
from governance.logs import LOGS_OF_REQUESTS, without_secrets


class GovernanceConfig(AppConfig):
    name = "governance"
    verbose_name = _("Foundation")

    def ready(self) -> None:
        """Have the safety of the settings checked at every start, and secrets kept out of logs."""
        for name in LOGS_OF_REQUESTS:
            logging.getLogger(name).addFilter(without_secrets)
        register(checks.sqlite_is_immediate, Tags.database)
        register(checks.uploads_are_bounded, Tags.security)
