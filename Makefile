# The commands of this repository; `make` alone lists them. Everything lives in .venv.

PYTHON ?=
VENV ?= .venv
TESTERS ?= 2
BIN := $(VENV)/bin
RUN := $(BIN)/python

export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help play scale test check format levels playthrough tour translations bench load soak fuzz audit pocket atlas smollm2 clean

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

play: $(VENV)/play.stamp ## install what the game needs, then open it at http://127.0.0.1:7860
	@$(RUN) app.py

scale: $(VENV)/scale.stamp ## the game before replicas of its models on Ray; ARGS="--least 2 --most 4"
	@$(RUN) -m playground scale $(ARGS)

test: $(VENV)/test.stamp ## install everything, the browser too, and run all tests
	@$(RUN) scripts/browser.py
	@$(RUN) scripts/weights.py
	@$(RUN) -m pytest --numprocesses $(TESTERS) --dist loadfile --no-loadscope-reorder $(ARGS)

check: $(VENV)/test.stamp ## formatting, lint, types and the order of imports, without running the game
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/pyright --pythonpath $(RUN)
	@$(BIN)/lint-imports --no-logo --no-cache
	@$(RUN) -m pytest -q tests/test_repository.py

format: $(VENV)/test.stamp ## rewrite the code in the house format
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

levels: $(VENV)/play.stamp ## prove of every level that it can be won, and not by doing nothing
	@$(RUN) -m playground.levels check $(ARGS)

playthrough: $(VENV)/test.stamp ## play three chapters and one level of each other kind in a browser, and print a table
	@$(RUN) scripts/browser.py
	@$(RUN) -m tests.player

tour: $(VENV)/test.stamp ## record README's tour anew from the real game
	@$(RUN) scripts/browser.py
	@$(RUN) -m tests.tour

translations: $(VENV)/play.stamp ## say which translations are missing or out of date; ARGS="mark FILE" once checked
	@$(RUN) -m playground.levels.translations $(ARGS)

bench: $(VENV)/test.stamp ## measure steered generation, the making of an atlas, clicks, and the start
	@$(RUN) -m playground.engine.benchmark $(ARGS)
	@$(RUN) -m playground.atlas.benchmark
	@$(RUN) -m playground.circuits.benchmark
	@$(RUN) scripts/browser.py
	@$(RUN) -m tests.clicks
	@$(RUN) -m tests.startup
	@$(RUN) -m tests.visits
	@$(RUN) -m tests.rolls

load: $(VENV)/test.stamp ## measure what 1, 10, 30 and 60 learners at once wait for (ARGS="--model smollm2")
	@$(RUN) -m tests.load $(ARGS)

soak: $(VENV)/test.stamp ## 60 learners who play for ten minutes: errors, attempts, memory (ARGS="--minutes 3")
	@$(RUN) -m tests.load.soak $(ARGS)

fuzz: $(VENV)/test.stamp ## 20,000 calls that nobody would make, to every handler (ARGS="--count 2000")
	@$(RUN) -m tests.fuzz $(ARGS)

audit: $(VENV)/test.stamp ## look up known holes in the packages that the game needs; says so where it cannot
	@$(RUN) scripts/audit.py

pocket: $(VENV)/play.stamp ## make the pocket model, its SAEs and transcoders from nothing (hours on a CPU)
	@OMP_WAIT_POLICY=PASSIVE $(RUN) -m playground.pocket train $(ARGS)
	@$(RUN) -m playground.pocket evaluate
	@$(RUN) -m playground.pocket saes
	@$(RUN) -m playground.pocket transcoders
	@$(RUN) -m playground.pocket export

atlas: $(VENV)/play.stamp ## measure every feature of the pocket model again, and seal the assets
	@$(RUN) -m playground.atlas build --model pocket --documents playground.pocket.corpus:documents --tokens 240000 $(ARGS)
	@$(RUN) -m playground.pocket export

smollm2: $(VENV)/play.stamp ## make SAEs and atlas for SmolLM2 (hours on a CPU): TEXT=a gzipped file of open prose, JSON lines with "text"
	@$(RUN) -m playground.smollm2 chats --count 40000 --tokens 500000
	@$(RUN) -m playground.smollm2 prose --text $(TEXT) --tokens 300000
	@$(RUN) -m playground.smollm2 saes
	@$(RUN) -m playground.smollm2 texts
	@$(RUN) -m playground.smollm2 export
	@$(RUN) -m playground.atlas build --model smollm2 --chats build/smollm2/chats.jsonl.gz --tokens 250000 --samples 200 --no-recipes $(ARGS)
	@$(RUN) -m playground.levels check --model smollm2
	@$(RUN) -m playground.levels deals --model smollm2
	@$(RUN) -m playground.smollm2 export

clean: ## remove the environment, so that the next command makes a new one
	rm -rf $(VENV)

# The environment. A stamp is as old as the last installation of its list.
$(VENV)/python.stamp:
	@python=$$(scripts/python.sh $(PYTHON)) && "$$python" -m venv --clear $(VENV)
	@touch $@

$(VENV)/play.stamp: $(VENV)/python.stamp requirements.txt
	@echo "Installing what the game needs into $(VENV) (once; several minutes)"
	@$(RUN) -m pip install --quiet --requirement requirements.txt
	@touch $@

$(VENV)/test.stamp: $(VENV)/play.stamp pyproject.toml
	@$(RUN) -m pip install --quiet --editable '.[dev]'
	@touch $@

$(VENV)/scale.stamp: $(VENV)/play.stamp pyproject.toml
	@$(RUN) -m pip install --quiet --editable '.[scale]'
	@touch $@
