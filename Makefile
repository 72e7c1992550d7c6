# Strata's commands; `make help` lists them.

PORT ?= 8501
VENV := .venv
BIN := $(VENV)/bin
PARALLEL := --numprocesses=auto --maxprocesses=4 --dist=loadfile --no-loadscope-reorder
IS_311 := import sys; sys.exit(sys.version_info[:2] != (3, 11))
PYTHON ?= $(shell for name in python3.11 python3 python; do \
	$$name -c '$(IS_311)' 2>/dev/null && echo $$name && break; done)

.PHONY: help run test recipes bench canvas
.DEFAULT_GOAL := help

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-10s%s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(VENV)/installed ## Start Strata at http://127.0.0.1:8501 (another port: make run PORT=8502)
	$(BIN)/python -m streamlit run app.py --server.address 127.0.0.1 --server.port $(PORT) --server.showEmailPrompt false

test: $(VENV)/installed-dev ## Check style and run every test but the recipes
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python -m tests.browser.chromium
	$(BIN)/python -m pytest $(PARALLEL) --ignore=tests/recipes --ignore=tests/browser
	$(BIN)/python -m pytest --numprocesses=auto --maxprocesses=2 --dist=loadfile tests/browser || { \
		echo "What failed is run once more, alone: on a busy machine a browser may be late."; \
		$(BIN)/python -m pytest tests/browser --last-failed --last-failed-no-failures=none; }

recipes: $(VENV)/installed-dev ## Train every template to its stated quality, and one run on two nodes
	$(BIN)/python -m tests.distributed.nodes
	$(BIN)/python -m pytest --numprocesses=auto --maxprocesses=4 --dist=worksteal tests/recipes

bench: $(VENV)/installed-dev ## Measure speed
	$(BIN)/python -m benchmarks

canvas: ## Build the canvas from builder/ui/canvas/source; needs node, which nothing else does
	cd builder/ui/canvas/source && npm ci && npm run build

$(BIN)/python:
	@$(or $(PYTHON),python3.11) -c '$(IS_311)' || \
		{ echo "Strata needs Python 3.11. Install it, or name it: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: requirements.txt | $(BIN)/python
	@echo "Installing what Strata needs; the first time takes a few minutes."
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/installed-dev: requirements-dev.txt $(VENV)/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@
