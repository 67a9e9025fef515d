# The only commands one must know. `make help` lists them.

PYTHON ?= python3
JOBS   ?= 2
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip
INPUTS := pyproject.toml constraints.txt

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export NO_MKDOCS_2_WARNING := 1
# The tests start hundreds of processes: none shall compile again what another has compiled.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo examples test check bench stress docs clean

help:  ## list the commands
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## */\t/' | awk -F '\t' '{printf "  make %-8s %s\n", $$1, $$2}'

# Each stamp says that its part of the virtual environment is in place. The demo needs the least,
# so that a first look does not wait for the tools of the workshop.

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=python3.12 ..." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip' || { echo "Python cannot make virtual environments here. On Debian: apt-get install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --quiet --upgrade 'pip>=25.1'
	@touch $@

$(VENV)/.demo: $(VENV)/.made $(INPUTS)
	$(PIP) install --quiet -c constraints.txt -e '.[sql]'
	@touch $@

$(VENV)/.dev: $(VENV)/.made $(INPUTS)
	$(PIP) install --quiet -c constraints.txt -e '.[all]' --group dev
	@touch $@

$(VENV)/.bench: $(VENV)/.dev $(INPUTS)
	$(PIP) install --quiet -c constraints.txt -e '.[all]' --group bench
	@touch $@

demo: $(VENV)/.demo  ## 90 days of nurturing on invented leads (LEADS=file.csv [DEALS=file.csv] for your own)
	$(BIN)/python examples/demo/run.py $(if $(LEADS),--leads "$(LEADS)") $(if $(DEALS),--deals "$(DEALS)") \
	  $(if $(ZONE),--zone "$(ZONE)") $(if $(OUT),--out "$(OUT)") $(if $(DAYS),--days "$(DAYS)") $(if $(LIMIT),--limit "$(LIMIT)")

examples: $(VENV)/.dev  ## five programs, each lived through for a year, with a report in Japanese
	$(BIN)/python examples/scenarios/run.py

test: $(VENV)/.dev  ## the whole suite, with docs and docstrings (JOBS=0 runs it in one process)
	$(BIN)/python -m pytest -n $(JOBS)

check: $(VENV)/.dev  ## lint, format, types, import directions, docs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pyright --pythonpath $(BIN)/python
	$(BIN)/lint-imports
	$(BIN)/mkdocs build --strict --quiet

bench: $(VENV)/.bench  ## compare with hand-written code and with peers
	$(BIN)/python -m bench.run

stress: $(VENV)/.dev  ## the long sizes of the suite
	HYPOTHESIS_PROFILE=stress $(BIN)/python -m pytest -n $(JOBS) -m stress

docs: $(VENV)/.dev  ## build the documentation into site/
	$(BIN)/mkdocs build --strict --quiet
	@echo "open site/index.html"

clean:  ## remove everything that was built
	rm -rf $(VENV) site build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage .coverage.*
	find src tests examples bench -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true
