# make run    the app, in a browser          make test   lint, types and quick tests; make test-slow  all others
# make dev    the same, reloading on change  make bench  the table of speed ratios
# make serve  several processes behind nginx: make serve PROCESSES=4 PORT=80
# make audit  known vulnerabilities of what it runs on; make licences  the list of its packages' licences
# make load   what a class of up to 300 gets: answers in milliseconds, memory, processor; about eight minutes
# make screenshot   README's picture, from the real app
PORT ?= 8501
PROCESSES ?= 2
ADDRESS ?= 0.0.0.0
PYTHON := .venv/bin/python

.PHONY: run dev serve test test-slow lint bench load screenshot format audit licences

run: .venv/run-time
	$(PYTHON) -m streamlit run app.py --server.port $(PORT)

dev: .venv/run-time
	$(PYTHON) -m streamlit run app.py --server.port $(PORT) --server.fileWatcherType auto

serve: .venv/run-time
	$(PYTHON) -m deploy.serve --processes $(PROCESSES) --address $(ADDRESS) --port $(PORT)

test: .venv/development lint
	$(PYTHON) -m pytest -m "not slow"

test-slow: .venv/development
	$(PYTHON) -m pytest -m slow

lint: .venv/development
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy

format: .venv/development
	$(PYTHON) -m ruff check --fix .
	$(PYTHON) -m ruff format .

bench: .venv/development  # one thread, and the BLAS kernel that suits this processor whatever the shell asks for
	env -u OPENBLAS_CORETYPE -u OPENBLAS_L2_SIZE OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(PYTHON) -m benchmarks

load: .venv/development
	$(PYTHON) -m benchmarks.load

screenshot: .venv/development
	$(PYTHON) -m benchmarks.screenshot

audit: .venv/development
	$(PYTHON) -m deploy.audit

licences: .venv/run-time
	$(PYTHON) -m deploy.packages
	@echo "the list is in deploy/LICENCES.md"

.venv/run-time: requirements.txt
	@echo "installing: some minutes, once"
	python3 -m venv .venv
	$(PYTHON) -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

.venv/development: .venv/run-time requirements-dev.txt
	$(PYTHON) -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	./tests/install-what-tests-need
	touch $@
