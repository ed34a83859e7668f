# make demo   analyses the demo recording          make test   passes the whole suite
# make lint   style and types                       make wheel  builds the package
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: demo test lint wheel clean

demo: $(VENV)/.runtime
	$(BIN)/signals analyze data/samples/demo_meeting.m4a --output out/demo --title "演示会谈"

test: $(VENV)/.test lint
	sh scripts/ensure_browser.sh
	sh scripts/ensure_postgres.sh
	$(BIN)/python -m pytest

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

wheel: $(VENV)/.test
	$(BIN)/pip wheel --quiet --no-deps --wheel-dir dist .

$(VENV)/.runtime: requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --no-deps --editable .
	touch $@

$(VENV)/.test: requirements-test.lock $(VENV)/.runtime
	$(BIN)/pip install --quiet --require-hashes -r requirements-test.lock
	touch $@

clean:
	rm -rf $(VENV) build dist out
