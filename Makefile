# make run    the app, in a browser          make test   lint, types and quick tests; make test-slow  all others
# make dev    the same, reloading on change  make bench  the table of speed ratios
# make serve  several processes behind nginx: make serve PROCESSES=4 PORT=80
# make audit  known vulnerabilities of what it runs on; make licences  the list of its packages' licences
# make docs   the library's reference, from its docstrings: docs/api/index.html
# make site   a static site in site/: what the lab shows without Python, for any web server or a folder
# make load   what a class of up to 300 gets: answers in milliseconds, memory, processor; about eight minutes
# make load-room   what a class room of 300 phones gets: joins, votes, trainings, and what a killed process loses
# make faults   puts a fault at a time into a copy and says whether the tests catch it
# make screenshot   README's picture, from the real app
PORT ?= 8501
PROCESSES ?= 2
ADDRESS ?= 0.0.0.0
PYTHON := .venv/bin/python
API := docs/api
SITE := site
MODULES := tests/node_modules/.package-lock.json

.PHONY: run dev serve test test-slow faults lint bench load load-room screenshot format audit licences docs site .venv/installed.txt

run: .venv/run-time
	$(PYTHON) -m streamlit run app.py --server.port $(PORT)

dev: .venv/run-time
	$(PYTHON) -m streamlit run app.py --server.port $(PORT) --server.fileWatcherType auto

serve: .venv/run-time
	$(PYTHON) -m deploy.serve --processes $(PROCESSES) --address $(ADDRESS) --port $(PORT)

test: .venv/development lint
	node --test $(wildcard tests/core/stage/*.test.mjs tests/room/*.test.mjs)
	$(PYTHON) -m pytest -m "not slow"

test-slow: .venv/development $(MODULES)
	$(PYTHON) -m pytest -m slow

faults: .venv/development
	$(PYTHON) -m tests.faults

lint: .venv/development $(MODULES)
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy
	tests/node_modules/.bin/tsc -p core/stage/jsconfig.json

format: .venv/development
	$(PYTHON) -m ruff check --fix .
	$(PYTHON) -m ruff format .

bench: .venv/development  # one thread, and the BLAS kernel that suits this processor whatever the shell asks for
	env -u OPENBLAS_CORETYPE -u OPENBLAS_L2_SIZE OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(PYTHON) -m benchmarks

load-room: .venv/development
	$(PYTHON) -m benchmarks.load_room

load: .venv/development
	$(PYTHON) -m benchmarks.load

screenshot: .venv/development
	$(PYTHON) -m benchmarks.screenshot

# What core imports only when it is asked for is asked for first. Of NamedTuples' fields pdoc can't follow the types to
# where they come from; it shows them as they are written.
docs: .venv/development
	$(PYTHON) -W "ignore:Error parsing type annotation:UserWarning" \
	  -c "import core; core.show, core.watch; from pdoc.__main__ import cli; cli()" --no-show-source -o $(API) \
	  core core.words core.command_words $(patsubst core/%/__init__.py,core.%,$(wildcard core/*/__init__.py))
	@echo "the reference is in $(API)/index.html"

site: .venv/run-time
	$(PYTHON) -m core.export.site $(SITE)

audit: .venv/installed.txt
	@sed 's/+cpu$$//' $< > .venv/audited.txt  # the index knows 2.13.0, and not how it was built
	@$(PYTHON) -m pip_audit --strict --disable-pip --no-deps --progress-spinner off -r .venv/audited.txt || { \
	  echo "error: a package has a known vulnerability, or the index gave no answer about it: see above" >&2; exit 1; }

licences: .venv/installed.txt
	@$(PYTHON) -m piplicenses --packages $$(sed 's/==.*//' $<) --from=mixed --with-system --no-version \
	  --format=markdown --partial-match --fail-on=GPL > .venv/licences.md
	@grep -v '^|' deploy/LICENCES.md | cat - .venv/licences.md > .venv/page.md
	@cp .venv/page.md deploy/LICENCES.md
	@echo "the list is in deploy/LICENCES.md"

# What runs the lab, as it is installed: the packages of requirements.txt and all that they bring, name==version.
.venv/installed.txt: .venv/development
	@$(PYTHON) -m pipdeptree --output freeze --packages "$$(sed -n 's/==.*//p' requirements.txt | paste -sd, -)" \
	  | tr -d ' ' | sort -fu > $@
	@grep -q '^streamlit==' $@

.venv/run-time: requirements.txt
	@echo "installing: some minutes, once"
	python3 -m venv .venv
	$(PYTHON) -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

.venv/development: .venv/run-time requirements-dev.txt
	$(PYTHON) -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	./tests/install-what-tests-need
	touch $@

$(MODULES): tests/package-lock.json | .venv/development
	./tests/install-what-tests-need
