"""Parties in the back office: on the page of their agreement, and with verbs of their own."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.db.models import Exists, OuterRef, Prefetch
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.decorators import display
from unfold.widgets import UnfoldAdminAutocompleteModelChoiceFieldWidget, UnfoldAdminSingleDateWidget

from actors.models import Organization, Person
from agreements import membership
from agreements.mechanisms.liaison_officer import Rank, uncovered, uncovered_soon
from agreements.models import LiaisonAppointment, Party, Seat, Task
from agreements.party import Standing
from governance import clock
from governance.access import visible_to
from governance.admin.forms import NounForm
from governance.admin.nouns import NounStacked, marked_name
from governance.admin.site import secretariat
from governance.admin.verbs import PlainVerb, VerbAdmin, VerbForm
