# Two commands for a fresh machine: `make demo` and `make test`. Each makes its own virtual environment.
PYTHON ?= python3
ARTICLE := tests/articles/sosedi.txt

.PHONY: demo test lint clean

demo:
	@echo "== making a virtual environment in .venv-demo and installing svodka (no torch) =="
	$(PYTHON) -m venv .venv-demo
	.venv-demo/bin/python -m pip install --quiet .
	@echo "== tagging $(ARTICLE) with the model that comes with svodka =="
	.venv-demo/bin/svodka tag $(ARTICLE) --model shipped

test: .venv/installed
	@echo "== running the tests =="
	.venv/bin/python -m pytest

lint: .venv/installed
	@echo "== style and types =="
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy -p svodka

.venv/installed: pyproject.toml
	@echo "== making a virtual environment in .venv and installing svodka with everything the tests need =="
	$(PYTHON) -m venv .venv
	.venv/bin/python -m pip install --quiet 'torch==2.13.0' || .venv/bin/python -m pip install --quiet torch
	.venv/bin/python -m pip install --quiet --config-settings editable_mode=strict --editable '.[dev]'
	@touch $@

clean:
	rm -rf .venv .venv-demo build dist *.egg-info
