# One verb per job. Everything runs in .venv, made from the hashed lock when it is missing.
PYTHON ?= python3
BIN := .venv/bin
PACKAGES := api desk handlers bot sandbox

.PHONY: setup demo test check fmt lock manifest clean

setup: .venv/ready

.venv/ready: requirements-dev.lock
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	touch $@

demo: .venv/ready
	$(BIN)/python -m sandbox

check: .venv/ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: check
	$(BIN)/pytest --cov --cov-report=term

fmt: .venv/ready
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: .venv/ready
	$(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 --extra dev pyproject.toml -o requirements-dev.lock

manifest: .venv/ready
	@$(BIN)/python -m bot manifest

clean:
	rm -rf .venv .coverage .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache var
