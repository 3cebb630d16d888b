# Everything lives in .venv and is set up by the first target that needs it; nothing is fetched again
# until requirements.txt changes.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.ready
ARGS   ?=
MINUTES ?= 3
# Two at a time, system tests first.
SIDE_BY_SIDE := -n 2 --dist loadgroup

.DEFAULT_GOAL := help
.PHONY: help setup run test check format system sim mutants chaos bench lock clean

help:  ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

setup: $(STAMP)  ## make .venv from the hash-pinned requirements (done once)

$(STAMP): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "evermaker needs Python 3.11 or newer, this is " + sys.version.split()[0])'
	@echo "setting up $(VENV): about half a minute, once"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes --only-binary :all: -r requirements.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --config-settings editable_mode=compat --editable .
	@touch $(STAMP)

run: $(STAMP)  ## the whole system on its embedded exchange (ARGS="--speed 60 --for 45m" …)
	$(BIN)/python supervisor.py $(ARGS)

test: $(STAMP)  ## every test, system tests included (about five minutes; ARGS="-k feed", ARGS="-n 0 --pdb" …)
	$(BIN)/python -m pytest $(SIDE_BY_SIDE) $(ARGS)

check: $(STAMP)  ## format, lint, strict types, layers, fast tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest $(SIDE_BY_SIDE) -m "not slow" $(ARGS)

format: $(STAMP)  ## put the code in house style
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

system: $(STAMP)  ## only the system tests, with real processes
	$(BIN)/python -m pytest -m slow $(ARGS)

sim: $(STAMP)  ## the whole house on virtual time with every fault (SEED=7 plays one run again; MINUTES=60, ARGS=--record)
ifdef SEED
	$(BIN)/python -m simulation.world --seed $(SEED) $(ARGS)
else
	$(BIN)/python -m simulation.campaign --minutes $(MINUTES) $(ARGS)
endif

mutants: $(STAMP)  ## take the safety rules out one by one: the simulation must miss each (ARGS="fence --seeds 20")
	$(BIN)/python -m simulation.mutants --table docs/mutants.md $(ARGS)

chaos: $(STAMP)  ## kill a running system from all sides and judge its ledgers (MINUTES=20, ARGS="--seed 7")
	$(BIN)/python -m simulation.chaos --minutes $(MINUTES) $(ARGS)

bench: $(STAMP)  ## the order path beside what it is held against (two minutes; ARGS="--seconds 300 --kills 20" on a quiet machine)
	$(BIN)/python -m benchmarks $(ARGS)

lock: $(STAMP)  ## pin the dependencies again, with hashes
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-header --universal \
	    --python-version 3.11 --extra dev --output-file requirements.txt pyproject.toml requirements.in

clean:  ## remove .venv and caches (never state/)
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache build *.egg-info
