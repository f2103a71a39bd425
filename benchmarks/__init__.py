"""Figures to reach, as ratios within one run; each script says how it is run.

Django is set up here, with a passing SQLite file where ``DATABASE_URL`` names no other database.
"""

import os
import secrets
import tempfile

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "governance.settings")
os.environ.setdefault("SECRET_KEY", secrets.token_urlsafe(60))
os.environ.setdefault("DATABASE_URL", f"sqlite:///{tempfile.mkdtemp()}/benchmark.sqlite3")
django.setup()
