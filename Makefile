# Everything works on Python's own venv and pip; PYTHON names the interpreter that makes the environments.
PYTHON ?= python3
UV ?= uv

BIN := .venv/bin
READY := .venv/.ready
DEMO := .make/demo
PIP_FLAGS := --quiet --disable-pip-version-check --no-input
# The checks run side by side. Where make can (4 and later), each one's output stays in one piece.
TOGETHER := --jobs=2 --no-print-directory $(if $(filter output-sync,$(.FEATURES)),--output-sync=target)

CHECKS := check-types check-format check-lint check-imports check-core

.DEFAULT_GOAL := help
.PHONY: help check test torture demo bench bench-peers format coverage lock clean $(CHECKS)

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 18

check: $(READY) ## the law: format, lint, types, imports, shape, docs, the core's properties
	@$(MAKE) $(TOGETHER) $(CHECKS)

test: $(READY) ## every check and every test there is, with six times the random cases
	@$(MAKE) $(TOGETHER) $(filter-out check-core,$(CHECKS))
	$(BIN)/python -m pytest --hypothesis-profile=thorough --numprocesses=2 --dist=loadfile --no-loadscope-reorder

torture: $(READY) ## what takes longer: kills, seeds, crashes in pairs, damaged files, bad input; LONG=1 for many hours
	$(BIN)/python -m tests.torture --kills $(if $(LONG),2000,300) $(if $(JSON),--json $(JSON))
	TORTURE=1 $(BIN)/python -m tests.simulation --seeds 0-$(if $(LONG),99999,19999)
	TORTURE=1 $(BIN)/python -m pytest --numprocesses=2 tests/crash tests/storage tests/fuzz

demo: $(DEMO)/.ready ## the demo, in an environment with the core's dependencies only
	PYTHONPATH=$(CURDIR)/src $(DEMO)/bin/python examples/demo.py

bench: $(READY) ## how fast it is, beside raw SQLite, and which targets are reached; QUICK=1 takes a few minutes
	$(BIN)/python -m bench --limits $(if $(JSON),--json $(JSON))

bench-peers: $(READY) ## other engines beside Pectin, each in its own environment; fetches them; QUICK=1 for a look
	$(BIN)/python -m bench.peers $(PEERS) $(if $(JSON),--json $(JSON))

format: $(READY) ## put the code into its form, and write what the docs take from it
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .
	$(BIN)/python docs/generate.py

coverage: $(READY) ## which lines and branches no test reaches
	$(BIN)/coverage run -m pytest
	$(BIN)/coverage report

lock: ## pin the dependencies anew, with uv; PACKAGE=name renews one, UPGRADE=1 all
	for set in core dev; do $(UV) pip compile --quiet --no-config --universal --python-version 3.11 \
	    --generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
	    $(if $(PACKAGE),--upgrade-package $(PACKAGE)) $(if $(UPGRADE),--upgrade) \
	    requirements/$$set.in --output-file requirements/$$set.txt || exit; done

clean: ## remove the environments and all that checks and builds leave behind
	rm -rf .venv .make build dist .pytest_cache .ruff_cache .hypothesis .import_linter_cache .coverage
	find src tests examples bench -name __pycache__ -prune -exec rm -rf {} +

# The slow one goes first.
check-types: $(READY)
	@$(BIN)/pyright --pythonpath $(BIN)/python

check-format: $(READY)
	@$(BIN)/ruff format --check .

check-lint: $(READY)
	@$(BIN)/ruff check .

check-imports: $(READY)
	@$(BIN)/lint-imports --no-cache --no-logo

# What runs the pages' examples takes its time, and comes with `make test`; so does the proof that the laws can fail.
LATER := tests/docs/test_examples_in_docs.py tests/core/test_planted_bugs.py tests/core/test_planted_gates.py \
	tests/core/expression/test_differential.py
check-core: $(READY)
	@$(BIN)/python -m pytest -q tests/core tests/histories tests/docs tests/test_shape.py tests/bench/test_guard.py $(LATER:%=--ignore %)

# Editable installs refuse hashes, so the packages come first and Pectin alone after them.
$(READY): requirements/dev.txt pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install $(PIP_FLAGS) --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install $(PIP_FLAGS) --no-deps --no-build-isolation -e .
	touch $@

$(DEMO)/.ready: requirements/core.txt
	$(PYTHON) -m venv $(DEMO)
	$(DEMO)/bin/python -m pip install $(PIP_FLAGS) --require-hashes -r $<
	touch $@
