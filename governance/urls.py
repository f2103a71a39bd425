"""The list of doors."""

from django.urls import include, path

from actors.api import urls as actors_api
from agreements.api import urls as agreements_api
from governance.admin.site import secretariat
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
    path("", include("agreements.portal.urls")),
    path("", include("actors.portal.urls")),
    path("account/", include("allauth.account.urls")),
    path("secretariat/", secretariat.urls),
    path("account/2fa/", include("allauth.mfa.urls")),
    path("api/", include(api)),
]

handler400 = "governance.api.failures.bad_request"
handler403 = "governance.api.failures.permission_denied"
handler404 = "governance.api.failures.page_not_found"
handler500 = "governance.api.failures.server_error"
