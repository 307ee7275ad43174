# Everything a person runs is a target here, with one line of help.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PEERS := $(VENV)/peers
UNPACKED := $(CURDIR)/build/compiled
WORKERS ?= 2
JOBS ?= $(shell nproc 2>/dev/null || echo 1)
SEED ?= 0
N ?= 2000
BUDGET ?= 600
SEEDS ?= 1000
MINUTES ?= 10
PORT ?= 8000
TASKMANAGERS ?= 10
JOBMANAGERS ?= 3
BROKERS ?= 5
OF_BROKERS ?= 1
CLIENTS ?= 3
LONG_ON_FLINK := bench compiled conformance jobs kills security upkeep
VERSION ?= $(shell sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml | head -1)

export PIP_DISABLE_PIP_VERSION_CHECK := 1
INSTALL := $(BIN)/python -m pip install --quiet --constraint constraints.txt

.PHONY: help demo demo-flink demo-auction demo-chat test test-flink kills check lint types golden fuzz crash simulate soak hostile-http bench bench-http bench-flink bench-report docs site changelog compiled unpack-compiled check-compiled clean

help: ## Show the targets, one line each
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r name line; do printf '  %-12s %s\n' "$$name" "$$line"; done

demo: $(VENV)/.installed-demo ## Run the shop of the README: create, buy, refuse, roll back, show the dataflow
	@$(BIN)/python demos/demo_shop.py

demo-flink: $(VENV)/.installed-flink ## Run the shop on a real Flink behind a real Kafka, fetched and started on this machine
	@$(BIN)/python demos/demo_flink.py

demo-auction: $(VENV)/.installed-web ## Serve an auction with a page: make demo-auction [PORT=8000 AUCTION_DB=auction.db]
	@$(BIN)/python -m uvicorn --app-dir demos --port $(PORT) --factory auction.app:make_app

demo-chat: $(VENV)/.installed-web ## Serve a chat with a page: make demo-chat [PORT=8000 CHAT_DB=chat.db]
	@$(BIN)/python -m uvicorn --app-dir demos --port $(PORT) --factory chat.app:make_app

test: $(VENV)/.installed-flink lint types ## Run lint, types and all tests, of those on a real Flink the quicker ones, as `make test-flink` runs them all (aim: under 30 minutes)
	@$(BIN)/python -m pytest -q -n $(WORKERS) --dist loadgroup $(LONG_ON_FLINK:%=--ignore tests/integration/flink/test_%.py)

test-flink: $(VENV)/.installed-flink $(VENV)/.installed-dev ## Run only the tests on a real Flink: every program, what every engine must do, upgrades, kills, upkeep of jobs
	@$(BIN)/python -m pytest -q -p no:randomly tests/integration/flink

kills: $(VENV)/.installed-flink $(VENV)/.installed-dev ## Kill under load and measure: make kills TASKMANAGERS=10 JOBMANAGERS=3 BROKERS=5 [OF_BROKERS=3] CLIENTS=3
	@$(BIN)/python -m tests.integration.flink.kills --task-managers $(TASKMANAGERS) --job-managers $(JOBMANAGERS) --brokers $(BROKERS) --of-brokers $(OF_BROKERS) --clients $(CLIENTS)

check: lint types ## Run the quick lane: lint, types, fast tests (aim: under 3 minutes)
	@$(BIN)/python -m pytest -q -n $(WORKERS) --dist loadgroup -m "not slow" tests/unit $(wildcard tests/golden) tests/docs

lint: $(VENV)/.installed-dev ## Check style and the rules about which folder imports which
	@$(BIN)/ruff check --quiet .
	@$(BIN)/lint-imports --no-logo >.import-linter.log || { cat .import-linter.log; exit 1; }

types: $(VENV)/.installed-dev ## Check the types of the package, strictly
	@$(BIN)/mypy --no-error-summary

golden: $(VENV)/.installed-dev ## Rewrite the golden files; read the difference before committing it
	@$(BIN)/python -m pytest -q tests/golden --rewrite-golden

fuzz: $(VENV)/.installed-dev ## Compare N generated programs with CPython: make fuzz N=100000 [SEED=0 JOBS=2]
	@$(BIN)/python -m tests.fuzz --programs $(N) --seed $(SEED) --jobs $(JOBS)

crash: $(VENV)/.installed-dev ## Kill the embedded engine everywhere, for BUDGET seconds (0: to the end): make crash BUDGET=600
	@$(BIN)/python -m tests.crash --budget $(BUDGET) --workers $(WORKERS)

simulate: $(VENV)/.installed-dev ## Simulate SEEDS runs over many places with everything that can go wrong: make simulate SEEDS=10000 [SEED=0 JOBS=2]
	@$(BIN)/python -m tests.simulation --seeds $(SEEDS) --seed $(SEED) --jobs $(JOBS)

