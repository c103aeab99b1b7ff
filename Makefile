# `make setup` creates .venv; every other target that needs it brings it up to date first.
PYTHON ?= python3.11

VENV := .venv
BIN := $(VENV)/bin
NETWORKS := build/third_party/pretrainedmodels

# The environment is made again when what it is made from changes, not when a checkout touches the files.
INGREDIENTS := pyproject.toml constraints/cpu.txt
KEY := $(shell cat $(INGREDIENTS) | sha256sum | cut -c1-16)
READY := $(VENV)/.ready-$(KEY)

# Two frameworks on a small machine: one thread each is faster than a fight for the cores.
export OMP_NUM_THREADS ?= 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup networks demo gpu test lint format bench torchvision fuzz promises build clean

help: ## this list
	@grep -E '^[a-z]+:.*## ' $(firstword $(MAKEFILE_LIST)) | sed -E 's/^([a-z]+):.*## (.*)/make \1\t\2/' | expand -t 16

setup: $(READY) ## create .venv with both frameworks (CPU) and all tools

$(READY): $(INGREDIENTS)
	@command -v $(PYTHON) >/dev/null || { echo "make: $(PYTHON) not found; name one: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@if [ ! -e $@ ]; then set -e; \
	  echo "make: creating $(VENV) with both frameworks; this takes a few minutes"; \
	  $(PYTHON) -m venv --clear $(VENV); \
	  $(BIN)/pip install -qq --constraint constraints/cpu.txt --editable '.[cpu,dev]'; \
	  $(BIN)/pip install -qq --no-deps --constraint constraints/cpu.txt torchvision; \
	fi
	@touch $@

networks: $(NETWORKS)/.complete ## fetch the source of pretrainedmodels, which some tests translate

# Not reaching the registry is no failure: the tests that need these sources are skipped, and say so.
$(NETWORKS)/.complete: constraints/pretrainedmodels.txt | $(READY)
	@rm -rf $(NETWORKS) build/third_party/sdist && mkdir -p $(NETWORKS)
	@if $(BIN)/pip download -qq --no-deps --no-binary :all: --require-hashes \
	    --requirement $< --dest build/third_party/sdist \
	  && tar -xzf build/third_party/sdist/pretrainedmodels-*.tar.gz --strip-components=2 -C $(NETWORKS) \
	    --wildcards '*/pretrainedmodels/*'; then \
	  touch $@; \
	else \
	  rm -rf $(NETWORKS); \
	  echo "make: could not fetch pretrainedmodels 0.7.4; the tests that translate it are skipped" >&2; \
	fi

demo: $(READY) ## translate, train, convert, prove and evaluate SqueezeNet; results in build/demo
	$(BIN)/python samples/squeezenet/demo.py --output build/demo

gpu: $(READY) ## the demo's proof and evaluation on a GPU: make gpu SOURCE_PYTHON=... TARGET_PYTHON=...
	$(BIN)/python samples/squeezenet/gpu.py --output build/demo $(if $(SOURCE_PYTHON),--source-python $(SOURCE_PYTHON)) \
	  $(if $(TARGET_PYTHON),--target-python $(TARGET_PYTHON))

# At most four at once: each may run both frameworks.
test: lint $(NETWORKS)/.complete ## lint, then every test with branch coverage
	$(BIN)/pytest --numprocesses auto --maxprocesses 4 --dist worksteal --cov --cov-branch --cov-report=term

lint: $(READY) ## what CI checks before it tests
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY) ## sort imports and lay out the code
	$(BIN)/ruff check --select I --fix
	$(BIN)/ruff format

bench: $(READY) ## speed against libcst and PaConvert, start-up, coverage; writes benchmarks/README.md
	$(BIN)/python -m benchmarks.speed
	$(BIN)/python -m benchmarks.coverage

torchvision: $(READY) ## all models of torchvision, translated and proven; goes on where it was ended; writes benchmarks/torchvision.md
	$(BIN)/python -m benchmarks.torchvision $(OPTIONS)

fuzz: $(READY) ## 20,000 mutated files of torchvision and timm: no crash, no broken promise; findings in build/fuzz
	$(BIN)/python -m benchmarks.fuzz --jobs $(shell nproc)

promises: $(READY) ## every promise on every file of torchvision and timm, alone and as packages
	$(BIN)/python -m benchmarks.promises

build: $(READY) ## the wheel and the source archive, in dist
	$(BIN)/python -m build

clean: ## remove .venv and everything built
	rm -rf $(VENV) build dist .coverage .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
