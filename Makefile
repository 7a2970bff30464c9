PYTHON ?= python3
OLDEST ?= $(PYTHON)
NEWEST ?= $(PYTHON)
VENV := .venv
READY := $(VENV)/.ready
ARGS ?=
# Half of the suite's time is that of processes that tests start and wait for; a file stays in one.
TESTS := -m pytest --numprocesses 2 --dist loadfile

.PHONY: help ledger reproduce lint test test-matrix test-thorough fuzz mutants faults docs bench clean

help:
	@echo "make reproduce   set up $(VENV) and run the main job: prove, train, prune, draw (minutes)"
	@echo "                 ARGS='--preset full' runs the committed experiments (hours)"
	@echo "make ledger      record what the claims say now, verify them, and write their tables and pages"
	@echo "make lint        style and types: ruff and mypy, as configured in pyproject.toml"
	@echo "make test        set up $(VENV) and run all tests, in two processes"
	@echo "make test-matrix all tests with the oldest and the newest versions that pyproject.toml allows;"
	@echo "                 OLDEST=python3.11 NEWEST=python3.13 say with which Pythons"
	@echo "make test-thorough   all tests, with 500 examples for each property instead of 25"
	@echo "make fuzz        nonsense on the command line and in files: 700 inputs of each kind"
	@echo "make mutants     change the closed forms one by one: how many mistakes do tests catch? Then"
	@echo "                 the claims: how many weaker theorems does verify see?"
	@echo "                 ARGS='hyperprior priors' runs some modules, --again what is left;"
	@echo "                 see docs/mutants.md"
	@echo "make faults      kill training 100 times, interrupt commands 200 times, at random moments:"
	@echo "                 is anything lost or different? half an hour; ARGS=20 for fewer; docs/faults.md"
	@echo "make docs        build the site into build/site: pages, claims, reference; the tour is run"
	@echo "make bench       measure what things cost, as ratios, into benchmarks/results.md: an hour"
	@echo "                 on a quiet machine; ARGS='surgery latency' for some, ARGS=--help for all names"
	@echo "make clean       remove $(VENV), quick results and caches; committed results stay"

reproduce: $(READY)
	$(VENV)/bin/parsimony reproduce $(ARGS)

ledger: $(READY)
	$(VENV)/bin/python -m reproduce.tables.ledger

lint: $(READY)
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check \
		-c constraints.txt -e '.[lint]'
	$(VENV)/bin/ruff check
	$(VENV)/bin/ruff format --check
	$(VENV)/bin/mypy

test: $(READY)
	$(VENV)/bin/python $(TESTS) $(ARGS)

test-matrix:
	$(OLDEST) -m venv $(VENV)-oldest
	$(VENV)-oldest/bin/python -m pip install --quiet -c constraints-oldest.txt -e '.[test]'
	$(VENV)-oldest/bin/python $(TESTS) $(ARGS)
	$(NEWEST) -m venv $(VENV)-newest
	$(VENV)-newest/bin/python -m pip install --quiet --upgrade -e '.[test]'
	$(VENV)-newest/bin/python $(TESTS) $(ARGS)

test-thorough: $(READY)
	HYPOTHESIS_PROFILE=thorough $(VENV)/bin/python $(TESTS) $(ARGS)

fuzz: $(READY)
	HYPOTHESIS_PROFILE=fuzz $(VENV)/bin/python -m pytest tests/whole/test_fuzz.py \
		--hypothesis-show-statistics $(ARGS)

mutants: $(READY)
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check \
		-c constraints.txt -e '.[mutants]'
	$(VENV)/bin/python tests/mutants.py $(ARGS)
	$(VENV)/bin/python -m tests.second_kind

faults: $(READY)
	$(VENV)/bin/python -m tests.faults $(ARGS)

docs: $(READY)
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check \
		-c constraints.txt -e '.[docs]'
	$(VENV)/bin/sphinx-build -W --keep-going -q -c docs . build/site

bench: $(READY)
	$(VENV)/bin/python -m benchmarks $(ARGS)

clean:
	rm -rf $(VENV) $(VENV)-oldest $(VENV)-newest build results/quick *.egg-info .pytest_cache .hypothesis .mypy_cache .ruff_cache
	find . -name __pycache__ -prune -exec rm -rf {} +

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test]'
	touch $@
