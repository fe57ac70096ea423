# Two commands do everything: `make run` and `make test`. Any Python from 3.11 on: make run PYTHON=python3.12
PYTHON ?= python3
BIN := .venv/bin

.PHONY: run test lint types contracts oracle bench look fuzz clean

run: .venv/run
	$(BIN)/barbell run cases/amazon-2026

test: .venv/dev lint types contracts
	$(BIN)/pytest -n 2

lint: .venv/dev
	$(BIN)/ruff check src tests $(wildcard benchmarks)
	$(BIN)/ruff format --check src tests $(wildcard benchmarks)

types: .venv/dev
	$(BIN)/mypy

contracts: .venv/dev
	$(BIN)/lint-imports

oracle: .venv/oracle  ## compare with PyPSA and linopy (some minutes)
	$(BIN)/pytest -n 2 -m oracle

bench: .venv/bench  ## speed and memory against bare arrays, the solver alone, linopy, Pyomo and PyPSA (some minutes)
	$(BIN)/python benchmarks/plan.py
	$(BIN)/python benchmarks/facts.py
	$(BIN)/python benchmarks/scale.py
	$(BIN)/python benchmarks/workloads.py

look: .venv/look  ## the report in a browser: pictures in build/look, accessibility (needs Chromium installed)
	$(BIN)/pytest -m look tests/report

SECONDS ?= 600
fuzz: .venv/dev  ## change cases at random and read them, for SECONDS; what is found is kept in tests/fuzz/corpus
	$(BIN)/python tests/fuzz/run.py $(SECONDS)

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/run: .venv/bin/python pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	touch $@

.venv/dev .venv/oracle .venv/bench .venv/look: .venv/%: .venv/bin/python pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[$*]'
	touch $@ .venv/run

clean:
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
