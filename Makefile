# MASLDatlas. `make run` explores, `make test` proves, `make lint` reads, `make bench` measures.
# Each sets up what it needs in .venv from the hashed locks; nothing else on the machine is touched,
# except that `make test` installs what its tests drive (chromium, redis, poppler, prometheus) with apt where it is root on Debian.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# Compiled kernels, shared by every data directory.
KERNELS := NUMBA_CACHE_DIR=$(CURDIR)/$(VENV)/numba
DATA ?=
SMOKE ?=
TESTS ?= few

.DEFAULT_GOAL := help
.PHONY: help setup strict smoke soak run test lint format bench lock clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

# A stamp holds the lock it was made from: a changed lock or project file makes it stale.
$(VENV)/.python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	  || { echo "MASLDatlas needs Python 3.11 or newer; $(PYTHON) is not. Try: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 2; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null \
	  || { echo "$(PYTHON) cannot make virtual environments; on Debian: apt install python3-venv" >&2; exit 2; }
	@echo "Making $(VENV) with $$($(PYTHON) --version)" >&2
	@$(PYTHON) -m venv --clear $(VENV) && touch $@

$(VENV)/.run: requirements.lock pyproject.toml | $(VENV)/.python
	@echo "Installing the locked packages (a few minutes the first time)" >&2
	@$(PIP) install --require-hashes --no-deps -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.run
	@echo "Installing the locked development packages" >&2
	@$(PIP) install --require-hashes --no-deps -r requirements-dev.lock
	@touch $@

# Compiling takes half a minute of CPU: done here, nobody waits for it in front of an empty page. What was compiled from
# other sources goes: numba does not see that a function in another file has changed.
$(VENV)/.kernels: $(VENV)/.run $(wildcard core/kernels/*.py)
	@echo "Compiling the numerical kernels" >&2
	@rm -rf $(VENV)/numba
	@$(KERNELS) $(BIN)/python -c 'from core.kernels.warm_up import warm_up; warm_up()'
	@touch $@

setup: $(VENV)/.kernels ## Make .venv from the hashed lock, and compile the kernels

strict: $(VENV)/.run ## Fetch plotly.js without eval, which production needs (needs npm)
	@PYTHON=$(BIN)/python sh deploy/scripts/strict-plotly.sh

smoke: ## Build the image and try it, capped and without rights (needs a Docker engine; SMOKE=options of the script)
	@deploy/scripts/smoke.sh --build $(SMOKE)

run: $(VENV)/.kernels ## Start the dashboard; the first start prepares a demo (DATA=dir for your own)
	@$(KERNELS) $(if $(DATA),MASLDATLAS_DATA_DIR=$(DATA)) $(BIN)/masldatlas serve

test: $(VENV)/.dev ## Run the tests, of the slow ones a representative each (TESTS=all runs all)
	@sh tests/system_packages.sh
	@$(BIN)/python -m tests.lanes $(TESTS)

lint: $(VENV)/.dev ## ruff, pyright and the direction of imports
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/basedpyright
	@$(BIN)/lint-imports

format: $(VENV)/.dev ## Let ruff rewrite
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: $(VENV)/.dev ## Measure speed and memory, print one table (PARTS='million markers': some of it)
	@$(BIN)/python -m tests.benchmarks.bench $(PARTS)

soak: $(VENV)/.dev ## Load the whole stack on loopback and take parts of it away (15 minutes; needs haproxy)
	@$(BIN)/python -m tests.soak

lock: ## Rewrite the locks (needs uv)
	@for spec in "requirements.lock" "requirements-dev.lock --extra dev" "requirements-cluster.lock --extra cluster"; do \
	  set -- $$spec; out=$$1; shift; \
	  uv pip compile pyproject.toml "$$@" --universal --python-version 3.11 --generate-hashes \
	    --no-header --no-emit-index-url --no-emit-find-links --no-annotate --quiet --output-file $$out || exit 1; \
	done

clean: ## Remove .venv and caches
	@rm -rf $(VENV) .pytest_cache .ruff_cache .coverage build *.egg-info
