# From Sound to Meaning. `make demo` shows all of it, `make test` tests all of it.
SHELL := /bin/bash
PYTHON ?= python3
VENV ?= .venv
BIN := $(CURDIR)/$(VENV)/bin
# More extras of pyproject.toml, with a comma: EXTRAS=,train
EXTRAS ?=
# OLDEST=1 installs each package at the lower bound that we state for it. VENV names another folder.
OLDEST ?=
READY := $(VENV)/.ready$(if $(OLDEST),-oldest)
WORKERS ?= $(shell nproc 2>/dev/null || echo 2)
export PATH := $(BIN):$(PATH)
export PYTHON
# Matrices here are small: a second thread for them costs more than it saves, and the other cores
# have tests and chapters of their own.
export OMP_NUM_THREADS ?= 1
export OPENBLAS_NUM_THREADS ?= 1

.PHONY: help setup site release demo test test-grader test-course test-site train lint clean

help:
	@echo "make demo     set up, build the site, release, grade a demo class, say what to open"
	@echo "make test     set up, lint, and run every test"
	@echo "make test-grader, test-course, test-site   the parts of that, each by itself"
	@echo "make site     build the book into _build/html"
	@echo "make release  write exercises/ from solutions/, the references and the checks"
	@echo "make train    train the shipped models from nothing (needs the real corpus in its cache)"
	@echo "  PYTHON=python3.13 is another Python; VENV=FOLDER another environment; OLDEST=1 takes the"
	@echo "  oldest packages that requirements.txt and pyproject.toml allow"
	@echo "make clean    remove what was built; $(VENV) and the fetched scripts stay"

setup: $(READY)
	@[ "$(origin PYTHON)" != "command line" ] || \
	  [ "$$($(PYTHON) --version)" = "$$($(BIN)/python --version)" ] || { \
	  echo "$(VENV) has $$($(BIN)/python --version): give another folder, as in VENV=.venv-other" >&2; exit 1; }

$(READY): requirements.txt pyproject.toml .ci/system .ci/oldest
	@.ci/system
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing Python packages into $(VENV) (minutes, the first time)"
	@$(if $(OLDEST),.ci/oldest $(BIN)/python test$(EXTRAS) >,: >) $(VENV)/constraints.txt
	@$(BIN)/python -m pip install --quiet -c $(VENV)/constraints.txt -r requirements.txt \
	  -e '.[test$(EXTRAS)]' || { \
	  echo "pip could not install the packages: is a package registry in reach?" >&2; exit 1; }
	@rm -f $(VENV)/.ready* && touch $@

site: setup
	@$(BIN)/python -m speechlab.site fetch
	@$(BIN)/python -m speechlab.corpora ready
	@$(BIN)/jupyter-book build -W $$(cmp -s _toc.yml _build/toc.yml || echo --all) .
	@cp _toc.yml _build/toc.yml # the next build has all pages to do again if the order changes

release: setup
	@$(BIN)/autograder release

demo: site
	@$(BIN)/autograder demo

lint: setup
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

train: setup
	@$(BIN)/python -c "import torch" 2>/dev/null || $(BIN)/python -m pip install --quiet -e '.[train]'
	@$(BIN)/python -m training

test: lint
	@$(BIN)/python -m speechlab.site fetch
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup --durations 40 $(TESTS)

# Parts of it, by themselves.
COURSE = tests/reference tests/checks tests/training
SITE = tests/speechlab tests/site tests/release/test_export.py
test-grader: TESTS = tests $(addprefix --ignore=,$(COURSE) $(SITE))
test-course: TESTS = $(COURSE)
test-site: TESTS = $(SITE)
test-grader test-course test-site: test

clean:
	rm -rf _build _demo _training .pytest_cache .ruff_cache .hypothesis