soak: $(VENV)/.installed-dev ## Run the embedded engine for MINUTES; fail when memory, file or ledger grow: make soak MINUTES=10
	@$(BIN)/python -m tests.soak --minutes $(MINUTES)

hostile-http: $(VENV)/.installed-dev ## Beset a real server: 1 GB bodies, bodies without end, slow clients, 10,000 connections; prints JSON
	@$(BIN)/python -m tests.integration.http.hostile

bench: $(VENV)/.installed-dev ## Run the benchmarks; prints JSON
	@$(BIN)/python -m benchmarks

bench-http: $(VENV)/.installed-dev ## Compare transfers over HTTP with an app written by hand; prints JSON
	@$(BIN)/python -m benchmarks.http

bench-flink: $(VENV)/.installed-flink $(VENV)/.installed-dev $(if $(COMPILED),unpack-compiled) ## Compare a job of StateFlow on a real Flink with one written by hand; prints JSON: make bench-flink [COMPILED=1]
	@$(if $(COMPILED),PYTHONPATH=$(UNPACKED)) $(BIN)/python -m benchmarks.flink

bench-report: $(VENV)/.installed-dev $(VENV)/.installed-peers $(if $(FLINK),$(VENV)/.installed-flink) ## Measure for BUDGET, verify, and write a page: make bench-report BUDGET=15m [FLINK=1 BUDGET=25m]
	@STATEFLOW_BENCH_PEERS=$(PEERS) $(BIN)/python -m benchmarks.report --budget $(if $(filter file,$(origin BUDGET)),15m,$(BUDGET)) $(if $(FLINK),--flink)

docs: $(VENV)/.installed-dev ## Run the code of README and docs, check their links, build their site
	@$(BIN)/python -m pytest -q -n $(WORKERS) --dist loadgroup tests/docs

site: $(VENV)/.installed-dev ## Build the documentation as a site in site/, warnings are errors
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict 2>&1 | { grep -v "^INFO" || true; }
	@echo "built; to read it, with its search: $(BIN)/python -m http.server --directory site"

changelog: $(VENV)/.installed-dev ## Show what the fragments in changelog.d would add to CHANGELOG.md
	@$(BIN)/towncrier build --draft --version $(VERSION)

compiled: $(VENV)/.installed-dev ## Compile the core by mypyc into a wheel for this Python and machine, in dist/compiled
	@STATEFLOW_COMPILED=1 $(BIN)/python -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist/compiled .

unpack-compiled: compiled ## Unpack the compiled core into build/compiled, to put in front on the PYTHONPATH
	@rm -rf $(UNPACKED) && $(BIN)/python -m pip install --quiet --no-deps --target $(UNPACKED) dist/compiled/stateflow-$(VERSION)-*.whl

check-compiled: unpack-compiled ## Run the tests of the core, of all engines alike, all programs and SEEDS simulations (default 50) on the compiled core
	@PYTHONPATH=$(UNPACKED) $(BIN)/python -m pytest -q -n $(WORKERS) --dist loadgroup -m "not pure" tests/unit/core tests/programs tests/conformance
	@PYTHONPATH=$(UNPACKED) $(BIN)/python -m tests.simulation --seeds $(if $(filter file,$(origin SEEDS)),50,$(SEEDS)) --seed $(SEED) --jobs $(JOBS)

clean: ## Remove the virtual environment, caches and build output
	@rm -rf $(VENV) build dist site .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .import-linter.log
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "StateFlow needs Python 3.11 or later; name it: make PYTHON=python3.11")'
	@$(PYTHON) -m venv $(VENV)

EXTRAS_demo := cli
EXTRAS_web := fastapi
EXTRAS_flink := cli,flink
EXTRAS_dev := cli,dev
SIZE_flink := , 900 MB

$(patsubst %,$(VENV)/.installed-%,demo web flink dev): $(VENV)/.installed-%: pyproject.toml constraints.txt | $(BIN)/python
	@echo "installing the extras $(EXTRAS_$*) into $(VENV)$(SIZE_$*)"
	@$(INSTALL) hatchling editables
	@$(INSTALL) --no-build-isolation --editable '.[$(EXTRAS_$*)]'
	@touch $@ $(VENV)/.installed-demo

# What cannot be installed here is named in the report, which has the others.
$(VENV)/.installed-peers: benchmarks/peers/requirements.txt benchmarks/peers/package.json | $(BIN)/python
	@echo "installing the other systems of the report into $(PEERS)"
	@$(BIN)/python -m venv $(PEERS)
	@$(PEERS)/bin/python -m pip install --quiet --requirement benchmarks/peers/requirements.txt || echo "pip could not install all of them" >&2
	@cp benchmarks/peers/package.json $(PEERS)/ && npm install --silent --no-fund --no-audit --prefix $(PEERS) || echo "npm could not install the server of Restate" >&2
	@touch $@
