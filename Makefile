# Two commands matter to a newcomer: `make demo` and `make test`. `make help` lists the rest.
SHELL := /bin/sh
.DEFAULT_GOAL := help
PORT ?= 8000
DATA ?= data/demo
T ?=
VENV := .venv
PY := $(VENV)/bin/python
UV := $(VENV)/bin/uv
BIN := $(VENV)/bin
# Trust what the machine trusts, as pip does: behind an agency's proxy nothing could be fetched otherwise.
export UV_SYSTEM_CERTS := 1

.PHONY: help setup demo demo-reset run worker test matrix mutants planted check format lint types arch translations migration migrate requirements vendor wheel bench pictures clean

help: ## List the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  \1\t\2/' | expand -t 18

$(UV):
	@python3 -m venv $(VENV)
	@$(PY) -m pip install --quiet --disable-pip-version-check uv

# What the product needs to run.
$(VENV)/.runtime: requirements/runtime.txt | $(UV)
	@$(UV) pip install --quiet --python $(PY) --require-hashes -r requirements/runtime.txt
	@touch $@

# What its developers need as well.
$(VENV)/.dev: requirements/dev.txt | $(UV)
	@$(UV) pip sync --quiet --python $(PY) --require-hashes requirements/dev.txt
	@$(PY) -m pip --version >/dev/null 2>&1 || true
	@touch $@ $(VENV)/.runtime

setup: $(VENV)/.dev ## Install what developers need into .venv

demo: $(VENV)/.runtime ## Start the demo office: make demo PORT=8123 DATA=folder
	@$(PY) -m inslussning demo --port $(PORT) --data $(DATA)

demo-reset: $(VENV)/.runtime ## Throw the demo's data away and start over
	@$(PY) -m inslussning demo --port $(PORT) --data $(DATA) --reset

run: $(VENV)/.runtime ## Start a real office's site with its mail worker: make run DATA=folder
	@$(PY) -m inslussning serve --port $(PORT) --data $(DATA) --with-worker

test: $(VENV)/.dev ## Run every test, or one file: make test T=tests/web/test_actions.py
	@scripts/test $(T)

worlds: $(VENV)/.dev ## Let the rule of who sees what and its queries agree in 10 000 random worlds
	@INSLUSSNING_WORLDS=10000 $(BIN)/pytest tests/property/test_access.py -q -n 0

matrix: $(VENV)/.dev ## Ask every route as everybody about every kind of case; the last line is the result
	@$(PY) -m tests.matrix

mutants: $(VENV)/.dev ## Change the access rules one small way at a time and see that the tests notice
	@$(PY) scripts/mutants.py

planted: $(VENV)/.dev ## Plant a bug for each attack class and see that its test turns red
	@$(PY) scripts/planted.py

check: $(VENV)/.dev ## Format, lint, types, templates, architecture, dependencies, spelling
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/djlint --lint --quiet templates
	$(BIN)/lint-imports --no-cache
	$(BIN)/deptry inslussning meetings
	$(BIN)/codespell

format: $(VENV)/.dev ## Put the code in the house style
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lint: $(VENV)/.dev ## Only the linter
	$(BIN)/ruff check .

types: $(VENV)/.dev ## Only the type checker
	$(BIN)/mypy

arch: $(VENV)/.dev ## Only the import contracts
	$(BIN)/lint-imports --no-cache

translations: $(VENV)/.dev ## Collect the texts into locale/ and report what lacks English
	$(PY) scripts/translations.py

migration: $(VENV)/.dev ## Write a migration from the models: make migration m="add room"
	$(PY) scripts/migration.py "$(m)"

migrate: $(VENV)/.runtime ## Bring the database in DATA to the newest migration
	$(PY) -m inslussning migrate --data $(DATA)

requirements: | $(UV) ## Pin the dependencies of pyproject.toml with their hashes
	$(UV) pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11 pyproject.toml -o requirements/runtime.txt
	$(UV) pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11 pyproject.toml --group dev -o requirements/dev.txt

vendor: $(VENV)/.dev ## Fetch the front-end files again from their npm packages and check them
	$(PY) scripts/vendor.py

wheel: $(VENV)/.dev ## Build the wheel into dist/
	$(UV) build --wheel --no-build-isolation --python $(PY) --quiet

bench: $(VENV)/.dev ## Measure the pages against their own floor
	$(PY) -m bench --quick

pictures: $(VENV)/.dev ## Take the README's pictures from a fresh demo office
	$(PY) scripts/pictures.py

clean: ## Remove what can be made again
	rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage
