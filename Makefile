# Everything a developer runs; each target sets itself up.
PYTHON ?= python3
VENV := .venv
PEERS := .venv-peers
DOCS := .venv-docs
BIN := $(VENV)/bin

.PHONY: test demo docs lint types imports unit setup peers clean

test: lint types imports docs unit

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup
	$(BIN)/mypy

imports: setup
	$(BIN)/lint-imports --no-logo

unit: setup peers
	$(BIN)/pytest --numprocesses 2

# The pages of docs/, into site/; a warning is an error.
docs: $(DOCS)/installed
	NO_MKDOCS_2_WARNING=1 $(DOCS)/bin/mkdocs build --quiet --strict

demo: setup
	$(BIN)/python -m papa_console.demo

setup: $(VENV)/installed
peers: $(PEERS)/installed

$(VENV)/installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

# Only the pages need these, and they read papa's sources without running them.
$(DOCS)/installed: pyproject.toml
	$(PYTHON) -m venv $(DOCS)
	$(DOCS)/bin/python -m pip install --quiet --disable-pip-version-check '.[docs]'
	touch $@

# papa 1.0.6 and circus, which the tests meet as peers; both import as `papa`, so they live apart.
$(PEERS)/installed: tests/peers/requirements.txt
	$(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check --requirement $<
	touch $@

clean:
	rm -rf $(VENV) $(PEERS) $(DOCS) dist build site .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

# Our kernel is measured as users have it: an editable install starts later.
BENCH := .venv-bench
.PHONY: bench
bench: setup peers
	rm -rf $(BENCH)
	$(PYTHON) -m venv $(BENCH)
	$(BENCH)/bin/python -m pip install --quiet --disable-pip-version-check .
	cd tests && env --unset=PYTHONDONTWRITEBYTECODE ../$(BIN)/python -m benchmarks.speed --plot $(BENCH_OPTIONS)

# As tests/fuzz in `make test`, for longer: make fuzz FUZZ_LINES=10000000 FUZZ_RUNS=10000000 FUZZ_SEED=7
FUZZ_SEED ?= $(shell date +%s)
FUZZ_RUNS ?= 300000
FUZZ_EXAMPLES ?= 3000
FUZZ_LINES ?= 1000000
.PHONY: fuzz
fuzz: export FUZZ_SEED := $(FUZZ_SEED)
fuzz: export FUZZ_RUNS := $(FUZZ_RUNS)
fuzz: export FUZZ_EXAMPLES := $(FUZZ_EXAMPLES)
fuzz: export FUZZ_LINES := $(FUZZ_LINES)
fuzz: setup
	$(BIN)/pytest --numprocesses 0 --timeout 0 --capture=no --verbose tests/fuzz

.PHONY: bench-console
bench-console: setup
	cd tests && ../$(BIN)/python -m benchmarks.console
	$(BIN)/python tests/benchmarks/screen.py
	$(BIN)/python tests/benchmarks/lists.py
	$(BIN)/python tests/benchmarks/lines.py

.PHONY: screenshots
screenshots: setup
	$(BIN)/python screenshots/take.py
	for picture in screenshots/*.svg; do rsvg-convert "$$picture" -o "$${picture%.svg}.png"; done

# The manual pages and completions that the wheel installs; they are checked in, and a test compares them.
.PHONY: share
share: setup
	$(BIN)/python release/share.py

# Builds what would be uploaded, twice, and tries it in fresh environments; nothing is uploaded.
.PHONY: release-check
release-check: setup
	$(BIN)/python release/check.py

# The kernel and its clients with every Python that pyenv has and that papa is for.
PYTHONS ?= $(wildcard $(HOME)/.pyenv/versions/3.1[1-9].*)
.PHONY: test-pythons
test-pythons:
	for python in $(PYTHONS); do \
	    $(MAKE) test-python PYTHON=$$python/bin/python VENV=.venv-$$(basename $$python) || exit 1; \
	done

.PHONY: test-python
test-python: setup
	$(BIN)/pytest --numprocesses 2 tests/protocol tests/kernel tests/client tests/system tests/test_imports.py

# Everything at once, against one kernel; fails if anything differs or leaks.
SECONDS := 600
.PHONY: soak
soak: setup
	cd tests && ../$(BIN)/python -m soak --seconds $(SECONDS) $(SOAK_OPTIONS)

# papa's units under a real systemd, which is PID 1 of namespaces of its own; it takes root and cgroup2.
.PHONY: systemd-check
systemd-check: setup
	tests/systemd/machine.sh $(abspath $(BIN))/papa $(BIN)/pytest --numprocesses 0 --verbose tests/systemd/check_systemd.py
