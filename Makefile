# make run      the application on http://127.0.0.1:8000 (PORT=…), with its demonstration data
# make test     everything: the suite on SQLite with the browser, then on PostgreSQL
# make check    style, types, arrows, templates, migrations and the quick tests
# make soak     the search for rare cases, for as long as it takes
# make messages brings the catalogue of translations up to date
# make lock     writes the pinned requirements from the groups in pyproject.toml

PYTHON ?= python3
PORT ?= 8000
DEBUG ?= 1
PUBLIC_URL ?= http://127.0.0.1:$(PORT)
UV := uv==0.13.9

VENV := .venv
BIN := $(VENV)/bin
RUNTIME := $(VENV)/runtime.stamp
DEV := $(VENV)/dev.stamp
KEY := var/secret_key
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard governance/locale/*/LC_MESSAGES/django.po))
# The quick tests are those of the domain; the doors are walked by make test.
DOORS := --ignore-glob="*/test_api_*" --ignore-glob="*/test_portal_*" --ignore-glob="*/test_admin_*" \
	--ignore=tests/governance/test_back_office.py --ignore=tests/governance/test_schema.py \
	--ignore=tests/seeds
WITH_KEY = SECRET_KEY="$${SECRET_KEY:-$$(cat $(KEY))}"
MANAGE = $(WITH_KEY) $(BIN)/python manage.py

export DEBUG PUBLIC_URL

.PHONY: run test check soak messages lock
.NOTPARALLEL:
.DELETE_ON_ERROR:

run: $(RUNTIME) $(KEY) $(CATALOGUES)
	@$(BIN)/python -m governance.system_parts
	@$(WITH_KEY) DJANGO_RUNSERVER_HIDE_WARNING=true \
		exec $(BIN)/python manage.py start 127.0.0.1:$(PORT)

# Both databases at once, a core each: PostgreSQL's part is shown when SQLite's is through.
test: $(DEV) $(KEY) $(CATALOGUES)
	@$(BIN)/python -m tests.machine.chromium
	@$(BIN)/python -m governance.system_parts
	@mkdir -p var; failed=0; \
	$(BIN)/python -m tests.machine.postgres -- \
		$(BIN)/python -m pytest -m "not browser" > var/test-postgresql.log 2>&1 & postgres=$$!; \
	trap 'kill $$postgres 2>/dev/null' INT TERM; \
	echo "SQLite"; \
	DATABASE_URL= $(BIN)/python -m pytest || failed=1; \
	wait $$postgres || failed=1; \
	echo "PostgreSQL"; cat var/test-postgresql.log; \
	exit $$failed

check: export DATABASE_URL = sqlite:///var/concord.sqlite3
check: $(DEV) $(KEY) $(CATALOGUES)
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(WITH_KEY) $(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/djlint --lint --quiet .
	@$(MANAGE) makemigrations --check --dry-run
	@$(MANAGE) check
	@$(BIN)/python -m pytest -n 2 -m "not browser and not slow" --nomigrations $(DOORS)

soak: $(DEV)
	@$(BIN)/python -m tests.machine.postgres -- $(BIN)/python -m pytest -m soak

messages: $(RUNTIME) $(KEY)
	@$(MANAGE) messages update
	@$(MANAGE) messages compile

lock: $(RUNTIME)
	@UV_CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/uv pip compile --quiet --no-annotate \
		--universal --python-version 3.11 --generate-hashes \
		--group runtime --output-file requirements.txt
	@UV_CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/uv pip compile --quiet --no-annotate \
		--universal --python-version 3.11 --generate-hashes --constraint requirements.txt \
		--group dev --output-file requirements-dev.txt

# --- what the targets stand on ---------------------------------------------------------------

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Concord needs Python 3.11 or newer; name one with: make PYTHON=python3.12 …" >&2; \
		exit 1; }
	@$(PYTHON) -m venv $(VENV) || { \
		rm -rf $(VENV); \
		test "$$(id -u)" = 0 && apt-get update -qq && apt-get install -y -qq python3-venv \
			&& $(PYTHON) -m venv $(VENV); } || { \
		rm -rf $(VENV); \
		echo "Python cannot make a virtual environment here: install Debian's python3-venv." >&2; \
		exit 1; }

# uv installs in seconds what pip installs in minutes; both accept only the pinned files.
install = { { $(BIN)/uv --version >/dev/null 2>&1 || $(BIN)/python -m pip install --quiet $(UV); } \
	&& $(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r $(1); } \
	|| $(BIN)/python -m pip install --quiet --require-hashes -r $(1)

$(RUNTIME): requirements.txt | $(BIN)/python
	@echo "Installing what Concord needs …"
	@$(call install,requirements.txt)
	@touch $@

# The requirements for development are complete: they hold the others, with the same pins.
$(DEV): requirements.txt requirements-dev.txt | $(BIN)/python
	@echo "Installing what Concord and its tests need …"
	@$(call install,requirements-dev.txt)
	@touch $(RUNTIME) $@

$(KEY): | $(BIN)/python
	@mkdir -p $(@D)
	@umask 077 && $(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(50))' > $@

# The command compiles every stale catalogue at once and leaves fresh ones alone.
%.mo: %.po | $(RUNTIME) $(KEY)
	@$(MANAGE) messages compile
