# Everything a newcomer types. `make demo` and `make test` do all the set-up themselves.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STATION ?= demo-station
PREFIX ?= /opt/hoso
BINDIR ?= /usr/local/bin
UNITDIR ?= /etc/systemd/system
WORKERS ?= auto
# The distribution's Python: every account can run it, and its updates come with the system's.
SYSTEM_PYTHON ?= /usr/bin/python3

# Debian 12/13 and Ubuntu 24.04 name these packages alike.
DEBIAN_PACKAGES := python3 python3-venv tesseract-ocr tesseract-ocr-vie tesseract-ocr-osd \
	poppler-utils qpdf
# Fonts with all Vietnamese letters; only the makers of sample papers and their tests draw with them.
# softhsm2 is a token in software; openssl is a second judge of signatures.
TEST_PACKAGES := softhsm2 openssl fonts-croscore fonts-freefont-ttf fonts-linuxlibertine fonts-texgyre
# The pages are walked through in it; Ubuntu has it as a snap only, and those tests are skipped.
BROWSER_PACKAGE := chromium
NGINX := .nginx
RIVAL := bench/.ocrmypdf
SEARCH_RIVALS := bench/.search
SUDO := $(if $(filter 0,$(shell id -u)),,sudo)

# Whoever asks for no compiled files means their own work; here they save a second a start.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test soak lint format bench conformance install clean setup packages browser

help:
	@echo "make demo   sample dossiers through the whole chain"
	@echo "make test   everything that must pass (make lint is part of it)"
	@echo "Others: soak bench conformance install clean format"

packages:
	@missing=""; for p in $(DEBIAN_PACKAGES) $(TEST_PACKAGES); do \
	  dpkg -s $$p >/dev/null 2>&1 || missing="$$missing $$p"; done; \
	if [ -n "$$missing" ]; then \
	  echo "Installing:$$missing"; \
	  $(SUDO) apt-get update -qq && \
	  $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
	fi

$(VENV)/.installed: pyproject.toml constraints.txt | packages
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11 ..."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt pip setuptools
	@# An installation in place warns of its own folders, which are the ones that are meant.
	@PYTHONWARNINGS=ignore::UserWarning $(BIN)/python -m pip install --quiet \
	  --disable-pip-version-check -c constraints.txt -e '.[demo]' --group dev
	@touch $@

setup: packages $(VENV)/.installed

demo: setup
	@STATION=$(STATION) PATH="$(CURDIR)/$(BIN):$$PATH" bash desk/demo/demo.sh

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

browser: packages
	@dpkg -s $(BROWSER_PACKAGE) >/dev/null 2>&1 || { $(SUDO) apt-get update -qq; \
	  $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
	  $(BROWSER_PACKAGE) >/dev/null 2>&1; } || \
	  echo "Không có $(BROWSER_PACKAGE): bỏ qua các thử nghiệm trong trình duyệt."

# nginx for the tests of the pages behind it: unpacked, not installed, so that no service starts.
$(NGINX)/usr/sbin/nginx:
	@mkdir -p $(NGINX) && cd $(NGINX) && apt-get download -qq nginx >/dev/null 2>&1 && \
	  dpkg -x nginx_*.deb . && rm nginx_*.deb || \
	  echo "Không có nginx: bỏ qua các thử nghiệm sau nginx."

# On every core, file by file (tests/conftest.py).
test: lint browser $(NGINX)/usr/sbin/nginx
	@# Compiled once, before programs are started by the hundred.
	@$(BIN)/python -m compileall -q config digitize signing storage desk fixtures
	$(BIN)/pytest -m "not soak" -n $(WORKERS)

soak: setup
	HYPOTHESIS_PROFILE=soak $(BIN)/pytest -m "soak or hypothesis"

bench: setup $(RIVAL)/.installed $(SEARCH_RIVALS)/.installed
	@for b in bench/*.py; do echo "== $$b"; $(BIN)/python $$b || exit 1; done

# What reading is compared with, in an environment of its own; where it cannot be had, the bench says so.
$(RIVAL)/.installed: | packages
	-@which gs >/dev/null || $(SUDO) env DEBIAN_FRONTEND=noninteractive \
	  apt-get install -y -qq --no-install-recommends ghostscript >/dev/null
	-@$(PYTHON) -m venv $(RIVAL) && \
	  $(RIVAL)/bin/python -m pip install --quiet --disable-pip-version-check ocrmypdf==17.13.0 && \
	  touch $@

# What searching is compared with; PostgreSQL itself where the machine has it.
$(SEARCH_RIVALS)/.installed: | packages
	-@$(PYTHON) -m venv $(SEARCH_RIVALS) && \
	  $(SEARCH_RIVALS)/bin/python -m pip install --quiet --disable-pip-version-check \
	  tantivy==0.27.0 'psycopg[binary]==3.3.9' && touch $@

# Judges of packages, and those that need Java; where one cannot be had its part is "not shown",
# never "passed".
conformance: setup
	@export PATH="$(CURDIR)/$(BIN):$$PATH"; ending=0; \
	bash tests/conformance/packages.sh || ending=$$?; \
	bash tests/conformance/run.sh || ending=$$?; exit $$ending

# A real station's program: its own environment under PREFIX, a command, a systemd unit.
install: packages
	$(SUDO) $(SYSTEM_PYTHON) -m venv --clear $(PREFIX)
	$(SUDO) $(PREFIX)/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt pip setuptools
	$(SUDO) $(PREFIX)/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt .
	$(SUDO) install -d $(BINDIR) $(UNITDIR)
	$(SUDO) ln -sf $(PREFIX)/bin/hoso $(BINDIR)/hoso
	for unit in hoso@.service hoso-web@.service; do \
	  sed 's|@PREFIX@|$(PREFIX)|' packaging/$$unit | $(SUDO) tee $(UNITDIR)/$$unit >/dev/null; done
	@echo "Đã cài hoso. Việc tiếp theo: docs/install.md"

clean:
	rm -rf $(VENV) $(NGINX) $(RIVAL) $(SEARCH_RIVALS) $(STATION) build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
