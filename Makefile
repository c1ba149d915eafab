# Two commands matter: `make demo` and `make test`. Both set everything up by themselves.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CODE := worker tasks tests beat_schedule.py
LOCK_IMAGE = uv pip compile pyproject.toml --constraint requirements.lock --python-version 3.11 --python-platform linux \
	--generate-hashes --no-header --no-annotate --quiet
# Python keeps what it compiled: every worker and every process that a test starts would compile it all again.
unexport PYTHONDONTWRITEBYTECODE
NEW_ENOUGH = $(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; this is " + sys.version.split()[0] + ". Say which to use: make PYTHON=python3.12 ...") if sys.version_info < (3, 11) else None'
# Where `make install` puts the program: in a virtual environment of its own, and its command on the PATH.
PREFIX ?= $(HOME)/.local
INSTALLED = $(PREFIX)/share/procore-xero
PYTEST = $(BIN)/python -m pytest -n auto --dist worksteal

.PHONY: install uninstall mutants demo test tests test-deep test-python check unit lint types bench simulate pictures soak lock audit-lock clean

$(VENV)/.ready: requirements.lock pyproject.toml
	@$(NEW_ENOUGH)
	@echo "Setting up $(VENV) (once)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

# `make demo STAY=1` keeps everything up and prints Flower's address.
demo: $(VENV)/.ready
	@$(BIN)/procore-xero demo $(if $(STAY),--stay)

# What everybody runs before a change is handed on: each rule has a test here. Types are checked beside the tests.
test: $(VENV)/.ready lint
	@$(MAKE) --no-print-directory -j 2 types tests

tests: $(VENV)/.compiled
	@$(PYTEST) -m "not deep"

# Once, for a fresh checkout: all of pytest's processes would begin by compiling the same tests at the same time.
$(VENV)/.compiled: $(VENV)/.ready
	@$(BIN)/python -m pytest --collect-only -q > /dev/null || true
	@touch $@

# What takes long: whole installations, killed workers at every boundary, all examples of what can be anything.
test-deep: $(VENV)/.ready
	@$(PYTEST) -m "deep or hypothesis" --hypothesis-profile deep

# Our rules, and what both APIs say, under another Python: `make test-python PYTHON=python3.13 VENV=.venv-3.13`.
test-python: $(VENV)/.ready
	@$(PYTEST) -m "not deep" --ignore tests/unit/sandbox tests/unit tests/contract

# Seconds, before each commit.
check: $(VENV)/.ready lint
	@$(MAKE) --no-print-directory -j 2 types unit

unit: $(VENV)/.ready
	@$(PYTEST) -m "not deep" --ignore tests/unit/sandbox tests/unit

lint: $(VENV)/.ready
	@$(BIN)/ruff check $(CODE)
	@$(BIN)/ruff format --check $(CODE)

types: $(VENV)/.ready
	@$(BIN)/mypy

bench: $(VENV)/.ready
	@$(BIN)/python -m tests.benchmarks

# How far it scales, in simulation: docs/scale.md. TEST_DATABASE_URL adds PostgreSQL.
simulate: $(VENV)/.ready
	@$(BIN)/python -m tests.simulation

# Those of README: Flower in the machine's own chromium, and a terminal.
pictures: $(VENV)/.ready
	@$(BIN)/python -m tests.pictures

# New examples of each property, then random faults for hours: `make soak EXAMPLES=1000` for fewer of them.
soak: $(VENV)/.ready
	@$(PYTEST) -m hypothesis --hypothesis-profile new
	@$(BIN)/python -m tests.integration.soak $(EXAMPLES)

# Rules about money broken one by one: each must turn a test red. Ends with the score; `.venv-mutants/bin/mutmut browse`
# shows what survived. In a virtual environment of its own: the tool brings a terminal interface that nothing else needs.
mutants: $(VENV)/.ready
	@test -x $(VENV)-mutants/bin/mutmut || { $(PYTHON) -m venv $(VENV)-mutants && \
		$(VENV)-mutants/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock && \
		$(VENV)-mutants/bin/python -m pip install --quiet --disable-pip-version-check "mutmut>=3.8,<3.9"; }
	@$(VENV)-mutants/bin/mutmut run
	@$(VENV)-mutants/bin/mutmut results

# `make install PREFIX=/usr/local` is for every user of the machine. Again after an update, with the processes stopped.
install:
	@$(NEW_ENOUGH)
	@echo "Installing into $(INSTALLED)"
	@rm -rf build
	@$(PYTHON) -m venv --clear "$(INSTALLED)"
	@"$(INSTALLED)/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r worker/requirements.lock
	@"$(INSTALLED)/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation .
	@rm -rf build
	@mkdir -p "$(PREFIX)/bin" && ln -sf "$(INSTALLED)/bin/procore-xero" "$(PREFIX)/bin/procore-xero"
	@echo "Installed: $(PREFIX)/bin/procore-xero"
	@command -v procore-xero >/dev/null || echo "Put $(PREFIX)/bin on your PATH, then type: procore-xero --help"

uninstall:
	@rm -rf "$(INSTALLED)" "$(PREFIX)/bin/procore-xero"

# Names, versions and hashes only; no index address is written. The image gets what runs, and what installs it; that of the
# sandbox what the demo needs as well.
lock:
	@uv pip compile pyproject.toml --extra demo --extra tracing --extra dev --universal --python-version 3.11 --generate-hashes \
		--no-header --no-annotate --quiet -o requirements.lock
	@echo 'setuptools>=80' | $(LOCK_IMAGE) - -o worker/requirements.lock
	@$(LOCK_IMAGE) --extra demo -o worker/sandbox/requirements.lock

# Known weaknesses of the locked versions. Needs PyPI's advisories, so it is not part of `make test`.
audit-lock:
	@$(PYTHON) -m venv $(VENV)-audit
	@$(VENV)-audit/bin/python -m pip install --quiet --disable-pip-version-check "pip-audit>=2.9,<3"
	@$(VENV)-audit/bin/pip-audit --strict --require-hashes --disable-pip --requirement requirements.lock

clean:
	@rm -rf $(VENV) $(VENV)-audit $(VENV)-mutants mutants .bench .pictures .mypy_cache .ruff_cache .hypothesis build *.egg-info
