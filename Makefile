PYTHON ?= python3
VENV := .venv
READY := $(VENV)/.ready
ARGS ?=

.PHONY: help reproduce test clean

help:
	@echo "make reproduce   set up $(VENV) and run the main job: prove, train, prune, draw (minutes)"
	@echo "                 ARGS='--preset full' runs the committed experiments (hours)"
	@echo "make test        set up $(VENV) and run all tests"
	@echo "make clean       remove $(VENV), quick results and caches; committed results stay"

reproduce: $(READY)
	$(VENV)/bin/parsimony reproduce $(ARGS)

test: $(READY)
	$(VENV)/bin/python -m pytest $(ARGS)

clean:
	rm -rf $(VENV) results/quick *.egg-info .pytest_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test]'
	touch $@
