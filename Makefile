# Everything one types here, on a machine with Python 3.11 or newer, git and make.
# The network is used to install packages, all pinned by digest in locks/, and for
# nothing else. `make PYTHON=python3.13 report` chooses another interpreter.

PYTHON ?= python3
VENV ?= .venv
JOBS ?= 2
# More words for pytest, such as make test PYTEST="-k outages".
PYTEST ?=
BIN = $(VENV)/bin
PIP = $(BIN)/python -m pip --disable-pip-version-check --no-input
# Exactly what the lock names and nothing pip would add.
LOCKED = install -qq --require-hashes --only-binary :all: --no-deps --no-compile --requirement
# Python keeps the bytecode of what is imported, which is a quarter of what is installed; an
# environment that forbids it would compile the same at every start.
unexport PYTHONDONTWRITEBYTECODE
PROJECT = install -qq --no-index --no-deps --no-build-isolation --editable .
# Machine code of the detector, which otherwise the first long search compiles for half a minute
# while somebody waits. It is kept by a digest of the sources, so that the stamp only saves looking.
KERNELS = $(BIN)/python -m darkdays.detect.compiled
DETECTOR = $(wildcard src/darkdays/detect/*.py src/darkdays/detect/*/*.py)

.DELETE_ON_ERROR:
.PHONY: help report test test-long test-all lab notebooks docs binder-check lint audit lock sizes \
	release clean
.DEFAULT_GOAL := help

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

report: $(VENV)/run ## run the case iran-2019 and build its report
	@$(BIN)/darkdays run iran-2019

test: $(VENV)/all $(VENV)/kernels ## run every notebook and the tests one waits for, and compare
	@$(BIN)/pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder -m "not slow" $(PYTEST)

test-long: $(VENV)/all $(VENV)/kernels ## run what needs long: many examples, kills, full disks, sweeps, a browser
	@$(BIN)/pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder -m "slow or hypothesis" \
		--hypothesis-profile=many $(PYTEST)

# In one session: what tests share is made once, and a property is tried once, on many examples.
test-all: $(VENV)/all $(VENV)/kernels ## run every test and every notebook
	@$(BIN)/pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder --hypothesis-profile=many \
		$(PYTEST)

lab: $(VENV)/all ## open the notebooks in JupyterLab
	@install -D -m 644 binder/overrides.json $(VENV)/share/jupyter/lab/settings/overrides.json
	@$(BIN)/jupyter lab --notebook-dir=. notebooks

notebooks: $(VENV)/all ## run the notebooks with their defaults and store their outputs
	@$(BIN)/darkdays notebooks

docs: $(VENV)/all .venv-docs/requirements.txt ## build the documentation as a site, and check it
	@PYTHONPATH=.venv-docs $(BIN)/python docs/build.py runs/docs

binder-check: $(VENV)/all ## check that a launch on Binder would work, without Docker
	@$(BIN)/python -m binder.check

lint: $(VENV)/all ## check style, types and that the pinned environments agree
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/python binder/lock.py --check

audit: $(VENV)/all ## look the pinned packages up, and write their bill of materials
	@$(BIN)/python .ci/audit

lock: $(VENV)/all ## resolve pyproject.toml again and write all pinned files (needs uv)
	@$(BIN)/python binder/lock.py

sizes: $(VENV)/run ## what each installed package takes
	@$(BIN)/python .ci/sizes

release: $(VENV)/all .venv-release/requirements.txt ## build sdist and wheel, check them, write digests
	@PYTHONPATH=.venv-release $(BIN)/python .ci/release

clean: ## remove the environment, run folders and caches; reports and snapshots stay
	@rm -rf $(VENV) .venv-docs .venv-release runs test-artefacts .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage*
	@find src tests notebooks binder -type d \( -name __pycache__ -o -name .ipynb_checkpoints \) \
		-prune -exec rm -rf {} + 2>/dev/null || true

# The stamps. `run` and `all` say that the project is installed on the packages of the
# lock of that name; a new lock starts from an empty environment, so that nothing is in it
# that the lock does not name. The larger lock holds the smaller.
$(VENV)/run: $(VENV)/packages-run pyproject.toml
	@$(PIP) $(PROJECT)
	@touch $@

$(VENV)/all: $(VENV)/packages-all pyproject.toml
	@$(PIP) $(PROJECT)
	@touch $(VENV)/run $@

# Tools that no run and no test needs stay beside the environment, and see it.
.venv-%/requirements.txt: locks/%.txt locks/all.txt | $(VENV)/all
	@echo "Installing what locks/$*.txt has beyond locks/all.txt into .venv-$* (once)"
	@$(BIN)/python .ci/tools $* .venv-$*

$(VENV)/kernels: $(DETECTOR) | $(VENV)/run
	@$(KERNELS)
	@touch $@

$(VENV)/packages-run: locks/run.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo \
		"darkdays needs Python 3.11 or newer as $(PYTHON): install one and name it, for example make PYTHON=python3.13 report." >&2; exit 1; }
	@echo "Installing the packages of locks/run.txt into $(VENV) (once)"
	@$(PYTHON) -m venv --clear $(VENV)
	@$(PIP) $(LOCKED) locks/run.txt
	@touch $@

$(VENV)/packages-all: locks/all.txt $(VENV)/packages-run
	@echo "Installing the packages of locks/all.txt into $(VENV) (once)"
	@$(PIP) $(LOCKED) locks/all.txt
	@touch $@
