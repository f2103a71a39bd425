"""How the lists of the back office name the agreement that a thing belongs to."""

from typing import Any

from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

LENGTH = 40


def shortened(agreement: Any) -> str:
    """The agreement's title, cut to the width of a column."""
    return str(Truncator(str(agreement)).chars(LENGTH))


@display(description=_("agreement"), ordering="agreement__reference")
def of_agreement(obj: Any) -> str:
    """The agreement of a row."""
    return shortened(obj.agreement)
