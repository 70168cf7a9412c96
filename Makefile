# `make run` and `make test` do everything on a machine with Python 3.11 or newer and make; the rest is for developers.
SHELL = /bin/sh
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN = .venv/bin
# Without --no-compile, pip would translate every module first; Python translates those it loads.
INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes
LOCK = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-config \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" $(UPGRADE)
TEMPLATES = $$(find templates -name '*.html')
# For `check --deploy`: what a site behind one proxy with HTTPS would set. The key is no secret and used nowhere else.
PRODUCTION = ENV_FILE=/dev/null DEBUG= SITE_URL=https://chat.example.org TRUSTED_PROXIES=1 \
	SECRET_KEY=only-for-this-check-0123456789-abcdefghijklmnopqrstuvwxyz

# On up to four cores; the tests of a file in one process, as they share servers and a browser.
PARALLEL = --numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

.PHONY: help run run-cluster test check format bench soak fuzz messages lock clean

help: ## What can be made.
	@sed -n 's/^\([a-z-]*\):[^#]*## /\1 /p' Makefile | while read -r name words; do \
		printf '%-12s %s\n' "$$name" "$$words"; done

run: .venv/installed ## Start the chat on http://127.0.0.1:8000, or on HOST= and PORT=.
	@exec $(BIN)/python manage.py quickstart

run-cluster: .venv/installed ## Start several web processes, a PostgreSQL and a Redis, to try.
	@exec $(BIN)/python manage.py cluster $(ARGS)

test: .venv/installed-dev ## Run all tests; ARGS='-k stop' for some of them.
	$(BIN)/python -m pytest $(or $(ARGS),$(PARALLEL))
	$(if $(ARGS),,@sh .ci/browser-tests $(PARALLEL))

check: .venv/installed-dev ## Check style, types, templates, migrations, settings and imports.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/djade --check --target-version 5.2 $(TEMPLATES)
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(PRODUCTION) $(BIN)/python manage.py check --deploy --fail-level WARNING
	$(BIN)/python -m pytest --quiet tests/test_structure.py

format: .venv/installed-dev ## Bring Python files and templates into the house's form.
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .
	$(BIN)/djade --target-version 5.2 $(TEMPLATES)

bench: .venv/installed ## Measure; ARGS=--help tells what.
	$(BIN)/python -m bench $(ARGS)

soak: .venv/installed-dev ## Run long drills with figures; ARGS=--help tells which, and how.
	$(BIN)/python -m tests.soak $(ARGS)

# `make fuzz ARGS='--minutes 5 --seed 7'` for a shorter search, or the same again.
fuzz: .venv/installed-dev ## Search for an hour for answers that cost too much to render.
	$(BIN)/python -m tests.fuzz $(ARGS)

messages: .venv/installed ## Collect what is to be translated, for each directory in chat/locale.
	$(BIN)/python manage.py makemessages --all --no-wrap --no-obsolete --add-location file \
		--ignore .venv --ignore data --ignore tests --ignore bench --ignore staticfiles
	$(BIN)/python manage.py compilemessages --ignore .venv

lock: .venv/installed-dev ## Pin what requirements*.in ask for; UPGRADE=--upgrade takes the newest releases.
	$(LOCK) requirements.in --output-file requirements.txt
	$(LOCK) requirements-dev.in --output-file requirements-dev.txt

clean: ## Remove what was built or cached; data/ stays.
	rm -rf .venv staticfiles .pytest_cache .mypy_cache .ruff_cache
	find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "MagickPen Chat needs Python 3.11 or newer: install it, or name it with PYTHON=." >&2; exit 1; }
	@echo "Making a virtual environment in .venv …"
	@$(PYTHON) -m venv .venv || { rm -rf .venv; exit 1; }

.venv/installed: requirements.txt | .venv/bin/python
	@echo "Installing what requirements.txt pins …"
	@$(INSTALL) --requirement requirements.txt
	@touch $@

.venv/installed-dev: requirements-dev.txt .venv/installed
	@echo "Installing what requirements-dev.txt pins …"
	@$(INSTALL) --requirement requirements.txt --requirement requirements-dev.txt
	@touch $@
