"""The addresses of the portal's pages about actors."""

from typing import Any

from django.urls import path

from actors.portal.organization import MyOrganization
from actors.portal.profile import Profile, choose_language, choose_mail

urlpatterns: list[Any] = [
    path("organization/", MyOrganization.as_view(), name="my_organization"),
    path("profile/", Profile.as_view(), name="profile"),
    path("profile/mail/", choose_mail, name="choose_mail"),
    path("language/", choose_language, name="set_language"),
]
