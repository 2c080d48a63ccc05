# Two commands matter: `make demo` and `make test`. Both set up what they need in .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO ?=

.PHONY: help demo test test-tools check lint types bench docs words screenshots clean

help:
	@echo "make demo        a room of 256 batteries and the device on it: http://127.0.0.1:8080"
	@echo "make test        all tests (those that need Debian programs are skipped without them)"
	@echo "make test-tools  install these programs (apt-get, as root)"
	@echo "make check       lint, types and tests"
	@echo "make bench       measure: one command, one table"
	@echo "make screenshots photograph every page of a demo into docs/screenshots/"
	@echo "make docs        write the generated pages of docs/ again"
	@echo "make words       bring the translations up to date: what is new stands there, untranslated"

$(BIN)/webmanager: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=python3.12 ..."; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	@$(BIN)/python -m compileall -q src
	@touch $@

$(VENV)/.dev: pyproject.toml $(BIN)/webmanager
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev,fast]'
	@touch $@

demo: $(BIN)/webmanager
	@exec $(BIN)/webmanager demo $(DEMO)

test: $(VENV)/.dev
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder $(TESTS)

test-tools:
	./tests/install-tools

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev
	$(BIN)/mypy

check: lint types test

$(VENV)/.bench: pyproject.toml $(VENV)/.dev
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[bench]'
	@touch $@

bench: $(VENV)/.bench
	$(BIN)/python -m bench $(BENCH)

docs: $(VENV)/.dev
	$(BIN)/python -m webmanager.app.generated_docs

words: $(VENV)/.dev
	$(BIN)/python -m webmanager.app.message_catalogue

screenshots: $(VENV)/.dev
	$(BIN)/python tests/e2e/screenshots.py $(SCREENSHOTS)

clean:
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis
