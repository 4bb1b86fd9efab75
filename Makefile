# Five verbs. Each sets up what it needs first; what is there already is used again.
#   make setup    .venv with everything in it, Neo4j's jars, three small pretrained models
#   make check    ruff and mypy
#   make test     all tests, on a real Neo4j and in a real browser
#   make bench    the benchmarks
#   make demo     the whole way on the sample that ships, then the chat

PYTHON ?= $(shell for name in python3.11 python3.12 python3.13; do \
	$$name -c "" 2>/dev/null && echo $$name && break; done)

.PHONY: setup check test bench demo

setup: .venv/set-up

.venv/set-up: pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11, 3.12 or 3.13 is needed: install one, or name it: make PYTHON=…" >&2; exit 1; }
	@echo "Setting up .venv: 3 GB to download, 7 GB on disk (torch brings its CUDA libraries), 3 to 10 minutes."
	test -x .venv/bin/pip || "$(PYTHON)" -m venv --clear .venv
	.venv/bin/pip install --constraint constraints.txt --editable '.[dev]'
	.venv/bin/tellgraph fetch
	touch $@

check: setup
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy

test: setup
	.venv/bin/python -m tests.browser.chromium
	.venv/bin/python -m pytest -m 'not browser' --numprocesses 2 --dist loadfile
	.venv/bin/python -m pytest -m browser

bench: setup
	@for file in tests/bench/[!_]*.py; do \
		echo "== $$file"; .venv/bin/python -m tests.bench.$$(basename $$file .py) || exit; done

demo: setup
	.venv/bin/tellgraph demo
