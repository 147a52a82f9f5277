# One verb per job. Everything runs in .venv, made from the hashed lock when it is missing.
PYTHON ?= python3
BIN := .venv/bin

# Whole and pinned: nothing is left to resolve, and pip must not look for newer versions.
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --no-deps --require-hashes -r

.PHONY: setup demo test soak fuzz bench check audit fmt lock manifest pictures clean

setup: .venv/ready

.venv/bin/python:
	$(PYTHON) -m venv .venv

# What the bot needs to run; the rest takes longer and is for the tests.
.venv/runs: requirements.lock | .venv/bin/python
	$(INSTALL) requirements.lock
	touch $@

.venv/ready: requirements-dev.lock .venv/runs
	$(INSTALL) requirements-dev.lock
	touch $@

demo: .venv/runs
	$(BIN)/python -m sandbox

check: .venv/ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@$(BIN)/python -m tests.advisories || test $$? -eq 2

# Known weaknesses of what we install, by PyPI's own data. `check` asks too, but goes on (and
# says so) where that data cannot be had, offline or by a mirror without it; here that fails.
audit: .venv/ready
	@$(BIN)/python -m tests.advisories

test: check
	$(BIN)/pytest --numprocesses=2 --dist=worksteal --cov --cov-report=term

# Takes some minutes, and wants the machine for itself.
bench: .venv/ready
	$(BIN)/python -m benchmarks.latency
	$(BIN)/python -m benchmarks.waiting
	$(BIN)/python -m benchmarks.alerts

# kill -9 at 500 random moments instead of 50, about ten minutes.
soak: .venv/ready
	CRASH_MOMENTS=500 $(BIN)/pytest tests/crash/test_moments.py -s

# Random, hostile and spoilt bodies at every route, about a quarter of an hour on two cores that
# have nothing else to do; `make fuzz BODIES=10000 SEED=2` sends fewer, and others.
BODIES ?= 100000
SEED ?= 1
fuzz: .venv/ready
	FUZZ_BODIES=$(BODIES) FUZZ_SEED=$(SEED) $(BIN)/pytest tests/fuzz -s

fmt: .venv/ready
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: .venv/ready
	$(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 --extra postgres pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 --extra dev pyproject.toml -o requirements-dev.lock

manifest: .venv/runs
	@$(BIN)/python -m bot manifest

# The login page needs Chromium; without it that picture is skipped, and said so.
pictures: .venv/ready
	$(BIN)/python -m sandbox.pictures

clean:
	rm -rf .venv .coverage .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
