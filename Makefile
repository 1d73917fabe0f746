# Two commands do all of the set-up: `make run` starts the product, `make test` passes its tests.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/ready

.PHONY: run serve test test-slow bench lint browser lock clean

run: $(READY)
	@$(BIN)/python app.py

serve: $(READY)
	@$(BIN)/gunicorn app:server

$(READY): requirements.lock
	@echo "Installing the pinned dependencies into .venv (once, about a minute)"
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	@touch $(READY)

test: $(READY) browser lint
	$(BIN)/python -m pytest

test-slow: $(READY) browser
	$(BIN)/python -m pytest -m slow --timeout 900

bench: $(READY)
	$(BIN)/python -m benchmarks

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

browser:
	@sh tests/install-browser.sh

lock: $(READY)
	@$(BIN)/pip install --quiet --disable-pip-version-check uv
	@$(BIN)/uv pip compile --quiet --extra dev --generate-hashes --no-emit-index-url --no-header --no-annotate \
	    --python-version 3.11 pyproject.toml --output-file requirements.lock

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis
