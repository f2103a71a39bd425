"""The list of doors."""

from django.urls import include, path
from django.views.i18n import set_language

from actors.api import urls as actors_api
from agreements.api import urls as agreements_api
from governance.api.events import Events
from governance.api.urls import addresses

api = addresses(
    {**actors_api.resources, **agreements_api.resources},
    [
        *actors_api.questions,
        *agreements_api.questions,
        path("events/", Events.as_view(), name="events"),
    ],
)

urlpatterns = [
    path("language/", set_language, name="set_language"),
    path("account/", include("allauth.account.urls")),
    path("account/2fa/", include("allauth.mfa.urls")),
    path("api/", include(api)),
]
