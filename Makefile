# ABM Quant: what can be made here. `make` alone lists it.

.DEFAULT_GOAL := help
.PHONY: help install demo test check golden schema bench evals serve lock clean

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DEMO := generated/demo
PROMPT := an SIR epidemic on a small-world network of 500 people
WORKERS ?= 2
ARGS ?=

help: ## list the targets
	@grep -E '^[a-z]+:.*## ' Makefile | sed -E 's/:.*## /|/' | awk -F'|' '{printf "  make %-9s %s\n", $$1, $$2}'

install: $(STAMP) ## create .venv with everything that is needed, and the abm command
	@:

$(STAMP): requirements.lock pyproject.toml
	@set -e; \
	if ! $(BIN)/python -c 'import pip' 2>/dev/null; then \
	  for python in "$(PYTHON)" python3.11 python3 python3.12 python3.13; do \
	    if [ -n "$$python" ] && "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	      found="$$python"; break; \
	    fi; \
	  done; \
	  if [ -z "$$found" ]; then \
	    echo "Python 3.11 or later is needed. Install it, or name it: make install PYTHON=/path/to/python3.11" >&2; \
	    exit 1; \
	  fi; \
	  echo "Creating $(VENV) with $$found"; \
	  "$$found" -m venv --clear $(VENV); \
	fi
	@echo "Installing the locked packages into $(VENV); the first time takes a minute or two"
	@$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check -r requirements.lock
	@$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(STAMP)

demo: install ## from a sentence to tracked variables, a picture and a project
	@$(BIN)/abm generate "$(PROMPT)" --model offline -o $(DEMO) --force
	@$(BIN)/abm run $(DEMO)/spec.json --seed 1 --plot $(DEMO)/plot.png
	@printf '\n%s\n' "The project and its picture are in $(DEMO). What to type next:"
	@printf '  %-58s %s\n' \
	  "$(BIN)/abm run $(DEMO)/spec.json --seed 2" "another course" \
	  "$(BIN)/abm generate \"wolves and sheep on a 40x40 grid\"" "another model" \
	  "$(BIN)/abm gallery" "what there is" \
	  "make serve" "the same over HTTP" \
	  "make test" "the proof"

test: install ## run the tests
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile $(ARGS)

check: install ## formatting, lint and types
	@$(BIN)/black --check --quiet server tests bench || { $(BIN)/black --check server tests bench; exit 1; }
	@$(BIN)/ruff check --quiet server tests bench
	@$(BIN)/mypy

golden: install ## write the generated projects of the tests again
	@$(BIN)/python tests/golden_tool.py

schema: install ## write schemas/abm-model.schema.json again
	@$(BIN)/python tests/export_schema.py

bench: install ## benchmarks, as ratios to a peer measured in the same run
	@$(BIN)/python bench/step_time.py
	@$(BIN)/python bench/compile_time.py
	@$(BIN)/python bench/authoring_time.py
	@$(BIN)/python bench/sandbox.py
	@$(BIN)/python bench/recording.py
	@$(BIN)/python bench/serving.py

evals: install ## authors against prompts whose runs must show facts; ARGS="--model NAME" asks a live one
	@PYTHONPATH=tests $(BIN)/python tests/evals/evaluate.py $(ARGS)

serve: install ## answer requests over HTTP on port 3001
	@$(BIN)/abm serve

lock: install ## write requirements.lock again from pyproject.toml
	@$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check uv
	@$(BIN)/uv pip compile pyproject.toml --group dev --python-version 3.11 \
	  --no-emit-index-url --no-header --quiet -o requirements.lock

clean: ## remove the environment and what tools left behind
	@rm -rf $(VENV) dist build .mypy_cache .pytest_cache .ruff_cache .hypothesis
