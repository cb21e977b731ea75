# The plain commands behind each target stand in README.md.
.POSIX:

# Python 3.11, e.g. make venv PYTHON=/opt/python3.11/bin/python3.11; empty looks for python3.11, then python3.
PYTHON ?=

RUN = .venv/bin/python -m

.PHONY: help app test venv demo check format screenshots bench-pages

help:
	@echo 'make app          open the workbench in the browser'
	@echo 'make test         run the tests'
	@echo 'make demo         run the whole loop without a browser'
	@echo 'make venv         set up .venv, which the others do by themselves'
	@echo 'make check        format, lint, types and tests: what the CI runs'
	@echo 'make format       format the code and mend what lint can mend'
	@echo 'make screenshots  make the pictures of the README'
	@echo 'make bench-pages  measure how fast the pages paint'

venv:
	@PYTHON='$(PYTHON)' ./scripts/setup.sh

app: venv
	$(RUN) streamlit run app.py

test: venv
	$(RUN) pytest

demo: venv
	$(RUN) bsm_core run --preset demo

check: venv
	$(RUN) ruff format --check .
	$(RUN) ruff check .
	$(RUN) mypy
	$(RUN) pytest

format: venv
	$(RUN) ruff format .
	$(RUN) ruff check --fix .

screenshots: venv
	$(RUN) bsm_core screenshots

bench-pages: venv
	$(RUN) bsm_core bench pages
