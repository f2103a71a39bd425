"""All settings, read from the environment (12-factor); a wrong one stops the start.

======================  ===========================================  ========================
Variable                Meaning                                      Default
======================  ===========================================  ========================
``SECRET_KEY``          signs sessions and cursors, 50+ characters   none: must be given
``DEBUG``               1 for development only                       0
``ALLOWED_HOSTS``       host names served, comma-separated           localhost,127.0.0.1,[::1]
``PUBLIC_URL``          address under which people reach it          http://127.0.0.1:8000
``DATABASE_URL``        sqlite:///file or postgres://…               sqlite:///var/concord.sqlite3
``STORAGE_DIR``         where the files of documents are kept        var/storage
``TIME_ZONE``           zone in which a day begins and ends          Asia/Shanghai
``COUNTRY``             whose holidays count where no other is said  CN
``LANGUAGE_CODE``       language when the reader states none         en (or zh-hans)
``EMAIL_URL``           smtp://user:password@host:port or console:   console:
``MAX_UPLOAD_MB``       largest file accepted                        25
======================  ===========================================  ========================
"""

from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from governance import environment

BASE_DIR = Path(__file__).resolve().parent.parent
VERSION = "0.1.0"

DEBUG = environment.flag("DEBUG")
SECRET_KEY = environment.text("SECRET_KEY")
if len(SECRET_KEY) < 50:
    raise ImproperlyConfigured(
        "SECRET_KEY must be set to a random text of at least 50 characters; "
        'make one with: python -c "import secrets; print(secrets.token_urlsafe(50))"'
    )
ALLOWED_HOSTS = environment.listing("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
if not DEBUG and "*" in ALLOWED_HOSTS:
    raise ImproperlyConfigured("ALLOWED_HOSTS must name the hosts that are served, not *.")
PUBLIC_URL = environment.text("PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")
if urlsplit(PUBLIC_URL).scheme not in {"http", "https"} or not urlsplit(PUBLIC_URL).hostname:
    raise ImproperlyConfigured(f"PUBLIC_URL must be a web address, not {PUBLIC_URL!r}.")

INSTALLED_APPS = [
    "governance",
    "actors",
    "agreements",
    "seeds",
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "governance.middleware.SafetyHeaders",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "governance.api.failures.BodyLimit",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "governance.middleware.Door",
    "governance.api.failures.PageNotFound",
]
ROOT_URLCONF = "governance.urls"
WSGI_APPLICATION = "governance.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "governance" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
            ]
        },
    }
]

