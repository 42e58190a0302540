# Every task has one recipe: people, CI and hooks call the same.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
MANAGE := $(BIN)/python -W error manage.py
STAMP := $(VENV)/.installed

# Containers like to set it. Without bytecode each of the hundred commands that tests
# start would compile every module anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup bdd test check lint types migrations unit coverage merge matrix postgresql serve bench bench-quick soak lock docs wheel fix clean

help: ## List the recipes.
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

setup: $(STAMP) ## Make .venv and install what requirements/dev.txt locks.

$(STAMP): requirements/dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "make: $(PYTHON) is older than Python 3.11, which this project needs. Next: make $(MAKECMDGOALS) PYTHON=python3.11" >&2; exit 2; }
	@$(PYTHON) -m venv $(VENV) || { \
	  echo "make: $(PYTHON) cannot make virtual environments. Next: install its venv module (Debian: apt-get install python3-venv)" >&2; exit 2; }
	@echo "Installing requirements/dev.txt into $(VENV) …"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

bdd: setup ## Run the BDD suite in parallel (FEATURE=auth for one package).
	$(MANAGE) behave --format progress $(ARGS)

test: check unit bdd ## Run everything: checks, unit tests in parallel, BDD suite in parallel.

# In percent of lines and branches, by all tests in all their processes. To be raised,
# never lowered: what is new comes with its tests.
ENGINE_FLOOR := 99
SERVICE_FLOOR := 99

# As a deployment has it, but for secrets.
DEPLOYED := DJANGO_DEBUG=false DJANGO_ALLOWED_HOSTS=dance.example DJANGO_SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(50))')

check: lint types migrations ## Lint, format, types, imports, workflows, Django's checks; changes nothing.
	$(BIN)/pip check --disable-pip-version-check
	$(MANAGE) check --fail-level WARNING
	$(DEPLOYED) $(MANAGE) check --deploy --fail-level WARNING
	$(MANAGE) spectacular --validate --fail-on-warn --file /dev/null

lint: setup ## Lint, format, imports and CI's workflows alone.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	PYTHONPATH=. $(BIN)/lint-imports --no-logo --no-cache
	$(BIN)/zizmor --offline --quiet --no-progress .github/workflows

types: setup ## Static types alone.
	$(BIN)/mypy

migrations: setup ## Is there a migration for each change of a model?
	$(MANAGE) makemigrations --check --dry-run

unit: setup ## Run the unit tests in parallel.
	$(MANAGE) test --parallel $(ARGS)

coverage: setup ## Run all tests under coverage, in all processes; refuse less than the floors.
	$(BIN)/coverage erase
	$(BIN)/python -W error -m coverage run manage.py test --parallel
	$(BIN)/python -W error -m coverage run manage.py behave --format progress
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report --skip-covered --include='testing/*' --fail-under=$(ENGINE_FLOOR)
	$(BIN)/coverage report --skip-covered --include='users/*,dancecoach/*' --fail-under=$(SERVICE_FLOOR)

merge: setup ## Merge the records of shards in reports/shards into reports/merged.
	@mkdir -p reports/merged
	$(MANAGE) behave_merge --report-html reports/merged/features.html --report-junit reports/merged/features.xml reports/shards

matrix: ## Test other versions of Python, Django and PostgreSQL (ARGS=--quick).
	$(PYTHON) .ci/matrix $(ARGS)

postgresql: ## Install the server that `make matrix` wants besides the embedded one.
	.ci/install-postgresql 15

serve: setup ## Migrate and serve on http://127.0.0.1:8000/.
	$(BIN)/python manage.py migrate --verbosity 0
	$(BIN)/python manage.py runserver

bench: setup ## Measure everything, in about 25 minutes (ARGS=reset for one table).
	$(BIN)/python bench/run.py $(ARGS)

bench-quick: setup ## The same with small sizes, in about 2 minutes.
	$(BIN)/python bench/run.py --quick $(ARGS)

soak: setup ## Run the suite again and again under bad luck, for half an hour.
	$(BIN)/python bench/soak.py --minutes $(or $(MINUTES),30)

COMPILE := ../$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-emit-find-links --python-version 3.11 --custom-compile-command "make lock" ../pyproject.toml --group ../pyproject.toml:service

lock: setup ## Make requirements/*.txt anew from pyproject.toml.
	$(BIN)/pip install --quiet uv
	cd requirements && $(COMPILE) -o base.txt
	cd requirements && $(COMPILE) --all-extras --group ../pyproject.toml:dev -o dev.txt

docs: setup ## Write the parts of docs/ anew that are made from the code.
	$(BIN)/python -m testing.tests.documents

wheel: setup ## Build the engine's wheel and source distribution into dist/.
	$(BIN)/python -m hatchling build

fix: setup ## Format, and mend what can be mended.
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean: ## Remove the virtual environment, caches and the embedded server's data.
	rm -rf $(VENV) .postgres .testing .matrix dist .mypy_cache .ruff_cache
