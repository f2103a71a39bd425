"""The ground of all tests: settings that do not depend on the machine, and a database each run."""

import os
import shutil
import tempfile
from collections.abc import Iterator

import django
import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import override_settings
from django.utils import translation
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from governance.management.commands import messages

STORAGE = tempfile.mkdtemp(prefix="concord-storage-")

# Before Django reads its settings, and whatever the developer's shell says: only the database
# is left to choose.
os.environ.update(
    DJANGO_SETTINGS_MODULE="governance.settings",
    SECRET_KEY="only-for-tests-" + "k" * 50,
    DEBUG="0",
    ALLOWED_HOSTS="localhost,127.0.0.1,testserver",
    PUBLIC_URL="http://testserver",
    STORAGE_DIR=STORAGE,
    TIME_ZONE="Asia/Shanghai",
    LANGUAGE_CODE="en",
    EMAIL_URL="console:",
)

# A test that forgot to ask for the test database meets an empty file, never somebody's data.
if not os.environ.get("DATABASE_URL", "").startswith("postgres"):
    os.environ["DATABASE_URL"] = f"sqlite:///{STORAGE}/nobodys.sqlite3"

hypothesis_settings.register_profile(
    "suite", derandomize=True, deadline=None, max_examples=60, database=None
)
hypothesis_settings.register_profile(
    "soak", deadline=None, max_examples=5000, suppress_health_check=[HealthCheck.too_slow]
)


def pytest_configure(config: pytest.Config) -> None:
    django.setup()
    config.pluginmanager.import_plugin("tests.cast")  # after the set-up, for it imports models
    hypothesis_settings.load_profile("soak" if _asks_for_soak(config) else "suite")


def pytest_unconfigure() -> None:
    shutil.rmtree(STORAGE, ignore_errors=True)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out soak tests unless asked for, and twice the same; put the browser's last.

    Playwright keeps an event loop running in the thread of the tests; what follows it would
    find Django believing it was called from asynchronous code.
    """
    if not _asks_for_soak(config):
        soak = [item for item in items if item.get_closest_marker("soak")]
        if soak:
            config.hook.pytest_deselected(items=soak)
            items[:] = [item for item in items if item not in soak]
    if connection.vendor == "postgresql":
        # What asks no database was tried beside SQLite, and says the same here.
        config.hook.pytest_deselected(items=[one for one in items if not _asks_a_database(one)])
        items[:] = [item for item in items if _asks_a_database(item)]
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


def _asks_a_database(item: pytest.Item) -> bool:
    asked = {"db", "transactional_db", "live_server"} & set(getattr(item, "fixturenames", ()))
    return bool(asked) or item.get_closest_marker("django_db") is not None


def _asks_for_soak(config: pytest.Config) -> bool:
    return "soak" in config.option.markexpr


@pytest.fixture(scope="session", autouse=True)
def translations() -> None:
    """The compiled catalogues, made anew when their sources have changed."""
    for locale in messages.languages():
        messages.compile_stale(locale)


@pytest.fixture(scope="session", autouse=True)
def settings_for_tests() -> Iterator[None]:
    """Quick passwords, and static files as they lie in the source (nothing is collected)."""
    storages = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
    with override_settings(
        STORAGES=storages,
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        WHITENOISE_AUTOREFRESH=True,
    ):
        yield


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Every test begins in English, whatever the page that was read before it spoke."""
    with translation.override("en"):
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory: pytest.TempPathFactory) -> None:
    """SQLite in a file: one in memory would be shared by all threads as one connection."""
    if connection.vendor == "sqlite":
        folder = tmp_path_factory.mktemp("database")
        connection.settings_dict["TEST"]["NAME"] = str(folder / "concord.sqlite3")