DATABASES = {
    "default": environment.database(
        environment.text("DATABASE_URL", "sqlite:///var/concord.sqlite3"), BASE_DIR
    )
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "actors.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "actors.portal.sign_in.SignInAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_SAMESITE = "Lax"

LANGUAGE_CODE = environment.one_of("LANGUAGE_CODE", {"en", "zh-hans"}, "en")
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
LOCALE_PATHS = [BASE_DIR / "governance" / "locale"]
FORMAT_MODULE_PATH = ["governance.formats"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = environment.text("TIME_ZONE", "Asia/Shanghai")
try:
    ZoneInfo(TIME_ZONE)
except (KeyError, ValueError, OSError) as wrong:
    raise ImproperlyConfigured(
        f"TIME_ZONE must be a name of the IANA database such as Asia/Shanghai, not {TIME_ZONE!r}."
    ) from wrong

COUNTRY = environment.text("COUNTRY", "CN").upper()
if not (len(COUNTRY) == 2 and COUNTRY.isascii() and COUNTRY.isalpha()):
    raise ImproperlyConfigured(f"COUNTRY must be two letters such as CN, not {COUNTRY!r}.")

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STORAGE_DIR = BASE_DIR / environment.text("STORAGE_DIR", "var/storage")
MEDIA_ROOT = STORAGE_DIR
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG
FILE_UPLOAD_PERMISSIONS = 0o600
MAX_UPLOAD_BYTES = int(environment.text("MAX_UPLOAD_MB", "25") or 25) * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

globals().update(environment.email(environment.text("EMAIL_URL", "console:")))
DEFAULT_FROM_EMAIL = f"Concord <no-reply@{urlsplit(PUBLIC_URL).hostname}>"

CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if PUBLIC_URL.startswith("https://"):
    SECURE_SSL_REDIRECT = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "governance.api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["governance.api.authentication.SignedInWithinScope"],
    "DEFAULT_RENDERER_CLASSES": ["governance.api.rendering.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["governance.api.rendering.JSONParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "governance.api.rendering.AlwaysJSON",
    "DEFAULT_METADATA_CLASS": "governance.api.rendering.Methods",
    "DEFAULT_PAGINATION_CLASS": None,
    "DEFAULT_FILTER_BACKENDS": [],
    "DEFAULT_SCHEMA_CLASS": "governance.api.schema.operations.ConcordSchema",
    "EXCEPTION_HANDLER": "governance.api.errors.problem",
    "URL_FORMAT_OVERRIDE": None,
    "FORMAT_SUFFIX_KWARG": None,
    "COERCE_DECIMAL_TO_STRING": True,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Concord API",
    "DESCRIPTION": (
        "Cooperation agreements, their mechanisms, timetables and tasks.\n\n"
        "Ids are random UUIDs, days are ISO 8601, decimals are strings, and null means that "
        "something is not known. Periods are half-open: an `ends_on` is the first day that no "
        "longer belongs. Every object has an `ETag`; PUT, PATCH and DELETE need it back in "
        "`If-Match`. Every POST honours an `Idempotency-Key`. An array sent to a collection is "
        "entered all or nothing. Verbs are POSTs on a sub-path and return the object. Errors are "
        "`application/problem+json`."
    ),
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {
        "deepLinking": True,
        "docExpansion": "none",
        "filter": True,
        "persistAuthorization": False,
        "validatorUrl": None,
    },
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "SORT_OPERATION_PARAMETERS": False,
    "ENUM_SUFFIX": "",
    "ENUM_NAME_OVERRIDES": {
        "AgendaItemOrigin": "agreements.mechanisms.agenda_rules.Origin",
        "AgendaItemStatus": "agreements.mechanisms.agenda_rules.Status",
        "AgreementEnding": "agreements.agreement.Ending",
        "AgreementKind": "agreements.agreement.Kind",
        "AgreementMode": "agreements.agreement.Mode",
        "AgreementStatus": "agreements.agreement.Status",
        "CalendarDayKind": "actors.working_calendar.DayKind",
        "AttendanceState": "agreements.mechanisms.attendance.State",
        "ChangeKind": "agreements.mechanisms.rotating_convenor.Kind",
        "ConfirmationStance": "agreements.mechanisms.minutes.Stance",
        "BaselineKind": "agreements.baselines.Kind",
        "ConsultationLevel": "agreements.mechanisms.regular_consultation.Level",
        "ConsultationStatus": "agreements.mechanisms.regular_consultation.Status",
        "DecisionEffect": "agreements.mechanisms.decisions.Effect",
        "DecisionStanding": "agreements.mechanisms.decisions.Standing",
        "DecisionStatus": "agreements.mechanisms.decisions.Status",
        "DocumentKind": "agreements.documents.Kind",
        "ExtensionStatus": "agreements.extension_requests.Status",
        "EscalationAction": "agreements.supervision.Action",
        "EscalationAnswer": "agreements.supervision.Answer",
        "GroupStatus": "agreements.mechanisms.special_group.Status",
        "HandoverSide": "agreements.mechanisms.handover.Side",
        "IdentifierScheme": "actors.organization.Scheme",
        "IndicatorAggregation": "agreements.indicators.Aggregation",
        "IndicatorDirection": "agreements.indicators.Direction",
        "LiaisonRank": "agreements.mechanisms.liaison_officer.Rank",
        "NoticeKind": "agreements.notice_words.kinds",
        "MinutesApproval": "agreements.mechanisms.minutes.Way",
        "MinutesStatus": "agreements.mechanisms.minutes.Status",
        "OrganizationKind": "actors.organization.Kind",
        "OrganizationSector": "actors.organization.Sector",
        "PartyRole": "agreements.party.Role",
        "PartyStanding": "agreements.party.Standing",
        "SupervisionStepAction": "agreements.supervision.of_a_ladder",
        "PositionStance": "agreements.mechanisms.decisions.Stance",
        "RegionScheme": "actors.region.Region.Scheme",
        "RotationBasis": "agreements.mechanisms.rotating_convenor.Basis",
        "RotationBoundaries": "agreements.mechanisms.rotating_convenor.Boundaries",
        "RotationOrder": "agreements.mechanisms.rotating_convenor.Order",
        "TaskLight": "agreements.progress.Light",
        "TaskPriority": "agreements.tasks.Priority",
        "TaskStatus": "agreements.tasks.Status",
        "TermState": "agreements.mechanisms.rotating_convenor.State",
        "TermUnit": "agreements.mechanisms.rotating_convenor.Unit",
        "UserRole": "actors.user.Role",
        "VerifiedBy": "agreements.agreement.Verification",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "governance.api.schema.document.complete",
    ],
}

UNFOLD = {
    "SITE_TITLE": _("Concord"),
    "SITE_HEADER": _("Concord"),
    "SITE_SUBHEADER": _("Secretariat"),
    "SITE_URL": "/",
    "SITE_SYMBOL": "handshake",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": "governance.admin.site.favicon"},
    ],
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": True,
    "SHOW_LANGUAGES": True,
    "STYLES": ["governance.admin.site.stylesheet"],
    "SCRIPTS": ["governance.admin.site.script"],
    "BORDER_RADIUS": "3px",
    "SIDEBAR": {
        "show_search": False,
        "command_search": True,
        "navigation": "governance.admin.navigation.groups",
    },
    "COLORS": {
        "primary": {
            "50": "240 250 247",
            "100": "214 241 233",
            "200": "172 226 210",
            "300": "120 204 181",
            "400": "66 174 147",
            "500": "31 145 119",
            "600": "15 118 97",
            "700": "11 95 79",
            "800": "10 77 65",
            "900": "9 64 54",
            "950": "4 40 34",
        }
    },
}
