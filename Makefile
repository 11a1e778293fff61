# Two commands for a newcomer: make demo, make test. `make help` lists the rest.

SHELL := /bin/bash
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $$p && break; done)
BIN := .venv/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help install demo test check places docs profiles bench soak serve clean

help: ## list the commands
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/^([a-z]+):.*## /  make \1	/' | expand -t 20

.venv/made:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed."; exit 1; }
	$(PYTHON) -m venv .venv
	@touch $@

.venv/installed: .venv/made pyproject.toml constraints.txt
	$(BIN)/pip install -q -c constraints.txt -e '.[sandbox]'
	$(BIN)/python -m compileall -q gateway  # where Python writes no bytecode by itself, every command would pay for it
	@touch $@

.venv/dev: .venv/installed
	$(BIN)/pip install -q -c constraints.txt -e '.[dev]'
	@touch $@

install: .venv/installed ## make .venv with the command passerelle in it

demo: .venv/installed ## a whole journey on this machine: events out, mails, receipts, log
	$(BIN)/passerelle demo

places: ## the real servers the tests talk to (Debian, as root; otherwise their suites are skipped)
	@tests/places/install

check: .venv/dev ## format, lint, types, contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: .venv/dev places check ## everything, two files at a time
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder

docs: .venv/dev ## write docs/reference from the code
	$(BIN)/python -m docs.generator

PACKAGES ?= $(HOME)/.fhir/packages
profiles: .venv/dev ## write profiles/ anew: our extensions from the model, every snapshot from its bases in PACKAGES
	$(BIN)/python -m docs.generator.profiles $(PACKAGES)

.venv/bench/made: bench/peers.txt .venv/made
	@$(PYTHON) -m venv .venv/bench
	@.venv/bench/bin/pip install -q -r bench/peers.txt && touch $@ || { rm -rf .venv/bench; echo "No peers to compare with." >&2; }

bench: .venv/dev .venv/bench/made ## speed and memory, as ratios to bare parts and to peers in the same run (JSON)
	@$(BIN)/python -m bench

EVENTS ?= 10000
KILLS ?= 200
ENGINE ?= sqlite
VICTIMS ?= processes
soak: .venv/dev places ## kill processes while EVENTS travel, KILLS times, on ENGINE (VICTIMS=database stops PostgreSQL): JSON
	@$(BIN)/python -m soak --events $(EVENTS) --kills $(KILLS) --engine $(ENGINE) --victims $(VICTIMS)

serve: .venv/installed ## the HTTP door and a worker, with ./passerelle.yaml
	$(BIN)/passerelle up

clean: ## forget everything made here
	rm -rf .venv var .pytest_cache .mypy_cache .ruff_cache .hypothesis
