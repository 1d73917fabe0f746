# Two commands do all of the set-up: `make run` starts the product, `make test` passes its tests.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/ready

PEERS := .venv-peers/ready
SERVING_PEERS := .venv-peers-serving/ready
SOAK_S ?= 600

.PHONY: run serve test test-slow bench bench-training bench-serving bench-monitoring lint browser lock clean

run: $(READY)
	@$(BIN)/python app.py

serve: $(READY)
	@$(BIN)/gunicorn app:server

$(READY): requirements.lock
	@echo "Installing the pinned dependencies into .venv (once, about a minute)"
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	@sh install-openmp.sh $(BIN)/python
	@touch $(READY)

test: $(READY) browser lint
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile --ignore tests/browser --ignore tests/server
	$(BIN)/python -m pytest tests/browser tests/server

test-slow: $(READY) browser
	$(BIN)/python -m pytest -m slow --timeout 900

bench: $(READY)
	$(BIN)/python -m benchmarks

bench-training: $(READY) $(PEERS)
	$(BIN)/python -m benchmarks training

$(PEERS): benchmarks/contest/peers/requirements.txt
	@echo "Installing FLAML and AutoGluon, pinned, into .venv-peers (once, about a minute)"
	@$(PYTHON) -m venv .venv-peers
	@.venv-peers/bin/pip install --quiet --disable-pip-version-check --requirement benchmarks/contest/peers/requirements.txt
	@touch $(PEERS)

bench-monitoring: $(READY)
	$(BIN)/python -m benchmarks monitoring

bench-serving: $(READY) $(SERVING_PEERS)
	@sh benchmarks/serving/install-wrk.sh
	$(BIN)/python -m benchmarks.serving --soak-s $(SOAK_S)

$(SERVING_PEERS): benchmarks/serving/peers/requirements.txt
	@echo "Installing BentoML, MLServer and MLflow, pinned, into .venv-peers-serving (once, about a minute)"
	@$(PYTHON) -m venv .venv-peers-serving
	@.venv-peers-serving/bin/pip install --quiet --disable-pip-version-check --no-deps --requirement benchmarks/serving/peers/requirements.txt
	@touch $(SERVING_PEERS)

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
	rm -rf .venv .venv-peers .venv-peers-serving .mypy_cache .ruff_cache .pytest_cache .hypothesis
