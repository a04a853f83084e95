# Every command sets up what it needs by itself: see deploy/setup.sh.
SHELL := /bin/bash
PY := .venv/bin/python
.DEFAULT_GOAL := help
.PHONY: help setup demo demo-chain demo-once test cover lint format bench screens torture packages docs screenshots audit lock clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-11s %s\n", $$1, $$2 }'

LONG_PROOFS := tests/torture \
  tests/headoffice/kiosk_api/test_bad_batches.py \
  tests/headoffice/kiosk_api/test_hostile_connections.py \
  tests/headoffice/results/test_schemathesis.py \
  tests/headoffice/store/test_feed.py \
  tests/kiosk/test_editor_machine.py \
  tests/kiosk/test_publish.py \
  tests/rules/test_packages.py \
  tests/rules/test_walk.py \
  tests/rules/test_wheel.py \
  tests/screens/test_aids.py \
  tests/screens/test_gallery.py \
  tests/screens/test_monkeys.py \
  tests/screens/test_reach.py \
  tests/screens/test_sizes.py

setup: ## system packages, .venv, pinned packages
	@deploy/setup.sh all

demo: setup ## head office and a kiosk beside it, from a shopper's finger to the dashboard; Ctrl-C ends it
	@$(PY) -m deploy.demo

demo-chain: setup ## the demo beside four shops that lived through two weeks before, on a network that fails: a full dashboard
	@$(PY) -m deploy.demo --chain

demo-once: setup ## the same, ends by itself: exit 0 if and only if the numbers match
	@$(PY) -m deploy.demo --once

# Compiled modules are kept, whatever the environment says: the tests start hundreds of programs.
test cover: export PYTHONDONTWRITEBYTECODE :=
# Twice as many workers as cores: half of the time a test waits for a window, a server or a clock.
test: setup ## every test
	@$(PY) -m pytest -n 4 --dist loadfile --no-loadscope-reorder --durations=15

cover: setup ## every test, and which lines they reached
	@$(PY) -m pytest -n 4 --dist loadfile --no-loadscope-reorder --cov --cov-report=term

lint: setup ## ruff, mypy strict, the layers
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy
	@.venv/bin/lint-imports

format: setup ## put the code in order
	@$(PY) -m ruff check --fix .
	@$(PY) -m ruff format .

bench: setup ## measure, and print the figures beside their limits
	@$(PY) -m bench

screens: setup ## every screen in every language, size and theme as pictures: build/screens/index.html
	@$(PY) -m tests.screens.pictures

torture: setup ## the long proofs
	@EGAO_TORTURE=1 $(PY) -m pytest $(LONG_PROOFS) -n 2
	@EGAO_RESULTS_ON=postgresql $(PY) -m pytest tests/headoffice/results -n 2 --dist loadfile

audit: setup ## known holes in the pinned libraries, by pip-audit; needs a network, fails where one cannot be looked up
	@$(PY) -m venv .audit && .audit/bin/pip install --quiet --disable-pip-version-check pip-audit
	@.audit/bin/pip-audit --strict --disable-pip --require-hashes --requirement requirements.lock

clean: ## remove what the commands above made, but no data of yours
	rm -rf .venv .audit .demo .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage dist tests/node/node_modules

packages: setup ## Debian packages of kiosk and head office for this machine: dist/*.deb
	@$(PY) -m deploy.debian kiosk headoffice

docs: setup ## the docs as a site that needs no network: build/site/index.html
	@$(PY) -m mkdocs build --quiet --config-file deploy/site/mkdocs.yml && echo build/site/index.html

screenshots: setup ## the docs' pictures anew: a simulated chain, a kiosk's window, head office in a browser
	@$(PY) -m deploy.screenshots

lock: ## pin again (needs uv): one file for Python 3.11 to 3.13, with hashes and no address
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-header --no-annotate --extra dev pyproject.toml -o requirements.lock
